// Home: what is in the folder, newest first; three beginnings where it is empty.
import {get} from "../api.js";
import {beginnings} from "../beginnings.js";
import {h} from "../dom.js";
import {netCard, textLink} from "../net_card.js";
import {compareLink} from "../reproducing.js";
import {runCard} from "../run_card.js";
import {smallCurve} from "../small_curve.js";

export async function show() {
  const folder = await get("/api/home");
  const running = folder.runs.filter((run) => run.state === "running");
  const rest = folder.runs.filter((run) => run.state !== "running");
  const empty = !folder.nets.length && !folder.solvers.length && !folder.runs.length;
  const curves = running.map((run) => smallCurve(run.name));
  const element = h("div.stack", {},
    h("div.head", {}, h("div", {}, h("h1", {}, folder.name), h("span.quiet.mono", {}, folder.folder)),
      !empty && h("a.button.primary", {href: "/new"}, "New project")),
    empty && [h("p", {}, "There is no net in this folder yet. Choose how to begin."), beginnings(true)],
    running.length > 0 && section("Running now", h("div.columns", {}, running.map((run, i) =>
      h("div.sheet", {}, runCard(run), curves[i].element)))),
    folder.nets.length > 0 && section("Nets", h("ul.cards", {}, folder.nets.map(netCard))),
    folder.solvers.length > 0 && section("Solvers of other nets", h("ul.cards", {}, folder.solvers.map((name) =>
      h("li", {}, textLink("solver", name, true))))),
    rest.length > 0 && section("Runs", h("ul.cards", {}, rest.map((run) => h("li", {}, runCard(run))))),
    folder.runs.length > 1 && h("p", {}, h("a", {href: compareLink(folder.runs.slice(0, 2).map((run) => run.name))}, "Compare the two newest runs")),
    folder.data.length > 0 && section("Data sets", h("ul.cards", {}, folder.data.map(dataCard))),
    !empty && section("Begin something else", beginnings(false)));
  return {title: "Home", element, leave: () => curves.forEach((curve) => curve.end())};
}

function section(name, ...children) {
  const head = h("h2", {}, name);
  return h("section.stack.close", {"aria-label": name}, head, children);
}

function dataCard(set) {
  const total = Object.entries(set.items).map(([split, items]) => `${items.toLocaleString("en")} ${split}`).join(", ");
  return h("li", {}, textLink("data", set.name, true),
    h("small", {}, `${total}; ${set.classes} classes of ${set.shape.join(" x ")}`));
}
