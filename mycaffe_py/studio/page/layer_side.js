// The chosen layer as a form: what it reads and makes, its options, its twins.
import {fill, h} from "./dom.js";
import {cardOf, form} from "./form.js";
import {layerTypes, openPalette} from "./palette.js";

/** The side of a model page; draw({layers, badges}, chosen) shows. `edit(asked)` changes the text. */
export function layerSide({edit, choose}) {
  const element = h("aside.sheet.side", {"aria-label": "The chosen layer"});
  const types = h("datalist", {id: "types"});
  let layers = [], both = true, state = "";
  layerTypes().then((families) => fill(types, Object.entries(families).map(([family, names]) =>
    names.map((one) => h("option", {value: one, label: family})))));

  async function draw(found, chosen) {
    ({layers} = found);
    const layer = layers.find((one) => one.name === chosen);
    const {badges} = found, now = JSON.stringify([layer, badges, layer && twinsOf(layer).map((one) => one.name)]);
    if (now === state) return;
    state = now;
    if (!layer) {
      fill(element, h("h2", {}, "Layer"), h("p.quiet", {}, layers.length ? "Choose a layer in the graph or in the text." : "This net has no layer yet."), adder(null));
      return;
    }
    const card = layer.known ? await cardOf(layer.type) : null;
    if (now !== state) return;
    const focus = document.activeElement?.id;
    fill(element, head(layer, badges), fields(layer, card), h("div.row", {}, adder(layer),
      h("button", {type: "button", onclick: () => edit({act: "remove", paths: [["layer", layer.number]]})}, "Remove layer")), types);
    if (focus) document.getElementById(focus)?.focus({preventScroll: true});
  }
  const twinsOf = (layer) => layer.twins.map((number) => layers[number]).filter(Boolean);
  function head(layer, badges) {
    const twins = twinsOf(layer);
    return [
      h("div.row.spread", {}, h("h2", {}, layer.name), h("button.plain", {type: "button", onclick: () => choose("")}, "Close")),
      badges.map((badge) => h("div.badge", {}, badge.about)),
      twins.length > 0 && h("p", {}, h("input", {type: "checkbox", id: "both", checked: both,
        onchange: (event) => { both = event.target.checked; }}), " ",
      h("label", {for: "both"}, `Change ${twins.length > 1 ? "all" : "both"}: twin of ${twins.map((one) => one.name).join(", ")}`)),
      ends(layer),
    ];
  }
  function fields(layer, card) {
    const set = (path, value) => edit({act: "set", value, paths: paths(layer, path)});
    const remove = (path) => edit({act: "remove", paths: paths(layer, path)});
    const parts = [h("div.entry", {}, h("label", {for: "layer-name"}, "name"), nameField(layer)),
      h("div.entry", {}, h("label", {for: "layer-type"}, "type"), typeField(layer, set))];
    for (const [option, known] of Object.entries(card?.options || {})) {
      parts.push(h("fieldset", {}, h("legend", {}, option),
        form({fields: known, values: layer.fields[option], path: [option], set, remove, id: "f"})));
    }
    if (card) parts.push(h("details", {}, h("summary", {}, `What ${layer.type} does`), h("pre", {}, card.about)));
    return parts;
  }
  function paths(layer, path) {
    const numbers = both ? [layer.number, ...layer.twins] : [layer.number];
    return numbers.map((number) => ["layer", number, ...path]);
  }
  /** What a layer reads, each a button to its maker, and what it makes, with who reads that. */
  function ends(layer) {
    const way = (blob, other, title) => (other
      ? h("button.plain", {type: "button", title, onclick: () => choose(other.name, {scroll: true, reveal: true})}, blob) : h("span", {}, blob));
    const makers = layer.bottoms.map((bottom) => {
      const maker = layers.filter((one) => one.number < layer.number && one.tops.includes(bottom)).pop();
      return way(bottom, maker, maker && `Made by ${maker.name}`);
    });
    const readers = layer.tops.map((top) => {
      const reader = layers.find((one) => one.number > layer.number && one.bottoms.includes(top));
      return way(top, reader, reader && `Read by ${reader.name}`);
    });
    return h("p.quiet", {}, makers.length ? ["from ", makers, " "] : null, readers.length ? ["to ", readers] : null);
  }
  function nameField(layer) {
    const made = h("input", {type: "text", id: "layer-name", value: layer.name, title: "Renames it wherever it is read, too"});
    made.addEventListener("change", () => {
      const next = made.value.trim();
      if (!next) {
        made.value = layer.name;
        return;
      }
      edit({act: "rename", old: layer.name, new: next}, next);
    });
    return made;
  }
  function typeField(layer, set) {
    const made = h("input", {type: "text", id: "layer-type", value: layer.type, list: "types"});
    made.addEventListener("change", () => set(["type"], made.value));
    return made;
  }
  function adder(layer) {
    const where = layer ? `behind ${layer.name}` : "at the end";
    return h("button", {type: "button", onclick: () => openPalette({where, add: (type) => add(type, layer)})}, "Add a layer");
  }
  function add(type, chosen) {
    const layer = chosen || layers[layers.length - 1], made = fresh(type.toLowerCase()), bottom = layer?.tops[0];
    const lines = [`layer {`, `  name: "${made}"`, `  type: "${type}"`,
      ...(bottom ? [`  bottom: "${bottom}"`] : []), `  top: "${made}"`, `}`];
    edit({act: "add", snippet: lines.join("\n"), after: behind(layer)}, made);
  }
  /** The number a new layer comes behind: what works in place on the blob comes before it. */
  function behind(layer) {
    const inPlace = (one) => one.number > layer.number && one.tops.some((top) => layer.tops.includes(top) && one.bottoms.includes(top));
    return layer ? Math.max(layer.number, ...layers.filter(inPlace).map((one) => one.number)) : null;
  }
  function fresh(word) {
    const names = new Set(layers.map((layer) => layer.name));
    let number = 1;
    while (names.has(`${word}${number}`)) number++;
    return `${word}${number}`;
  }
  return {element, draw};
}
