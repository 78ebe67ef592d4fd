// A net as a drawing: boxes from data to loss, twins side by side and tied. Only what is new is
// drawn: a net of 200 layers is looked at anew at each key, and mostly one box has changed.
import {fill, h, s} from "./dom.js";
import {smallMap} from "./graph_map.js";
import {dragged, turned} from "./graph_moves.js";

export const WIDTH = 176;
export const HEIGHT = 46;
// Where names can no longer be read, boxes are shown by their colour alone.
const FAR = 0.34;

/** A graph; show(net, {wrong}) draws, choose(name) marks; `onchoose(name)` when one is pressed. */
export function graph({onchoose}) {
  const edges = s("g"), ties = s("g"), boxes = s("g");
  const drawing = s("svg", {role: "group", "aria-label": "The net as a graph", tabindex: -1}, edges, ties, boxes);
  const view = h("div.graph", {}, drawing);
  const small = smallMap(view, () => zoom);
  const element = h("div.graph-frame", {}, view, small.element);
  const kept = new Map();
  let net = null, chosen = "", zoom = 1, fitted = false, lines = "", order = "";

  function show(next, {wrong = ""} = {}) {
    net = next;
    const placed = net.layout.layers, twins = new Set(net.layout.twins.flat());
    const names = new Set(net.layers.map((layer) => layer.name));
    const places = JSON.stringify(net.layout);
    if (places !== lines) drawLines(placed);
    lines = places;
    net.layers.forEach((layer, i) => {
      if (!kept.has(layer.name)) kept.set(layer.name, made(layer.name));
      change(kept.get(layer.name), layer, placed[i], net.badges[i], {wrong: layer.name === wrong, tied: twins.has(i)});
    });
    for (const [name, box] of kept) {
      if (names.has(name)) continue;
      box.group.remove();
      kept.delete(name);
    }
    // The order of Tab is that of the net.
    const next_order = [...names].join("\n");
    if (next_order !== order) boxes.append(...net.layers.map((layer) => kept.get(layer.name).group));
    order = next_order;
    resize();
    if (!fitted) fit();
    small.draw(net);
    choose(chosen);
  }
  function drawLines(placed) {
    fill(edges, placed.flatMap((box, i) => box.makers.map((maker, way) => edge(placed[maker], box, box.ways[way], i))));
    fill(ties, net.layout.twins.map(([a, b]) => tie(placed[a], placed[b])));
  }
  function change(box, layer, place, badges, {wrong, tied}) {
    const told = words(layer, badges);
    const state = JSON.stringify([place.x, place.y, layer.type, told, wrong, tied, layer.loss_weights]);
    if (state === box.state) return;
    box.state = state;
    box.group.setAttribute("transform", `translate(${place.x} ${place.y})`);
    box.name.textContent = short(layer.name, badges.length ? 16 : 22);
    box.about.textContent = short(`${layer.type}  ${shapes(layer)}`, 30);
    box.group.setAttribute("aria-label", told);
    box.group.classList.toggle("wrong", wrong);
    box.group.classList.toggle("loss-layer", layer.loss_weights.some((weight) => weight !== 0));
    box.group.classList.toggle("learns", layer.learned > 0);
    box.group.classList.toggle("tied", tied);
    box.title.textContent = told;
    fill(box.badges, badges.map((badge, i) => s("circle", {class: badge.word === "fused" ? "fused" : "once",
      cx: WIDTH - 12 - 12 * i, cy: 12, r: 4})));
  }
  function made(name) {
    const label = s("text.name", {x: 10, y: 19}), about = s("text.about", {x: 10, y: 36}), title = s("title"), badges = s("g");
    const group = s("g.box", {tabindex: 0, role: "button", onclick: () => onchoose(name)},
      title, s("rect", {width: WIDTH, height: HEIGHT, rx: 7}), label, about, badges);
    group.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        onchoose(name);
      }
      const to = {ArrowUp: before, ArrowDown: behind, ArrowLeft: beside(-1), ArrowRight: beside(1)}[event.key];
      const next = to?.(name);
      if (next === undefined) return;
      event.preventDefault();
      kept.get(next).group.focus();
    });
    return {group, name: label, about, title, badges, state: ""};
  }
  const number = (name) => net.layers.findIndex((layer) => layer.name === name);
  const before = (name) => net.layers[net.layout.layers[number(name)].makers[0]]?.name;
  const behind = (name) => net.layers[net.layout.layers.findIndex((box) => box.makers.includes(number(name)))]?.name;
  const beside = (by) => (name) => {
    const here = net.layout.layers[number(name)];
    const row = net.layout.layers.map((box, i) => [box, i]).filter(([box]) => box.y === here.y).sort((a, b) => a[0].x - b[0].x);
    const at = row.findIndex(([box]) => box === here);
    return net.layers[row[at + by]?.[1]]?.name;
  };
  function resize() {
    if (!net) return;
    const size = {viewBox: `0 0 ${net.layout.width} ${net.layout.height}`, width: net.layout.width * zoom, height: net.layout.height * zoom};
    for (const [name, value] of Object.entries(size)) {
      if (drawing.getAttribute(name) !== String(value)) drawing.setAttribute(name, value);
    }
    drawing.classList.toggle("far", zoom < FAR);
    small.moved();
  }
  function fit() {
    if (!net || !view.clientWidth) return;
    zoom = Math.min(1.15, Math.max(0.35, (view.clientWidth - 16) / net.layout.width));
    fitted = true;
    resize();
  }
  /** Another size, around the point (x, y) of what is seen. */
  function zoomBy(by, x = view.clientWidth / 2, y = view.clientHeight / 2) {
    const old = zoom;
    zoom = Math.min(3, Math.max(0.03, zoom * by));
    resize();
    view.scrollTo((view.scrollLeft + x) * zoom / old - x, (view.scrollTop + y) * zoom / old - y);
  }
  function choose(name) {
    if (name !== chosen) kept.get(chosen)?.group.classList.remove("chosen");
    chosen = name;
    kept.get(name)?.group.classList.add("chosen");
  }
  dragged(view);
  turned(view, zoomBy);
  return {
    element, show, choose, fit, zoom: (by) => zoomBy(by),
    overview() {
      if (!net) return;
      zoom = Math.min((view.clientWidth - 16) / net.layout.width, (view.clientHeight - 16) / net.layout.height, 1.15);
      resize();
      view.scrollTo(0, 0);
    },
    reveal(name) {
      kept.get(name)?.group.scrollIntoView({block: "center", inline: "center"});
      choose(name);
    },
    focus(name) { kept.get(name)?.group.focus(); },
  };
}

