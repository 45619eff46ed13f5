// A slider from 0 to 100%. Messages to Python: {type: "turn", percent}; Python answers {type: "kept" | "refused"}.
// What holds is always what Python says in `percent`.

let serial = 0;

function render({ model, el }) {
  const view = build(`fedflex-dial-${++serial}`);
  el.append(view.root);
  let waiting = 0; // moves that Python has not answered

  const show = () => (view.value.textContent = `${view.range.value}%`);

  function update() {
    view.label.textContent = model.get("label");
    view.words.textContent = model.get("words");
    if (!waiting) view.range.value = model.get("percent");
    show();
  }

  function say(state, sentence) {
    view.root.dataset.state = state;
    view.message.textContent = sentence;
  }

  const onMessage = ({ type }) => {
    waiting = Math.max(0, waiting - 1);
    if (waiting) return;
    update();
    if (type === "kept") say("kept", `${model.get("percent")}% is kept on this computer.`);
    else say("refused", model.get("message"));
  };

  view.range.addEventListener("input", show);
  view.range.addEventListener("change", () => {
    waiting += 1;
    say("pending", "Saving…");
    model.send({ type: "turn", percent: Number(view.range.value) });
  });
  model.on("change:percent change:label change:words", update);
  model.on("msg:custom", onMessage);
  update();

  return () => {
    model.off("change:percent change:label change:words", update);
    model.off("msg:custom", onMessage);
  };
}

function build(id) {
  const root = node("div", "fedflex-dial");
  const words = node("p", "fedflex-dial-words", { id: `${id}-words` });
  const label = node("label", "fedflex-dial-label", { for: id });
  const value = node("output", "fedflex-dial-value", { for: id });
  const range = node("input", "fedflex-dial-range", { id, type: "range", min: 0, max: 100, step: 5 });
  range.setAttribute("aria-describedby", words.id);
  const message = node("p", "fedflex-dial-message", { role: "status" });
  root.append(words, label, value, range, message);
  root.dataset.state = "kept";
  return { root, words, label, value, range, message };
}

function node(tag, className, attributes = {}) {
  const element = document.createElement(tag);
  element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

export default { render };
