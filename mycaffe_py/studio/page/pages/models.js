// All models and solvers of the folder.
import {get} from "../api.js";
import {h} from "../dom.js";
import {netCard, textLink} from "../net_card.js";
import {nothingYet} from "../nothing_yet.js";

export async function show() {
  const {nets, solvers} = await get("/api/home");
  const list = (name, cards) => cards.length > 0
    && h("section.stack.close", {"aria-label": name}, h("h2", {}, name), h("ul.cards", {}, cards));
  const element = h("div.stack", {},
    h("div.head", {}, h("h1", {}, "Models"), nets.length + solvers.length > 0 && h("a.button.primary", {href: "/new"}, "New project")),
    nets.length + solvers.length === 0 && nothingYet("No net yet", "A net and its solver are two texts in this folder. The home page offers three ways to begin.", {href: "/", words: "Choose how to begin"}),
    list("Nets", nets.map(netCard)),
    list("Solvers of other nets", solvers.map((name) => h("li", {}, textLink("solver", name, true)))));
  return {title: "Models", element};
}
