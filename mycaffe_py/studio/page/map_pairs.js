// Hard pairs on the map: each a line between its two points, and their panel beside the map.
import {fill, h} from "./dom.js";
import {distance} from "./numbers.js";
import {hardPairs} from "./pairs.js";

/** turn(where) looks for the pairs of what `where` names, turn(null) takes them away; `mark` gets
 *  {chosen, every} as marks.js draws them, null where there are none. */
export function pairsOnMap(mark) {
  const element = h("div", {hidden: true});
  let panel = null;
  const line = (pair) => ({ends: pair.places, words: distance(pair.distance)});
  return {
    element,
    turn(where) {
      element.hidden = !where;
      panel = null;
      fill(element);
      mark(null);
      if (!where) return;
      const mine = hardPairs(where, {bound: true, onpair(pair, every) {
        if (panel === mine) mark(pair && {chosen: line(pair), every: every.map(line)});
      }});
      panel = mine;
      fill(element, mine.element);
      mine.load();
    },
    step(by) { panel?.step(by); },
  };
}
