// A window of counters for a net of telecom data: from a CSV file, and where in it the window begins.
import {fill, h, s} from "./dom.js";
import {chooser, takes} from "./given.js";

const MOST_BYTES = 64e6, WIDE = 280, HIGH = 120;

/** changed({data, name}) hears each window, changed(null) when there is none. */
export function windowInput(about, changed, failed) {
  const said = h("p.quiet", {"aria-live": "polite"}), picture = h("div.chart");
  const start = h("input", {type: "range", id: "start", min: 0, max: 0, value: 0, disabled: true});
  const counters = about.counters.map((one) => one.name).join(", ");
  const legend = h("ul.legend", {}, about.counters.map((one) => {
    const dot = h("span.dot", {"aria-hidden": "true"});
    dot.style.background = one.colour;
    return h("li", {}, dot, one.name);
  }));
  let lines = [], title = "", name = "";

  async function take(file) {
    if (file.size > MOST_BYTES) return failed({text: `'${file.name}' is larger than 64 MB.`});
    const text = await file.text();
    if (text.includes("\0") || text.includes("\uFFFD")) return failed({text: `'${file.name}' is no text: choose a CSV file of counters.`});
    name = file.name.toLowerCase().endsWith(".csv") ? file.name : `${file.name}.csv`;
    [title, ...lines] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
    lines = lines.filter((line) => line.trim());
    start.max = Math.max(lines.length - about.steps, 0);
    start.value = 0;
    start.disabled = lines.length <= about.steps;
    cut();
  }
  function cut() {
    const kept = lines.slice(+start.value, +start.value + about.steps);
    const first = +start.value + 1;
    fill(said, lines.length > about.steps
      ? `Rows ${first.toLocaleString("en")} to ${(first + about.steps - 1).toLocaleString("en")} of ${lines.length.toLocaleString("en")} of ${name}`
      : `${name}, ${lines.length} rows`);
    fill(picture, curves(title, kept));
    const bytes = new TextEncoder().encode([title, ...kept, ""].join("\n"));
    let binary = "";
    for (const byte of bytes) binary += String.fromCharCode(byte);
    changed({data: btoa(binary), name});
  }
  start.addEventListener("input", cut);
  /** A line for each counter the net knows, each in its own range. */
  function curves(head, rows) {
    const names = head.split(/[,;\t]/).map(plain), cells = rows.map((row) => row.split(/[,;\t]/));
    const drawn = about.counters.filter((one) => names.includes(one.name)).map((one) => {
      const at = names.indexOf(one.name), values = cells.map((row) => Number(plain(row[at] ?? "")));
      const low = Math.min(...values), high = Math.max(...values);
      const line = s("polyline", {class: "line", points: values.map((value, i) =>
        `${(i * WIDE / Math.max(values.length - 1, 1)).toFixed(1)},${(HIGH - 6 - (HIGH - 12) * (value - low) / (high - low || 1)).toFixed(1)}`).join(" ")});
      line.style.stroke = one.colour;
      return line;
    });
    return s("svg", {viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": `The window: ${counters}, each in its own range`}, drawn);
  }
  const element = h("div.giving", {}, h("div.drop", {}, h("p", {}, "Drop a CSV file of counters here, or choose one.")), picture, legend,
    h("div.row", {}, chooser("Choose a CSV file", ".csv,text/csv", take)),
    h("div.row", {}, h("label", {for: "start"}, "Window begins at row"), start), said,
    h("small", {}, `A window has ${about.steps} rows, ${about.step_s} s apart, with ${counters}.`));
  const end = takes(element, take);
  return {element, end, begin() { changed(null); }};
}

function plain(cell) {
  return cell.trim().replace(/^"|"$/g, "");
}
