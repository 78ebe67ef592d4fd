// Classes by example, without training: enroll what is drawn, see what is enrolled, remove it.
import {fill, h, tell} from "./dom.js";
import {fault} from "./fault.js";
import {distance} from "./ranking.js";

/** `ask` asks the net, `given()` is the picture at hand, changed(now) hears what is enrolled then. */
export function enrolling(about, {ask, given, changed}) {
  const name = h("input", {type: "text", id: "label", maxlength: 80, autocomplete: "off", "aria-describedby": "label-help"});
  const force = h("input", {type: "checkbox", id: "force"});
  const add = h("button.primary", {type: "submit", disabled: true}, "Enroll");
  const list = h("div"), news = h("div");
  const form = h("form.row.end", {}, h("div.field", {}, h("label", {for: "label"}, "Name of the class"), name), add,
    h("div.row", {}, force, h("label", {for: "force"}, "also beside a trained class of this name")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const what = given();
    if (!what) return;
    await change(() => ask("enroll", {...what, label: name.value, force: force.checked}), `${name.value.trim()} is enrolled`);
  });
  async function change(act, words) {
    add.disabled = true;
    try {
      const {changed: told, words: lines, ...now} = await act();
      fill(news, note(lines, told));
      draw(now.enrolled);
      changed(now);
      tell(words);
    } catch (error) {
      fill(news, fault(error));
    } finally {
      add.disabled = !given();
    }
  }
  function draw(enrolled) {
    if (!enrolled.length) {
      fill(list, h("p.quiet", {}, "Nothing is enrolled. One example is enough: draw it, name it, enroll it."));
      return;
    }
    fill(list, h("div.scroll", {tabindex: 0, role: "region", "aria-label": "Enrolled classes"}, h("table", {},
      h("thead", {}, h("tr", {}, ["Class", "Examples", "Reaches", "From", ""].map((one) => h("th", {scope: "col"}, one || h("span.unseen", {}, "Remove"))))),
      h("tbody", {}, enrolled.map((one) => h("tr", {},
        h("td", {}, one.label), h("td.number", {}, one.examples),
        h("td.number", {}, one.limit === null ? "any distance" : distance(one.limit)),
        h("td.quiet", {}, one.files.join(", ") + (one.examples > one.files.length ? ", ..." : "")),
        h("td", {}, h("button", {
          type: "button", "aria-label": `Remove ${one.label}`,
          onclick: () => change(() => ask("remove", {label: one.label}), `${one.label} is removed`),
        }, "Remove"))))))));
  }
  draw(about.enrolled);
  return {
    element: h("section.sheet.stack", {}, h("h2", {}, "Classes by example"), form,
      h("small", {id: "label-help"}, "What 'mycaffe enroll' does: the net is not trained, the example is kept beside the snapshot."),
      news, list),
    ready(value) { add.disabled = !value; },
  };
}

/** The command's own words about what has just changed. */
function note(lines, told) {
  const kept = lines.filter((line) => line.startsWith("nearest to") || line.includes("among the examples already"));
  return h("p.quiet", {role: "status"}, [...kept, told.stored_in && `stored in ${told.stored_in.split(/[\\/]/).pop()}`].filter(Boolean).join("; "), ".");
}
