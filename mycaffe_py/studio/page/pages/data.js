// All data sets, and a form for each kind that makes another one.
import {pageOf} from "../address.js";
import {get, post} from "../api.js";
import {creators} from "../creator.js";
import {fill, h, tell} from "../dom.js";
import {fault} from "../fault.js";

export async function show({make = ""}) {
  const [sets, forms] = await Promise.all([get("/api/data"), get("/api/data/forms")]);
  const list = h("div"), faults = h("div", {hidden: true});
  const draw = (all) => fill(list, all.length ? h("ul.cards", {}, all.map((set) => card(set, ask)))
    : h("p.quiet", {}, "There is no data set yet: make one below."));
  const renew = async () => draw(await get("/api/data"));
  const ask = (set) => removal(set, async () => {
    try {
      await post("/api/data/remove", {dataset: set.dataset});
      tell(`${set.dataset} is removed`);
      await renew();
    } catch (error) {
      faults.hidden = false;
      fill(faults, fault(error));
    }
  });
  draw(sets);
  const made = creators({forms, first: make, sets: sets.map((set) => set.dataset), done: renew});
  const element = h("div.stack", {}, h("div.head", {}, h("h1", {}, "Data")),
    h("section.stack", {"aria-label": "Data sets"}, faults, list),
    h("section.stack", {"aria-label": "Make a data set"}, h("h2", {}, "Make a data set"), made.element));
  return {title: "Data", element, leave: made.leave};
}

function card(set, ask) {
  const address = pageOf("data", set.dataset);
  const element = h("li", {},
    h("div.row.spread", {}, h("a", {href: address}, h("strong", {}, set.dataset)),
      h("small", {}, kindOf(set))),
    h("div.splits", {}, set.sources.map((source) => [h("span", {}, source.name.slice(set.dataset.length + 1)), h("small", {}, about(source))])),
    set.error && h("p.notice", {}, set.error),
    set.description && h("small", {}, set.description),
    !set.built_in && h("div.row.spread.foot", {}, h("small", {}, size(set.bytes)),
      h("button.plain", {type: "button", "aria-label": `Remove ${set.dataset}`, onclick: () => ask(set)}, "Remove")));
  element.addEventListener("dblclick", () => document.dispatchEvent(new CustomEvent("go", {detail: address})));
  return element;
}

function about({images, word, shape, labels}) {
  return `${images.toLocaleString("en")} ${word}s, ${shape.join("x")}, ${labels.toLocaleString("en")} ${labels === 1 ? "label" : "labels"}`;
}

function kindOf(set) {
  if (set.built_in) return "built in";
  return set.kind === "features" ? "feature table" : "made here";
}

function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let step = 0, value = bytes;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${step ? value.toPrecision(3) : value} ${units[step]}`;
}

/** Ask before a data set is gone for good. */
function removal(set, act) {
  const dialog = h("dialog", {"aria-label": `Remove ${set.dataset}?`},
    h("div.stack", {}, h("h2", {}, `Remove ${set.dataset}?`),
      h("p", {}, `${size(set.bytes)} are gone for good. Nets that learned from it stay, but cannot be tested by it.`),
      h("div.row", {}, h("button", {type: "button", autofocus: true, onclick: () => dialog.close()}, "Keep it"),
        h("button.danger", {type: "button", onclick: () => { dialog.close(); act(); }}, "Remove"))));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
