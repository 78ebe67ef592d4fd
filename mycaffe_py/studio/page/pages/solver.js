// The solver page: its text, a form of its fields, what it will do in words, and the rate's curve.
import {post} from "../api.js";
import {chart} from "../chart.js";
import {fill, h} from "../dom.js";
import {fieldsOf, form} from "../form.js";
import {key} from "../keys.js";
import {train} from "../starting.js";
import {textPage} from "../text_page.js";

const FIRST = ["net", "base_lr", "lr_policy", "gamma", "power", "stepsize", "stepvalue", "warmup_iter", "max_iter", "type",
  "momentum", "momentum2", "weight_decay", "display", "test_iter", "test_interval", "snapshot", "snapshot_prefix", "random_seed"];

export async function show({name}) {
  let fields = await fieldsOf("SolverParameter"), found = {}, turn = 0, state = "";
  fields = [...FIRST.map((one) => fields.find((field) => field.name === one)).filter(Boolean),
    ...fields.filter((field) => !FIRST.includes(field.name))];
  const words = h("ul"), side = h("div"), net = h("span");
  const rate = chart({name: "learning rate", kind: "accuracy"});
  const page = await textPage(name, {check});
  const {text} = page;

  async function check() {
    const mine = ++turn;
    try {
      const next = await post("/api/check", {name, content: text.text});
      if (mine !== turn) return;
      found = next;
      draw();
    } catch (error) {
      page.failed(error);
    }
  }
  function draw() {
    page.showError(found.error);
    // With a mistake what was told last stays in sight.
    if (found.words.length) fill(words, found.words.map((line) => h("li", {}, line)));
    if (found.rates.length) rate.set(found.rates);
    fill(net, found.model && h("a.button", {href: `/model/${encodeURI(found.model)}`}, "Net"));
    film.disabled = !found.film;
    film.title = found.film ? "Where a sample of the data lies, while it learns" : "No data set is read that a film could show";
    const now = JSON.stringify(found.fields);
    if (now === state) return;
    state = now;
    const focus = document.activeElement?.id;
    fill(side, form({fields, values: found.fields, path: [], id: "s",
      set: (path, value) => page.edit({act: "set", value, paths: [path]}), remove: (path) => page.edit({act: "remove", paths: [path]})}));
    if (focus) document.getElementById(focus)?.focus({preventScroll: true});
  }
  async function begin() {
    page.notice();
    try {
      if (found.error) return page.showError(found.error);
      if (!page.isSaved() && !await page.save()) return;
      await train(name, found.prefix, {film: film.checked && found.film, seed: seed.value || undefined, iterations: iterations.value || undefined}, page.say);
    } catch (error) {
      page.failed(error);
    }
  }
  const film = h("input", {type: "checkbox", id: "film", checked: true});
  const seed = h("input", {type: "number", id: "seed", min: 0, placeholder: "fresh"});
  const iterations = h("input", {type: "number", id: "iterations", min: 1, placeholder: "all"});
  const element = h("div.stack.close", {},
    h("div.head", {}, h("div.row", {}, page.title),
      h("div.row", {}, net,
        h("label", {for: "seed"}, "Seed"), seed, h("label", {for: "iterations"}, "Iterations"), iterations,
        film, h("label", {for: "film"}, "film of the map"),
        h("button", {type: "button", onclick: page.save}, "Save ", h("kbd", {}, "Ctrl-S")),
        h("button.primary", {type: "button", onclick: begin}, "Train ", h("kbd", {}, "Ctrl-Enter")))),
    h("div.model", {}, h("section.sheet.text", {"aria-label": "Text"}, text.element, page.problems),
      h("section.sheet.middle", {"aria-label": "What it will do"}, h("h2", {}, "What it will do"), words, h("h2", {}, "Learning rate"), rate.element),
      h("aside.sheet.side", {"aria-label": "Fields"}, h("h2", {}, "Fields"), side)));
  await check();
  const keys = [key("Ctrl-S", "save", page.save), key("Ctrl-Enter", "train", begin)];
  return {
    title: name, element, shown: () => text.draw(),
    leave() {
      turn = -1;
      page.leave();
      keys.forEach((end) => end());
    },
  };
}
