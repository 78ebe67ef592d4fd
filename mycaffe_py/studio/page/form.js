// The fields of a layer or a solver as a form. What is typed here becomes an edit of the text.
import {get} from "./api.js";
import {fill, h} from "./dom.js";

const cards = new Map(), messages = new Map();

/** The card of a layer type, asked for once. */
export function cardOf(type) {
  if (!cards.has(type)) cards.set(type, get("/api/layer", {type}));
  return cards.get(type);
}

/** The fields of a message, asked for once. */
export function fieldsOf(message) {
  if (!messages.has(message)) messages.set(message, get("/api/fields", {message}));
  return messages.get(message);
}

/** Inputs for `fields` with the `values` that the text gives; `set(path, word)`, `remove(path)`. */
export function form({fields, values, path, set, remove, id}) {
  return h("div.form", {}, fields.map((field) => row(field, values?.[field.name], [...path, field.name], {set, remove, id})));
}

function row(field, value, path, act) {
  if (field.kind === "message") return messageRow(field, value, path, act);
  if (field.repeats) return listRow(field, value || [], path, act);
  const id = `${act.id}-${path.join("-")}`, given = value !== undefined;
  return h("div.entry", {"data-path": path.join(".")},
    h("label", {for: id, title: field.about}, field.name),
    h("div.row", {}, input(field, value, id, (word) => (word || field.kind === "text" ? act.set(path, word) : given && act.remove(path))),
      given && h("button.plain", {type: "button", title: `Take ${field.name} out of the text`,
        "aria-label": `Take ${field.name} out`, onclick: () => act.remove(path)}, "Remove")),
    field.about && h("small", {}, field.about));
}

function input(field, value, id, set) {
  const shown = value === undefined ? "" : String(value);
  if (field.kind === "bool" || field.kind === "enum") {
    const choices = field.kind === "bool" ? ["true", "false"] : field.values;
    const silent = field.default === null ? "" : `${field.default} (default)`;
    const made = h("select", {id}, value === undefined && h("option", {value: "", selected: true}, silent),
      choices.map((one) => h("option", {value: one, selected: one === shown}, one)));
    made.addEventListener("change", () => made.value && set(made.value));
    return made;
  }
  const made = h("input", {id, type: "text", value: shown, list: field.values.length > 0 && offered(field), inputmode: field.kind === "text" ? "text" : "decimal",
    placeholder: field.default === null || field.default === "" ? "" : `${field.default} (default)`});
  made.addEventListener("change", () => set(made.value));
  return made;
}

/** The words that a field of text may have, for the browser to offer; returns their id. */
function offered(field) {
  const id = `words-${field.values.join("-")}`;
  if (!document.getElementById(id)) document.body.append(h("datalist", {id}, field.values.map((one) => h("option", {value: one}))));
  return id;
}

function listRow(field, values, path, act) {
  const id = `${act.id}-${path.join("-")}`;
  const one = (value, number) => h("div.row", {},
    input({...field, default: null}, value, number ? `${id}-${number}` : id, (word) => act.set([...path, number], word)),
    value !== undefined && h("button.plain", {type: "button", "aria-label": `Take ${field.name} ${number} out`,
      onclick: () => act.remove([...path, number])}, "Remove"));
  const next = one(undefined, values.length);
  if (values.length) next.querySelector("input, select").setAttribute("aria-label", `One more ${field.name}`);
  return h("div.entry", {"data-path": path.join(".")}, h("label", {for: id, title: field.about}, field.name),
    values.map(one), next, field.about && h("small", {}, field.about));
}

function messageRow(field, value, path, act) {
  const entries = field.repeats ? [...(value || []), undefined] : [value];
  return entries.map((one, number) => {
    const here = field.repeats ? [...path, number] : path, inner = h("div");
    const details = h("details.entry", {open: one !== undefined && Object.keys(one).length < 6 ? true : null},
      h("summary", {title: field.about}, field.name, field.repeats ? ` ${number + 1}` : "", one === undefined ? h("small", {}, " not given") : null), inner);
    const open = async () => {
      if (!details.open || inner.childElementCount) return;
      fill(inner, form({...act, fields: await fieldsOf(field.message), values: one, path: here}));
    };
    details.addEventListener("toggle", open);
    open();
    return details;
  });
}
