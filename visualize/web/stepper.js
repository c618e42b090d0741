
const nodes = new Map(data.nodes.map((node) => [node.id, node]));
let order = "right";

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
for (const [name, events] of Object.entries(data.events)) {
  replays[name] = { events, states: statesOf(events) };
}

/* The places in the drawing where a value's numbers are written. */
const texts = new Map();
for (const node of data.nodes) {
  const group = byId(node.id);
  const lines = group ? [...group.querySelectorAll("text")] : [];
  const found = (word) => lines.filter((line) => line.textContent.startsWith(word + " ")).pop();
  if (!node.constant) texts.set(node.id, { data: found("data"), grad: found("grad") });
}

function show(step) {
  const { events, states } = replays[order];
  const event = events[step], now = states[step], done = step === events.length - 1;
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
  byId("event").classList.toggle("warning", order === "wrong");
  byId("count").textContent = `step ${step} of ${events.length - 1}`;
  byId("order").value = order;
  for (const row of document.querySelectorAll("tbody tr")) {
    const node = nodes.get(row.dataset.node), grad = now.grads.get(node.id);
    const cells = row.querySelectorAll("td");
    cells[0].textContent = now.computed.has(node.id) ? node.data : "–";
    cells[1].textContent = grad === undefined ? "–" : grad;
    cells[1].classList.toggle("wrong", done && (grad === undefined ? "0" : grad) !== node.grad);
    row.classList.toggle("active", node.id === event.node || node.id === event.parent);
  }
  const changed = [event.parent, event.node].filter((id) => id);
  follow(changed.map(byId).filter((group) => group));
  const row = document.querySelector(`tr[data-node="${changed[0]}"]`);
  if (row) {
    const frame = table.closest(".values"), above = frame.querySelector("thead").offsetHeight;
    if (row.offsetTop < frame.scrollTop + above) frame.scrollTop = row.offsetTop - above;
    frame.scrollTop = Math.max(frame.scrollTop, row.offsetTop + row.offsetHeight - frame.clientHeight);
  }
  return event.lines[0];
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
/* What happens is followed where the drawing is not seen as a whole: all of it, or else the first. */
function follow(groups) {
  const frame = svg.getBoundingClientRect(), box = svg.viewBox.baseVal;
  if (!groups.length || box.width >= home.width) return;
  const around = (areas) => {
    const left = Math.min(...areas.map((area) => area.left)), top = Math.min(...areas.map((area) => area.top));
    const right = Math.max(...areas.map((area) => area.right)), bottom = Math.max(...areas.map((area) => area.bottom));
    return new DOMRect(left, top, right - left, bottom - top);
  };
  const areas = groups.map((group) => group.getBoundingClientRect());
  let area = around(areas);
  if (area.width > frame.width || area.height > frame.height) area = areas[0];
  if (area.left >= frame.left && area.right <= frame.right && area.top >= frame.top && area.bottom <= frame.bottom) return;
  const place = new DOMPoint(area.x + area.width / 2, area.y + area.height / 2)
    .matrixTransform(svg.getScreenCTM().inverse());
  see({ x: place.x - box.width / 2, y: place.y - box.height / 2, width: box.width, height: box.height });
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

const steps = player({
  last: () => replays[order].events.length - 1,
  show,
  address: (step) => (order === "wrong" ? "#wrong&step=" : "#step=") + step,
  pace: 1100,
});
function choose(name) { order = replays[name] ? name : "right"; }
function read() {
  choose(location.hash.includes("wrong") ? "wrong" : "right");
  steps.read();
}
byId("order").addEventListener("change", (event) => {
  const step = steps.place();
  choose(event.target.value);
  // The same place in the other replay: its beginning, if the passes differ from here on.
  steps.move(Math.min(step, replays[order].events.findIndex((e) => e.kind === "seed")));
});
addEventListener("hashchange", read);

/* Letters of the drawing are 12 units high; what would be too small to be read is seen from near. */
const size = 12 * Math.min(svg.clientWidth / home.width, svg.clientHeight / home.height);
if (size < 7) zoom(10 / size, 0);
read();
