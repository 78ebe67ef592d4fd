// One run: its curves and its map as they form, and what can be done with it.
import {runPage} from "../address.js";
import {get, post} from "../api.js";
import {chart} from "../chart.js";
import {lastLines} from "../console.js";
import {fill, h, tell} from "../dom.js";
import {fault} from "../fault.js";
import {filmOf} from "../film.js";
import {key} from "../keys.js";
import {look} from "../live.js";
import {map} from "../map.js";
import {count, percent} from "../numbers.js";
import {standIns, stateWord} from "../run_card.js";

export async function show({run: name}) {
  let run = await get("/api/run", {run: name});
  const losses = new Map(), accuracies = new Map();
  const head = h("div"), figures = h("div.figures"), faults = h("div.stack"), acts = h("div.row.end");
  const out = h("pre.console", {tabindex: 0, "aria-label": "What the command told"});
  const outBox = h("section.sheet", {hidden: true}, h("h2", {}, "Output"), out);
  const loss = chart({name: "loss", kind: "loss", onpick: (at) => film.seek(at)});
  const accuracy = chart({name: "accuracy", kind: "accuracy", share: true, onpick: (at) => film.seek(at)});
  // As high as the two curves beside it, where there is room.
  const film = await filmOf(name, {make: (how) => map({...how, height: 620}), onframe: (at) => { loss.cursor(at); accuracy.cursor(at); }});
  const noFilm = h("p.quiet", {}, "A film is taken by runs that train with film.");
  let last = {}, started = null, job = null, endLook = () => {};

  function drawHead() {
    const stand = standIns(run);
    fill(head, h("div.head", {}, h("div.row", {}, h("h1", {}, name), stateWord(run.state)),
      h("div.row", {}, h("a.button", {href: runPage(name, "test")}, "Test Many"),
        h("a.button", {href: runPage(name, "map")}, "Map"),
        h("a.button", {href: runPage(name, "try")}, "Try"))),
    stand.length > 0 && h("p.notice", {}, `Stand-in data: ${stand.join(", ")}. Figures are not those of the real set.`));
    fill(faults, run.error?.found && fault(run.error), run.state === "dead" && h("p.notice", {},
      "Its process ended without a word: it was killed, or the machine stopped.",
      run.snapshots.length > 0 && " Resume goes on from its newest snapshot, to the same bits."));
    drawActs();
  }
  function drawActs() {
    const running = run.state === "running", most = run.begin?.max_iter || 0;
    const until = h("input", {type: "number", min: 1, step: 1, value: most ? most * 2 : "", id: "until"});
    fill(acts,
      running && button("Stop", () => post("/api/run/stop", {run: name}), "The run writes a snapshot and ends"),
      running && button("Snapshot now", () => post("/api/run/snapshot", {run: name})),
      !running && run.snapshots.length > 0 && button("Resume", () => begin({do: "resume", run: name})),
      !running && run.snapshots.length > 0 && h("div.field", {}, h("label", {for: "until"}, "Train until iteration"),
        h("div.row", {}, until, button("Go on", () => begin({do: "resume", run: name, iterations: until.value})))),
      run.snapshots.length > 0 && button("Test Many", () => begin({do: "test-many", run: name}), "", "primary"));
  }
  function button(words, act, title = "", kind = "") {
    const made = h(kind ? `button.${kind}` : "button", {type: "button", title}, words);
    made.addEventListener("click", async () => {
      made.disabled = true;
      try {
        await act();
        tell(`${words}: done`);
      } catch (error) {
        fill(faults, fault(error));
      } finally {
        made.disabled = false;
      }
    });
    return made;
  }
  async function begin(asked) {
    job = (await post("/api/job", asked)).number;
    watch();
  }
  function drawFigures() {
    const most = run.begin?.max_iter || 0, done = last.iteration ?? run.iteration;
    const left = timeLeft(done, most);
    fill(figures,
      figure("iteration", done.toLocaleString("en") + (most ? ` of ${most.toLocaleString("en")}` : "")),
      Number.isFinite(last.loss) && figure("loss", +last.loss.toPrecision(4)),
      Number.isFinite(last.accuracy) && figure("accuracy", percent(last.accuracy), last.over),
      Number.isFinite(last.rate) && figure("learning rate", +last.rate.toPrecision(3)),
      left && run.state === "running" && figure("time left", left));
  }
  function timeLeft(done, most) {
    if (run.state !== "running" || !most) return "";
    if (!started) started = {at: performance.now(), iteration: done};
    const seconds = (performance.now() - started.at) / 1000, steps = done - started.iteration;
    if (steps <= 0 || seconds < 2) return "";
    const left = Math.round((most - done) * seconds / steps);
    return left < 90 ? `${left} s` : `${Math.round(left / 60)} min`;
  }
  async function hear({rows, anew}) {
    if (anew) {
      losses.clear();
      accuracies.clear();
    }
    for (const row of rows) {
      if (row.iteration !== undefined) last.iteration = row.iteration;
      if (row.kind === "display") {
        losses.set(row.iteration, row.loss ?? NaN);
        Object.assign(last, {loss: row.loss, rate: row.rate ?? row.lr ?? last.rate});
      }
      if (row.kind === "test" && !row.net && Number.isFinite(row.accuracy)) {
        accuracies.set(row.iteration, row.accuracy);
        Object.assign(last, {accuracy: row.accuracy, over: `mean of ${count(row.batches)} batches`});
      }
    }
    loss.set([...losses]);
    accuracy.set([...accuracies]);
    if (anew || rows.some((row) => ["begin", "end", "snapshot"].includes(row.kind))) await reload();
    drawFigures();
  }
  async function reload() {
    run = await get("/api/run", {run: name});
    drawHead();
  }
  function hearJobs({jobs}) {
    const ours = jobs.find((one) => one.number === job) || jobs.find((one) => one.command === run.begin?.command);
    if (ours && ours.number !== job) {
      job = ours.number;
      watch();
    }
    if (ours && run.state === "running" && ours.state !== "running") reload();
  }
  function watch() {
    endLook();
    outBox.hidden = job === null;
    endLook = look({runs: [name], films: [name], logs: job === null ? [] : [job]}, {
      events: hear, jobs: hearJobs, gone: reload,
      film({frames, anew}) {
        noFilm.hidden ||= frames.length > 0;
        film.add(frames, anew);
      },
      log: ({text, anew}) => {
        if (anew) out.textContent = "";
        out.textContent = lastLines(out.textContent + text);
        out.scrollTop = out.scrollHeight;
      },
    });
  }
  const smooth = h("input", {type: "number", min: 1, max: 999, value: 1, id: "smooth"});
  smooth.addEventListener("input", () => loss.choose({mean: Math.max(1, +smooth.value || 1)}));
  const log = h("input", {type: "checkbox", id: "log"});
  log.addEventListener("change", () => loss.choose({log: log.checked}));
  const first = h("input", {type: "number", min: 0, value: 0, id: "from"});
  first.addEventListener("input", () => [loss, accuracy].forEach((one) => one.choose({from: +first.value || 0})));
  noFilm.hidden = Boolean(run.film);
  const element = h("div.stack", {}, head, faults, figures,
    h("div.watched", {},
      h("section.sheet", {}, h("h2", {}, "Loss"), loss.element,
        h("div.row", {}, h("label", {for: "smooth"}, "Mean over"), smooth, h("span.quiet", {}, "displays"),
          log, h("label", {for: "log"}, "log axis"), h("label", {for: "from"}, "from iteration"), first)),
      h("section.sheet", {}, h("h2", {}, "Accuracy"), accuracy.element),
      h("section.sheet", {}, h("h2", {}, "Map"), film.element,
        noFilm)),
    h("section.sheet", {}, h("h2", {}, "What next"), acts,
      run.begin?.command && h("p", {}, h("small", {}, "The same in a terminal: "), h("code", {}, run.begin.command))),
    outBox);
  drawHead();
  drawFigures();
  watch();
  const keys = [
    key(" ", "play or pause the film", () => film.turn()),
    key(",", "one frame back", () => film.step(-1)),
    key(".", "one frame on", () => film.step(1)),
  ];
  return {
    title: name, element,
    leave() {
      endLook();
      film.end();
      keys.forEach((end) => end());
    },
  };
}

function figure(name, value, over) {
  return h("div", {}, h("small", {}, name), h("span.figure", {}, value), over && h("small", {}, over));
}
