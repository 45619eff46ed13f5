// Two lists of poster cards. First the component, then the art that each genre's posters are drawn with.
// Messages to Python: {type: "click", list, rank, item, selected} and {type: "done", none}.
// Python answers {type: "kept" | "refused", list, rank}; what is chosen is always what Python says in `selected`.

const HOLD = 3000; // milliseconds in which a page has drawn itself

function render({ model, el }) {
  const root = node("div", "fedflex-posters");
  el.append(root);
  const waiting = new Map(); // "list:rank" -> { want, clicks } not yet confirmed by Python
  let ending = false;
  let cards = [];
  let foot = null;

  function rebuild() {
    waiting.clear();
    const lists = model.get("lists");
    const columns = node("div", "fedflex-lists");
    cards = [];
    lists.forEach((list, place) => columns.append(drawList(list, place, lists, cards)));
    foot = drawFoot();
    root.replaceChildren(columns, foot.root);
    paint();
  }

  function paint() {
    const chosen = new Set(model.get("selected").map(([place, rank]) => `${place}:${rank}`));
    const locked = model.get("locked");
    for (const card of cards) paintCard(card, chosen.has(card.key), waiting.get(card.key), locked);
    const count = cards.filter((card) => card.on).length;
    paintFoot(foot, { count, locked, ending, busy: waiting.size > 0, message: model.get("message") });
  }

  function toggle(card) {
    if (model.get("locked") || ending) return;
    const want = !card.on;
    waiting.set(card.key, { want, clicks: (waiting.get(card.key)?.clicks ?? 0) + 1 });
    model.send({ type: "click", list: card.place, rank: card.rank, item: card.item.id, selected: want });
    paint();
  }

  function finish(none) {
    if (model.get("locked") || ending || waiting.size) return;
    ending = true;
    model.send({ type: "done", none });
    paint();
  }

  const onMessage = (content) => {
    const key = `${content.list}:${content.rank}`;
    const open = waiting.get(key);
    if (open && --open.clicks <= 0) waiting.delete(key);
    if (content.list === undefined) ending = false; // the refusal of "Done"
    const card = cards.find((one) => one.key === key);
    paint();
    if (card && content.type === "kept" && !waiting.has(key)) {
      foot.spoken.textContent = `${card.item.title}: ${card.on ? "saved" : "taken back"}`;
    }
  };
  const onLock = () => {
    ending = false;
    paint();
  };
  const onClick = (event) => {
    const card = cards.find((one) => one.button.contains(event.target));
    if (card) toggle(card);
    else if (event.target.closest(".fedflex-none")) finishIfOpen(foot.none, () => finish(true));
    else if (event.target.closest(".fedflex-done")) finishIfOpen(foot.done, () => finish(false));
  };
  const onKey = (event) => moveFocus(event, cards);

  root.addEventListener("click", onClick);
  root.addEventListener("keydown", onKey);
  linkTwins(root, () => cards);
  model.on("change:lists", rebuild);
  model.on("change:selected change:message", paint);
  model.on("change:locked", onLock);
  model.on("msg:custom", onMessage);
  rebuild();
  const stopBringing = model.get("in_sight") ? bringIntoSight(root) : () => {};

  return () => {
    stopBringing();
    model.off("change:lists", rebuild);
    model.off("change:selected change:message", paint);
    model.off("change:locked", onLock);
    model.off("msg:custom", onMessage);
  };
}

let serial = 0;

function drawList(list, place, lists, cards) {
  const section = node("section", "fedflex-list");
  const heading = node("h2", "fedflex-list-name", list.name);
  heading.id = `fedflex-list-${++serial}`;
  section.setAttribute("aria-labelledby", heading.id);
  const rows = node("ol", "fedflex-rows");
  list.items.forEach((item, rank) => {
    const twins = lists.filter((other, at) => at !== place && other.items.some((one) => one.id === item.id));
    const card = drawCard({ item, place, rank, list, twins });
    cards.push(card);
    const row = node("li", "fedflex-row");
    row.append(card.button);
    rows.append(row);
  });
  section.append(heading, rows);
  return section;
}

