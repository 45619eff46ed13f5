// The drop zone: checks the size, sends the file piece by piece, shows how far it is.
// Messages to Python: {type: "begin", upload, size}, then {type: "chunk", upload, index} with one buffer
// each; Python answers {type: "received", upload, bytes}, and the next piece follows.

let nextUpload = 1;

function render({ model, el }) {
  const view = build(model);
  el.append(view.root);

  let current = null; // { file, upload, index }

  function start(file) {
    const limit = model.get("max_bytes");
    if (file.size > limit) {
      current = null;
      show(view, "error", tooLarge(file.size, limit));
      return;
    }
    current = { file, upload: nextUpload++, index: 0 };
    show(view, "sending", "", 0);
    model.send({ type: "begin", upload: current.upload, size: file.size });
  }

  async function sendNext(arrived) {
    const job = current;
    show(view, "sending", "", job.file.size ? arrived / job.file.size : 1);
    if (arrived >= job.file.size) return;
    const piece = job.file.slice(arrived, arrived + model.get("chunk_bytes"));
    try {
      const bytes = await piece.arrayBuffer();
      if (job !== current) return; // another file was chosen meanwhile
      const about = { type: "chunk", upload: job.upload, index: job.index++ };
      model.send(about, undefined, [bytes]);
    } catch {
      current = null;
      show(view, "error", "The browser could not read this file. Is it open elsewhere, or was it moved?");
    }
  }

  const onMessage = (content) => {
    if (content.type === "received" && content.upload === current?.upload) sendNext(content.bytes);
  };
  const onState = () => {
    const state = model.get("state");
    if (state !== "sending") show(view, state, model.get("message"));
  };
  const onLabel = () => (view.label.textContent = model.get("label"));

  view.input.addEventListener("change", () => {
    const [file] = view.input.files;
    view.input.value = ""; // so that the same file can be chosen again
    if (file) start(file);
  });
  acceptDrops(view.drop, start);
  model.on("msg:custom", onMessage);
  model.on("change:state change:message", onState);
  model.on("change:label", onLabel);
  onState();

  return () => {
    model.off("msg:custom", onMessage);
    model.off("change:state change:message", onState);
    model.off("change:label", onLabel);
  };
}

function build(model) {
  const root = node("div", "fedflex-upload");
  const drop = node("label", "fedflex-drop");
  const input = node("input", "fedflex-file");
  Object.assign(input, { type: "file", accept: ".csv,text/csv" });
  const icon = node("span", "fedflex-drop-icon");
  icon.setAttribute("aria-hidden", "true");
  icon.innerHTML =
    '<svg viewBox="0 0 32 32"><path d="M16 21V5m-6 6 6-6 6 6M5 20v5a2 2 0 0 0 2 2h18a2 2 0 0 0 2-2v-5"/></svg>';
  const label = node("span", "fedflex-drop-label", model.get("label"));
  const hint = node("span", "fedflex-drop-hint", "It stays on this computer.");
  drop.append(input, icon, label, hint);
  const bar = node("progress", "fedflex-progress");
  bar.max = 1;
  bar.setAttribute("aria-label", "Loading the file");
  const message = node("p", "fedflex-upload-message");
  message.setAttribute("role", "status");
  root.append(drop, bar, message);
  return { root, drop, input, label, bar, message };
}

function show(view, state, sentence, share) {
  view.root.dataset.state = state;
  const busy = state === "sending" || state === "reading";
  view.input.disabled = state === "reading";
  view.bar.hidden = !busy;
  if (state === "sending") view.bar.value = share;
  else view.bar.removeAttribute("value"); // of unknown length
  const words = { sending: "Loading…", reading: "Reading your file…", done: "Your file has been read." };
  view.message.textContent = sentence || words[state] || "";
}

function acceptDrops(zone, start) {
  const over = (on) => (event) => {
    event.preventDefault();
    zone.classList.toggle("is-over", on);
  };
  zone.addEventListener("dragenter", over(true));
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    over(false)(event);
    const [file] = event.dataTransfer.files;
    if (file) start(file);
  });
}

function tooLarge(size, limit) {
  return (
    `This file has ${readable(size)}; up to ${readable(limit)} can be loaded. ` +
    "A viewing history is far smaller: is it the right file?"
  );
}

function readable(bytes) {
  if (bytes >= 1e6) return `${Math.round(bytes / 1e6)} MB`;
  return bytes >= 1e3 ? `${Math.round(bytes / 1e3)} kB` : `${bytes} bytes`;
}

function node(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

export default { render };
