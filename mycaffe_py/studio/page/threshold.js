// Known or unknown: the curve of both errors, and the distance at which one becomes the other.
import {fill, h, s} from "./dom.js";
import {ticks} from "./chart.js";
import {count, distance, percent} from "./numbers.js";

const WIDTH = 640, HEIGHT = 250, LEFT = 52, RIGHT = 12, TOP = 12, BOTTOM = 40;
const KINDS = [
  {name: "of left-out classes", curve: "roc", caught: "caught", kind: "leftout"},
  {name: "never trained", curve: "roc_never_trained", caught: "caught_never_trained", kind: "strangers"},
];

/** The kept report of `mycaffe threshold`, drawn; nothing is measured here. */
export function threshold(report) {
  const kinds = KINDS.filter((one) => report[one.curve]?.thresholds?.length);
  const figures = h("div.figures", {},
    figure("threshold (squared distance)", [distance(report.threshold)]),
    figure("known items called unknown", share(report.false_alarms)),
    report.false_accepts && figure("unlike pairs accepted", share(report.false_accepts)),
    kinds.map((one) => figure(`items ${one.name} caught`, share(report[one.caught]))),
    figure("known items told by their right name", share(report.right)));
  return h("div.stack.bounds", {},
    report.outdated && h("p.notice", {}, "The weights were written after this threshold was measured: find it anew."),
    report.saturated && h("p.notice", {}, "The features have saturated: new items of a trained class are easily beyond the threshold. An earlier snapshot leaves a spread."),
    report.trained_on && h("p.notice", {}, "Measured on items that the net has learned: new ones fare worse."),
    figures,
    kinds.length ? h("div.columns", {}, roc(report, kinds), along(report, kinds[0])) : h("p.quiet", {}, "There is no unknown item, so there is no curve."),
    perLabel(report));
}

function figure(name, [value, n]) {
  return h("div", {}, h("small", {}, name), h("span.figure", {}, value), n && h("small", {}, n));
}

function share(found) {
  return found?.n ? [percent(found.rate), `${count(found.count)} of ${count(found.n)}`] : ["not measured", ""];
}

/** Caught unknowns over false alarms. */
function roc(report, kinds) {
  // The rare alarms are what matters, so the axis is logarithmic; no alarm at all stands at its left.
  const lowest = 1 / (2 * Math.max(report.false_alarms.n, 5)), axis = scale([Math.log10(lowest), 0], [0, 1]);
  const place = (rate) => Math.log10(Math.max(rate, lowest));
  const lines = kinds.map((one) => {
    const curve = report[one.curve];
    return s(`path.line.${one.kind}`, {d: path(curve.false_alarms.map((x, i) => [place(x), curve.caught[i]]), axis)});
  });
  const dots = kinds.map((one) => s(`circle.at.${one.kind}`, {
    cx: axis.x(place(report.false_alarms.rate)), cy: axis.y(report[one.caught].rate), r: 5,
  }));
  const told = kinds.map((one) => h(`li.${one.kind}`, {}, h("span.swatch"), `items ${one.name}: area ${report[one.curve].auc.toFixed(4)}, equal error ${percent(report[one.curve].equal_error_rate)} of ${count(report[one.curve].n)}`));
  return h("figure.chart", {},
    h("figcaption", {}, "Unknown items caught, against known items called unknown"),
    drawing("ROC: unknown items caught against known items called unknown", axis, "known items called unknown", [-4, -3, -2, -1, 0].filter((power) => power >= axis.left).map((power) => [power, percentWord(10 ** power)]), lines, dots),
    h("ul.swatches", {}, told), h("p.quiet", {}, "The dot stands at the threshold."));
}

