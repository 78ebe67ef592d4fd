// A new project: a name, a data set, a model, a solver.
import {pageOf} from "../address.js";
import {get, post} from "../api.js";
import {fill, h} from "../dom.js";
import {fault} from "../fault.js";

const OWN = "";

export async function show({data: chosen = ""}) {
  const {models, fitted, data} = await get("/api/project/choices");
  const problem = h("div"), about = h("p.quiet", {"aria-live": "polite"});
  const name = h("input", {id: "name", value: "", required: true, autocomplete: "off", placeholder: "my_net"});
  const sets = select("data", [[OWN, "the model's own"], ...data.map((set) => [set.name, `${set.name} (${inWords(set)})`])]);
  const model = select("model", []), solver = select("solver", []);
  const make = h("button.primary", {type: "submit"}, "Make the project");

  function drawModels() {
    const before = model.value, own = sets.value !== OWN ? fitted : [];
    fill(model, own.map((one) => option(one, `Siamese, written ${one}`)), models.map((one) => option(one.name, one.name)));
    model.value = [...model.options].some((one) => one.value === before) && before ? before : own[0] || "siamese_28x28";
    drawSolvers();
  }
  function drawSolvers() {
    const found = models.find((one) => one.name === model.value), comes = !found || found.solver;
    fill(solver, comes && option("", "the model's own"), models.filter((one) => one.solver).map((one) => option(one.solver, one.solver)));
    about.textContent = found ? found.about : "Layer sizes, pairs and iterations are chosen by the size of the pictures and by how many there are.";
  }
  async function submit(event) {
    event.preventDefault();
    make.disabled = true;
    try {
      const made = await post("/api/project", {name: name.value.trim(), model: model.value, solver: solver.value, data: sets.value});
      document.dispatchEvent(new CustomEvent("go", {detail: pageOf("model", made.model)}));
    } catch (error) {
      fill(problem, fault(error));
      name.focus();
    } finally {
      make.disabled = false;
    }
  }
  sets.addEventListener("change", drawModels);
  model.addEventListener("change", drawSolvers);
  if (data.some((set) => set.name === chosen)) {
    sets.value = chosen;
    name.value = chosen.toLowerCase();
  }
  drawModels();
  const form = h("form.sheet.narrow", {onsubmit: submit},
    field("name", "Name", name, "Both texts get it: NAME.prototxt and NAME.solver. A slash makes a folder."),
    field("data", "Data set", sets, ["Your own pictures are not among them? ", h("a", {href: "/new/pictures"}, "Make a data set of them"), "."]),
    field("model", "Model", model, about), field("solver", "Solver", solver, "How it learns: rate, iterations, tests."),
    h("div.row", {}, make));
  return {title: "New project", element: h("div.stack", {}, h("h1", {}, "New project"), problem, form), shown: () => name.focus()};
}

function inWords(set) {
  const items = Object.values(set.items).reduce((sum, one) => sum + one, 0).toLocaleString("en");
  return `${items} of ${set.shape.join(" x ")}, ${set.place}`;
}

function select(id, options) {
  return h("select", {id}, options.map(([value, words]) => option(value, words)));
}

function option(value, words) {
  return h("option", {value}, words);
}

function field(id, words, input, about) {
  return h("div.field", {}, h("label", {for: id}, words), input, about instanceof Node ? about : h("small", {}, about));
}