/** A line from one box to another, straight down where it passes a row. */
function edge(from, to, way, i) {
  const points = [[from.x + WIDTH / 2, from.y + HEIGHT], ...way.flatMap(([x, y]) => [[x, y], [x, y + HEIGHT]]), [to.x + WIDTH / 2, to.y]];
  let path = `M${points[0]}`;
  for (let p = 1; p < points.length; p++) {
    const [[x1, y1], [x2, y2]] = [points[p - 1], points[p]], bend = (y2 - y1) / 2;
    path += x1 === x2 ? `L${x2} ${y2}` : `C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`;
  }
  return s("path.edge", {d: path, "data-to": i, class: way.length ? "edge long" : "edge"});
}

function tie(a, b) {
  const [left, right] = a.x < b.x ? [a, b] : [b, a], y = left.y + HEIGHT / 2;
  return s("line.tie", {x1: left.x + WIDTH, y1: y, x2: right.x, y2: right.y + HEIGHT / 2});
}

/** A layer's shapes in short. */
export function shapes(layer) {
  return layer.tops.map((top) => (top.shape ? top.shape.join("x") || "1" : "?")).filter((one, i, all) => all.indexOf(one) === i).join(", ");
}

function words(layer, badges) {
  const parts = [layer.name, layer.type, shapes(layer)];
  if (layer.learned) parts.push(`${layer.learned.toLocaleString("en")} learned values`);
  if (layer.params.length) parts.push(`weights of ${[...new Set(layer.params.map((key) => key.split("[")[0]))].join(", ")}`);
  return [...parts, ...badges.map((badge) => badge.about)].join(", ");
}

function short(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}...` : text;
}
