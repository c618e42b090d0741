
const colours = ["#2563eb", "#ea580c", "#0d9488", "#9333ea", "#ca8a04", "#be185d", "#475569", "#65a30d"];
const signs = () => {
  const style = getComputedStyle(document.documentElement);
  return { positive: style.getPropertyValue("--positive"), negative: style.getPropertyValue("--negative") };
};
let frame = 0;

function element(name, attributes, parent) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (parent) parent.append(made);
  return made;
}
function scale(low, high, from, to) {
  const width = high - low || 1;
  return (x) => from + (x - low) / width * (to - from);
}

/* --- the plane: which class is chosen where, and how surely ------------------------------------ */
function plane(view) {
  const svg = byId("plane"), canvas = byId("canvas");
  svg.setAttribute("viewBox", "0 0 320 320");
  const x = scale(view.x[0], view.x[1], 0, 320), y = scale(view.y[0], view.y[1], 320, 0);
  canvas.width = canvas.height = view.side;
  for (const [a, b, k] of view.points) {
    element("circle", { cx: x(a), cy: y(b), r: 4, fill: colours[k % colours.length], stroke: "#ffffff" }, svg);
  }
  const rgb = colours.map((colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)));
  return () => {
    const context = canvas.getContext("2d");
    const image = context.createImageData(view.side, view.side);
    const cells = atob(view.frames[frame]);
    for (let i = 0; i < view.side * view.side; i++) {
      const code = cells.charCodeAt(i), k = code >> 5, sure = (code & 31) / 31;
      const colour = rgb[k % rgb.length];
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = colour[c];
      image.data[4 * i + 3] = 255 * (0.06 + 0.5 * sure);
    }
    context.putImageData(image, 0, 0);
  };
}

/* --- a function of one number, as a curve ------------------------------------------------------- */
function curve(view) {
  const svg = byId("curve");
  svg.setAttribute("viewBox", "0 0 320 320");
  const x = scale(view.x[0], view.x[1], 10, 310), y = scale(view.y[0], view.y[1], 310, 10);
  const line = element("polyline", { class: "curve" }, svg);
  for (const [a, b] of view.points) element("circle", { cx: x(a), cy: y(b), r: 3.5, class: "target" }, svg);
  return () => {
    const heights = view.frames[frame];
    line.setAttribute("points", heights.map((h, i) =>
      `${x(view.x[0] + (view.x[1] - view.x[0]) * i / (heights.length - 1)).toFixed(1)},${y(h).toFixed(1)}`).join(" "));
  };
}

/* --- the losses ------------------------------------------------------------------------------- */
function losses(rows) {
  const svg = byId("losses");
  svg.setAttribute("viewBox", "0 0 320 220");
  const names = ["loss", "val_loss"].filter((name) => rows.some((row) => row[name] != null));
  const numbers = names.flatMap((name) => rows.map((row) => row[name])).filter((n) => n != null);
  const x = scale(1, Math.max(rows.length, 2), 52, 310);
  const low = numbers.reduce((a, b) => Math.min(a, b), Infinity);
  const high = numbers.reduce((a, b) => Math.max(a, b), 0);
  // Losses that span decades would be a corner.
  const decades = low > 0 && high >= 100 * low;
  const bottom = decades ? low : Math.min(low, 0);
  const marks = [bottom, decades ? Math.sqrt(low) * Math.sqrt(high) : (bottom + high) / 2, high];
  const said = (n) => n === 0 || (1e-3 <= Math.abs(n) && Math.abs(n) < 1e5) ? Number(n.toPrecision(2)) : n.toExponential(1);
  const bend = decades ? Math.log : (n) => n;
  const y = scale(bend(bottom), bend(high), 190, 12), height = (n) => y(bend(n));
  element("path", { class: "axis", d: "M52 8V190H312" }, svg);
  for (const n of marks) {
    element("text", { x: 48, y: height(n) + 4, "text-anchor": "end" }, svg).textContent = said(n);
  }
  for (const epoch of new Set([1, rows.length])) {
    element("text", { x: x(epoch), y: 206, "text-anchor": "middle" }, svg).textContent = epoch;
  }
  for (const name of names) {
    const known = rows.filter((row) => row[name] != null);
    const kind = name === "loss" ? "loss" : "validation";
    element("polyline", {
      class: kind,
      points: known.map((row) => `${x(row.epoch).toFixed(1)},${height(row[name]).toFixed(1)}`).join(" "),
    }, svg);
    // A line of one point would not be seen.
    if (known.length === 1) element("circle", { class: kind, cx: x(known[0].epoch), cy: height(known[0][name]), r: 2 }, svg);
  }
  const cursor = element("line", { class: "cursor", y1: 8, y2: 190 }, svg);
  return () => {
    const { epoch } = data.frames[frame];
    cursor.setAttribute("x1", x(epoch));
    cursor.setAttribute("x2", x(epoch));
    cursor.setAttribute("visibility", epoch ? "visible" : "hidden"); // no loss is of before
  };
}

/* --- the weights --------------------------------------------------------------------------------- */
function network(view) {
  const svg = byId("network");
  const height = 40 + 30 * Math.max(...view.columns.map((column) => column.shown));
  svg.setAttribute("viewBox", `0 0 320 ${height}`);
  const places = view.columns.map((column, i) => {
    const x = view.columns.length > 1 ? 24 + 272 * i / (view.columns.length - 1) : 160;
    return Array.from({ length: column.shown }, (_, k) => [x, (height - 20) * (k + 1) / (column.shown + 1)]);
  });
  const lines = view.weights.map(([layer, to, from]) => {
    const [x1, y1] = places[layer][from], [x2, y2] = places[layer + 1][to];
    return element("line", { x1, y1, x2, y2 }, svg);
  });
  places.forEach((column, i) => {
    for (const [x, y] of column) element("circle", { cx: x, cy: y, r: 7, class: "unit" }, svg);
    const { shown, size } = view.columns[i];
    const text = element("text", { x: column[0][0], y: height - 4, "text-anchor": "middle" }, svg);
    text.textContent = shown < size ? `${shown} of ${size}` : size;
  });
  return () => {
    const { positive, negative } = signs();
    view.frames[frame].forEach((weight, i) => {
      lines[i].setAttribute("stroke", weight < 0 ? negative : positive);
      lines[i].setAttribute("stroke-width", Math.min(6, 0.3 + 5.7 * Math.abs(weight) / view.largest).toFixed(2));
      lines[i].setAttribute("stroke-opacity", 0.75);
    });
  };
}

const panels = [losses(data.rows)];
if (data.plane) panels.push(plane(data.plane));
if (data.curve) panels.push(curve(data.curve));
if (data.network) panels.push(network(data.network));

const epochs = player({
  last: () => data.frames.length - 1,
  show: (place) => {
    frame = place;
    for (const panel of panels) panel();
    byId("now").textContent = data.frames[frame].text;
    return `epoch ${data.frames[frame].epoch}`;
  },
  address: (place) => "#frame=" + place,
  pace: 150,
});
addEventListener("hashchange", epochs.read);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => epochs.move(frame));
epochs.read();
