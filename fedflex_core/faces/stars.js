// The participant's series with their stars, each with a checkbox where Python says `can_leave_out`.
// Messages to Python: {type: "rate", item, stars}, where stars is 1 to 5, or null for "back to the rule", and
// {type: "use", item, used}. Python answers {type: "kept" | "refused", item}, and about: "use" where it was that;
// what holds is always what Python says in `rows`.

const FEW = 12; // rows shown until all are asked for

function render({ model, el }) {
  const page = drawPage();
  el.append(page.root);
  const rated = new Map(); // id -> { want, clicks } not yet confirmed by Python
  const ticked = new Map(); // the same of the checkboxes
  let rows = [];
  let found = []; // the rows that the filter lets through
  let drawn = "";
  let all = false;

  function update() {
    const given = model.get("rows");
    const fixed = JSON.stringify(given.map((row) => [row.id, row.title, row.episodes, row.watched, row.weeks]));
    if (fixed === drawn) given.forEach((data, at) => (rows[at].data = data)); // keeps the focus where it is
    else rebuild(given);
    drawn = fixed;
    page.root.classList.toggle("can-leave-out", model.get("can_leave_out"));
    rows.forEach(paint);
    const used = given.filter((row) => row.used !== false).length;
    page.used.hidden = !given.length || (!model.get("can_leave_out") && used === given.length);
    page.used.textContent = `Your model learns from ${used} of ${given.length} series.`;
    paintMessage();
  }

  function rebuild(given) {
    const focused = page.list.querySelector(":focus");
    const had = rows.find((row) => row.root.contains(focused));
    const opened = new Set(rows.filter((row) => row.weeks && !row.weeks.hidden).map((row) => row.data.id));
    rated.clear();
    ticked.clear();
    rows = given.map(drawRow);
    rows.filter((row) => opened.has(row.data.id)).forEach(toggleWeeks);
    page.list.replaceChildren(...rows.map((row) => row.root));
    page.tools.hidden = given.length <= FEW;
    if (page.tools.hidden) page.filter.value = "";
    narrow();
    if (had) focusAgain(focused, rows.find((row) => row.data.id === had.data.id));
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

  const paint = (row) => paintRow(row, rated.get(row.data.id), ticked.get(row.data.id));

  function rate(row, stars) {
    const open = rated.get(row.data.id);
    const same = open ? open.want === stars : row.data.stars === stars && row.data.corrected;
    if (!row.used) page.spoken.textContent = `${row.data.title} is left out. Tick it to change its stars.`;
    else if (!same) send(row, rated, stars, { type: "rate", stars });
  }

  function send(row, waiting, want, message) {
    const item = row.data.id;
    waiting.set(item, { want, clicks: (waiting.get(item)?.clicks ?? 0) + 1 });
    model.send({ ...message, item });
    paint(row);
  }

  const paintMessage = () => (page.message.textContent = model.get("message"));
  const onMessage = ({ type, item, about }) => {
    const waiting = about === "use" ? ticked : rated;
    const open = waiting.get(item);
    if (open && --open.clicks <= 0) waiting.delete(item);
    const row = rows.find((one) => one.data.id === item);
    if (!row) return;
    paint(row);
    if (type !== "kept" || waiting.has(item)) return;
    page.spoken.textContent = about === "use" ? sayUse(row, page.used.textContent) : sayStars(row.data);
  };

  const rowOf = (event) => rows.find((row) => row.root.contains(event.target));
  page.list.addEventListener("click", (event) => {
    const row = rowOf(event);
    const star = event.target.closest(".fedflex-star");
    if (star) rate(row, Number(star.dataset.stars));
    else if (event.target.closest(".fedflex-stars-undo")) rate(row, null);
    else if (event.target.closest(".fedflex-stars-when")) toggleWeeks(row);
  });
  page.list.addEventListener("change", (event) => {
    const used = event.target.checked;
    send(rowOf(event), ticked, used, { type: "use", used });
  });
  page.list.addEventListener("keydown", (event) => moveFocus(event, rowOf(event)));
  page.list.addEventListener("focusin", (event) => stopAt(rowOf(event), event.target.dataset.stars));
  page.list.addEventListener("focusout", (event) => stopAt(rowOf(event)));
  page.filter.addEventListener("input", narrow);
  page.all.addEventListener("click", showAll);
  model.on("change:rows change:can_leave_out", update);
  model.on("change:message", paintMessage);
  model.on("msg:custom", onMessage);
  update();

  return () => {
    model.off("change:rows change:can_leave_out", update);
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
  const used = node("p", "fedflex-stars-used");
  const list = node("ul", "fedflex-stars-list", "", { role: "list" }); // without bullets it is else none in Safari
  const all = node("button", "fedflex-stars-all", "", { type: "button" });
  const message = node("p", "fedflex-stars-message", "", { role: "alert" });
  const spoken = node("p", "fedflex-stars-spoken", "", { role: "status" });
  root.append(used, tools, list, all, message, spoken);
  return { root, used, tools, filter, count, list, all, message, spoken };
}

const DISCLOSE = '<svg viewBox="0 0 12 12" aria-hidden="true"><path d="m2.5 4.5 3.5 3.5 3.5-3.5"/></svg>';
const KEYS = "Arrow keys move, Space chooses.";

function drawRow(data) {
  const { title, episodes, watched } = data;
  const root = node("li", "fedflex-stars-row", "", { "data-item": data.id });
  const use = node("label", "fedflex-stars-use");
  const box = node("input", "", "", { type: "checkbox", "aria-label": `Learn from ${title}` });
  use.append(box);
  const words = [`${episodes} ${episodes === 1 ? "episode" : "episodes"}`, watched].filter(Boolean).join(" · ");
  const facts = node("span", "fedflex-stars-facts");
  facts.append(node("span", "", words));
  const group = node("div", "fedflex-stars-group", "", { role: "radiogroup", "aria-label": title });
  const stars = [1, 2, 3, 4, 5].map((count) => drawStar(title, count));
  group.append(...stars);
  const tag = node("span", "fedflex-stars-tag");
  const label = `${title}: back to the rule`;
  const undo = node("button", "fedflex-stars-undo", "back to the rule", { type: "button", "aria-label": label });
  // For the eye only: the group's description says it to a screen reader.
  const note = node("span", "fedflex-stars-note", "tick to change", { "aria-hidden": "true" });
  note.append(node("span", "", " its stars")); // where there is room
  root.append(use, node("span", "fedflex-stars-title", title, { dir: "auto" }), facts, group, tag, undo, note);
  const row = { root, box, group, stars, tag, undo, note, data, value: data.stars, used: true };
  if (data.weeks?.length) drawWeeks(row, facts);
  return row;
}

let serial = 0;

function drawWeeks(row, facts) {
  const { title, weeks } = row.data;
  const id = `fedflex-stars-weeks-${++serial}`;
  const words = `in ${weeks.length} ${weeks.length === 1 ? "week" : "weeks"}`;
  const state = { type: "button", "aria-expanded": "false", "aria-controls": id, "aria-label": `${title}: ${words}` };
  row.when = node("button", "fedflex-stars-when", "", state);
  const face = node("span", "", words);
  face.insertAdjacentHTML("beforeend", DISCLOSE);
  row.when.append(face);
  facts.append(row.when);
  row.weeks = node("div", "fedflex-stars-weeks", "", { id });
  row.weeks.hidden = true;
  const list = node("ul", "", "", { role: "list", "aria-label": `${title}: episodes by week` });
  for (const [monday, episodes] of weeks) {
    const week = node("li", "", `${monday}: ${episodes}`);
    week.append(node("span", "fedflex-stars-spoken", episodes === 1 ? " episode" : " episodes"));
    list.append(week);
  }
  row.weeks.append(node("p", "", "Episodes by week, each week by its Monday"), list);
  row.root.append(row.weeks);
}

function toggleWeeks(row) {
  if (!row.weeks) return;
  row.weeks.hidden = !row.weeks.hidden;
  row.when.setAttribute("aria-expanded", String(!row.weeks.hidden));
}

function drawStar(title, count) {
  const label = `${title}: ${count} of 5 stars`;
  const what = { type: "button", role: "radio", "data-stars": count, "aria-label": label };
  const star = node("button", "fedflex-star", "", what);
  star.innerHTML =
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="m12 3 2.8 5.7 6.2.9-4.5 4.4 1.1 6.2-5.6-2.9-5.6 2.9 1.1-6.2L3 9.6l6.2-.9z"/></svg>';
  return star;
}

function paintRow(row, rated, ticked) {
  const { stars, corrected } = row.data;
  row.value = rated?.want ?? stars;
  row.used = ticked?.want ?? row.data.used !== false;
  const state = !row.used ? "out" : corrected ? "yours" : "rule";
  row.root.dataset.state = rated || ticked ? "pending" : state;
  row.root.dataset.used = String(row.used);
  row.root.dataset.whose = rated || corrected ? "yours" : "rule";
  row.box.checked = row.used;
  row.stars.forEach((star, at) => {
    star.classList.toggle("is-on", at < row.value);
    star.setAttribute("aria-checked", String(at + 1 === row.value));
    star.setAttribute("aria-disabled", String(!row.used)); // can be reached, to hear why
  });
  row.group.setAttribute("aria-disabled", String(!row.used));
  row.group.setAttribute("aria-description", row.used ? KEYS : "Left out. Tick it to change its stars.");
  stopAt(row, row.stars.find((star) => star.matches(":focus"))?.dataset.stars);
  row.tag.textContent = rated || ticked ? "Saving…" : { out: "left out", yours: "yours", rule: "" }[state];
  row.note.hidden = row.used;
  row.undo.setAttribute("aria-disabled", String(rated?.want === null));
  const loses = (!row.used || !corrected) && row.undo.matches(":focus");
  row.undo.hidden = !row.used || !corrected;
  if (loses) row.stars[row.value - 1].focus();
}

const sayStars = ({ title, stars, corrected }) =>
  `${title}: ${stars} of 5 stars, ${corrected ? "saved as yours" : "back to the rule"}`;
const sayUse = (row, count) => `${row.data.title}: ${row.used ? "learned from" : "left out"}, saved. ${count}`;

// The same place of a row that was drawn anew: without it the focus falls back to the page's beginning.
function focusAgain(focused, row) {
  const { stars } = focused.dataset;
  const same = stars ? `[data-stars="${stars}"]` : focused.matches("input") ? "input" : `.${focused.className}`;
  const place = row && !row.root.hidden ? (row.root.querySelector(same) ?? row.stars[row.value - 1]) : null;
  place?.focus({ preventScroll: true });
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
