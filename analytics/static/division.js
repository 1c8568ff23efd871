// The pages of a file between its documents: dragged, or moved with the keyboard or the buttons under each.
// The text field of the form says what is sent; all of this only writes it.
const form = document.querySelector("#division form");
const words = form.dataset;
const field = form.elements.documents;
const out = form.querySelector(".stack.out");
const before = field.value;

const openStacks = () => [...form.querySelectorAll(".stack:not(.settled, .out)")];
const stackOf = (thumb) => thumb.closest(".stack");
const pagesOf = (stack) => stack.querySelector(".thumbs");
const numbers = (stack) => [...pagesOf(stack).children].map((thumb) => thumb.dataset.page);
const handle = (thumb) => thumb.querySelector("a, .blank");

function newStack(after) {
  const stack = document.createElement("li");
  const head = document.createElement("h3");
  const name = document.createElement("span");
  const mark = document.createElement("small");
  const pages = document.createElement("ol");
  stack.className = "stack";
  name.className = "name";
  mark.className = "muted";
  mark.textContent = words.new;
  pages.className = "thumbs";
  head.append(name, " ", mark);
  stack.append(head, pages);
  after ? after.after(stack) : out.before(stack);
  receive(stack);
  return stack;
}

// Where a page or a document lay that was taken out; a mark keeps the place.
const places = new Map();

function keepPlace(node) {
  places.get(node)?.remove();
  const mark = document.createComment("");
  node.before(mark);
  places.set(node, mark);
}

function putBack(node) {
  places.get(node).replaceWith(node);
  places.delete(node);
}

// After every change: documents without pages go, the others are numbered, and the field says what there is.
function settle(thumb) {
  for (const stack of openStacks()) if (!numbers(stack).length) {
    keepPlace(stack);
    stack.remove();
  }
  out.hidden = !numbers(out).length;
  form.querySelectorAll(".stack:not(.out) .name").forEach((name, place) => { name.textContent = `${words.document} ${place + 1}`; });
  field.value = openStacks().map((stack) => numbers(stack).join(" ")).join("; ");
  form.classList.toggle("changed", field.value !== before);
  if (!thumb) return;
  const stack = stackOf(thumb);
  const place = numbers(stack).indexOf(thumb.dataset.page) + 1;
  const where = stack.querySelector(".name").textContent;
  form.querySelector("[role=status]").textContent = `${words.page} ${thumb.dataset.page}: ${where}, ${place} / ${numbers(stack).length}`;
}

function step(thumb, back) {
  const beside = back ? thumb.previousElementSibling : thumb.nextElementSibling;
  const stacks = openStacks();
  const next = stacks[stacks.indexOf(stackOf(thumb)) + (back ? -1 : 1)];
  if (stackOf(thumb) === out) leave(thumb);
  else if (beside) back ? beside.before(thumb) : beside.after(thumb);
  else if (next) back ? pagesOf(next).append(thumb) : pagesOf(next).prepend(thumb);
}

function cut(thumb) {
  const stack = stackOf(thumb);
  const stacks = openStacks();
  if (stack === out) return pagesOf(newStack()).append(thumb);
  const following = [...pagesOf(stack).children];
  const rest = following.slice(following.indexOf(thumb));
  const joined = stacks[stacks.indexOf(stack) - 1];
  if (rest.length < following.length) pagesOf(newStack(stack)).append(...rest);
  else if (joined) pagesOf(joined).append(...rest);
}

function leave(thumb) {
  if (stackOf(thumb) === out) return takeBack(thumb);
  keepPlace(thumb);
  pagesOf(out).append(thumb);
}

// To where it lay, in its document even if that went with its last page; one that nobody took out has no such place.
function takeBack(thumb) {
  const place = places.get(thumb);
  if (!place) return pagesOf(openStacks().at(-1) || newStack()).append(thumb);
  const stack = stackOf(place.parentElement);
  if (!stack.isConnected) putBack(stack);
  putBack(thumb);
}

const moves = {
  earlier: (thumb) => step(thumb, true),
  later: (thumb) => step(thumb, false),
  cut,
  leave,
};
const signs = { earlier: "←", later: "→", cut: "✂", leave: "✕" };
const keys = { ArrowLeft: "earlier", ArrowRight: "later", n: "cut", N: "cut", Delete: "leave" };

function move(thumb, name, focused) {
  moves[name](thumb);
  settle(thumb);
  focused.focus();
}

function equip(thumb) {
  const bar = document.createElement("span");
  bar.className = "moves";
  for (const [name, sign] of Object.entries(signs)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = sign;
    button.title = words[name];
    button.setAttribute("aria-label", `${words[name]}: ${words.page} ${thumb.dataset.page}`);
    button.addEventListener("click", () => move(thumb, name, button));
    bar.append(button);
  }
  thumb.append(bar);
  thumb.draggable = true;
  for (const part of thumb.querySelectorAll("a, img")) part.draggable = false;
  handle(thumb).addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(thumb, keys[event.key], event.currentTarget);
  });
  thumb.addEventListener("dragstart", (event) => {
    event.dataTransfer.setData("text/plain", thumb.dataset.page);
    event.dataTransfer.effectAllowed = "move";
    out.hidden = false;
    form.classList.add("dragging");
    thumb.classList.add("dragged");
  });
  thumb.addEventListener("dragend", () => {
    form.classList.remove("dragging");
    thumb.classList.remove("dragged");
    settle();
  });
}

// Where a page that is dropped at a point goes: before the first that lies behind it.
function follower(stack, event) {
  return [...pagesOf(stack).children].find((thumb) => {
    const place = thumb.getBoundingClientRect();
    return event.clientY < place.top || (event.clientY < place.bottom && event.clientX < place.left + place.width / 2);
  });
}

function receive(stack) {
  stack.addEventListener("dragover", (event) => {
    if (!form.querySelector(".dragged")) return;
    event.preventDefault();
    stack.classList.add("over");
  });
  for (const kind of ["dragleave", "drop"]) stack.addEventListener(kind, () => stack.classList.remove("over"));
  stack.addEventListener("drop", (event) => {
    const thumb = form.querySelector(".dragged");
    if (!thumb) return;
    event.preventDefault();
    const target = stack === fresh ? newStack() : stack;
    if (target === out && stackOf(thumb) !== out) keepPlace(thumb);
    pagesOf(target).insertBefore(thumb, follower(target, event) || null);
    settle(thumb);
  });
}

// A place to drop a page that begins a document of its own; there is one while a page is dragged.
const fresh = document.createElement("li");
fresh.className = "fresh";
fresh.textContent = `+ ${words.document}`;
out.before(fresh);
out.parentElement.append(out);
const thumbs = [...form.querySelectorAll(".stack:not(.settled) .thumb")];
thumbs.forEach(equip);
[...openStacks(), out, fresh].forEach(receive);
document.getElementById("division-keys").hidden = false;

// What is typed into the field is laid out, too.
field.addEventListener("change", () => {
  const named = field.value.split(";").map((part) => part.match(/\d+/g) || []).filter((pages) => pages.length);
  const byPage = new Map(thumbs.map((thumb) => [thumb.dataset.page, thumb]));
  if (named.flat().some((page) => !byPage.has(page))) return;
  for (const thumb of thumbs) pagesOf(out).append(thumb);
  const free = openStacks();
  named.forEach((pages, place) => pagesOf(free[place] || newStack()).append(...pages.map((page) => byPage.get(page))));
  settle();
});
