// All layer types by family, each with its card, to add one to a net.
import {get} from "./api.js";
import {fill, h} from "./dom.js";
import {cardOf} from "./form.js";

let families = null;

/** The families of layer types, asked for once. */
export function layerTypes() {
  families ??= get("/api/palette");
  return families;
}

/** A dialog to choose a type from; `add(type)` when it is chosen, `where` says where it will stand. */
export async function openPalette({where, add}) {
  const all = await layerTypes();
  const list = h("div.layer-list"), card = h("pre", {tabindex: 0, "aria-label": "What it does"}), find = h("input", {type: "search", id: "new-type", placeholder: "Find a type", "aria-label": "Find a type"});
  const put = h("button.primary", {type: "button", disabled: true, onclick: () => choose()}, "Add");
  let chosen = "";

  function choose() {
    dialog.close();
    add(chosen);
  }
  async function look(type) {
    chosen = type;
    put.disabled = false;
    fill(put, `Add ${type}`);
    for (const button of list.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.textContent === type));
    const {about} = await cardOf(type);
    if (chosen === type) fill(card, about);
  }
  function draw() {
    const word = find.value.trim().toLowerCase();
    const found = Object.entries(all).map(([family, types]) => [family, types.filter((type) => `${family} ${type}`.toLowerCase().includes(word))]).filter(([, types]) => types.length);
    fill(list, found.map(([family, types]) => [h("h3", {}, family), h("div.types", {}, types.map((type) =>
      h("button", {type: "button", "aria-pressed": String(type === chosen), onclick: () => look(type), ondblclick: choose}, type)))]),
    found.length === 0 && h("p.quiet", {}, "No type is called so."));
    const types = found.flatMap(([, some]) => some), exact = types.find((type) => type.toLowerCase() === word);
    if (word && types.length) look(exact || types[0]);
  }
  find.addEventListener("input", draw);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && chosen) choose();
  });
  const dialog = h("dialog.palette", {"aria-label": "Add a layer"},
    h("div.row.spread", {}, h("h2", {}, "Add a layer"), h("button.plain", {type: "button", onclick: () => dialog.close()}, "Close")),
    h("div.row.spread", {}, find, h("span.row", {}, h("small", {}, where), put)),
    h("div.two", {}, list, card));
  dialog.addEventListener("close", () => dialog.remove());
  draw();
  fill(card, "Choose a type to read what it does.");
  document.body.append(dialog);
  dialog.showModal();
  find.focus();
}
