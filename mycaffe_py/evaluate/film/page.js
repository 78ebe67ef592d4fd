// The map of a film, drawn on a canvas. All data stand in the page; nothing is fetched.
const data = JSON.parse(document.getElementById("data").textContent);
const find = (id) => document.getElementById(id);
const root = document.documentElement;
const map = find("map"), loss = find("loss"), slider = find("frame"), hint = find("hint");

function floats(text) {
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  const view = new DataView(bytes.buffer), values = new Float32Array(raw.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true);
  return values;
}

const frames = data.iterations.length, items = data.column.length, kinds = data.classes.length;
const width = data.axes.length, solid = width === 3;
const points = floats(data.points), centroids = floats(data.centroids);
const middle = data.lower.map((low, i) => (low + data.upper[i]) / 2);
const sides = data.lower.map((low, i) => data.upper[i] - low);
const radius = Math.hypot(...sides) / 2;
const START = { yaw: -0.6, pitch: 0.38, zoom: 1 };
const EYE = 6, HOLD = 0.2;
const view = { ...START };
const shown = data.classes.map(() => true);
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
let position = 0, playing = !calm && frames > 1, held = 0, before = 0, asked = false, drawn = [];

// ---- Places ------------------------------------------------------------------------------------

// Right, up and nearness (1 in the middle) of a place, in units of the data.
function seen(place) {
  const x = place[0] - middle[0], y = place[1] - middle[1];
  if (!solid) return [x, y, 1];
  const z = place[2] - middle[2];
  const across = x * Math.cos(view.yaw) - y * Math.sin(view.yaw);
  const away = x * Math.sin(view.yaw) + y * Math.cos(view.yaw);
  const up = z * Math.cos(view.pitch) + away * Math.sin(view.pitch);
  const depth = away * Math.cos(view.pitch) - z * Math.sin(view.pitch);
  const near = 1 / (1 + depth / (EYE * radius));
  return [across * near, up * near, near];
}

// A row of points or centroids at a position between two frames.
function between(rows, count, number) {
  const low = Math.min(Math.floor(position), frames - 1), high = Math.min(low + 1, frames - 1);
  const part = position - low, place = [];
  for (let axis = 0; axis < width; axis++) {
    const a = rows[(low * count + number) * width + axis];
    const b = rows[(high * count + number) * width + axis];
    place.push(a + (b - a) * part);
  }
  return place;
}

function iterationNow() {
  const low = Math.min(Math.floor(position), frames - 1), high = Math.min(low + 1, frames - 1);
  return data.iterations[low] + (data.iterations[high] - data.iterations[low]) * (position - low);
}

// ---- Drawing -----------------------------------------------------------------------------------

function colour(name) {
  return getComputedStyle(root).getPropertyValue(name).trim();
}

function fresh(canvas) {
  const box = canvas.getBoundingClientRect(), ratio = devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(box.width * ratio));
  canvas.height = Math.max(1, Math.round(box.height * ratio));
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return [pen, box.width, box.height];
}

function polygon(pen, x, y, size, corners, turn, inner) {
  const count = inner ? 2 * corners : corners;
  for (let i = 0; i < count; i++) {
    const far = inner && i % 2 ? size * inner : size, angle = turn + (2 * Math.PI * i) / count;
    pen.lineTo(x + far * Math.sin(angle), y - far * Math.cos(angle));
  }
  pen.closePath();
}

function plus(pen, x, y, size, turn) {
  const arm = size / 3;
  const outline = [[-arm, -size], [arm, -size], [arm, -arm], [size, -arm], [size, arm], [arm, arm],
    [arm, size], [-arm, size], [-arm, arm], [-size, arm], [-size, -arm], [-arm, -arm]];
  for (const [right, down] of outline) {
    pen.lineTo(x + right * Math.cos(turn) - down * Math.sin(turn),
      y + right * Math.sin(turn) + down * Math.cos(turn));
  }
  pen.closePath();
}

