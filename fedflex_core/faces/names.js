// Names that the catalogue does not know, each with a box to type a title in. First the list, then the suggestions.
// Message to Python: {type: "name", name, item}, where item is a series' id, or null to take a choice back.
// Python answers {type: "kept" | "refused", name}; what holds is always what Python says in `rows`.

const FEW = 12; // rows shown until all are asked for
const MOST = 8; // suggestions shown at once

function render({ model, el }) {
  const page = drawPage();
  el.append(page.root);
  const waiting = new Map(); // name -> { want: title or null, clicks } not yet confirmed by Python
  let rows = [];
  let all = false;
  const menu = makeMenu({
    find: makeFinder(() => model.get("titles")),
    choose: (row, { id, title }) => tell(row, id, title),
    say: (words) => (page.spoken.textContent = words),
    root: page.root,
  });

  function update() {
    const given = model.get("rows");
    const same = given.length === rows.length && given.every((data, at) => data.name === rows[at].data.name);
    if (same) given.forEach((data, at) => (rows[at].data = data));
    else rebuild(given);
    rows.forEach(paint);
    paintCount();
    paintMessage();
  }

  // Rows that stay keep what is typed in them. The focus stays in its row; where that is gone, it goes to the one
  // that now stands in its place.
  function rebuild(given) {
    const at = rows.findIndex((row) => row.root.matches(":focus-within"));
    const [had, focused] = [rows[at], page.list.querySelector(":focus")];
    const old = new Map(rows.map((row) => [row.data.name, row]));
    rows = given.map((data) => Object.assign(old.get(data.name) ?? drawRow(data), { data }));
    const stays = rows.includes(had);
    menu.holdOpen(stays, () => {
      page.list.replaceChildren(...rows.map((row) => row.root));
      narrow(stays ? had : undefined);
      rows.forEach(paint);
      if (stays) (focused.getClientRects().length ? focused : placeOf(had)).focus({ preventScroll: true });
    });
    if (had && !stays) focusRow(rows[Math.min(at, rows.length - 1)]);
  }

  function focusRow(row) {
    if (row) narrow(row);
    (row ? placeOf(row) : page.count).focus({ preventScroll: true });
  }

  function narrow(keep) {
    rows.forEach((row, at) => (row.root.hidden = !all && at >= FEW && row !== keep));
    page.all.hidden = rows.length <= FEW;
    page.all.textContent = all ? `Show the first ${FEW} only` : `Show all ${rows.length} names`;
    page.all.setAttribute("aria-expanded", String(all));
  }

  function showAll() {
    all = !all;
    narrow();
    if (all) placeOf(rows[FEW]).focus({ preventScroll: true });
    else page.all.scrollIntoView({ block: "nearest" });
  }

  function tell(row, item, title) {
    const { name } = row.data;
    waiting.set(name, { want: title, clicks: (waiting.get(name)?.clicks ?? 0) + 1 });
    model.send({ type: "name", name, item });
    paint(row);
  }

  const paint = (row) => paintRow(row, waiting.get(row.data.name));
  const paintMessage = () => (page.message.textContent = model.get("message"));
  const paintCount = () => {
    const named = rows.filter((row) => row.data.series !== null).length;
    const some = `You have matched ${named} of ${rows.length} ${rows.length === 1 ? "name" : "names"}.`;
    page.count.textContent = rows.length ? some : "Every name in your history is known.";
    page.hint.hidden = !rows.length;
  };
  const onMessage = ({ type, name }) => {
    const open = waiting.get(name);
    if (open && --open.clicks <= 0) waiting.delete(name);
    const row = rows.find((one) => one.data.name === name);
    if (row) paint(row);
    if (type !== "kept" || waiting.has(name)) return;
    const series = row?.data.series ?? null;
    if (series !== null) row.box.value = ""; // what was refused can be chosen again
    page.spoken.textContent = `${name}: ${series === null ? (row ? "taken back" : "saved") : `${series}, saved`}`;
  };

  const rowOf = (event) => rows.find((row) => row.root.contains(event.target));
  page.list.addEventListener("click", (event) => {
    const row = rowOf(event);
    if (event.target.closest(".fedflex-names-undo")) tell(row, null, null);
    else menu.click(event, row);
  });
  page.list.addEventListener("input", (event) => menu.open(rowOf(event)));
  page.list.addEventListener("keydown", (event) => menu.key(event, rowOf(event)));
  page.list.addEventListener("focusout", () => menu.leave());
  page.all.addEventListener("click", showAll);
  model.on("change:rows", update);
  model.on("change:message", paintMessage);
  model.on("msg:custom", onMessage);
  update();

  return () => {
    menu.stop();
    model.off("change:rows", update);
    model.off("change:message", paintMessage);
    model.off("msg:custom", onMessage);
  };
}

