// The last maps of several runs side by side; when one is turned, the others turn with it.
import {get} from "./api.js";
import {fill, h} from "./dom.js";
import {floats, map} from "./map.js";

/** Maps of `runs`; add(run, frames, anew) takes what the stream brings. */
export function twinMaps(runs) {
  const cells = new Map(runs.map((run) => [run.name, {head: null, drawing: null, queue: Promise.resolve(), box: h("div.chart"), told: h("p.quiet", {}, "no film")}]));
  const slider = h("input", {type: "range", min: -314, max: 314, value: 60, id: "turn"});
  const turns = h("div.row", {hidden: true}, h("label", {for: "turn"}, "Turn all maps"), slider);
  let tilt = 0.5;
  slider.addEventListener("input", () => turn(null, tilt, slider.value / 100));

  function turn(by, x, y) {
    tilt = x;
    for (const cell of cells.values()) if (cell !== by) cell.drawing?.turn(x, y);
    if (by) slider.value = Math.round(100 * y);
  }
  async function take(name, frames, anew) {
    const cell = cells.get(name);
    if (anew || !cell.head?.width) {
      cell.head = await get("/api/film", {run: name});
      if (!cell.head.width) return;
      cell.drawing?.end();
      cell.drawing = map({classes: cell.head.classes, height: 320, name: `Map of ${name}`, onturn: (x, y) => turn(cell, x, y)});
      fill(cell.box, cell.drawing.element);
      turns.hidden = [...cells.values()].every((one) => !one.head || one.head.width < 3);
    }
    const last = frames.at(-1);
    if (!last) return;
    cell.drawing.show({points: floats(last.points), width: cell.head.width, labels: cell.head.labels});
    const {source, stand_in_for: stand} = cell.head;
    fill(cell.told, `iteration ${last.iteration.toLocaleString("en")}, ${cell.head.labels.length.toLocaleString("en")} items of ${source}`,
      stand ? ` (stand-in for ${stand})` : "");
  }
  return {
    element: h("div.stack.close", {}, turns, h("div.columns", {}, runs.map((run) => h("div", {}, h("h3", {}, run.name), cells.get(run.name).box, cells.get(run.name).told)))),
    add(name, frames, anew) {
      const cell = cells.get(name);
      if (cell) cell.queue = cell.queue.then(() => take(name, frames, anew));
    },
    end() { cells.forEach((cell) => cell.drawing?.end()); },
  };
}