function marker(pen, kind, x, y, size) {
  pen.beginPath();
  if (kind === "o") pen.arc(x, y, size, 0, 2 * Math.PI);
  else if (kind === "s") polygon(pen, x, y, size * 1.25, 4, Math.PI / 4);
  else if (kind === "^") polygon(pen, x, y, size * 1.3, 3, 0);
  else if (kind === "v") polygon(pen, x, y, size * 1.3, 3, Math.PI);
  else if (kind === "D") polygon(pen, x, y, size * 1.3, 4, 0);
  else if (kind === "P") plus(pen, x, y, size * 1.15, 0);
  else if (kind === "X") plus(pen, x, y, size * 1.15, Math.PI / 4);
  else if (kind === "p") polygon(pen, x, y, size * 1.15, 5, 0);
  else if (kind === "h") polygon(pen, x, y, size * 1.1, 6, 0);
  else polygon(pen, x, y, size * 1.45, 5, 0, 0.45);
}

// Both ends of an axis and the grid lines between.
function marks(axis) {
  const low = data.lower[axis], high = data.upper[axis], step = data.step, found = [low];
  for (let n = Math.ceil(low / step + 0.3); n <= high / step - 0.3; n++) found.push(n * step);
  return [...found, high];
}

function corner(number) {
  return middle.map((_, axis) => ((number >> axis) & 1 ? data.upper : data.lower)[axis]);
}

// The three walls behind everything, as pairs of places.
function walls() {
  let far = corner(0);
  for (let i = 1; i < 8; i++) if (seen(corner(i))[2] < seen(far)[2]) far = corner(i);
  const lines = [];
  for (let along = 0; along < 3; along++) {
    for (let across = 0; across < 3; across++) {
      if (across === along) continue;
      for (const value of marks(along)) {
        const start = [...far], end = [...far];
        start[along] = end[along] = value;
        start[across] = data.lower[across];
        end[across] = data.upper[across];
        lines.push([start, end]);
      }
    }
  }
  return lines;
}

// Where an axis has its name, and the way out from the box: beside the middle of its lowest edge,
// of the third axis its leftmost.
function named(axis) {
  let best = null;
  for (let number = 0; number < 8; number++) {
    const start = corner(number), end = corner(number);
    start[axis] = data.lower[axis];
    end[axis] = data.upper[axis];
    const a = seen(start), b = seen(end), far = axis === 2 ? a[0] + b[0] : a[1] + b[1];
    if (best === null || far < best[0]) best = [far, a, b];
  }
  const [, a, b] = best, spot = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const long = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
  let out = [(b[1] - a[1]) / long, (a[0] - b[0]) / long];
  if (out[0] * spot[0] + out[1] * spot[1] < 0) out = out.map((value) => -value);
  return [spot, out];
}

function plan(wide, high) {
  const room = solid ? [2 * radius, 2 * radius] : sides;
  const scale = view.zoom * (solid
    ? Math.min(wide, high * 1.12) / (2 * radius * 1.12)
    : Math.min((wide - 60) / room[0], (high - 40) / room[1]));
  const left = solid ? wide / 2 : wide / 2 + 22, top = solid ? high / 2 : high / 2 - 14;
  return (spot) => [left + spot[0] * scale, top - spot[1] * scale];
}

