// Runs beside each other: curves, labels, texts, maps; and one of them once more.
import {runPage} from "../address.js";
import {get, post} from "../api.js";
import {curves, swatch} from "../curves.js";
import {fill, h, tell} from "../dom.js";
import {jobBox} from "../job_box.js";
import {labelTable} from "../label_table.js";
import {look} from "../live.js";
import {noRuns} from "../nothing_yet.js";
import {compareLink, reproducing} from "../reproducing.js";
import {standIns, stateWord} from "../run_card.js";
import {textParts} from "../text_parts.js";
import {twinMaps} from "../twin_maps.js";

export async function show() {
  const wanted = [...new Set(new URLSearchParams(location.search).getAll("run"))];
  const all = (await get("/api/compare/runs")).runs;
  const found = wanted.length ? await get("/api/compare", {runs: wanted.join("\n")}) : {runs: []};
  const head = h("div.stack.close", {}, h("h1", {}, "Compare"), all.length > 0 && picker(all, wanted));
  if (!found.runs.length) {
    const none = all.length ? h("p.quiet", {}, "Choose runs above.") : noRuns();
    return {title: "Compare", element: h("div.stack", {}, head, none)};
  }
  const loss = curves({name: "loss"}), accuracy = curves({name: "accuracy", share: true});
  const maps = twinMaps(found.runs), again = reproducing(found.runs), tests = tested(found);
  const log = h("input", {type: "checkbox", id: "log"});
  log.addEventListener("change", () => loss.choose({log: log.checked}));
  const end = listen(found.runs, loss, accuracy, maps);
  const names = found.runs.map((run) => run.name);
  const element = h("div.stack", {}, head, told(found.runs), sameWeights(found),
    h("div.columns", {}, sheet("Loss", loss.element, h("div.row", {}, log, h("label", {for: "log"}, "log axis"))), sheet("Accuracy", accuracy.element)),
    sheet("Labels", tests.element),
    names.length > 1 && sheet("Texts: what differs", found.texts.map((one) => textParts(one, names[0]))),
    sheet("Maps", maps.element),
    sheet("Once more", h("p.quiet", {}, "The texts of the run are written out, its data are checked, and it is trained with its seed under another prefix."), again.element));
  return {
    title: `Compare ${names.length} run${names.length > 1 ? "s" : ""}`, element,
    leave() {
      end();
      maps.end();
      again.end();
      tests.end();
    },
  };
}

function picker(all, wanted) {
  const boxes = all.map((run, i) => {
    const box = h("input", {type: "checkbox", id: `run-${i}`, value: run.name, checked: wanted.includes(run.name)});
    return [box, h("li", {}, box, h("label", {for: `run-${i}`}, run.name), stateWord(run.state))];
  });
  const compare = () => {
    const names = boxes.filter(([box]) => box.checked).map(([box]) => box.value);
    document.dispatchEvent(new CustomEvent("go", {detail: names.length ? compareLink(names) : "/compare"}));
  };
  return h("details.sheet", {open: wanted.length < 2}, h("summary", {}, `Runs of this folder (${all.length})`),
    h("ul.choices", {}, boxes.map(([, row]) => row)),
    h("button.primary", {type: "button", onclick: compare}, "Compare the chosen runs"));
}

function told(runs) {
  return h("ul.cards", {}, runs.map((run, i) => h("li", {},
    h("div.row.spread", {}, h("a", {href: runPage(run.name)}, h("strong", {}, run.name)), stateWord(run.state)),
    h("small", {}, swatch(run.colour, i), ` iteration ${run.iteration.toLocaleString("en")}`, run.seed === undefined ? "" : `, seed ${run.seed}`),
    standIns(run).length > 0 && h("p.notice", {}, `Stand-in data: ${standIns(run).join(", ")}`))));
}

function sameWeights({weights, runs}) {
  if (runs.length < 2 || weights.iteration === null) return null;
  return h(weights.same ? "p.good" : "p.quiet", {}, weights.same
    ? `The weights at iteration ${weights.iteration.toLocaleString("en")} are the same to the bit.`
    : `The weights at iteration ${weights.iteration.toLocaleString("en")} differ.`);
}

/** Per-label figures; a run that has none can be tested from here. */
function tested({labels, runs}) {
  const names = runs.map((run) => run.name), box = jobBox(), missing = runs.filter((run, i) =>
    run.snapshots.some((one) => one.has_weights) && !labels.some((one) => one.all[i]));
  const buttons = missing.map((run) => {
    const made = h("button", {type: "button"}, `Test Many: ${run.name}`);
    made.addEventListener("click", async () => {
      made.disabled = true;
      const {state} = await box.run({do: "test-many", run: run.name}).catch((error) => ({state: tell(error.message)}));
      if (state === "done") document.dispatchEvent(new CustomEvent("go", {detail: location.pathname + location.search}));
      made.disabled = false;
    });
    return made;
  });
  return {
    element: h("div.stack.close", {}, labels.map((one) => labelTable(one, names)),
      labels.length === 0 && h("p.quiet", {}, "None of these runs was tested yet."), h("div.row", {}, buttons), box.element),
    end: box.end,
  };
}

function listen(runs, loss, accuracy, maps) {
  const found = new Map(runs.map((run) => [run.name, {loss: new Map(), accuracy: new Map()}]));
  const names = runs.map((run) => run.name);
  const draw = () => {
    loss.set(runs.map((run) => ({name: run.name, colour: run.colour, points: [...found.get(run.name).loss]})));
    accuracy.set(runs.map((run) => ({name: run.name, colour: run.colour, points: [...found.get(run.name).accuracy]})));
  };
  draw();
  return look({runs: names, films: names}, {
    events({run, rows, anew}) {
      const of = found.get(run);
      if (anew) Object.values(of).forEach((one) => one.clear());
      for (const row of rows) {
        if (row.kind === "display") of.loss.set(row.iteration, row.loss ?? NaN);
        if (row.kind === "test" && !row.net && Number.isFinite(row.accuracy)) of.accuracy.set(row.iteration, row.accuracy);
      }
      draw();
    },
    film: ({run, frames, anew}) => maps.add(run, frames, anew),
  });
}

function sheet(name, ...children) {
  return h("section.sheet", {"aria-label": name}, h("h2", {}, name), children);
}
