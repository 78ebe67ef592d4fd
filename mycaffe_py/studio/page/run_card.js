// A run in a few words, as the home page and the list of runs show it.
import {runPage} from "./address.js";
import {h} from "./dom.js";
import {count, percent} from "./numbers.js";

/** What became of a run, with a word for each state. */
export function stateWord(state) {
  return h(`span.state.${state}`, {}, {dead: "ended (killed)", unknown: "no diary"}[state] || state);
}

/** The card of one run. */
export function runCard(run) {
  const test = run.figures?.tests?.find((one) => Number.isFinite(one.accuracy));
  return h("div", {},
    h("div.row.spread", {}, h("a", {href: runPage(run.name)}, h("strong", {}, run.name)), stateWord(run.state)),
    h("small", {}, `iteration ${run.iteration.toLocaleString("en")}`,
      run.begin?.max_iter ? ` of ${run.begin.max_iter.toLocaleString("en")}` : "",
      test ? `, accuracy ${percent(test.accuracy)}, mean of ${count(test.batches)} batches at ${count(test.iteration)}` : ""),
    standIns(run).length > 0 && h("p.notice", {}, `Stand-in data: ${standIns(run).join(", ")}`));
}

/** The stand-in data of a run in words. */
export function standIns(run) {
  const told = (run.begin?.stand_ins || []).map((one) => `${one.source} for ${one.for}`);
  const card = (run.datasets || []).filter((one) => one.stand_in_for).map((one) => `${one.source} for ${one.stand_in_for}`);
  return [...new Set([...told, ...card])];
}