function drawMap() {
  const [pen, wide, high] = fresh(map), at = plan(wide, high);
  const ink = colour("--ink"), faint = colour("--faint"), ground = colour("--background");
  if (solid) drawBox(pen, at, ink, faint);
  else drawGrid(pen, at, wide, high, ink, faint);
  const dots = [];
  for (let item = 0; item < items; item++) {
    const kind = data.column[item];
    if (!shown[kind]) continue;
    const spot = seen(between(points, items, item)), [x, y] = at(spot);
    dots.push({ kind, item, x, y, near: spot[2] });
  }
  for (let kind = 0; kind < kinds; kind++) {
    const place = between(centroids, kinds, kind);
    if (!shown[kind] || place.some(Number.isNaN)) continue;
    const spot = seen(place), [x, y] = at(spot);
    dots.push({ kind, item: -1, x, y, near: spot[2] });
  }
  // The far ones first; centroids over points, and points mixed where nothing is nearer.
  const mixed = (dot) => (dot.item * 2654435761) % 4294967296;
  dots.sort((a, b) => (a.item < 0) - (b.item < 0) || a.near - b.near || mixed(a) - mixed(b));
  pen.lineJoin = "round";
  for (const dot of dots) {
    const look = data.classes[dot.kind];
    pen.fillStyle = look.colour;
    if (dot.item < 0) {
      disc(pen, dot, look, ink);
      continue;
    }
    marker(pen, look.marker, dot.x, dot.y, 5 * dot.near);
    pen.lineWidth = 0.6;
    pen.strokeStyle = ground;
    pen.fill();
    pen.stroke();
  }
  drawn = dots;
}

function disc(pen, dot, look, ink) {
  const named = look.name.length <= 2;
  pen.beginPath();
  pen.arc(dot.x, dot.y, 10, 0, 2 * Math.PI);
  pen.lineWidth = named ? 4 : 6;
  pen.strokeStyle = ink;
  pen.stroke();
  pen.lineWidth = 3;
  pen.strokeStyle = look.colour;
  if (named) pen.fill();
  else pen.stroke();
  if (!named) return;
  pen.fillStyle = look.ink;
  pen.font = "bold 12px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(look.name, dot.x, dot.y + 0.5);
}

function line(pen, from, to) {
  pen.beginPath();
  pen.moveTo(...from);
  pen.lineTo(...to);
  pen.stroke();
}

function drawBox(pen, at, ink, faint) {
  pen.strokeStyle = faint;
  pen.lineWidth = 1;
  for (const [start, end] of walls()) line(pen, at(seen(start)), at(seen(end)));
  pen.fillStyle = ink;
  pen.font = "14px system-ui, sans-serif";
  pen.textBaseline = "middle";
  for (let axis = 0; axis < 3; axis++) {
    const [spot, out] = named(axis), [x, y] = at(spot);
    pen.textAlign = Math.abs(out[0]) < 0.35 ? "center" : out[0] > 0 ? "left" : "right";
    pen.fillText(data.axes[axis], x + 14 * out[0], y - 14 * out[1]);
  }
}

function drawGrid(pen, at, wide, high, ink, faint) {
  const [x0, y0] = at([0, 0]), [x1, y1] = at([1, 1]);
  const unit = x1 - x0, step = data.step;
  pen.font = "13px system-ui, sans-serif";
  pen.lineWidth = 1;
  pen.strokeStyle = faint;
  pen.fillStyle = ink;
  const low = [middle[0] + (44 - x0) / unit, middle[1] + (y0 - high + 28) / unit];
  const top = [middle[0] + (wide - x0) / unit, middle[1] + y0 / unit];
  pen.textAlign = "center";
  pen.textBaseline = "top";
  for (let n = Math.ceil(low[0] / step); n * step <= top[0]; n++) {
    const x = x0 + (n * step - middle[0]) * unit;
    line(pen, [x, 0], [x, high - 28]);
    if (x < wide - 90) pen.fillText(rounded(n * step), x, high - 24);
  }
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (let n = Math.ceil(low[1] / step); n * step <= top[1]; n++) {
    const y = y0 - (n * step - middle[1]) * unit;
    line(pen, [44, y], [wide, y]);
    if (y > 24) pen.fillText(rounded(n * step), 40, y);
  }
  pen.textBaseline = "top";
  pen.fillText(data.axes[0], wide, high - 24);
  pen.textAlign = "left";
  pen.fillText(data.axes[1], 0, 2);
}

function rounded(value) {
  return String(Number(value.toPrecision(6))).replace("-", "\u2212");
}

