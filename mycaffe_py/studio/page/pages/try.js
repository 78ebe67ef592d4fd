// Try a net: draw, drop or paste a picture; the nearest classes and its place on the map at once.
import {runPage} from "../address.js";
import {get, post} from "../api.js";
import {ranking, sentence} from "../ranking.js";
import {fill, h, tell} from "../dom.js";
import {enrolling} from "../enrolling.js";
import {fault} from "../fault.js";
import {flightMap} from "../flight.js";
import {newest} from "../given.js";
import {layers} from "../inside.js";
import {pictureInput} from "../picture_input.js";
import {standIns} from "../run_card.js";
import {windowInput} from "../window_input.js";

const SETTLED_MS = 700;
let pages = 0;

export async function show({run: name, iteration: chosen}) {
  const run = await get("/api/run", {run: name});
  // A run that goes on writes newer ones; answers and map stay those of one snapshot.
  const iteration = chosen ?? run.snapshots[0]?.iteration;
  const page = `${performance.timeOrigin} ${++pages}`;
  const ask = (question, values = {}) =>
    post("/api/ask", {do: question, run: name, page, iteration, ...values});
  const faults = h("div.faults"), body = h("div.stack");
  const ends = [];
  let shown = true;
  const element = h("div.stack", {}, head(run, iteration), faults, body);
  fill(body, h("p.quiet", {}, run.snapshots.length ? "The net is being opened ..." : "This run has no snapshot yet: it writes one at its end, and when you ask for it."));
  return {
    title: `Try ${name}`, element,
    shown() { if (run.snapshots.length) open(); },
    leave() {
      shown = false;
      ends.forEach((end) => end());
    },
  };

  async function open() {
    try {
      const about = await ask("about");
      if (shown) lay(about);
    } catch (error) {
      fill(body, h("div.row", {}, h("button", {type: "button", onclick: () => { fill(faults); open(); }}, "Try again")));
      fill(faults, fault(error));
    }
  }

  function lay(about) {
    const answer = ranking(about, () => begin(about));
    // What is wrong with a picture is told where its answer would be.
    const wrong = h("div.faults"), seen = h("div.seen"), mapBox = h("section.sheet", {"aria-label": "Map"}, h("h2", {}, "Map"), h("p.quiet", {}, "The map is being made ..."));
    const insideBox = h("div"), wantsInside = h("input", {type: "checkbox", id: "inside"});
    let given = null, flight = null, settle = 0, said = "";

    const look = newest(async (what) => {
      try {
        const found = await ask("inside", what);
        if (!found.dropped && shown && given) layers(insideBox, found);
      } catch (error) {
        fill(wrong, fault(error));
      }
    });
    const identify = newest(async (what) => {
      try {
        const found = await ask("ask", {...what, map: Boolean(flight)});
        if (found.dropped || !shown || !given) return;
        fill(wrong);
        answer.show(found);
        drawSeen(seen, found, about);
        flight?.fly(found.place, found.unknown);
        clearTimeout(settle);
        settle = setTimeout(() => {
          const words = answer.words(found);
          if (words !== said) tell(said = words);
        }, SETTLED_MS);
      } catch (error) {
        if (!shown || what !== given) return;
        answer.clear();
        fill(seen);
        flight?.fly(null);
        fill(wrong, fault(error));
      }
    });
    const changed = (what) => {
      given = what;
      classes.ready(Boolean(what));
      if (!what) {
        clearTimeout(settle);
        fill(wrong);
        answer.clear();
        fill(seen);
        fill(insideBox);
        flight?.fly(null);
        return;
      }
      identify(what);
      if (wantsInside.checked) look(what);
    };
    const failed = (error) => fill(wrong, fault(error));
    const input = (about.kind === "window" ? windowInput : pictureInput)(about, changed, failed);
    const classes = enrolling(about, {
      ask: (question, values) => ask(question, {...values, map: Boolean(flight)}), given: () => given,
      changed(now) {
        Object.assign(about, now);
        answer.know(now);
        flight?.enrolled(now.enrolled);
        if (given) identify(given);
      },
    });
    wantsInside.addEventListener("change", () => (wantsInside.checked && given ? look(given) : fill(insideBox)));
    fill(body,
      h("div.trying", {},
        h("section.sheet", {"aria-label": "Picture"}, h("h2", {}, about.kind === "window" ? "Window" : "Picture"), input.element, seen),
        h("section.sheet", {"aria-label": "Answer"}, h("h2", {}, "Answer"), wrong, answer.element),
        mapBox),
      classes.element,
      h("section.sheet", {}, h("div.row.spread", {}, h("h2", {}, "Look inside"),
        h("div.row", {}, wantsInside, h("label", {for: "inside"}, "show what every layer makes of it"))), insideBox));
    ends.push(input.end, answer.end, () => clearTimeout(settle), () => flight?.end());
    input.begin();
    ask("map").then((told) => {
      if (!shown) return;
      flight = flightMap(told, about.kind);
      fill(mapBox, h("h2", {}, "Map"), flight.element);
      if (given) identify(given);
    }).catch((error) => fill(mapBox, h("h2", {}, "Map"), h("p.quiet", {}, "There is no map to show."), fault(error)));
  }

  /** Find the threshold by the public command, then know it. */
  async function begin(about) {
    const {number} = await post("/api/job", {do: "threshold", run: name, iteration});
    while (shown) {
      const {state, text} = await get("/api/log", {number});
      if (state === "done") return ask("about");
      if (!["waiting", "running"].includes(state)) throw new Error(text.trim().split("\n").pop() || "The command failed.");
      await new Promise((done) => setTimeout(done, 500));
    }
    return about;
  }
}

function head(run, iteration) {
  const stand = standIns(run);
  const which = h("select", {id: "snapshot"}, run.snapshots.map((one, i) =>
    h("option", {value: one.iteration, selected: String(one.iteration) === String(iteration)},
      `iteration ${one.iteration.toLocaleString("en")}${i ? "" : ", the newest"}`)));
  which.addEventListener("change", () =>
    document.dispatchEvent(new CustomEvent("go", {detail: `${runPage(run.name, "try")}?iteration=${which.value}`})));
  return h("div", {},
    h("div.head", {}, h("div.row", {}, h("h1", {}, `Try ${run.name}`)),
      h("div.row", {}, run.snapshots.length > 0 && [h("label", {for: "snapshot"}, "Snapshot"), which],
        h("a.button", {href: runPage(run.name)}, "Run"), h("a.button", {href: runPage(run.name, "test")}, "Test Many"), h("a.button", {href: runPage(run.name, "map")}, "Map"))),
    stand.length > 0 && h("p.notice", {}, `Stand-in data: ${stand.join(", ")}. Answers are those of a net that learned from it.`));
}

function drawSeen(box, found, about) {
  const [, high, wide] = about.shape;
  fill(box, h("img", {src: found.seen, alt: "What the net sees", width: wide * Math.max(1, Math.floor(84 / wide)), height: high * Math.max(1, Math.floor(84 / high))}),
    h("small", {}, about.kind === "window"
      ? `What the net sees: ${high} time steps down, ${wide} counters across. ` : `What the net sees, ${wide} x ${high}. `, sentence(found.done.join(", "))));
}
