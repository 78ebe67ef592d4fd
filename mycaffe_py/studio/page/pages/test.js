// Test Many: what a snapshot answers for data it never learned, its mistakes, its threshold.
import {runPage} from "../address.js";
import {get, post} from "../api.js";
import {confusion, labelTable} from "../confusion.js";
import {output} from "../console.js";
import {fill, h, tell} from "../dom.js";
import {fault} from "../fault.js";
import {gallery} from "../gallery.js";
import {look} from "../live.js";
import {count, percent} from "../numbers.js";
import {hardPairs} from "../pairs.js";
import {standIns} from "../run_card.js";
import {threshold} from "../threshold.js";

const SLOW = ["test-many", "threshold"];

export async function show(values) {
  const {run: name, iteration = "", source = ""} = values;
  let run;
  try {
    run = await get("/api/run", {run: name});
  } catch (error) {
    // A run may itself be called ".../test": then its own page is meant.
    return (await import("./run.js")).show({run: `${name}/test`}).catch(() => { throw error; });
  }
  const where = {run: name, iteration: iteration || String(run.snapshots[0]?.iteration ?? ""), source};
  return view(run, where);
}

function view(run, where) {
  const faults = h("div.stack"), results = h("div.stack"), bounds = h("div.stack"), out = output();
  const outBox = h("section.sheet", {hidden: true, "aria-labelledby": "output"}, h("h2", {id: "output"}, "Output"), out.element);
  const state = {job: null, was: "", shown: null, endLook: () => {}, endPairs: () => {}};

  async function begin(asked) {
    fill(faults);
    try {
      const job = await post("/api/job", {...where, source: form.source(), ...asked});
      watch(job.number);
      tell(`Started: ${job.command}`);
    } catch (error) {
      fill(faults, fault(error));
    }
  }
  function watch(number) {
    state.endLook();
    state.job = number;
    state.was = "";
    outBox.hidden = number === null;
    state.endLook = look({logs: number === null ? [] : [number]}, {log: out.add, jobs: hear});
  }
  function hear({jobs}) {
    const ours = jobs.find((one) => one.number === state.job);
    form.runs(ours && ["running", "waiting"].includes(ours.state));
    if (ours && state.was && state.was !== ours.state) ended(ours);
    if (ours) state.was = ours.state;
  }
  async function ended(job) {
    if (job.state === "running") return;
    tell(`${job.name}: ${job.state}`);
    if (job.state === "failed") fill(faults, h("div.fault", {role: "alert"}, h("strong", {}, `${job.name} failed.`), " The output below says why."));
    where.source = form.source();
    await (job.name === "threshold" ? loadThreshold() : loadAnswers());
  }
  async function loadAnswers() {
    try {
      const answer = await get("/api/answers", {...where, source: where.source});
      drawAnswers(answer);
    } catch (error) {
      fill(results, fault(error));
    }
  }
  function drawAnswers(answer) {
    state.endPairs();
    if (!answer.n) {
      fill(results, h("section.sheet.empty", {}, h("p", {}, "Nothing has been measured on this snapshot yet."),
        h("p.quiet", {}, "Test Many asks the net for every item of the test data, and keeps each answer.")));
      return;
    }
    const asked = {...where, source: answer.source};
    const pictures = gallery(asked), pairs = hardPairs(asked);
    state.endPairs = pairs.end;
    const pick = (cell) => pictures.show(cell, {go: true});
    fill(results,
      answer.trained_on && h("p.notice", {}, "Measured on items that the net has learned: new ones fare worse."),
      answer.outdated && h("p.notice", {}, "The weights were written after these answers: test anew."),
      h("div.figures", {}, figure("accuracy", percent(answer.accuracy)), figure("items", count(answer.n)),
        figure("wrong", count(answer.wrong)), figure("data", answer.source, "words")),
      h("div.columns", {},
        h("section.sheet", {"aria-labelledby": "labels"}, h("h2", {id: "labels"}, "Label by label"), labelTable(answer, pick)),
        h("section.sheet", {"aria-labelledby": "matrix"}, h("h2", {id: "matrix"}, "Confusion"), confusion(answer, pick))),
      pictures.element, pairs.element);
    pictures.show(answer.wrong ? {wrong: 1, words: "All mistakes"} : {words: "All items"});
  }
  async function loadThreshold() {
    try {
      const report = await get("/api/threshold", where);
      fill(bounds, report.threshold === undefined ? h("p.quiet", {}, "No threshold is kept beside this snapshot: nothing is unknown to it.") : [
        report.stand_in && h("p.notice", {}, `Stand-in data: ${report.dataset}.`), threshold(report)]);
    } catch (error) {
      fill(bounds, fault(error));
    }
  }
  const form = controls(run, where, begin);
  const element = h("div.stack", {},
    h("div.head", {}, h("h1", {}, "Test Many ", h("span.quiet", {}, run.name)), h("div.row", {},
      h("a.button", {href: runPage(run.name)}, "Run"), h("a.button", {href: runPage(run.name, "map")}, "Map"),
      h("a.button", {href: runPage(run.name, "try")}, "Try"))),
    standIns(run).length > 0 && h("p.notice", {}, `Stand-in data: ${standIns(run).join(", ")}. Figures are not those of the real set.`),
    form.element, faults, results,
    h("section.sheet", {"aria-labelledby": "threshold"}, h("h2", {id: "threshold"}, "Known or unknown"), h("div.stack", {}, form.bound, bounds)), outBox);
  return {
    title: `Test Many, ${run.name}`, element,
    async shown() {
      await Promise.all([loadAnswers(), loadThreshold(), findJob(run, where).then(watch)]);
    },
    leave() {
      state.endLook();
      state.endPairs();
    },
  };
}

