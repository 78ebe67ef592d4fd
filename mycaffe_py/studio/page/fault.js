// An error as the command tells it: where, what was found, what was wanted, what to do.
import {h} from "./dom.js";

const PARTS = [["found", "Found"], ["wanted", "Wanted"], ["do", "Do"]];

/** The error in its parts; `place(file, line)` may make a link of where it is. */
export function fault(error, place) {
  const parts = error.parts || error;
  if (!parts.found) return h("div.fault", {role: "alert"}, h("strong", {}, parts.text || String(error)));
  const where = parts.file ? `${parts.file}${parts.line ? `:${parts.line}` : ""}` : "";
  return h("div.fault", {role: "alert"},
    h("dl", {},
      where && [h("dt", {}, "Where"), h("dd.mono", {}, place?.(parts) || where)],
      PARTS.filter(([name]) => parts[name]).map(([name, word]) =>
        [h("dt", {}, word), h("dd", {}, name === "found" ? h("strong", {}, parts[name]) : parts[name])])));
}
