"use strict";
// Everything here is a convenience: uploads, the story of a job and the review work without it.

// Uploads: several files at once, dropped or chosen, each with its progress.
function upload(form, file) {
  const list = form.querySelector(".sent");
  const item = document.createElement("li");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  const state = document.createElement("span");
  name.textContent = file.name;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  state.className = "muted";
  state.textContent = list.dataset.sending;
  item.append(name, bar, state);
  list.append(item);
  const body = new FormData();
  body.append("file", file);
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => {
    const answer = parsed(request.responseText);
    if (request.status === 202) watch(item, list, answer.job_id);
    else fail(item, answer.error ? answer.error.message : String(request.status));
  });
  request.addEventListener("error", () => fail(item, list.dataset.failed));
  request.open("POST", form.action + "?wait=false");
  request.setRequestHeader("Accept", "application/json");
  request.send(body);
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return {}; }
}

function fail(item, message) {
  item.querySelector("progress")?.remove();
  item.lastElementChild.className = "bad";
  item.lastElementChild.textContent = message;
}

async function watch(item, list, job) {
  item.querySelector("progress").removeAttribute("value");
  for (;;) {
    const answer = await fetch("/invoices/" + job, { headers: { Accept: "application/json" } }).catch(() => null);
    const found = answer && answer.ok ? await answer.json() : { status: "received" };
    item.lastElementChild.textContent = list.dataset[found.status] || found.status;
    if (found.status !== "received" && found.status !== "running") {
      item.querySelector("progress").remove();
      item.lastElementChild.className = "badge " + found.status;
      const link = document.createElement("a");
      link.href = "/jobs/" + job;
      link.textContent = item.firstElementChild.textContent;
      item.firstElementChild.replaceWith(link);
      return;
    }
    await new Promise((resume) => setTimeout(resume, 1000));
  }
}

const drop = document.getElementById("drop");
if (drop) {
  const input = drop.querySelector("input[type=file]");
  const send = (files) => { for (const file of files) upload(drop, file); };
  input.multiple = true;
  drop.classList.add("ready");
  input.addEventListener("change", () => { send(input.files); input.value = ""; });
  drop.addEventListener("submit", (event) => event.preventDefault());
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      if (kind === "drop") send(event.dataTransfer.files);
    });
  }
}

// What is being read now: the server draws it, this only fetches it again.
const progress = document.getElementById("progress");
if (progress) {
  const poll = async () => {
    if (!document.hidden) {
      const answer = await fetch(progress.dataset.poll, { headers: { Accept: "text/html" } }).catch(() => null);
      if (answer && answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        progress.replaceChildren(...page.body.childNodes);
      }
    }
    setTimeout(poll, progress.querySelector("[data-running]") ? 2000 : 10000);
  };
  setTimeout(poll, 2000);
}

// The page of a job: pointing at a line, or reaching it with the keyboard, shows what each engine read there.
const panel = document.getElementById("reading");
function show(event) {
  if (wanted) return;
  const link = event.target.closest?.("[data-line], [data-field]");
  if (!link) return;
  const row = document.getElementById(link.dataset.line || link.dataset.field);
  document.querySelectorAll(".lit").forEach((lit) => lit.classList.remove("lit"));
  if (!row) return;
  row.classList.add("lit");
  if (!link.dataset.line) return;
  link.classList.add("lit");
  const table = document.createElement("table");
  const copy = row.cloneNode(true);
  copy.removeAttribute("id");
  copy.classList.remove("lit");
  table.className = "lines";
  table.append(copy);
  panel.replaceChildren(table);
  panel.hidden = false;
}

for (const sheet of document.querySelectorAll(".sheet")) {
  sheet.addEventListener("mouseover", show);
  sheet.addEventListener("focusin", show);
}
for (const row of document.querySelectorAll("tr[data-box]")) {
  const box = document.getElementById(row.dataset.box);
  if (!box) continue;
  for (const [kind, lit] of [["mouseenter", true], ["mouseleave", false], ["focusin", true], ["focusout", false]]) {
    row.addEventListener(kind, () => box.classList.toggle("lit", lit));
  }
}