/** Both errors over the distance; a slider reads them at any one. */
function along(report, one) {
  const curve = report[one.curve];
  // Behind it hardly an unknown item is caught: a few far ones would squeeze all others together.
  const far = Math.max(curve.thresholds.find((_, i) => curve.caught[i] <= 0.02) ?? 0, 1.5 * report.threshold) || 1;
  const axis = scale([0, far], [0, 1]);
  const alarms = s("path.line.known", {d: path(curve.thresholds.map((x, i) => [x, curve.false_alarms[i]]), axis)});
  const misses = s(`path.line.${one.kind}`, {d: path(curve.thresholds.map((x, i) => [x, 1 - curve.caught[i]]), axis)});
  const at = s("line.cursor", {y1: TOP, y2: HEIGHT - BOTTOM}), told = h("output", {for: "distance"});
  const slider = h("input", {type: "range", id: "distance", min: 0, max: curve.thresholds.length - 1, "aria-label": "Distance to read both errors at"});
  const kept = h("button", {type: "button", onclick: () => put(report.threshold)}, "At the threshold");
  function put(value) {
    slider.value = Math.max(0, curve.thresholds.findLastIndex((one) => one !== null && one <= value));
    // The kept curve has 200 points; the report itself tells what happens at the threshold.
    read(value, report.false_alarms.rate, report[one.caught].rate);
  }
  function read(value, alarmed, caught) {
    const x = axis.x(Math.min(Math.max(value ?? 0, 0), far));
    at.setAttribute("x1", x);
    at.setAttribute("x2", x);
    fill(told, `Beyond ${distance(value ?? 0)}: ${percent(alarmed)} of ${count(report.false_alarms.n)} known items called unknown, ${percent(caught)} of ${count(report[one.caught].n)} unknown ones caught.`);
  }
  slider.addEventListener("input", () => {
    const i = +slider.value;
    read(curve.thresholds[i], curve.false_alarms[i], curve.caught[i]);
  });
  const rows = curve.thresholds.map((value, i) => h("tr", {},
    [distance(value), percent(curve.false_alarms[i]), percent(curve.caught[i])].map((word) => h("td.number", {}, word))));
  const table = h("details", {}, h("summary.quiet", {}, "As a table"), h("div.scroll.tall", {tabindex: 0, role: "region", "aria-label": "Both errors by distance"},
    h("table", {}, h("thead", {}, h("tr", {}, ["distance", `of ${count(report.false_alarms.n)} known: called unknown`, `of ${count(report[one.caught].n)} unknown: caught`].map((name) => h("th.number", {scope: "col"}, name)))), h("tbody", {}, rows))));
  const element = h("figure.chart", {}, h("figcaption", {}, "Where known and unknown part: both errors by distance"),
    drawing("Both errors by squared distance", axis, "squared distance to the nearest class", ticks(0, far, 5).map((value) => [value, distance(value)]), [alarms, misses], [at]),
    h("ul.swatches", {}, h("li.known", {}, h("span.swatch"), "known items called unknown"), h(`li.${one.kind}`, {}, h("span.swatch"), `items ${one.name} missed`)),
    h("div.row", {}, slider, kept), told, table);
  put(report.threshold);
  return element;
}

/** What became of the items of each class; the worst of many. */
function perLabel(report) {
  const all = Object.entries(report.per_label || {});
  const rows = all.sort(([, a], [, b]) => (a.caught.rate ?? 2) - (b.caught.rate ?? 2)).slice(0, 200).map(([name, one]) => h("tr", {},
    h("th", {scope: "row"}, name), h("td", {}, one.trained ? "" : "never trained"),
    h("td.number", {}, one.false_alarms.n ? `${percent(one.false_alarms.rate)} of ${count(one.false_alarms.n)}` : ""),
    h("td.number", {}, one.caught.n ? `${percent(one.caught.rate)} of ${count(one.caught.n)}` : "not measured")));
  return h("details", {}, h("summary.quiet", {}, "Class by class, the worst first"), h("div.scroll", {}, h("table", {},
    h("thead", {}, h("tr", {}, h("th", {scope: "col"}, "label"), h("td"), h("th.number", {scope: "col"}, "called unknown"), h("th.number", {scope: "col"}, "caught when left out"))),
    h("tbody", {}, rows))));
}

function percentWord(value) {
  return `${+(100 * value).toPrecision(3)} %`;
}

function scale([left, right], [low, high]) {
  const wide = WIDTH - LEFT - RIGHT, tall = HEIGHT - TOP - BOTTOM;
  const x = (value) => LEFT + (value - left) / (right - left || 1) * wide;
  const y = (value) => HEIGHT - BOTTOM - (value - low) / (high - low || 1) * tall;
  return {left, right, low, high, x, y};
}

function path(points, axis) {
  const inside = points.filter(([x]) => x === null || x <= axis.right);
  return inside.filter(([x]) => Number.isFinite(x)).map(([x, y], i) => `${i ? "L" : "M"}${axis.x(x).toFixed(1)} ${axis.y(y).toFixed(1)}`).join("");
}

function drawing(name, axis, below, places, lines, marks) {
  const across = ticks(axis.low, axis.high, 4).map((value) => [
    s("line.grid", {x1: LEFT, x2: WIDTH - RIGHT, y1: axis.y(value), y2: axis.y(value)}),
    s("text", {x: LEFT - 6, y: axis.y(value) + 4, "text-anchor": "end"}, percentWord(value))]);
  const along = places.map(([value, word]) =>
    s("text", {x: axis.x(value), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle"}, word));
  return s("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": name}, across, along,
    s("text", {x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 4, "text-anchor": "middle"}, below), lines, marks);
}
