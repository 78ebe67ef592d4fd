// All runs of the folder.
import {get} from "../api.js";
import {h} from "../dom.js";
import {noRuns} from "../nothing_yet.js";
import {compareLink} from "../reproducing.js";
import {runCard} from "../run_card.js";

export async function show() {
  const {runs} = await get("/api/workspace");
  const element = h("div.stack", {},
    h("div.head", {}, h("h1", {}, "Runs"), runs.length > 1
      && h("a.button", {href: compareLink(runs.slice(0, 2).map((run) => run.name))}, "Compare the two newest")),
    runs.length ? h("ul.cards", {}, runs.map((run) => h("li", {}, runCard(run)))) : noRuns());
  return {title: "Runs", element};
}