function drawCard({ item, place, rank, list, twins }) {
  const button = node("button", "fedflex-card");
  button.type = "button";
  Object.assign(button.dataset, { list: place, rank, item: item.id });
  const about = [item.title, item.year, item.genres.join(", ")].filter(Boolean).join(", ");
  button.setAttribute("aria-label", `${about}. ${list.name}, ${rank + 1} of ${list.items.length}`);

  const text = node("span", "fedflex-text");
  text.id = `fedflex-text-${++serial}`;
  button.setAttribute("aria-describedby", text.id);
  const title = node("span", "fedflex-title", item.title);
  const facts = node("span", "fedflex-facts", [item.year, ...item.genres].filter(Boolean).join(" · "));
  title.ariaHidden = facts.ariaHidden = "true"; // in the label already
  text.append(title, facts, node("span", "fedflex-synopsis", item.synopsis ?? ""));
  const more = node("span", "fedflex-more");
  if (twins.length)
    more.append(node("span", "fedflex-twin", `also in ${twins.map((one) => one.name).join(", ")}`));
  if (item.why) more.append(node("span", "fedflex-why", item.why));
  if (more.firstChild) text.append(more);

  const mark = node("span", "fedflex-mark");
  mark.ariaHidden = "true";
  const word = node("span", "fedflex-mark-word");
  const tick = node("span", "fedflex-tick");
  tick.innerHTML = '<svg viewBox="0 0 24 24"><path d="m6 12.5 4 4 8-9"/></svg>';
  mark.append(word, tick);
  button.append(drawPoster(item, rank), text, mark);
  return { button, word, item, place, rank, key: `${place}:${rank}`, on: false };
}

function drawPoster(item, rank) {
  const poster = node("span", "fedflex-poster");
  poster.ariaHidden = "true";
  const next = chance(item.title);
  const [hue, ...patterns] = GENRES[item.genres[0]] ?? [210, tiles, waves];
  const [second] = GENRES[item.genres[1]] ?? [hue + 45];
  const turn = between(next, -40, 40);
  const draw = patterns[Math.floor(next() * patterns.length)];
  poster.style.setProperty("--hue", (hue + turn).toFixed(1));
  poster.style.setProperty("--second", (second + turn).toFixed(1));
  poster.innerHTML =
    // numbers only: no word of the item goes this way
    `<svg viewBox="0 0 120 160" preserveAspectRatio="xMidYMin slice">${draw(next)}</svg>`;
  const title = node("span", "fedflex-poster-title", item.title);
  const longest = Math.max(...item.title.split(/[\s-]+/).map((word) => word.length));
  const size = Math.min(17, 138 / Math.max(longest, 1), item.title.length > 22 ? 13 : 17);
  title.style.fontSize = `${Math.max(size, 8.5).toFixed(1)}px`;
  poster.append(title, node("span", "fedflex-rank", String(rank + 1)));
  return poster;
}

function drawFoot() {
  const root = node("div", "fedflex-foot");
  const status = node("p", "fedflex-status");
  const spoken = node("span", "fedflex-spoken");
  spoken.setAttribute("role", "status");
  const message = node("p", "fedflex-message");
  message.setAttribute("role", "alert");
  const buttons = node("div", "fedflex-buttons");
  const none = node("button", "fedflex-none", "None of these");
  const done = node("button", "fedflex-done", "Done");
  none.type = done.type = "button";
  buttons.append(none, done);
  root.append(message, status, spoken, buttons);
  return { root, status, spoken, message, buttons, none, done };
}

function paintCard(card, chosen, open, locked) {
  card.on = open ? open.want : chosen;
  card.button.setAttribute("aria-pressed", String(card.on));
  card.button.setAttribute("aria-disabled", String(locked));
  card.button.dataset.state = open ? "pending" : chosen ? "saved" : "free";
  card.word.textContent = open ? "Saving…" : chosen ? "Saved" : "";
}

function paintFoot(foot, { count, locked, ending, busy, message }) {
  foot.message.textContent = locked ? "" : message;
  foot.buttons.hidden = locked;
  enable(foot.none, !busy && !ending && count === 0);
  enable(foot.done, !busy && !ending && count > 0);
  foot.root.classList.toggle("is-locked", locked);
  foot.status.textContent = locked
    ? message || "Thank you. Your choices are saved."
    : ending || busy
      ? "Saving…"
      : count
        ? `${count} chosen and saved. Choose more, or finish with “Done”.`
        : "Choose every series you would watch, from either list.";
}

function enable(button, on) {
  button.setAttribute("aria-disabled", String(!on)); // stays in the tab order, unlike `disabled`
}

function finishIfOpen(button, action) {
  if (button.getAttribute("aria-disabled") === "false") action();
}

