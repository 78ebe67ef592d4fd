// What differs between two texts, part by part; what is alike is left out.
import {h} from "./dom.js";

/** The differing parts of the texts of a run, against those of the first one. */
export function textParts({run, texts}, first) {
  if (!texts.length) return h("p.quiet", {}, `${run} has no texts yet: they come with its first snapshot.`);
  const differing = texts.filter((text) => text.parts.length);
  if (!differing.length) return h("p", {}, `${run} has the same solver and nets as ${first}.`);
  return h("div.stack.close", {}, differing.map((text) => h("div", {}, h("h3", {}, `${text.name} of ${run}`),
    text.parts.map(part))));
}

/** One part: what went, what came, and where. */
export function part({layer, line, old, new: fresh}) {
  return h("div.part", {}, h("small", {}, layer ? `in ${layer}, line ${line}` : `line ${line}`),
    h("pre", {}, old.map((words) => h("del", {}, `- ${words}\n`)), fresh.map((words) => h("ins", {}, `+ ${words}\n`))));
}
