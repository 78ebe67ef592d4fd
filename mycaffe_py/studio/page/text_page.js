// What the pages of a net and of a solver have in common: a text with its form, checked at each
// key, saved over the version that was read.
import {get, post} from "./api.js";
import {fill, h, tell} from "./dom.js";
import {editor} from "./editor.js";
import {fault} from "./fault.js";
import {part} from "./text_parts.js";

const WAIT_MS = 60;

/** The text `name`; `check(text)` looks at it after typing, `place(line)` follows the cursor. */
export async function textPage(name, {check, place}) {
  let saved = await get("/api/text", {name}), timer = 0;
  // A mistake goes when a check finds none; what an act had to say stays until the text changes.
  const mistake = h("div.problem"), told = h("div.problem"), state = h("span.quiet", {role: "status"});
  const text = editor({name: `Text of ${name}`, onchange: later, onplace: place});

  function later() {
    clearTimeout(timer);
    timer = setTimeout(() => check(), WAIT_MS);
    fill(told);
    showSaved();
  }
  const isSaved = () => text.text === saved.content;
  function showSaved() {
    fill(state, isSaved() ? "Saved" : "Not saved");
    undo.disabled = differs.disabled = isSaved();
  }
  /** Show a mistake, with the way to its line and what the compiler offers instead. */
  function showError(error) {
    fill(mistake, error && fault(error, (at) => at.line > 0 && text.owns(at) && h("button", {type: "button", onclick: () => text.go(at.line, at.column || 1)},
      `Line ${at.line}: go there`)), error && suggestion(error));
    text.fault((error && text.owns(error) && error.line) || 0);
  }
  // A solver's mistake may stand in its net.
  text.owns = (at) => !at.file || at.file.replaceAll("\\", "/").endsWith(`/${name}`) || at.file === name;
  function suggestion(error) {
    const offered = /Did you mean '([^']+)'\?/.exec(error.do || ""), wrong = /'([^']+)'/.exec(error.found || "");
    if (!offered || !wrong || !error.line || !text.owns(error)) return null;
    return h("button", {type: "button", onclick: () => {
      const lines = text.text.split("\n");
      lines[error.line - 1] = lines[error.line - 1].replace(wrong[1], offered[1]);
      text.set(lines.join("\n"));
    }}, `Use '${offered[1]}'`);
  }
  async function edit(asked) {
    try {
      const {content} = await post("/api/edit", {name, content: text.text, ...asked});
      text.set(content, {quietly: true});
      clearTimeout(timer);
      fill(told);
      showSaved();
      await check();
    } catch (error) {
      fill(told, fault(error));
    }
  }
  /** Save; false where it could not be done, which is told. */
  async function save() {
    try {
      saved = await post("/api/text", {name, content: text.text, version: saved.version}, "PUT");
      fill(told);
      showSaved();
      tell(`${name} is saved`);
      return true;
    } catch (error) {
      fill(told, fault(error), h("button", {type: "button", onclick: async () => {
        saved = await get("/api/text", {name});
        fill(told);
        text.set(saved.content);
      }}, "Load it anew, without my changes"));
      return false;
    }
  }
  async function changes() {
    try {
      const {parts} = await post("/api/changes", {name, content: text.text});
      const dialog = h("dialog.changes", {"aria-label": "Changes"},
        h("div.row.spread", {}, h("h2", {}, "What is not saved yet"), h("button", {type: "button", onclick: () => dialog.close()}, "Close")),
        parts.length ? parts.map(part) : h("p", {}, "The file has this very text."));
      dialog.addEventListener("close", () => dialog.remove());
      document.body.append(dialog);
      dialog.showModal();
    } catch (error) {
      fill(told, fault(error));
    }
  }
  const undo = h("button.plain", {type: "button", title: "Ctrl-Z in the text", onclick: () => {
    text.area.focus({preventScroll: true});
    document.execCommand("undo");
  }}, "Undo");
  const differs = h("button.plain", {type: "button", onclick: changes}, "Changes");
  const unsaved = (event) => !isSaved() && event.preventDefault();
  window.addEventListener("beforeunload", unsaved);
  text.set(saved.content, {quietly: true});
  clearTimeout(timer);
  showSaved();
  return {
    text, problems: [mistake, told], edit, save, isSaved, showError,
    notice: (...parts) => fill(told, ...parts),
    title: [h("h1", {}, name), state, undo, differs],
    failed: (error) => fill(told, fault(error)),
    say: (words) => fill(state, words),
    leave() {
      clearTimeout(timer);
      window.removeEventListener("beforeunload", unsaved);
    },
  };
}