/** The newest command on this snapshot, so that its words are there after a reload too. */
async function findJob(run, where) {
  const mine = `--snapshot=./${run.name}_iter_${where.iteration}.`;
  const {jobs} = await get("/api/jobs");
  const found = jobs.find((job) => SLOW.includes(job.name) && job.arguments.some((one) => one.startsWith(mine)));
  return found ? found.number : null;
}

/** What is measured: which snapshot, which data, how strict. */
function controls(run, where, begin) {
  const address = (iteration) => `${runPage(run.name, "test")}?${new URLSearchParams({iteration})}`;
  const iteration = h("select", {id: "iteration"}, run.snapshots.map((one) =>
    h("option", {value: one.iteration, selected: String(one.iteration) === where.iteration},
      `iteration ${one.iteration.toLocaleString("en")}${one.has_weights ? "" : " (no weights)"}`)));
  iteration.addEventListener("change", () => document.dispatchEvent(new CustomEvent("go", {detail: address(iteration.value)})));
  const known = [...new Set((run.datasets || []).map((one) => one.source).filter(Boolean))];
  const source = h("input", {type: "text", id: "source", value: where.source, placeholder: "its own test data", list: "sources", spellcheck: "false", autocomplete: "off"});
  const test = h("button.primary", {type: "button", disabled: !run.snapshots.length, onclick: () => begin({do: "test-many"})}, "Test Many");
  const kind = h("select", {id: "wished"}, h("option", {value: "false_alarms"}, "known items called unknown"), h("option", {value: "far"}, "unlike pairs accepted"));
  const rate = h("input", {type: "number", id: "rate", min: 0, max: 99.9, step: "any", value: 1});
  const find = h("button", {type: "button", disabled: !run.snapshots.length, onclick: () => begin({do: "threshold", [kind.value]: +rate.value / 100})}, "Find the threshold");
  return {
    element: h("section.sheet", {"aria-label": "What is measured"}, h("div.row.end", {},
      h("div.field", {}, h("label", {for: "iteration"}, "Snapshot"), iteration),
      h("div.field", {}, h("label", {for: "source"}, "Data (DATASET.SPLIT)"), source, h("datalist", {id: "sources"}, known.map((name) => h("option", {value: name})))),
      test), !run.snapshots.length && h("p.quiet", {}, "The run has no snapshot yet: it writes one at its end, and when you ask for it.")),
    bound: h("div.row.end", {},
      h("div.field", {}, h("label", {for: "rate"}, "At most (%)"), rate),
      h("div.field", {}, h("label", {for: "wished"}, "of what"), kind), find),
    source: () => source.value.trim(),
    runs(busy) {
      test.disabled = find.disabled = Boolean(busy) || !run.snapshots.length;
    },
  };
}

function figure(name, value, kind = "figure") {
  return h("div", {}, h("small", {}, name), h(`span.${kind}`, {}, value));
}
