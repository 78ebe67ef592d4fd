// The loss of a run as its events tell it, with a cursor.
import {chart} from "./chart.js";

/** The curve; hear() takes messages of the stream, onpick(iteration) is what is pointed at. */
export function lossCurve(onpick) {
  const points = new Map(), curve = chart({name: "loss", kind: "loss", onpick});
  let at = null;
  return {
    element: curve.element,
    hear({rows, anew}) {
      if (anew) points.clear();
      for (const row of rows) if (row.kind === "display") points.set(row.iteration, row.loss ?? NaN);
      curve.element.hidden = !points.size;
      curve.set([...points]);
      curve.cursor(at);
    },
    cursor(iteration) {
      at = iteration;
      curve.cursor(at);
    },
  };
}
