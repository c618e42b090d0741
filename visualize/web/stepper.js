"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const nodes = new Map(data.nodes.map((node) => [node.id, node]));
const reduced = matchMedia("(prefers-reduced-motion: reduce)");
const state = { order: "right", step: 0, timer: null };

/* What is known after each step: which values were computed, and what each grad has received. */
function statesOf(events) {
  const computed = new Set(data.nodes.filter((node) => node.leaf).map((node) => node.id));
  const grads = new Map();
  const states = [];
  for (const event of events) {
    if (event.kind === "forward") computed.add(event.node);
    if (event.kind === "seed") grads.set(event.node, event.total);
    if (event.kind === "backward") grads.set(event.parent, event.total);
    states.push({ computed: new Set(computed), grads: new Map(grads) });
  }
  return states;
}
const replays = {};
for (const [order, events] of Object.entries(data.events)) {
  replays[order] = { events, states: statesOf(events) };
}

/* The places in the drawing where a value's numbers are written. */
const texts = new Map();
for (const node of data.nodes) {
  const group = byId(node.id);
  const lines = group ? [...group.querySelectorAll("text")] : [];
  const found = (word) => lines.filter((line) => line.textContent.startsWith(word + " ")).pop();
  if (!node.constant) texts.set(node.id, { data: found("data"), grad: found("grad") });
}

function show() {
  const { events, states } = replays[state.order];
  state.step = Math.max(0, Math.min(state.step, events.length - 1));
  const event = events[state.step], now = states[state.step];
  for (const element of document.querySelectorAll(".picture .active, .picture .receives, .picture .waiting")) {
    element.classList.remove("active", "receives", "waiting");
  }
  for (const node of data.nodes) {
    const known = now.computed.has(node.id);
    const group = byId(node.id), operation = byId(node.id + "_op");
    for (const element of [group, operation]) if (element && !known) element.classList.add("waiting");
    const lines = texts.get(node.id);
    const grad = now.grads.get(node.id);
    if (lines && lines.data) lines.data.textContent = "data " + (known ? node.data : "–");
    if (lines && lines.grad) lines.grad.textContent = "grad " + (grad === undefined ? "–" : grad);
  }
  const mark = (id, name) => { const element = id && byId(id); if (element) element.classList.add(name); };
  mark(event.node, "active");
  if (event.kind !== "seed") mark(event.node && event.node + "_op", "active");
  mark(event.edge, "active");
  mark(event.parent, "receives");

  byId("event").replaceChildren(...event.lines.map((line, i) => {
    const p = document.createElement("p");
    const text = document.createElement(!i ? "strong" : event.kind === "end" ? "span" : "code");
    text.textContent = line;
    p.append(text);
    return p;
  }));
  byId("event").classList.toggle("warning", state.order === "wrong");
  byId("count").textContent = `step ${state.step} of ${events.length - 1}`;
  byId("slider").max = events.length - 1;
  byId("slider").value = state.step;
  byId("slider").setAttribute("aria-valuetext", event.lines[0]);
  byId("first").disabled = byId("back").disabled = state.step === 0;
  byId("next").disabled = byId("last").disabled = state.step === events.length - 1;
  byId("order").value = state.order;
  for (const row of document.querySelectorAll("tbody tr")) {
    const node = nodes.get(row.dataset.node), grad = now.grads.get(node.id);
    const cells = row.querySelectorAll("td");
    cells[0].textContent = now.computed.has(node.id) ? node.data : "–";
    cells[1].textContent = grad === undefined ? "–" : grad;
    const done = state.step === events.length - 1;
    cells[1].classList.toggle("wrong", done && (grad === undefined ? "0" : grad) !== node.grad);
    row.classList.toggle("active", node.id === event.node || node.id === event.parent);
  }
  const hash = (state.order === "wrong" ? "#wrong&step=" : "#step=") + state.step;
  try { history.replaceState(null, "", hash); } catch { /* within a frame without an address */ }
}