function drawLoss() {
  const [pen, wide, high] = fresh(loss), { iterations, values } = data.loss;
  const last = Math.max(1, data.iterations[frames - 1]), left = 44, bottom = high - 20;
  const top = values.length ? Math.max(...values) * 1.1 || 1 : 1;
  const x = (iteration) => left + ((wide - left - 8) * iteration) / last;
  const y = (value) => bottom - ((bottom - 6) * value) / top;
  pen.font = "12.5px system-ui, sans-serif";
  pen.strokeStyle = colour("--faint");
  pen.fillStyle = colour("--ink");
  line(pen, [left, bottom], [wide, bottom]);
  pen.textAlign = "center";
  pen.textBaseline = "top";
  for (let i = 0; i <= 4; i++) {
    const iteration = Math.round((last * i) / 4);
    pen.textAlign = i === 4 ? "right" : "center";
    pen.fillText(iteration.toLocaleString("en"), i === 4 ? wide : x(iteration), bottom + 4);
  }
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  pen.fillText("0", left - 6, bottom);
  pen.fillText(rounded(Number((top / 1.1).toPrecision(2))), left - 6, y(top / 1.1));
  pen.fillText(values.length ? "training loss by iteration" : "no loss recorded", wide - 6, 12);
  if (!values.length) return;
  pen.strokeStyle = colour("--ink");
  pen.lineWidth = 1.3;
  pen.beginPath();
  values.forEach((value, i) => pen.lineTo(x(iterations[i]), y(value)));
  pen.stroke();
  const now = iterationNow();
  let i = iterations.findIndex((iteration) => iteration >= now);
  if (i < 0) i = values.length - 1;
  const from = Math.max(0, i - 1), gap = iterations[i] - iterations[from] || 1;
  const part = Math.min(1, Math.max(0, (now - iterations[from]) / gap));
  pen.fillStyle = colour("--warning");
  pen.beginPath();
  pen.arc(x(now), y(values[from] + (values[i] - values[from]) * part), 6, 0, 2 * Math.PI);
  pen.fill();
}

// ---- Time --------------------------------------------------------------------------------------

function redraw() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(draw);
}

function draw(now) {
  asked = false;
  const passed = before ? Math.min(0.1, (now - before) / 1000) : 0;
  before = playing ? now : 0;
  if (playing) advance(passed);
  slider.value = position;
  const words = `iteration ${Math.round(iterationNow()).toLocaleString("en")}`;
  find("iteration").textContent = words;
  slider.setAttribute("aria-valuetext", words);
  map.setAttribute("aria-label",
    `Map of ${items} items of ${kinds} classes at ${words}, ${solid ? "three" : "two"} dimensions`);
  drawMap();
  drawLoss();
  if (playing) redraw();
}

function advance(passed) {
  const seconds = Number(find("seconds").value);
  if (position < frames - 1) {
    position = Math.min(frames - 1, position + (passed * (frames - 1)) / (seconds * (1 - HOLD)));
    held = 0;
  } else {
    held += passed;
    if (held > seconds * HOLD) position = held = 0;
  }
}

function play(on) {
  playing = on && frames > 1;
  find("play").textContent = playing ? "Pause" : "Play";
  find("iteration").setAttribute("aria-live", playing ? "off" : "polite");
  before = 0;
  redraw();
}

function go(to) {
  play(false);
  position = Math.min(frames - 1, Math.max(0, to));
  redraw();
}

// ---- What people do ----------------------------------------------------------------------------

function turn(right, up) {
  view.yaw += right;
  view.pitch = Math.min(1.5, Math.max(-1.5, view.pitch + up));
  redraw();
}

function zoom(factor) {
  view.zoom = Math.min(8, Math.max(0.4, view.zoom * factor));
  redraw();
}

let held_at = null;
map.addEventListener("pointerdown", (event) => {
  held_at = [event.clientX, event.clientY];
  map.setPointerCapture(event.pointerId);
  hint.hidden = true;
});
map.addEventListener("pointermove", (event) => {
  if (held_at === null) return tell(event);
  if (solid) turn((event.clientX - held_at[0]) / 150, (event.clientY - held_at[1]) / 150);
  held_at = [event.clientX, event.clientY];
});
map.addEventListener("pointerup", () => { held_at = null; });
map.addEventListener("pointercancel", () => { held_at = null; });
map.addEventListener("pointerleave", () => { hint.hidden = true; });
map.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY / 600));
}, { passive: false });