// Arrow keys: up and down in a list, left and right to the same rank of the other list.
function moveFocus(event, cards) {
  const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
  const here = step && cards.find((card) => card.button === event.target);
  const next = here && cards.find((c) => c.place === here.place + step[0] && c.rank === here.rank + step[1]);
  if (!next) return;
  event.preventDefault();
  next.button.focus();
}

// The same series in both lists: pointing at one shows the other.
function linkTwins(root, cards) {
  const mark = (event, on) => {
    const here = cards().find((card) => card.button.contains(event.target));
    if (!here) return;
    for (const card of cards()) {
      if (card !== here && card.item.id === here.item.id) card.button.classList.toggle("is-twin", on);
    }
  };
  root.addEventListener("pointerover", (event) => mark(event, true));
  root.addEventListener("pointerout", (event) => mark(event, false));
  root.addEventListener("focusin", (event) => mark(event, true));
  root.addEventListener("focusout", (event) => mark(event, false));
}

// Scrolls the section's heading to the top of the view and focuses it, as soon as it is shown. What is drawn above
// it a little later would push it away again: for a while, or until the person acts, it is held in place.
function bringIntoSight(root) {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const acts = ["wheel", "pointerdown", "touchstart", "keydown"];
  let heading = null;
  let timer = null;
  const hold = () => {
    if (!root.getClientRects().length) return; // the page is not shown yet
    timer ??= window.setTimeout(stop, HOLD);
    const found = root.closest(".fedflex-step")?.querySelector("h2") ?? root.querySelector(".fedflex-list-name");
    if (!found) return stop();
    if (found !== heading) focusHeading(found);
    heading = found;
    heading.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  };
  const watch = new ResizeObserver(hold);
  const stop = () => {
    watch.disconnect();
    window.clearTimeout(timer);
    for (const act of acts) window.removeEventListener(act, stop, true);
  };
  watch.observe(root);
  watch.observe(document.body);
  for (const act of acts) window.addEventListener(act, stop, { capture: true, passive: true });
  return stop;
}

function focusHeading(heading) {
  heading.tabIndex = -1;
  heading.style.outline = "none"; // a place to read on from, nothing to press
  heading.style.scrollMarginTop = "24px"; // the card's edge stays in sight
  heading.focus({ preventScroll: true });
}