// Pointing: a word of the page, or several, become the value of a field, and their place is sent with it.
const note = document.getElementById("pointing");
const sheets = [...document.querySelectorAll(".sheet[data-page]")];
let wanted = null; // the field: its button, its input, where its place is sent
let words = []; // of all pages, in reading order, each with its rectangle
let picked = [0, 0]; // the first and the last of them

async function startPointing(button) {
  const cell = button.parentElement;
  const name = button.dataset.point || document.querySelector("select[name=new_name]").value;
  stopPointing();
  wanted = { button, name, input: cell.querySelector("input, textarea"), place: cell.querySelector("input[type=hidden]") };
  if (!name) return say(note.dataset.choose, true);
  say(note.dataset.hint);
  try {
    if (!words.length) words = drawn(await answer("/invoices/" + note.dataset.job + "/words"));
  } catch (error) { return say(error.message || note.dataset.failed, true); }
  if (!words.length) return say(note.dataset.failed, true);
  button.setAttribute("aria-pressed", "true");
  for (const sheet of sheets) sheet.classList.add("pointing");
  const box = document.getElementById("box-" + name)?.getBBox();
  const page = box ? document.getElementById("box-" + name).closest("svg") : sheets[0];
  const start = box ? nearest(page, { x: box.x + box.width / 2, y: box.y + box.height / 2 }) : 0;
  pick(start < 0 ? 0 : start);
}

function stopPointing() {
  wanted?.button.removeAttribute("aria-pressed");
  wanted = null;
  note.hidden = true;
  for (const sheet of sheets) sheet.classList.remove("pointing");
  for (const word of words) word.rect.classList.remove("picked");
}

function say(text, bad) {
  note.hidden = false;
  note.classList.toggle("failed", Boolean(bad));
  note.firstElementChild.textContent = text;
}

async function answer(path) {
  const response = await fetch(path, { headers: { Accept: "application/json" } });
  const found = parsed(await response.text());
  if (!response.ok) throw new Error(found.error ? found.error.message : String(response.status));
  return found;
}

function drawn(found) {
  return found.map((word) => {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const sheet = sheets.find((each) => Number(each.dataset.page) === word.page);
    const [left, top, right, bottom] = word.box;
    const values = { class: "word", x: left, y: top, width: right - left, height: bottom - top, tabindex: -1, role: "button", "aria-label": word.text };
    for (const [key, value] of Object.entries(values)) rect.setAttribute(key, value);
    sheet?.append(rect);
    return { ...word, sheet, rect };
  }).filter((word) => word.sheet);
}

function pick(first, last = first, focus = true) {
  picked = [first, last];
  const taken = chosen();
  for (const word of words) word.rect.classList.toggle("picked", taken.includes(word));
  if (focus) words[last].rect.focus();
}

function chosen() {
  if (picked.length > 2) return picked.slice(2).map((place) => words[place]);
  const [low, high] = [Math.min(...picked), Math.max(...picked)];
  return words.slice(low, high + 1).filter((word) => word.sheet === words[picked[1]].sheet);
}

function middle(word) {
  return { x: (word.box[0] + word.box[2]) / 2, y: (word.box[1] + word.box[3]) / 2 };
}

function nearest(sheet, at) {
  const away = (word) => {
    const [left, top, right, bottom] = word.box;
    return Math.hypot(Math.max(left - at.x, 0, at.x - right), 2 * Math.max(top - at.y, 0, at.y - bottom));
  };
  let best = -1;
  words.forEach((word, place) => {
    if (word.sheet === sheet && (best < 0 || away(word) < away(words[best]))) best = place;
  });
  return best;
}

// The next word up or down: of the nearest row, the one that stands best under or over this one.
function beside(place, step) {
  const here = words[place];
  const apart = (other) => Math.abs(middle(other).y - middle(here).y) * 4 + Math.abs(middle(other).x - middle(here).x);
  let best = place;
  words.forEach((other, number) => {
    const further = step * (middle(other).y - middle(here).y) > (here.box[3] - here.box[1]) / 2;
    if (other.sheet === here.sheet && further && (best === place || apart(other) < apart(words[best]))) best = number;
  });
  return best;
}