function tell(event) {
  const box = map.getBoundingClientRect();
  const x = event.clientX - box.left, y = event.clientY - box.top;
  const hit = drawn.findLast((dot) => Math.hypot(dot.x - x, dot.y - y) < (dot.item < 0 ? 11 : 7));
  hint.hidden = !hit;
  if (!hit) return;
  const name = data.classes[hit.kind].name;
  hint.textContent = hit.item < 0 ? `centroid of ${name}` : `${name}, item ${data.records[hit.item]}`;
  hint.style.left = `${Math.min(x + 12, box.width - 160)}px`;
  hint.style.top = `${Math.max(0, y - 30)}px`;
}

const keys = {
  ArrowLeft: () => turn(-0.1, 0), ArrowRight: () => turn(0.1, 0),
  ArrowUp: () => turn(0, -0.1), ArrowDown: () => turn(0, 0.1),
  "+": () => zoom(1.15), "=": () => zoom(1.15), "-": () => zoom(1 / 1.15),
};
map.addEventListener("keydown", (event) => {
  if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  keys[event.key]();
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && !["BUTTON", "SELECT"].includes(event.target.tagName)) {
    event.preventDefault();
    play(!playing);
  } else if (event.key === "," || event.key === ".") {
    go(event.key === "," ? Math.ceil(position) - 1 : Math.floor(position) + 1);
  }
});

function resetView() {
  Object.assign(view, START);
  redraw();
}

function setGround(dark) {
  root.classList.toggle("dark", dark);
  find("ground").textContent = dark ? "Light" : "Dark";
  legend();
  redraw();
}

function legend() {
  const list = find("classes");
  list.replaceChildren(...data.classes.map((look, kind) => {
    const entry = document.createElement("li"), button = document.createElement("button");
    const sign = document.createElement("canvas"), name = document.createElement("span");
    sign.width = sign.height = 40;
    const pen = sign.getContext("2d");
    pen.scale(2, 2);
    pen.fillStyle = look.colour;
    marker(pen, look.marker, 10, 10, 6.5);
    pen.fill();
    name.textContent = name.title = look.name;
    button.type = "button";
    button.setAttribute("aria-pressed", shown[kind]);
    button.append(sign, name);
    button.addEventListener("click", () => {
      shown[kind] = !shown[kind];
      button.setAttribute("aria-pressed", shown[kind]);
      redraw();
    });
    entry.append(button);
    return entry;
  }));
}

find("title").textContent = data.title;
find("warning").textContent = data.warning;
find("first").textContent = data.caption[0];
find("second").textContent = data.caption[1];
find("keys").textContent = (solid ? "Turn: drag, or arrow keys on the map. " : "") +
  "Zoom: wheel, + and \u2212. Space: play or pause. Comma and full stop: a frame back or on.";
map.classList.toggle("flat", !solid);
slider.max = frames - 1;
slider.disabled = find("play").disabled = frames < 2;
slider.addEventListener("input", () => go(Number(slider.value)));
find("play").addEventListener("click", () => play(!playing));
find("view").addEventListener("click", resetView);
find("ground").addEventListener("click", () => setGround(!root.classList.contains("dark")));
new ResizeObserver(redraw).observe(document.body);
// #frame=12, #dark and #paused in the address show one moment, for a talk or a picture of the page.
const wish = new URLSearchParams(location.hash.slice(1));
setGround(wish.has("dark") || (data.dark ?? matchMedia("(prefers-color-scheme: dark)").matches));
if (calm || frames < 2) position = frames - 1;
play(playing && !wish.has("paused"));
if (wish.has("frame")) go(Number(wish.get("frame")) || 0);