function node(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

// ---- The art -----------------------------------------------------------------------------------------------
// A few patterns and a hue by main genre, the light tone's hue by second genre; by title which of the patterns, its
// places and sizes, and up to 40 degrees of hue to either side. Lightness and colourfulness are the same for all (see
// posters.css: a, b and c are the dark, middle and light tone), so that none looks better. The light tone keeps
// clear of the rank at the top left (to x = 40, y = 37) and of the title below.

// A stream of numbers from 0 to 1, always the same for the same title.
function chance(text) {
  let seed = 2166136261;
  for (const letter of text) seed = Math.imul(seed ^ letter.codePointAt(0), 16777619);
  return () => {
    seed = Math.imul(seed ^ (seed >>> 15), 2246822507) + 0x9e3779b9;
    return ((seed ^ (seed >>> 13)) >>> 0) / 2 ** 32;
  };
}

const many = (count, draw) => Array.from({ length: count }, (_, index) => draw(index)).join("");
const between = (next, low, high) => low + (high - low) * next();
const disc = (x, y, r, tone) => `<circle class="${tone}" cx="${x}" cy="${y}" r="${r}"/>`;
const ring = (x, y, r, tone, width = 2) =>
  `<circle class="line ${tone}" cx="${x}" cy="${y}" r="${r}" stroke-width="${width}"/>`;
const box = (x, y, w, h, tone, r = 0) =>
  `<rect class="${tone}" x="${x}" y="${y}" width="${w}" height="${h}" rx="${r}"/>`;
const shape = (d, tone) => `<path class="${tone}" d="${d}"/>`;
const line = (d, tone, width = 2) => `<path class="line ${tone}" d="${d}" stroke-width="${width}"/>`;

function eclipse(next) {
  const [angle, r] = [between(next, -1, 0.6), between(next, 30, 46)];
  const [left, top] = [between(next, 44, 76), between(next, 48, 58)];
  const [x, y] = [left + r * 0.6 * Math.cos(angle), top + r * 0.6 * Math.sin(angle)];
  const halo = ring(left, top, r + 9, "b", 1) + ring(left, top, r + 18, "b", 1);
  return disc(left, top, r, "b") + disc(x, y, r * 0.86, "a") + halo + disc(x, y, 5, "c");
}

function scallops(next) {
  const bright = [6, 7, 9, 10][Math.floor(next() * 4)];
  return many(20, (i) => {
    const [row, column] = [Math.floor(i / 4), i % 4];
    const x = column * 40 + (row % 2 ? 0 : 20) - 10;
    return shape(`M${x - 20} ${row * 24 + 14}a20 20 0 0 1 40 0z`, i === bright ? "c" : row % 2 ? "b" : "a");
  });
}

function blinds(next) {
  const lean = between(next, -28, -12);
  const bars = many(9, (i) => box(-40, i * 19 - 20, 220, 9, i % 3 === 1 ? "b" : "a"));
  return `<g transform="rotate(${lean} 60 70)">${bars}</g>` + disc(between(next, 52, 84), 56, 17, "c");
}

function vortex(next) {
  const [dx, dy] = [between(next, -3.6, 3.6), between(next, -3, 3)];
  const tones = ["a", "b", "a", "b", "a", "c"];
  return many(6, (i) => disc(60 + dx * i, 60 + dy * i, 56 - 10 * i, tones[i]));
}

function doors(next) {
  const light = Math.floor(next() * 2);
  return many(4, (i) => {
    const [w, h] = [92 - 22 * i, 118 - 22 * i];
    const x = 60 - w / 2 + (light ? 1 : -1) * i * 3;
    const tone = i === 3 ? "c" : i % 2 ? "a" : "b";
    return shape(`M${x} 92V${92 - h + w / 2}a${w / 2} ${w / 2} 0 0 1 ${w} 0V92z`, tone);
  });
}

function orbits(next) {
  const turn = between(next, -35, 15);
  const stars = many(14, () =>
    disc(between(next, 4, 116), between(next, 4, 120), between(next, 0.5, 1.3), "c"),
  );
  const rings = many(
    3,
    (i) =>
      `<ellipse class="line b" cx="60" cy="62" rx="${34 + i * 15}" ry="${11 + i * 7}" stroke-width="1.5"/>`,
  );
  return `${stars}<g transform="rotate(${turn} 60 62)">${rings}${disc(60, 62, 22, "b")}${disc(108, 62, 6, "c")}</g>`;
}

function peaks(next) {
  const ridge = (base, height, tone) => {
    const x = between(next, 20, 95);
    return shape(
      `M-20 ${base}L${x - 46} ${base - height * 0.5}L${x - 22} ${base - height * 0.42}L${x} ${base - height}L${x + 34} ${base - height * 0.45}L${x + 52} ${base - height * 0.6}L140 ${base}V160H-20z`,
      tone,
    );
  };
  return (
    disc(between(next, 66, 92), 36, 15, "c") + ridge(118, 72, "a") + ridge(132, 58, "b") + ridge(150, 44, "a")
  );
}

function woods(next) {
  const trunks = many(9, (i) => {
    const [x, w] = [i * 14 + between(next, -3, 3), between(next, 3, 8)];
    return shape(`M${x} 160L${x + w * 0.3} -4h${w * 0.4}L${x + w} 160z`, i % 3 ? "a" : "b");
  });
  return disc(between(next, 66, 92), 50, 22, "c") + trunks;
}

function hearts(next) {
  const [r, y, turn] = [34, between(next, 52, 60), between(next, -50, 50)];
  const lens = `M60 ${y - 26}A${r} ${r} 0 0 1 60 ${y + 26}A${r} ${r} 0 0 1 60 ${y - 26}z`;
  const pair = disc(38, y, r, "b") + disc(82, y, r, "a") + shape(lens, "c");
  return `<g transform="rotate(${turn} 60 ${y})">${pair}${ring(38, y, r + 8, "a", 1.5)}${ring(82, y, r + 8, "b", 1.5)}</g>`;
}

function chevrons(next) {
  const bright = 2 + Math.floor(next() * 2);
  const lean = between(next, -14, 14);
  const marks = many(6, (i) =>
    shape(
      `M-20 ${i * 27 + 6}L60 ${i * 27 - 34}L140 ${i * 27 + 6}v14L60 ${i * 27 - 20}L-20 ${i * 27 + 20}z`,
      i === bright ? "c" : i % 2 ? "b" : "a",
    ),
  );
  return `<g transform="rotate(${lean} 60 70)">${marks}</g>`;
}

function horizon(next) {
  const x = between(next, 36, 84);
  const hills =
    shape("M-4 104Q30 82 62 100T124 92V160H-4z", "a") + shape("M-4 122Q40 100 74 118T124 110V160H-4z", "b");
  return ring(x, 60, 42, "a", 1.5) + ring(x, 60, 32, "b", 1.5) + disc(x, 60, 22, "c") + hills;
}

function tiles(next) {
  const corner = [
    "M0 0h30a30 30 0 0 1-30 30z",
    "M30 0v30a30 30 0 0 1-30-30z",
    "M30 30h-30a30 30 0 0 1 30-30z",
    "M0 30v-30a30 30 0 0 1 30 30z",
  ];
  const bright = [2, 3, 6, 7, 9, 10][Math.floor(next() * 6)];
  return many(16, (i) => {
    const tone = i === bright ? "c" : next() > 0.5 ? "b" : "a";
    const [x, y] = [(i % 4) * 30, Math.floor(i / 4) * 30];
    return `<path class="${tone}" transform="translate(${x} ${y})" d="${corner[Math.floor(next() * 4)]}"/>`;
  });
}

function burst(next) {
  const [x, y, turn] = [between(next, 62, 82), between(next, 52, 60), next() * 20];
  const rays = many(18, (i) => {
    const [from, to] = [(i * 20 + turn) * (Math.PI / 180), (i * 20 + turn + 9) * (Math.PI / 180)];
    return shape(
      `M${x} ${y}L${x + 150 * Math.cos(from)} ${y + 150 * Math.sin(from)}L${x + 150 * Math.cos(to)} ${y + 150 * Math.sin(to)}z`,
      i % 2 ? "a" : "b",
    );
  });
  return rays + disc(x, y, 20, "c");
}

function contours(next) {
  const [x, y, tilt] = [between(next, 62, 84), between(next, 52, 64), between(next, -30, 30)];
  const rings = many(
    7,
    (i) =>
      `<ellipse class="line ${i === 1 ? "c" : i % 2 ? "a" : "b"}" cx="${x + i * 1.5}" cy="${y - i}" rx="${10 + i * 13}" ry="${6 + i * 10}" stroke-width="3.5"/>`,
  );
  return `<g transform="rotate(${tilt} ${x} ${y})">${rings}${disc(x, y, 4, "c")}</g>`;
}

function arcade(next) {
  const lit = 1 + Math.floor(next() * 2);
  return many(6, (i) => {
    const [x, y] = [(i % 3) * 42 - 2, Math.floor(i / 3) * 66 + 14];
    const tone = i === lit ? "c" : i % 2 ? "b" : "a";
    return shape(`M${x} ${y + 54}V${y + 18}a18 18 0 0 1 36 0V${y + 54}z`, tone);
  });
}

function lights(next) {
  const cone = (x, to, tone) => shape(`M${x} -6L${to - 26} 86H${to + 26}z`, tone);
  const [left, right] = [between(next, 34, 52), between(next, 68, 86)];
  return (
    cone(18, right, "a") +
    cone(102, left, "b") +
    `<ellipse class="c" cx="${(left + right) / 2}" cy="82" rx="24" ry="6"/>`
  );
}

function bars(next) {
  const bright = 3 + Math.floor(next() * 4);
  return many(8, (i) => {
    const height = between(next, 26, 76);
    return box(5 + i * 14, 54 - height / 2, 9, height, i === bright ? "c" : i % 2 ? "b" : "a", 4.5);
  });
}

function track(next) {
  const lane = 3 + Math.floor(next() * 2);
  return many(
    5,
    (i) =>
      `<rect class="line ${i === lane ? "c" : i % 2 ? "b" : "a"}" x="${-30 + i * 13}" y="${12 + i * 11}" width="${128 - i * 26 + 30}" height="${104 - i * 22}" rx="${52 - i * 11}" stroke-width="6"/>`,
  );
}

function stage(next) {
  const x = between(next, 48, 72);
  return (
    shape(`M${x - 6} -4L14 94H106L${x + 6} -4z`, "a") +
    shape(`M${x - 3} -4L34 94H86L${x + 3} -4z`, "b") +
    `<ellipse class="c" cx="60" cy="88" rx="26" ry="5"/>` +
    box(58.5, 50, 3, 38, "c") +
    disc(60, 46, 7, "c")
  );
}

function skyline(next) {
  const towers = many(8, (i) => {
    const height = between(next, 40, 92);
    return box(i * 16 - 4, 150 - height, 14, height + 20, i % 2 ? "a" : "b");
  });
  return disc(between(next, 68, 88), 50, 24, "c") + towers;
}

function strata(next) {
  const bands = many(7, (i) => {
    const y = 20 + i * 18;
    const bend = between(next, -10, 10);
    return line(
      `M-6 ${y}C30 ${y - 14 + bend} 70 ${y + 16 + bend} 126 ${y - 4}`,
      i === 1 ? "c" : i % 2 ? "a" : "b",
      i === 1 ? 3 : 9,
    );
  });
  return bands;
}

function mesa(next) {
  const x = between(next, 48, 80);
  const slits = many(4, (i) => box(0, 66 + i * 9, 120, 1.5 + i, "ground"));
  const rock = shape("M-4 122h22l6-30h26l5 30h26l4-18h20l4 18h20v40H-4z", "a");
  return disc(x, 62, 24, "c") + slits + rock + box(-4, 132, 130, 30, "b");
}

function waves(next) {
  const [lift, bright] = [between(next, 10, 30), 2 + Math.floor(next() * 2)];
  return many(8, (i) => {
    const path = `M-10 ${i * 20 + 8}q35 ${-lift} 70 0t70 0`;
    return line(path, i === bright ? "c" : i % 2 ? "b" : "a", i === bright ? 4 : 10);
  });
}

function confetti(next) {
  return many(30, (i) => {
    const [x, y] = [(i % 5) * 26 + between(next, 0, 14), Math.floor(i / 5) * 26 + between(next, 0, 14)];
    const tone = [8, 11, 13].includes(i) ? "c" : next() > 0.5 ? "b" : "a";
    return `<g transform="rotate(${between(next, 0, 180)} ${x} ${y})">${box(x - 9, y - 4, 18, 8, tone, 4)}</g>`;
  });
}

function folds(next) {
  const [bend, bright] = [between(next, -40, 40), 4 + Math.floor(next() * 2)];
  return many(10, (i) => {
    const [x, w] = [i * 16 - 20, between(next, 6, 14)];
    const edge = `M${x} -4C${x + bend} 40 ${x - bend} 90 ${x} 164h${w}C${x + w - bend} 90 ${x + w + bend} 40 ${x + w} -4z`;
    return shape(edge, i % 2 ? "a" : "b") + (i === bright ? disc(x, 58, 12, "c") : "");
  });
}

function bubbles(next) {
  const others = many(9, (i) => {
    const [x, y] = [(i % 3) * 48 + between(next, -8, 24), Math.floor(i / 3) * 44 + between(next, -8, 24)];
    return disc(x, y, between(next, 12, 28), i % 2 ? "a" : "b");
  });
  return others + disc(between(next, 58, 92), 58, between(next, 12, 17), "c");
}

function shards(next) {
  const [x, y] = [between(next, 62, 84), between(next, 50, 60)];
  const splinters = many(9, (i) => {
    const from = i * 0.7 + between(next, 0, 0.3);
    const to = from + between(next, 0.2, 0.4);
    const far = (angle) => `L${x + 170 * Math.cos(angle)} ${y + 170 * Math.sin(angle)}`;
    return shape(`M${x} ${y}${far(from)}${far(to)}z`, i % 2 ? "a" : "b");
  });
  return splinters + shape(`M${x} ${y - 22}l9 22-9 22-9-22z`, "c");
}

const GENRES = {
  Action: [22, chevrons, burst],
  Adventure: [145, horizon, peaks],
  Animation: [330, tiles, bubbles],
  Anime: [350, burst, waves],
  Comedy: [80, scallops, confetti, bubbles],
  Crime: [250, blinds, skyline, shards],
  Documentary: [190, contours, strata],
  Drama: [275, eclipse, folds, waves],
  Family: [165, tiles, bubbles],
  Fantasy: [300, peaks, woods],
  History: [60, arcade, strata],
  Horror: [15, woods, doors],
  Kids: [110, tiles, confetti],
  Music: [320, bars, waves],
  Mystery: [290, doors, vortex],
  Reality: [340, lights, confetti],
  Romance: [5, hearts, bubbles],
  "Sci-Fi": [220, orbits, vortex],
  Sport: [130, track, chevrons],
  "Stand-up": [70, stage, lights],
  Superhero: [260, skyline, burst],
  Thriller: [205, vortex, shards],
  War: [100, strata, blinds],
  Western: [45, mesa, horizon],
};

export default { render };
