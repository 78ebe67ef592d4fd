// Files of other versions of Caffe: which there are, what today's form changes, and their upgrade.
import {pageOf} from "../address.js";
import {get} from "../api.js";
import {fill, h, tell} from "../dom.js";
import {fault} from "../fault.js";
import {jobBox} from "../job_box.js";

const KINDS = {net: "net", solver: "solver", weights: "weights", "": "unknown"};

export async function show() {
  const box = jobBox(), problem = h("div", {"aria-live": "assertive"}), list = h("div"), next = h("div");
  const start = h("button.primary", {type: "button", onclick: upgrade}, "Upgrade the chosen files");
  const chosen = new Set();
  let files = [];

  async function load() {
    files = (await get("/api/old")).files;
    files.filter((one) => one.kind && !one.done && (one.notes.length || one.kind === "weights")).forEach((one) => chosen.add(one.name));
    draw();
  }
  function draw() {
    fill(list, files.length === 0
      ? h("p", {}, "There are no models, solvers or weights in this folder. Copy them here, then ", h("button", {type: "button", onclick: load}, "Look again"))
      : h("div.scroll", {tabindex: 0, role: "region", "aria-label": "Files"}, h("table.files", {}, h("thead", {}, h("tr", {}, h("th", {}, "Choose"), h("th", {}, "File"), h("th", {}, "Is a"), h("th", {}, "What changes"))),
        h("tbody", {}, files.map(row)))));
    start.hidden = files.length === 0;
    start.disabled = chosen.size === 0;
    drawWeights();
  }
  function row(file) {
    const tick = h("input", {type: "checkbox", checked: chosen.has(file.name) ? true : null, disabled: !file.kind || file.done ? true : null, "aria-label": `Choose ${file.name}`});
    tick.addEventListener("change", () => {
      chosen[tick.checked ? "add" : "delete"](file.name);
      start.disabled = chosen.size === 0;
    });
    return h("tr", {}, h("td", {}, tick), h("td.mono", {}, file.name), h("td", {}, KINDS[file.kind]), h("td.wraps", {}, what(file)));
  }
  function what(file) {
    if (file.error) return fault(file.error);
    if (file.done) return h("span.quiet", {}, "is upgraded");
    if (file.kind === "weights") return h("span.quiet", {}, `written as ${file.target}`);
    return file.notes.length ? h("ul", {}, file.notes.map((note) => h("li", {}, note))) : h("span.quiet", {}, "nothing: it is in today's form");
  }
  async function upgrade() {
    start.disabled = true;
    fill(problem);
    const made = [];
    try {
      for (const name of files.map((one) => one.name).filter((one) => chosen.has(one))) {
        const {state} = await box.run({do: "upgrade", file: name});
        if (state !== "done") throw new Error(`${name} was not upgraded: the output says why.`);
        chosen.delete(name);
        made.push(files.find((one) => one.name === name));
      }
      tell(`${made.length} files are upgraded`);
    } catch (error) {
      fill(problem, fault(error));
    }
    drawMade(made);
    await load();
  }
  function drawMade(made) {
    if (!made.length) return;
    fill(next, h("section.sheet", {}, h("h2", {}, "Upgraded"), h("ul", {}, made.map((one) => h("li", {},
      one.kind === "weights" ? h("span.mono", {}, one.target)
        : h("a", {href: pageOf(one.kind === "net" ? "model" : "solver", one.target)}, one.target))))));
  }
  const weightsBox = h("div");
  function drawWeights() {
    const weights = files.filter((one) => one.kind === "weights"), solvers = files.filter((one) => one.kind === "solver");
    if (!weights.length || !solvers.length) return fill(weightsBox);
    const from = choice("weights", weights), by = choice("solver", solvers);
    const train = h("button", {type: "button"}, "Train from these weights");
    train.addEventListener("click", () => {
      train.disabled = true;
      box.run({do: "train", solver: by.value, weights: from.value}).catch((error) => fill(problem, fault(error))).finally(() => { train.disabled = false; });
    });
    fill(weightsBox, h("section.sheet", {}, h("h2", {}, "Go on learning from old weights"),
      h("div.row.end", {}, h("div.field", {}, h("label", {for: "weights"}, "Weights"), from), h("div.field", {}, h("label", {for: "solver"}, "Solver"), by), train)));
  }
  await load();
  return {
    title: "Old Caffe files", leave: () => box.end(),
    element: h("div.stack", {}, h("div", {}, h("h1", {}, "Old Caffe files"),
      h("p.quiet", {}, "An upgraded file is written beside the old one, which stays as it is. Texts of any age also train as they are.")),
    problem, h("section.sheet", {"aria-label": "Files of this folder"}, list, h("div.row.after", {}, start)), next, weightsBox, box.element),
  };
}

function choice(id, files) {
  return h("select", {id}, files.map((one) => h("option", {value: one.name}, one.name)));
}
