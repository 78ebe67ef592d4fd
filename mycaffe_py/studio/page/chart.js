// Curves: every point as it was told. A mean over neighbours is drawn only when it is asked for.
import {fill, h, s} from "./dom.js";

export const WIDTH = 640;
export const HEIGHT = 236;
const LEFT = 52, RIGHT = 12, TOP = 10, BOTTOM = 32;
// More than two points a pixel cannot be told apart: of each pixel the lowest and highest are drawn.
const COLUMNS = WIDTH - LEFT - RIGHT;

/** A chart; set(points) draws [[iteration, value], ...], cursor(iteration) marks one. */
export function chart({name, kind, share = false, onpick}) {
  const grid = s("g"), path = s(`path.line.${kind}`), mean = s(`path.line.${kind}`, {opacity: 1});
  const cursorLine = s("line.cursor", {y1: TOP, y2: HEIGHT - BOTTOM, visibility: "hidden"});
  const drawing = s("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": name},
    grid, path, mean, cursorLine);
  const rows = h("tbody");
  const table = h("details", {}, h("summary.quiet", {}, "As a table"),
    h("div.scroll", {style: false}, h("table", {}, h("thead", {}, h("tr", {},
      h("th.number", {}, "iteration"), h("th.number", {}, name))), rows)));
  const element = h("div.chart", {}, drawing, table);
  let points = [], options = {log: false, mean: 1, from: 0}, scale = null;

  function draw() {
    const seen = points.filter(([x, y]) => x >= options.from && Number.isFinite(y) && (!options.log || y > 0));
    scale = scales(seen, options.log, share);
    fill(grid, ...lines(scale, options.log, share));
    path.setAttribute("d", trace(seen, scale));
    path.setAttribute("opacity", options.mean > 1 ? 0.35 : 1);
    mean.setAttribute("d", options.mean > 1 ? trace(means(seen, options.mean), scale) : "");
    if (table.open) fillTable();
  }
  function fillTable() {
    fill(rows, points.slice(-200).reverse().map(([x, y]) =>
      h("tr", {}, h("td.number", {}, x), h("td.number", {}, word(y, share)))));
  }
  table.addEventListener("toggle", fillTable);
  drawing.addEventListener("pointermove", (event) => {
    if (!scale || !onpick) return;
    const box = drawing.getBoundingClientRect();
    onpick(scale.back((event.clientX - box.left) / box.width * WIDTH));
  });
  return {
    element,
    set(all) { points = all; draw(); },
    choose(more) { options = {...options, ...more}; draw(); },
    cursor(iteration) {
      if (!scale || iteration === null) return cursorLine.setAttribute("visibility", "hidden");
      const x = scale.x(iteration);
      cursorLine.setAttribute("x1", x);
      cursorLine.setAttribute("x2", x);
      cursorLine.setAttribute("visibility", "visible");
    },
  };
}

/** The mean over `count` neighbouring points, ending at each. */
export function means(points, count) {
  let sum = 0;
  return points.map(([x, y], i) => {
    sum += y - (i >= count ? points[i - count][1] : 0);
    return [x, sum / Math.min(i + 1, count)];
  });
}

/** Round numbers between two values, about `count` of them. */
export function ticks(low, high, count = 5) {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const found = [];
  for (let tick = Math.ceil(low / step); tick * step <= high + step * 1e-9; tick++) found.push(tick * step);
  return found;
}

/** How values become places in the drawing. */
export function scales(points, log, share) {
  const xs = points.map(([x]) => x), ys = points.map(([, y]) => (log ? Math.log10(y) : y));
  const left = min(xs, 0), right = Math.max(max(xs, 1), left + 1);
  let low = share ? min(ys, 0) : log ? min(ys, -1) : Math.min(0, min(ys, 0));
  let high = share ? 1 : max(ys, 1);
  if (high - low < 1e-9) [low, high] = [low - 0.5, high + 0.5];
  return {
    low, high, left, right,
    x: (value) => LEFT + (value - left) / (right - left) * COLUMNS,
    y: (value) => HEIGHT - BOTTOM - ((log ? Math.log10(value) : value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM),
    back: (x) => Math.round(left + (x - LEFT) / COLUMNS * (right - left)),
  };
}

function min(values, otherwise) {
  return values.length ? values.reduce((a, b) => Math.min(a, b)) : otherwise;
}

function max(values, otherwise) {
  return values.length ? values.reduce((a, b) => Math.max(a, b)) : otherwise;
}

/** The grid and its numbers. */
export function lines(scale, log, share) {
  const across = ticks(scale.low, scale.high, 4).map((tick) => {
    const value = log ? 10 ** tick : tick, y = scale.y(value);
    return [s("line.grid", {x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y}),
      s("text", {x: LEFT - 6, y: y + 4, "text-anchor": "end"}, share ? `${+(100 * value).toFixed(2)} %` : word(value, share))];
  });
  const along = ticks(scale.left, scale.right, 6).filter(Number.isInteger).map((tick) =>
    s("text", {x: scale.x(tick), y: HEIGHT - 8, "text-anchor": "middle"}, tick.toLocaleString("en")));
  return [...across.flat(), ...along];
}

/** A value as the axis and the table tell it. */
export function word(value, share) {
  if (!Number.isFinite(value)) return "not finite";
  if (share) return `${(value * 100).toFixed(value < 0.995 ? 1 : 2)} %`;
  return Math.abs(value) >= 1000 || (value && Math.abs(value) < 0.001) ? value.toExponential(1) : String(+value.toPrecision(4));
}

/** The path of a curve. */
export function trace(points, scale) {
  const kept = points.length > 2 * COLUMNS ? thinned(points, scale) : points;
  // A point alone is drawn as a dot.
  const dot = kept.length === 1 ? "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0" : "";
  return kept.map(([x, y], i) => `${i ? "L" : "M"}${scale.x(x).toFixed(1)} ${scale.y(y).toFixed(1)}`).join("") + dot;
}

function thinned(points, scale) {
  const kept = [];
  let column = null, low = null, high = null;
  const flush = () => low && kept.push(...(low[0] <= high[0] ? [low, high] : [high, low]));
  for (const point of points) {
    const at = Math.floor(scale.x(point[0]));
    if (at !== column) {
      flush();
      [column, low, high] = [at, point, point];
    }
    if (point[1] < low[1]) low = point;
    if (point[1] > high[1]) high = point;
  }
  flush();
  return kept;
}
