// A net in a few words, as the home page and the list of models show it.
import {pageOf} from "./address.js";
import {h} from "./dom.js";

/** The card of a net and the solvers that name it; a double click opens the net. */
export function netCard({name, solvers}) {
  const card = h("li", {}, textLink("model", name, true),
    solvers.length ? h("small", {}, "trained by ", solvers.map((one, i) => [i > 0 && ", ", textLink("solver", one)]))
      : h("small", {}, "no solver names it yet"));
  card.addEventListener("dblclick", () => card.querySelector("a").click());
  return card;
}

/** A link to the page of a file, a `kind` of address.js. */
export function textLink(kind, name, strong = false) {
  return h("a", {href: pageOf(kind, name)}, strong ? h("strong", {}, name) : name);
}
