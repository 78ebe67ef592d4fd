// What a page shows before it has anything: what would be here, and the way to the first one.
import {h} from "./dom.js";

/** `name` in a few words, `about` in a sentence, and one link that begins. */
export function nothingYet(name, about, {href, words}) {
  return h("section.nothing-yet", {}, h("h2", {}, name), h("p", {}, about), h("a.button.primary", {href}, words));
}

/** No net has been trained in this folder. */
export function noRuns() {
  return nothingYet("No run yet", "No net has been trained here yet: open a solver and press Train.", {href: "/models", words: "Open a solver"});
}
