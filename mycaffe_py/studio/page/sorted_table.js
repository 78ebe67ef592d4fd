// A table that is sorted by a press on the head of a column, by a second one the other way round.
import {fill, h} from "./dom.js";

/** `columns` are [{name, value(row), shown(row)?, number?}]; empty values come last. */
export function sortedTable({columns, rows, name, by = 0, up = true}) {
  const body = h("tbody"), heads = columns.map((column, i) => h(column.number ? "th.number" : "th", {scope: "col"},
    h("button.plain.sorter", {type: "button", onclick: () => sort(i)}, column.name)));

  function sort(column) {
    [by, up] = [column, column === by ? !up : !columns[column].number];
    draw();
  }
  function draw() {
    heads.forEach((head, i) => {
      if (i === by) head.setAttribute("aria-sort", up ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    const order = [...rows].sort((a, b) => compared(columns[by].value(a), columns[by].value(b), up ? 1 : -1));
    fill(body, order.map((row) => h("tr", {}, columns.map((column) =>
      h(column.number ? "td.number" : "td", {}, (column.shown || column.value)(row))))));
  }
  draw();
  return h("div.scroll", {tabindex: 0, role: "region", "aria-label": name},
    h("table", {}, h("thead", {}, h("tr", {}, heads)), body));
}

function compared(a, b, way) {
  const none = (value) => value === null || value === undefined || Number.isNaN(value);
  if (none(a) || none(b)) return none(a) - none(b);
  return way * (typeof a === "number" ? a - b : String(a).localeCompare(String(b)));
}