async function take() {
  const { name, input, place, button } = wanted;
  const taken = chosen();
  const edge = (number, most) => most(...taken.map((word) => word.box[number]));
  const box = [edge(0, Math.min), edge(1, Math.min), edge(2, Math.max), edge(3, Math.max)];
  const query = new URLSearchParams([["page", taken[0].page], ...box.map((each) => ["box", each])]);
  try {
    const found = await answer(`/invoices/${note.dataset.job}/fields/${name}/printed?${query}`);
    const before = { value: input.value, place: place.value };
    input.value = found.value;
    place.value = [taken[0].page, ...box].join(" ");
    mark(button, found.text, () => { input.value = before.value; place.value = before.place; });
    stopPointing();
    input.focus();
  } catch (error) { say(error.message, true); }
}

function mark(button, text, undo) {
  const cell = button.closest(".value");
  cell.querySelector(".pointed")?.remove();
  const line = document.createElement("small");
  const back = document.createElement("button");
  line.className = "pointed";
  line.textContent = `${note.dataset.set}: ${text} `;
  back.type = "button";
  back.className = "quiet";
  back.textContent = note.dataset.undo;
  back.addEventListener("click", () => { undo(); line.remove(); button.focus(); });
  line.append(back);
  cell.append(line);
}

function spot(sheet, event) {
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(sheet.getScreenCTM().inverse());
}

function pointWith(sheet) {
  let start = null;
  const dragged = (event) => {
    const [one, other] = [start, spot(sheet, event)];
    const [left, right] = [Math.min(one.x, other.x), Math.max(one.x, other.x)];
    const [top, bottom] = [Math.min(one.y, other.y), Math.max(one.y, other.y)];
    const inside = words.flatMap((word, place) =>
      word.sheet === sheet && word.box[0] < right && word.box[2] > left && word.box[1] < bottom && word.box[3] > top ? [place] : []);
    picked = inside.length ? [inside[0], inside.at(-1), ...inside] : [nearest(sheet, one), nearest(sheet, one)];
    for (const word of words) word.rect.classList.toggle("picked", chosen().includes(word));
  };
  sheet.addEventListener("pointerdown", (event) => {
    if (event.button || !sheet.classList.contains("pointing")) return;
    event.preventDefault();
    start = spot(sheet, event);
    sheet.setPointerCapture(event.pointerId);
    dragged(event);
  });
  sheet.addEventListener("pointermove", (event) => { if (wanted && start) dragged(event); });
  sheet.addEventListener("pointercancel", () => { start = null; });
  sheet.addEventListener("pointerup", () => { if (wanted && start) take(); start = null; });
  sheet.addEventListener("click", (event) => { if (sheet.classList.contains("pointing")) event.preventDefault(); }, true);
}

function pointWithKeys(event) {
  const steps = { ArrowLeft: (at) => at - 1, ArrowRight: (at) => at + 1, ArrowUp: (at) => beside(at, -1), ArrowDown: (at) => beside(at, 1) };
  if (event.key === "Escape") {
    const { button } = wanted;
    stopPointing();
    button.focus();
  } else {
    const here = words.findIndex((word) => word.rect === event.target);
    if (here < 0) return;
    if (here !== picked[1]) pick(here);
    if (event.key === "Enter") take();
    else if (steps[event.key]) {
      const next = Math.min(Math.max(steps[event.key](here), 0), words.length - 1);
      pick(event.shiftKey ? picked[0] : next, next);
    } else return;
  }
  event.preventDefault();
}

if (note && sheets.length) {
  for (const button of document.querySelectorAll(".point")) {
    button.hidden = false;
    button.addEventListener("click", () => startPointing(button));
  }
  note.querySelector("button").addEventListener("click", stopPointing);
  for (const sheet of sheets) pointWith(sheet);
  document.addEventListener("keydown", (event) => { if (wanted) pointWithKeys(event); });
}

// The keyboard: / goes to the search.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select")) return;
  event.preventDefault();
  document.querySelector(".find input").focus();
});
