// The participant's series with their stars.
// Message to Python: {type: "rate", item, stars}, where stars is 1 to 5, or null for "back to the rule".
// Python answers {type: "kept" | "refused", item}; what holds is always what Python says in `rows`.

const FEW = 12; // rows shown until all are asked for

function render({ model, el }) {
  const page = drawPage();
  el.append(page.root);
  const waiting = new Map(); // id -> { want, clicks } not yet confirmed by Python
  let rows = [];
  let found = []; // the rows that the filter lets through
  let drawn = "";
  let all = false;

  function update() {
    const given = model.get("rows");
    const fixed = JSON.stringify(given.map((row) => [row.id, row.title, row.episodes, row.watched]));
    if (fixed === drawn) given.forEach((data, at) => (rows[at].data = data)); // keeps the focus where it is
    else rebuild(given);
    drawn = fixed;
    rows.forEach((row) => paintRow(row, waiting.get(row.data.id)));
    paintMessage();
  }

  function rebuild(given) {
    waiting.clear();
    rows = given.map(drawRow);
    page.list.replaceChildren(...rows.map((row) => row.root));
    page.tools.hidden = given.length <= FEW;
    if (page.tools.hidden) page.filter.value = "";
    narrow();
  }

  function narrow() {
    const wanted = plain(page.filter.value.trim());
    found = rows.filter((row) => plain(row.data.title).includes(wanted));
    const shown = new Set(all ? found : found.slice(0, FEW));
    for (const row of rows) row.root.hidden = !shown.has(row);
    const what = wanted ? (found.length === 1 ? "match" : "matches") : "series";
    const count = shown.size < found.length ? `${shown.size} of ${found.length}` : found.length || "No";
    page.count.textContent = `${count} ${what}`;
    page.all.hidden = found.length <= FEW;
    page.all.textContent = all ? `Show the first ${FEW} only` : `Show all ${found.length} ${what}`;
    page.all.setAttribute("aria-expanded", String(all));
  }

  function showAll() {
    all = !all;
    narrow();
    if (all) found[FEW].stars[found[FEW].value - 1].focus({ preventScroll: true });
    else page.all.scrollIntoView({ block: "nearest" });
  }

  function rate(row, stars) {
    const open = waiting.get(row.data.id);
    const same = open ? open.want === stars : row.data.stars === stars && row.data.corrected;
    if (same) return;
    waiting.set(row.data.id, { want: stars, clicks: (open?.clicks ?? 0) + 1 });
    model.send({ type: "rate", item: row.data.id, stars });
    paintRow(row, waiting.get(row.data.id));
  }

  const paintMessage = () => (page.message.textContent = model.get("message"));
  const onMessage = ({ type, item }) => {
    const open = waiting.get(item);
    if (open && --open.clicks <= 0) waiting.delete(item);
    const row = rows.find((one) => one.data.id === item);
    if (!row) return;
    paintRow(row, waiting.get(item));
    if (type !== "kept" || waiting.has(item)) return;
    const whose = row.data.corrected ? "saved as yours" : "back to the rule";
    page.spoken.textContent = `${row.data.title}: ${row.data.stars} of 5 stars, ${whose}`;
  };

  const rowOf = (event) => rows.find((row) => row.root.contains(event.target));
  page.list.addEventListener("click", (event) => {
    const row = rowOf(event);
    const star = event.target.closest(".fedflex-star");
    if (star) rate(row, Number(star.dataset.stars));
    else if (event.target.closest(".fedflex-stars-undo")) rate(row, null);
  });
  page.list.addEventListener("keydown", (event) => moveFocus(event, rowOf(event)));
  page.list.addEventListener("focusin", (event) => stopAt(rowOf(event), event.target.dataset.stars));
  page.list.addEventListener("focusout", (event) => stopAt(rowOf(event)));
  page.filter.addEventListener("input", narrow);
  page.all.addEventListener("click", showAll);
  model.on("change:rows", update);
  model.on("change:message", paintMessage);
  model.on("msg:custom", onMessage);
  update();

  return () => {
    model.off("change:rows", update);
    model.off("change:message", paintMessage);
    model.off("msg:custom", onMessage);
  };
}

