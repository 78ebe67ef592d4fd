// The curves of several runs over each other: colour, dash and name tell them apart.
import {HEIGHT, WIDTH, lines, scales, trace, word} from "./chart.js";
import {fill, h, s} from "./dom.js";

const MOST_ROWS = 200;

/** Curves called `name`; set([{name, colour, points: [[iteration, value], ...]}, ...]) draws. */
export function curves({name, share = false}) {
  const grid = s("g"), paths = s("g"), legend = h("ul.legend");
  const drawing = s("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": name}, grid, paths);
  const head = h("tr"), rows = h("tbody");
  const table = h("details", {}, h("summary.quiet", {}, "As a table"),
    h("div.scroll", {tabindex: 0, role: "region", "aria-label": `${name} as a table`}, h("table", {}, h("thead", {}, head), rows)));
  let series = [], log = false;

  function draw() {
    const seen = series.map((one) => one.points.filter(([, y]) => Number.isFinite(y) && (!log || y > 0)));
    const scale = scales(seen.flat(), log, share);
    fill(grid, ...lines(scale, log, share));
    fill(paths, series.map((one, i) => s("path.line", {d: trace(seen[i], scale), stroke: one.colour, "stroke-dasharray": dash(i)})));
    fill(legend, series.map((one, i) => h("li", {}, swatch(one.colour, i), one.name, one.points.length ? "" : h("span.quiet", {}, " has none"))));
    if (table.open) fillTable();
  }
  function fillTable() {
    const found = series.map((one) => new Map(one.points));
    const iterations = [...new Set(found.flatMap((one) => [...one.keys()]))].sort((a, b) => b - a).slice(0, MOST_ROWS);
    fill(head, h("th.number", {}, "iteration"), series.map((one) => h("th.number", {}, one.name)));
    fill(rows, iterations.map((x) => h("tr", {}, h("td.number", {}, x), found.map((one) =>
      h("td.number", {}, one.has(x) ? word(one.get(x), share) : "")))));
  }
  table.addEventListener("toggle", fillTable);
  return {
    element: h("div.chart", {}, drawing, legend, table),
    set(all) { series = all; draw(); },
    choose(more) { log = more.log; draw(); },
  };
}

/** A short piece of a run's line. */
export function swatch(colour, number) {
  return s("svg.stroke", {viewBox: "0 0 22 8", width: 22, height: 8, "aria-hidden": "true"},
    s("line", {x1: 0, x2: 22, y1: 4, y2: 4, stroke: colour, "stroke-width": 3, "stroke-dasharray": dash(number)}));
}

function dash(number) {
  return ["none", "7 3", "2 2", "9 2 2 2"][number % 4];
}