function go(step) { state.step = step; show(); }
function pause() {
  clearInterval(state.timer);
  state.timer = null;
  byId("play").textContent = "Play";
  byId("play").setAttribute("aria-pressed", "false");
}
function play() {
  if (state.timer) return pause();
  const last = replays[state.order].events.length - 1;
  if (state.step >= last) go(0);
  byId("play").textContent = "Pause";
  byId("play").setAttribute("aria-pressed", "true");
  state.timer = setInterval(() => {
    go(state.step + 1);
    if (state.step >= last) pause();
  }, reduced.matches ? 2000 : 1100);
}
function fromAddress() {
  const match = /step=(\d+)/.exec(location.hash);
  state.order = location.hash.includes("wrong") && replays.wrong ? "wrong" : "right";
  go(match ? Number(match[1]) : 0);
}

const table = byId("values");
for (const node of data.nodes.filter((node) => !node.constant)) {
  const row = document.createElement("tr");
  row.dataset.node = node.id;
  const name = document.createElement("th");
  name.scope = "row";
  name.textContent = node.name;
  row.append(name);
  for (const text of ["", "", node.difference]) {
    const cell = document.createElement("td");
    cell.className = "number";
    cell.textContent = text;
    row.append(cell);
  }
  table.append(row);
}
byId("order").querySelector("[value=wrong]").disabled = !replays.wrong;

byId("first").addEventListener("click", () => { pause(); go(0); });
byId("back").addEventListener("click", () => { pause(); go(state.step - 1); });
byId("next").addEventListener("click", () => { pause(); go(state.step + 1); });
byId("last").addEventListener("click", () => { pause(); go(Infinity); });
byId("play").addEventListener("click", play);
byId("slider").addEventListener("input", (event) => { pause(); go(Number(event.target.value)); });
byId("order").addEventListener("change", (event) => {
  pause();
  state.order = event.target.value;
  // The same place in the other replay: its beginning, if the passes differ from here on.
  go(Math.min(state.step, replays[state.order].events.findIndex((e) => e.kind === "seed")));
});
addEventListener("hashchange", fromAddress);
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) return;
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  if (event.key in steps) { pause(); go(state.step + steps[event.key]); }
  else if (event.key === "Home") { pause(); go(0); }
  else if (event.key === "End") { pause(); go(Infinity); }
  else if (event.key === " " && !event.target.matches("button")) play();
  else return;
  event.preventDefault();
});

/* Pan and zoom, by moving the window through which the drawing is seen. */
const svg = document.querySelector(".picture svg");
const whole = svg.viewBox.baseVal;
const home = { x: whole.x, y: whole.y, width: whole.width, height: whole.height };
function see(box) { svg.setAttribute("viewBox", `${box.x} ${box.y} ${box.width} ${box.height}`); }
function zoom(factor, x = 0.5, y = 0.5) {
  const box = svg.viewBox.baseVal;
  const width = Math.min(Math.max(box.width / factor, home.width / 40), home.width * 4);
  const height = width * box.height / box.width;
  see({ x: box.x + (box.width - width) * x, y: box.y + (box.height - height) * y, width, height });
}
byId("in").addEventListener("click", () => zoom(1.3));
byId("out").addEventListener("click", () => zoom(1 / 1.3));
byId("fit").addEventListener("click", () => see(home));
svg.addEventListener("wheel", (event) => {
  event.preventDefault();
  const frame = svg.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY / 400), (event.clientX - frame.left) / frame.width,
    (event.clientY - frame.top) / frame.height);
}, { passive: false });
svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); svg.classList.add("dragged"); });
svg.addEventListener("pointermove", (event) => {
  if (!svg.hasPointerCapture(event.pointerId)) return;
  const box = svg.viewBox.baseVal, scale = box.width / svg.clientWidth;
  see({ x: box.x - event.movementX * scale, y: box.y - event.movementY * scale, width: box.width, height: box.height });
});
svg.addEventListener("pointerup", () => svg.classList.remove("dragged"));

fromAddress();
