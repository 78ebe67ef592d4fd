// Hard pairs: two pictures side by side, their distance and what they cost; j and k step.
import {encoded} from "./address.js";
import {get} from "./api.js";
import {fill, h, tell} from "./dom.js";
import {fault} from "./fault.js";
import {key} from "./keys.js";
import {count, distance, percent} from "./numbers.js";
import {drawnBy, legend, picture} from "./tiles.js";

const KINDS = [["same", "Same class, far apart"], ["different", "Two classes, close"]];

/** The panel of hard pairs of what `where` names; `onpair` is told each pair that is shown, with all
 *  of its kind. Its own keys are j and k, unless the page has keys that step (`bound`). */
export function hardPairs(where, {onpair = () => {}, bound = false} = {}) {
  const box = h("div.stack"), told = h("p.quiet"), place = h("span.quiet"), shown = h("div.hard-pair");
  const strip = h("ul.item-tiles.pair-strip");
  const start = h("button", {type: "button", onclick: load}, "Find hard pairs");
  const element = h("section.sheet", {"aria-labelledby": "pairs"}, h("h2", {id: "pairs"}, "Hard pairs"), box);
  let found = null, kind = "different", number = 0, drawn = {}, at = new Map(), keys = [];
  fill(box, h("p.quiet", {}, "Items of one class that lie far apart, and items of two classes that lie close: all pairs are compared."), h("div.row", {}, start));

  async function load() {
    start.disabled = true;
    fill(start, "Comparing all pairs…");
    const {run, ...query} = where;
    try {
      found = await get(`/api/pairs/${encoded(run)}`, query);
    } catch (error) {
      fill(box, fault(error));
      return;
    }
    at = new Map(found.records.map((record, i) => [record, i]));
    drawn = drawnBy(found, found.records, {...where, source: found.source});
    keys = keys.length || bound ? keys : [key("j", "next hard pair", () => step(1)), key("k", "hard pair before", () => step(-1))];
    draw();
  }
  function draw() {
    const margin = Number.isFinite(found.margin);
    fill(told, found.items < found.of ? `Of ${count(found.of)} items ${count(found.items)} were drawn by chance. ` : "",
      `${count(found.same_n)} pairs of one class, ${count(found.different_n)} of two classes`,
      margin && [`; of these ${percent(found.violating_share)} (${count(found.violating)}) are nearer than the margin, ${distance(found.margin)}, of layer ${found.loss}`],
      ".", !margin && " The net has no contrastive loss by Euclidean distance: what a pair costs is not known.");
    const choice = h("div.row", {role: "group", "aria-label": "Kind of pairs"}, KINDS.map(([name, words]) =>
      h("button", {type: "button", "aria-pressed": String(name === kind), onclick: () => choose(name)}, words)));
    fill(box, told,
      h("div.row.spread", {}, choice, h("div.row", {}, place,
        h("button", {type: "button", title: "Key k", onclick: () => step(-1)}, "Before ", h("kbd", {}, "k")),
        h("button", {type: "button", title: "Key j", onclick: () => step(1)}, "Next ", h("kbd", {}, "j")))),
      shown, legend(drawn), strip);
    drawPair();
  }
  function drawPair() {
    const pairs = found[kind], pair = pairs[number];
    fill(place, pairs.length ? `${number + 1} of the ${count(pairs.length)} hardest` : "");
    if (!pair) {
      fill(shown, h("p.quiet", {}, "There is no such pair."));
      fill(strip);
      onpair(null, []);
      return;
    }
    fill(shown, side(pair, 0), h("div.between", {},
      h("span.figure", {}, distance(pair.distance)), h("small", {}, "Euclidean distance"),
      pair.loss !== null && [h("span.figure", {}, distance(pair.loss)), h("small", {}, "of the loss, before the mean over pairs")]), side(pair, 1));
    fill(strip, pairs.map((one, i) => h("li", {}, h("button.plain", {
      type: "button", "aria-pressed": String(i === number), "aria-label": `Pair ${i + 1}: ${one.names.join(" and ")}, ${distance(one.distance)} apart`,
      onclick: () => show(i),
    }, one.records.map((record, end) => picture(drawn, at.get(record), one.names[end], 36))))));
    // Along alone: the page stays where its reader looks.
    const here = strip.children[number];
    if (here) strip.scrollLeft = Math.min(Math.max(strip.scrollLeft, here.offsetLeft + here.offsetWidth - strip.offsetLeft - strip.clientWidth), here.offsetLeft - strip.offsetLeft);
    onpair(pair, pairs);
  }
  function side(pair, end) {
    return h("figure", {}, picture(drawn, at.get(pair.records[end]), `Item ${pair.records[end]}: ${pair.names[end]}`, 144),
      h("figcaption", {}, h("strong", {}, pair.names[end]), h("small", {}, ` item ${pair.records[end]}`)));
  }
  function choose(name) {
    [kind, number] = [name, 0];
    draw();
    box.querySelector("[aria-pressed=true]").focus();
  }
  function show(i) {
    number = i;
    drawPair();
    strip.children[i].firstElementChild.focus({preventScroll: true});
  }
  function step(by) {
    if (!found) return;
    const last = found[kind].length - 1;
    number = Math.min(Math.max(number + by, 0), Math.max(last, 0));
    drawPair();
    const pair = found[kind][number];
    if (pair) tell(`Pair ${number + 1}: ${pair.names.join(" and ")}, ${distance(pair.distance)} apart`);
  }
  return {element, load, step, end: () => keys.forEach((end) => end())};
}
