// The loss of a run that trains, small, as the home page shows it.
import {chart} from "./chart.js";
import {h} from "./dom.js";
import {look} from "./live.js";

/** The curve of `run` as it grows; end() stops looking. */
export function smallCurve(run) {
  const told = h("p.quiet", {}, "No loss is told yet."), curve = chart({name: `loss of ${run}`, kind: "loss"});
  const points = new Map();
  const end = look({runs: [run]}, {events: ({rows, anew}) => {
    if (anew) points.clear();
    let last = null;
    for (const row of rows) {
      if (row.kind === "display") {
        points.set(row.iteration, row.loss ?? NaN);
        last = row;
      }
      if (row.kind === "end") told.textContent = "It has ended.";
    }
    curve.set([...points]);
    if (last) told.textContent = `Iteration ${last.iteration.toLocaleString("en")}, loss ${Number.isFinite(last.loss) ? +last.loss.toPrecision(4) : "not finite"}`;
  }, gone: () => { told.textContent = "It was killed, or its machine was."; }});
  return {element: h("div", {}, told, curve.element), end};
}