function drawPage() {
  const root = node("div", "fedflex-stars");
  const tools = node("div", "fedflex-stars-tools");
  const label = node("label", "fedflex-stars-label", "Find a series");
  const filter = node("input", "fedflex-stars-filter", "", { type: "search", autocomplete: "off", spellcheck: "false" });
  filter.placeholder = "Type a part of its title";
  label.append(filter);
  const count = node("p", "fedflex-stars-count", "", { role: "status" });
  tools.append(label, count);
  const list = node("ul", "fedflex-stars-list", "", { role: "list" }); // without bullets it is else none in Safari
  const all = node("button", "fedflex-stars-all", "", { type: "button" });
  const message = node("p", "fedflex-stars-message", "", { role: "alert" });
  const spoken = node("p", "fedflex-stars-spoken", "", { role: "status" });
  root.append(tools, list, all, message, spoken);
  return { root, tools, filter, count, list, all, message, spoken };
}

function drawRow(data) {
  const { title, episodes, watched } = data;
  const root = node("li", "fedflex-stars-row", "", { "data-item": data.id });
  const facts = [`${episodes} ${episodes === 1 ? "episode" : "episodes"}`, watched].filter(Boolean).join(" · ");
  const group = node("div", "fedflex-stars-group", "", {
    role: "radiogroup",
    "aria-label": title,
    "aria-description": "Arrow keys move, Space chooses.",
  });
  const stars = [1, 2, 3, 4, 5].map((count) => drawStar(title, count));
  group.append(...stars);
  const tag = node("span", "fedflex-stars-tag");
  const label = `${title}: back to the rule`;
  const undo = node("button", "fedflex-stars-undo", "back to the rule", { type: "button", "aria-label": label });
  root.append(node("span", "fedflex-stars-title", title, { dir: "auto" }));
  root.append(node("span", "fedflex-stars-facts", facts), group, tag, undo);
  return { root, stars, tag, undo, data, value: data.stars };
}

function drawStar(title, count) {
  const label = `${title}: ${count} of 5 stars`;
  const what = { type: "button", role: "radio", "data-stars": count, "aria-label": label };
  const star = node("button", "fedflex-star", "", what);
  star.innerHTML =
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="m12 3 2.8 5.7 6.2.9-4.5 4.4 1.1 6.2-5.6-2.9-5.6 2.9 1.1-6.2L3 9.6l6.2-.9z"/></svg>';
  return star;
}

function paintRow(row, open) {
  row.value = open?.want ?? row.data.stars;
  row.root.dataset.state = open ? "pending" : row.data.corrected ? "yours" : "rule";
  row.stars.forEach((star, at) => {
    star.classList.toggle("is-on", at < row.value);
    star.setAttribute("aria-checked", String(at + 1 === row.value));
  });
  stopAt(row, row.stars.find((star) => star.matches(":focus"))?.dataset.stars);
  row.tag.textContent = open ? "Saving…" : row.data.corrected ? "yours" : "";
  row.undo.setAttribute("aria-disabled", String(open?.want === null));
  const loses = !row.data.corrected && row.undo.matches(":focus");
  row.undo.hidden = !row.data.corrected;
  if (loses) row.stars[row.value - 1].focus();
}

// The Tab key stops once in a row: where the arrow keys have led, else at the stars that hold.
function stopAt(row, count = row.value) {
  row.stars.forEach((star, at) => (star.tabIndex = at + 1 === Number(count) ? 0 : -1));
}

// Arrow keys move without choosing, since a choice is stored at once; Space or Enter chooses.
function moveFocus(event, row) {
  const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  const here = row.stars.indexOf(event.target);
  if (!step || here < 0) return;
  event.preventDefault();
  row.stars[(here + step + 5) % 5].focus();
}

function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase(); // "cafe" finds "Café"
}

function node(tag, className, text = "", attributes = {}) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

export default { render };