function drawPage() {
  const root = node("div", "fedflex-names");
  const count = node("p", "fedflex-names-count", "", { tabindex: -1 });
  const words = "Type a title and choose the series that a name stands for. Leave a name as it is where none fits.";
  const hint = node("p", "fedflex-names-hint", words);
  const list = node("ul", "fedflex-names-list", "", { role: "list" }); // without bullets it is else none in Safari
  const all = node("button", "fedflex-names-all", "", { type: "button" });
  const message = node("p", "fedflex-names-message", "", { role: "alert" });
  const spoken = node("p", "fedflex-names-spoken", "", { role: "status" });
  root.append(count, hint, list, all, message, spoken);
  return { root, count, hint, list, all, message, spoken };
}

function drawRow({ name }) {
  const root = node("li", "fedflex-names-row", "", { "data-name": name });
  const facts = node("span", "fedflex-names-facts");
  const field = node("div", "fedflex-names-field");
  const box = node("input", "fedflex-names-box", "", {
    type: "text",
    role: "combobox",
    dir: "auto",
    "aria-label": `Which series is ${name}?`,
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    autocomplete: "off",
    autocapitalize: "off",
    // Some browsers send what is typed away to be checked or completed.
    autocorrect: "off",
    spellcheck: "false",
    writingsuggestions: "false",
  });
  box.placeholder = "Which series is it?";
  field.append(box);
  const said = node("span", "fedflex-names-said", "you said: ");
  const series = node("bdi", "fedflex-names-series");
  const undo = node("button", "fedflex-names-undo", "undo", { type: "button" });
  said.append(series);
  const given = node("div", "fedflex-names-given");
  given.append(said, undo);
  const tag = node("span", "fedflex-names-tag");
  root.append(node("span", "fedflex-names-name", name, { dir: "auto" }), facts, field, given, tag);
  return { root, facts, field, box, given, series, undo, tag };
}

function paintRow(row, open) {
  const { name, episodes, watched, series } = row.data;
  const title = open ? open.want : series;
  const words = [`${episodes} ${episodes === 1 ? "episode" : "episodes"}`, watched].filter(Boolean);
  row.facts.textContent = words.join(" · ");
  const focused = row.root.matches(":focus-within");
  row.root.dataset.state = open ? "pending" : series === null ? "free" : "saved";
  row.given.hidden = title === null;
  row.field.hidden = title !== null;
  row.series.textContent = title ?? "";
  row.undo.setAttribute("aria-label", `undo: ${name} is ${title}`);
  row.tag.textContent = open ? "Saving…" : series === null ? "" : "saved";
  if (focused && !row.root.querySelector(":focus")?.getClientRects().length) placeOf(row).focus();
}

const placeOf = (row) => (row.given.hidden ? row.box : row.undo);

// ---- The suggestions: one list, which goes to the box that is typed in (a combobox of ARIA 1.2) ------------------

let serial = 0;

