// A text to type in, coloured: a textarea over the same text in colours. The browser's own undo,
// selection and spelling of keys stay as everybody knows them.
import {fill, h} from "./dom.js";

const WORDS = /(#[^\n]*)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|([A-Za-z_]\w*)(?=\s*[:{])|(-?\b\d[\w.+-]*)|\b(true|false|[A-Z_]{3,})\b/g;
const KINDS = ["comment", "string", "field", "number", "word"];

/** An editor; `onchange(text)` after typing, `onplace(line)` when the cursor moves. */
export function editor({name, onchange, onplace}) {
  const area = h("textarea.code", {spellcheck: "false", autocapitalize: "off", autocomplete: "off",
    "aria-label": name, wrap: "off"});
  const colours = h("pre.code", {"aria-hidden": "true"});
  const numbers = h("pre.numbers", {"aria-hidden": "true"});
  const marked = h("div.marked", {hidden: true});
  const sheet = h("div.paper", {}, marked, colours, area);
  const element = h("div.editor", {}, numbers, sheet);
  // Each line is coloured by itself: a string ends on the line it begins on.
  let drawn = [], longest = -1, wrong = 0, from = 0, to = 0;

  function draw() {
    const lines = area.value.split("\n"), old = drawn, most = Math.min(lines.length, old.length);
    let start = 0, end = 0;
    while (start < most && lines[start] === old[start]) start++;
    while (end < most - start && lines[lines.length - 1 - end] === old[old.length - 1 - end]) end++;
    for (let i = old.length - end - 1; i >= start; i--) colours.children[i].remove();
    const fresh = lines.slice(start, lines.length - end).map((line) => h("span.line-of-code", {}, coloured(line)));
    if (fresh.length) colours.children[start] ? colours.children[start].before(...fresh) : colours.append(...fresh);
    drawn = lines;
    resize(lines, lines.length !== old.length);
    mark();
  }
  function resize(lines, higher) {
    if (higher) {
      numbers.textContent = lines.map((_, i) => i + 1).join("\n");
      area.style.height = `${lines.length * lineHeight() + 16}px`;
    }
    const now = Math.max(...lines.map((line) => line.length));
    // A page that is not shown yet has no widths.
    if (now === longest || !sheet.clientWidth) return;
    longest = now;
    area.style.width = "100%";
    area.style.width = `${Math.max(area.scrollWidth, sheet.clientWidth)}px`;
  }
  function mark() {
    const line = lineHeight();
    marked.hidden = !wrong && !from;
    const first = wrong || from, last = wrong || to;
    marked.className = wrong ? "marked wrong" : "marked";
    marked.style.top = `${(first - 1) * line + 8}px`;
    marked.style.height = `${(last - first + 1) * line}px`;
  }
  function lineHeight() {
    return parseFloat(getComputedStyle(colours).lineHeight) || 19;
  }
  area.addEventListener("input", () => {
    draw();
    onchange(area.value);
  });
  const moved = () => onplace?.(area.value.slice(0, area.selectionStart).split("\n").length);
  area.addEventListener("click", moved);
  area.addEventListener("keyup", moved);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") area.blur();
  });
  return {
    element, area,
    get text() { return area.value; },
    /** Show another text; `quietly` tells nobody. */
    set(text, {quietly = false} = {}) {
      if (text === area.value) return;
      const [start, top] = [area.selectionStart, element.scrollTop];
      replaceText(area, text);
      area.setSelectionRange(Math.min(start, text.length), Math.min(start, text.length));
      element.scrollTop = top;
      draw();
      if (!quietly) onchange(text);
    },
    /** Draw what was set before the page was shown. */
    draw() {
      draw();
      longest = -1;
      resize(drawn, true);
    },
    /** Mark a line as wrong, 0: none. */
    fault(line) { wrong = line; mark(); },
    /** Mark the lines of what is chosen. */
    choose(first, last) { from = first; to = last; mark(); },
    /** Bring a line into sight, and the cursor to it. */
    go(line, column = 1) {
      const before = area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
      area.focus();
      area.setSelectionRange(before + column - 1, before + column - 1);
      this.scroll(line);
    },
    scroll(line) {
      element.scrollTop = Math.max(0, (line - 1) * lineHeight() - element.clientHeight / 3);
    },
  };
}

/** Replace what differs alone, so that the browser's undo takes one edit back. */
function replaceText(area, text) {
  const old = area.value;
  let start = 0;
  while (start < old.length && start < text.length && old[start] === text[start]) start++;
  let end = 0;
  while (end < old.length - start && end < text.length - start
    && old[old.length - 1 - end] === text[text.length - 1 - end]) end++;
  if (!old) {
    area.value = text;
    return;
  }
  const active = document.activeElement;
  area.focus({preventScroll: true});
  area.setSelectionRange(start, old.length - end);
  const piece = text.slice(start, text.length - end);
  const done = piece ? document.execCommand("insertText", false, piece) : document.execCommand("delete");
  if (!done || area.value !== text) area.value = text;
  if (active !== area) active?.focus?.({preventScroll: true});
}

function coloured(text) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(WORDS)) {
    if (found.index > at) parts.push(text.slice(at, found.index));
    const kind = KINDS[found.slice(1).findIndex((part) => part !== undefined)];
    parts.push(h(`span.t-${kind}`, {}, found[0]));
    at = found.index + found[0].length;
  }
  parts.push(text.slice(at));
  return parts;
}
