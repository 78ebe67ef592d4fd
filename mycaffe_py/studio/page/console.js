// The output window: what a command told, as a terminal would show it.
import {h} from "./dom.js";

/** A window that follows its end; add(message) takes what the stream brings. */
export function output() {
  const out = h("pre.console", {tabindex: 0, "aria-label": "What the command told"});
  return {
    element: out,
    add({text, anew}) {
      out.textContent = lastLines((anew ? "" : out.textContent) + text);
      out.scrollTop = out.scrollHeight;
    },
  };
}

/** A carriage return writes over its line; the last lines are kept. */
export function lastLines(text) {
  const lines = text.split("\n").map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1));
  return lines.slice(-400).join("\n");
}
