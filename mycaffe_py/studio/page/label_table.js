// What each of several runs got right of each label, and how far they are apart.
import {h} from "./dom.js";

/** The table of one source; `names` are the runs. */
export function labelTable({source, rows, all}, names) {
  const two = names.length > 1;
  return h("div.scroll", {tabindex: 0, role: "region", "aria-label": `Labels of ${source}`}, h("table", {},
    h("caption", {}, source),
    h("thead", {}, h("tr", {}, h("th", {}, "label"), names.map((name) => h("th.number", {}, name)), two && h("th.number", {}, "last - first, points"))),
    h("tbody", {}, rows.map((one) => row(one.name, one.counts, two)), row("all", all, two))));
}

function row(name, counts, two) {
  const first = counts[0], last = counts.at(-1);
  const apart = first && last ? 100 * (last.right / last.n - first.right / first.n) : null;
  return h("tr", {}, h("th", {scope: "row"}, name), counts.map((one) => h("td.number", {}, one && one.n
    ? [`${(100 * one.right / one.n).toFixed(2)} %`, h("small", {}, ` of ${one.n.toLocaleString("en")}`)] : "not tested")),
  two && h("td.number", {}, apart === null || !Number.isFinite(apart) ? "" : `${apart > 0 ? "+" : ""}${apart.toFixed(2)}`));
}
