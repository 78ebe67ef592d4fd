// The confusion matrix: rows are what it is, columns the answer. A cell opens its pictures.
import {h} from "./dom.js";
import {count, percent} from "./numbers.js";

const STEPS = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};

/** The matrix of `answer`; onpick(cell) gets {truth, answer, words} of the cell that is pressed. */
export function confusion(answer, onpick) {
  const {columns, counts, classes} = answer.confusion;
  const names = new Map(answer.labels.map((label) => [label.column, label.name]));
  const totals = new Map(answer.labels.map((label) => [label.column, label.n]));
  const cells = columns.map(() => []);
  const body = columns.map((truth, row) => h("tr", {},
    h("th", {scope: "row"}, short(names.get(truth))),
    columns.map((said, column) => {
      const cell = one(truth, said, counts[row][column]);
      cells[row][column] = cell.firstElementChild;
      return cell;
    })));
  function one(truth, said, n) {
    const is = names.get(truth), told = names.get(said), right = truth === said;
    if (!n) return h("td.number.nothing", {}, h("span", {}, "·"));
    const words = right ? `${is}, recognised` : `${is}, taken for ${told}`;
    const button = h(`button.count.${right ? "right" : "wrong"}`, {
      type: "button", tabindex: -1, "aria-label": `${words}: ${n}`, title: `${words}: ${count(n)} of ${count(totals.get(truth))}`,
      onclick: () => onpick({truth, answer: said, words}),
    }, count(n));
    button.style.setProperty("--share", (0.06 + 0.28 * Math.min(1, n / Math.max(1, totals.get(truth)) * (right ? 1 : 4))).toFixed(2));
    return h("td.number", {}, button);
  }
  const table = h("table.confusion", {},
    h("caption.unseen", {}, "Confusion: rows are what it is, columns the answer"),
    h("thead", {}, h("tr", {}, h("td", {}, h("small", {}, "is ↓ said →")),
      columns.map((column) => h("th.number", {scope: "col", title: names.get(column)}, short(names.get(column)))))),
    h("tbody", {}, body));
  table.addEventListener("keydown", (event) => move(event, cells));
  const first = cells.flat().find((cell) => cell.tagName === "BUTTON");
  if (first) first.tabIndex = 0;
  return h("div", {},
    h("div.scroll", {}, table),
    classes > columns.length && h("p.quiet", {}, `The ${columns.length} of ${count(classes)} classes with the most mistakes.`),
    h("p.quiet", {}, "Press a number to see its pictures; arrow keys go from number to number."));
}

/** Arrow keys go to the next cell with a number in it. */
function move(event, cells) {
  const step = STEPS[event.key];
  if (!step) return;
  const row = cells.findIndex((line) => line.includes(event.target));
  if (row < 0) return;
  event.preventDefault();
  let [y, x] = [row + step[0], cells[row].indexOf(event.target) + step[1]];
  while (cells[y]?.[x] && cells[y][x].tagName !== "BUTTON") [y, x] = [y + step[0], x + step[1]];
  const next = cells[y]?.[x];
  if (!next) return;
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

/** The table label by label; a row with mistakes opens their pictures. */
export function labelTable(answer, onpick) {
  const rows = answer.labels.map((label) => h("tr", {},
    h("th", {scope: "row", title: label.name}, short(label.name, 24)),
    h("td.number", {}, count(label.n)),
    h("td.number", {}, label.wrong
      ? h("button.count.wrong", {type: "button", "aria-label": `${label.wrong} wrong of ${label.name}`,
        onclick: () => onpick({truth: label.column, wrong: 1, words: `${label.name}, not recognised`})}, count(label.wrong))
      : "0"),
    h("td.number", {}, percent(label.accuracy)),
    h("td", {}, label.nearest_wrong !== null && short(label.nearest_wrong, 24),
      label.wrong > 0 && h("small", {}, ` ${count(label.nearest_wrong_n)} of ${count(label.wrong)}`))));
  return h("div.scroll.tall", {tabindex: 0, role: "region", "aria-label": "Label by label"}, h("table", {},
    h("thead", {}, h("tr", {}, ["label", "items", "wrong", "accuracy"].map((name, i) =>
      h(i ? "th.number" : "th", {scope: "col"}, name)), h("th", {scope: "col"}, "nearest wrong label"))),
    h("tbody", {}, rows)));
}

/** A name that fits a column; the whole of it is in the title. */
function short(name, most = 12) {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}
