// Keys for every page, and the list of them that "?" shows.
import {h} from "./dom.js";

const own = new Map();
let pages = {};
let waiting = false;

/** Let `g` and a page's key go there; `?` shows the list. */
export function bindKeys(byKey, go) {
  pages = byKey;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) {
      const name = `Ctrl-${event.key.length === 1 ? event.key.toUpperCase() : event.key}`;
      if (own.has(name)) {
        event.preventDefault();
        own.get(name).act();
      }
      return;
    }
    if (event.altKey || writes(event.target) || document.querySelector("dialog[open]")) return;
    if (waiting) {
      waiting = false;
      if (pages[event.key]) go(pages[event.key].href);
    } else if (event.key === "g") {
      waiting = true;
      setTimeout(() => { waiting = false; }, 1500);
    } else if (event.key === "?") {
      showKeys();
    } else if (own.has(event.key) && !(event.key === " " && presses(event.target))) {
      event.preventDefault();
      own.get(event.key).act();
    }
  });
}

/** Let `key` do something on the page shown now; returns what ends that. */
export function key(name, words, act) {
  own.set(name, {words, act});
  return () => own.delete(name);
}

/** The list of all keys. */
export function showKeys() {
  const rows = [
    ...Object.entries(pages).map(([letter, page]) => [`g ${letter}`, page.name]),
    ...[...own].map(([name, {words}]) => [name === " " ? "Space" : name, words]),
    ["?", "this list"],
  ];
  const dialog = h("dialog", {"aria-label": "Keys"},
    h("div.head", {}, h("h2", {}, "Keys"), h("button", {type: "button", onclick: () => dialog.close()}, "Close")),
    h("table", {}, h("tbody", {}, rows.map(([name, words]) =>
      h("tr", {}, h("td", {}, h("kbd", {}, name)), h("td", {}, words))))));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function writes(element) {
  return element.matches?.("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]");
}

function presses(element) {
  return element.matches?.("button, a, input, summary");
}