function makeMenu({ find, choose, say, root }) {
  const id = `fedflex-names-menu-${++serial}`;
  const panel = node("div", "fedflex-names-menu");
  const list = node("ul", "fedflex-names-options", "", { id, role: "listbox", "aria-label": "Series" });
  const foot = node("p", "fedflex-names-foot");
  panel.append(list, foot);
  let [row, found, active] = [null, [], -1];
  let [held, pressing] = [false, false];

  function open(typed) {
    close();
    const query = typed.box.value.trim();
    const result = find(query);
    if (!query) return;
    [row, found] = [typed, result.shown];
    list.replaceChildren(...found.map((one, at) => drawOption(one, `${id}-${at}`)));
    list.hidden = !found.length;
    foot.textContent = footOf(result);
    row.field.append(panel);
    row.box.setAttribute("aria-expanded", String(found.length > 0));
    if (found.length) row.box.setAttribute("aria-controls", id);
    say(found.length ? `${result.count} series` : foot.textContent);
    makeRoom(root, panel);
  }

  function close() {
    if (!row) return;
    mark(-1);
    row.box.setAttribute("aria-expanded", "false");
    row.box.removeAttribute("aria-controls");
    panel.remove();
    [row, found] = [null, []];
    if (pressing) window.addEventListener("click", takeRoom, { once: true });
    else takeRoom();
  }

  // The room below the last rows; taken only after a click, else what is clicked would move away under the pointer.
  function takeRoom() {
    if (!row) root.style.paddingBottom = "";
  }

  function mark(at) {
    active = at;
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
    if (at < 0) return row.box.removeAttribute("aria-activedescendant");
    row.box.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  }

  function take(at) {
    const [chosen, place] = [found[at], row];
    close();
    choose(place, chosen);
  }

  // Up and down go round; from nowhere, down begins at the first and up at the last.
  function step(by, typed) {
    if (row !== typed) open(typed);
    if (found.length) mark(active < 0 ? (by > 0 ? 0 : found.length - 1) : (active + by + found.length) % found.length);
  }

  function key(event, typed) {
    if (event.target !== typed.box || event.isComposing) return;
    const isOpen = row === typed;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (event.altKey) event.key === "ArrowDown" ? open(typed) : close();
      else step(event.key === "ArrowDown" ? 1 : -1, typed);
    } else if (event.key === "Enter") {
      if (isOpen && active >= 0) take(active);
      else step(1, typed); // nothing is chosen before it was pointed at
    } else if (event.key === "Escape") {
      if (isOpen) close();
      else typed.box.value = "";
    } else {
      if (isOpen && ["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) mark(-1);
      return; // the text's own keys
    }
    event.preventDefault();
  }

  function click(event, clicked) {
    const at = [...list.children].indexOf(event.target.closest("[role=option]"));
    if (row && at >= 0) take(at);
    else if (event.target === clicked?.box && row !== clicked) open(clicked);
  }

  // While rows are moved about, their list stays open.
  function holdOpen(stays, move) {
    if (!stays) close();
    held = true;
    move();
    held = false;
    if (row) makeRoom(root, panel);
  }

  panel.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the box
  const press = (event) => (pressing = event.type === "pointerdown");
  const presses = ["pointerdown", "click", "keydown"];
  presses.forEach((name) => window.addEventListener(name, press, true));
  const stop = () => presses.forEach((name) => window.removeEventListener(name, press, true));
  return { open, key, click, holdOpen, leave: () => held || close(), stop };
}

function drawOption({ id, title }, place) {
  const state = { id: place, role: "option", "aria-selected": "false", "data-item": id, dir: "auto" };
  return node("li", "fedflex-names-option", title, state);
}

function footOf({ shown, count }) {
  if (!count) return "No series is called that. Leave the name as it is where none fits.";
  return count > shown.length ? `${shown.length} of ${count}; type more to narrow them down` : "";
}

// Below the last rows the page may end before the suggestions do.
function makeRoom(root, panel) {
  root.style.paddingBottom = "";
  const below = panel.getBoundingClientRect().bottom - root.getBoundingClientRect().bottom;
  if (below > 0) root.style.paddingBottom = `${Math.ceil(below) + 12}px`;
  panel.scrollIntoView({ block: "nearest" });
}

// What was typed -> {shown, count}: where a title begins with it, then where a word does, then where all its words
// begin some, then where it is anywhere; within these by alphabet. The titles are made plain once, not at each key.
function makeFinder(getTitles) {
  let [given, ready] = [null, []];
  return (typed) => {
    if (getTitles() !== given) {
      given = getTitles();
      ready = given.map(([id, title]) => ({ id, title, plain: ` ${plain(title)}` }));
      ready.sort((one, other) => (one.plain < other.plain ? -1 : one.plain > other.plain ? 1 : 0));
    }
    const query = plain(typed);
    const words = query.split(" ");
    const ranks = [[], [], [], []];
    for (const one of query ? ready : []) ranks[rankOf(one.plain, query, words)]?.push(one);
    const found = ranks.flat();
    return { shown: found.slice(0, MOST), count: found.length };
  };
}

function rankOf(title, query, words) {
  if (title.startsWith(` ${query}`)) return 0;
  if (title.includes(` ${query}`)) return 1;
  if (words.every((word) => title.includes(` ${word}`))) return 2;
  return title.includes(query) ? 3 : -1;
}

const LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" };

// "cafe" finds "Café", "greys" finds "Grey's", "spider man" finds "Spider-Man". Marks of scripts in which they are
// letters stay.
function plain(text) {
  const bare = text.normalize("NFKD").replace(/[\u0300-\u036f\u0591-\u05c7\u064b-\u0652'’‘`´]/g, "").toLowerCase();
  const words = bare.replace(/[ßæœøłđðþı]/g, (letter) => LETTERS[letter]).replace(/[^\p{L}\p{N}\p{M}]+/gu, " ");
  return words.trim() || text.trim().toLowerCase();
}

function node(tag, className, text = "", attributes = {}) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

export default { render };
