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

// The keyboard: / goes to the search.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select")) return;
  event.preventDefault();
  document.querySelector(".find input").focus();
});
