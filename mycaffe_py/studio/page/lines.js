// A window of counters as lines, one small curve for each counter, and a table behind them.
import {h, s} from "./dom.js";

const WIDTH = 260, HEIGHT = 44;

/** The curves of `lines` ({name, unit, values}); `step` seconds lie between two values, 0: none. */
export function linesOf(lines, step) {
  const unit = (line) => (line.unit ? ` (${line.unit})` : "");
  return h("div.lines", {},
    lines.map((line) => h("figure", {},
      h("figcaption", {}, h("span", {}, line.name, unit(line)), h("small", {}, range(line.values))), curve(line))),
    h("details", {}, h("summary", {}, "As a table"), h("div.scroll.table", {tabindex: 0, role: "group", "aria-label": "Values"}, h("table", {},
      h("thead", {}, h("tr", {}, h("th.number", {scope: "col"}, step ? "second" : "number"), lines.map((line) => h("th.number", {scope: "col"}, line.name, unit(line))))),
      h("tbody", {}, lines[0].values.map((_, row) => h("tr", {}, h("td.number", {}, step ? +(row * step).toPrecision(6) : row),
        lines.map((line) => h("td.number", {}, short(line.values[row])))))))))) ;
}

function curve({name, values}) {
  const low = Math.min(...values), high = Math.max(...values), span = high - low || 1;
  const points = values.map((value, place) =>
    `${(place / Math.max(1, values.length - 1) * WIDTH).toFixed(1)},${(HEIGHT - 3 - (value - low) / span * (HEIGHT - 6)).toFixed(1)}`);
  return s("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${name}: ${range(values)}`, preserveAspectRatio: "none"},
    s("polyline", {points: points.join(" ")}));
}

function range(values) {
  const low = Math.min(...values), high = Math.max(...values);
  return low === high ? `always ${short(low)}` : `${short(low)} to ${short(high)}`;
}

function short(value) {
  return Number.isFinite(value) ? (+value.toPrecision(5)).toLocaleString("en", {maximumSignificantDigits: 5}) : "none";
}
