// Forms that make data sets, drawn from what each kind says of its options.
import {pageOf} from "./address.js";
import {post} from "./api.js";
import {fill, h, tell} from "./dom.js";
import {fault} from "./fault.js";
import {look} from "./live.js";
import {pick} from "./picker.js";

/** Buttons for the kinds and the form of the chosen one; `done()` once a set is made. */
export function creators({forms, first, sets, done}) {
  const place = h("div"), buttons = new Map();
  let end = () => {};
  const choose = (form) => {
    end();
    for (const [name, button] of buttons) button.setAttribute("aria-pressed", String(name === form.name));
    const made = creator(form, sets, done);
    end = made.leave;
    fill(place, made.element);
  };
  for (const form of forms) {
    buttons.set(form.name, h("button", {type: "button", "aria-pressed": "false", title: form.about, onclick: () => choose(form)},
      form.job === "import" ? `import ${form.kind}` : form.kind));
  }
  const wanted = forms.find((form) => form.kind === first);
  if (wanted) choose(wanted);
  return {element: h("div.stack", {}, h("div.row", {}, [...buttons.values()]), place), leave: () => end()};
}

/** The form of one kind; `begin` are values it begins with, `first` the options that are not below "More". */
export function creator(form, sets, done, {begin = {}, first = null} = {}) {
  const values = {...begin}, faults = h("div"), line = h("code"), out = h("pre.console", {hidden: true, tabindex: 0, "aria-label": "What the command told"});
  const after = h("div"), go = h("button.primary", {type: "submit"}, form.job === "import" ? "Import" : "Make it");
  let endLook = () => {}, waiting = 0;
  const asked = () => ({do: "dataset", job: form.job, kind: form.kind, values});
  const preview = () => {
    clearTimeout(waiting);
    const lacking = form.fields.filter((field) => field.required && !(values[field.name]?.length > 0)).map(wordsOf);
    line.textContent = lacking.length ? `not yet: ${lacking.join(" and ")} ${lacking.length > 1 ? "are" : "is"} needed` : line.textContent;
    if (!lacking.length) waiting = setTimeout(async () => {
      try {
        line.textContent = (await post("/api/job/preview", asked())).command;
      } catch (error) {
        line.textContent = `not yet: ${error.parts?.found || error.message}`;
      }
    }, 250);
  };
  const set = (name, value) => {
    values[name] = value;
    preview();
  };
  const start = async (event) => {
    event.preventDefault();
    fill(faults);
    fill(after);
    try {
      const job = await post("/api/job", asked());
      go.disabled = true;
      watch(job.number);
    } catch (error) {
      fill(faults, fault(error));
    }
  };
  const watch = (number) => {
    endLook();
    out.hidden = false;
    endLook = look({logs: [number]}, {
      log: ({text, anew}) => {
        const all = (anew ? "" : out.textContent) + text;
        out.textContent = all.split("\n").map((row) => row.slice(row.lastIndexOf("\r", row.length - 2) + 1)).slice(-200).join("\n");
        out.scrollTop = out.scrollHeight;
      },
      jobs: ({jobs}) => {
        const job = jobs.find((one) => one.number === number);
        if (!job || ["waiting", "running"].includes(job.state)) return;
        go.disabled = false;
        const name = values.name || form.fields.find((one) => one.name === "name")?.default || "";
        if (job.state === "done") {
          fill(after, h("a.button.primary", {href: pageOf("data", name)}, `Open ${name}`));
          done(name);
        }
        tell(job.state === "done" ? `${name} is made` : `The command ${job.state}; its output says why`);
      },
    });
  };
  const order = [...form.fields].sort((a, b) => rank(a) - rank(b));
  const more = first ? order.filter((field) => !first.includes(field.name)) : [];
  const entries = (fields) => h("div.fields", {}, fields.map((field) => entry(form, field, sets, set, values[field.name])));
  const element = h("form.sheet", {onsubmit: start, "aria-label": form.name, novalidate: true},
    h("p", {}, form.about), entries(order.filter((field) => !more.includes(field))),
    more.length > 0 && h("details", {}, h("summary", {}, "More options"), entries(more)),
    faults, h("div.row", {}, go, after), h("p", {}, h("small", {}, "The same in a terminal: "), line), out,
    form.examples && h("details", {}, h("summary", {}, "Examples and what they mean"), h("pre", {tabindex: 0}, form.examples)));
  preview();
  return {element, leave: () => { clearTimeout(waiting); endLook(); }};
}

/** What has to be filled in stands first, switches last. */
function rank(field) {
  if (field.kind === "switch") return 3;
  return field.required ? (field.name === "name" ? 1 : 0) : 2;
}

/** An option by its name; what stands without one by what it is. */
function wordsOf(field) {
  return (field.option.startsWith("--") ? field.option.slice(2) : field.name).replaceAll("-", " ");
}

function entry(form, field, sets, set, value) {
  const id = `${form.job}-${form.kind}-${field.name}`;
  const words = wordsOf(field);
  const about = field.about && h("small", {id: `${id}-about`}, field.about);
  if (field.kind === "switch") {
    return h("div.entry", {}, h("div.row", {},
      h("input", {type: "checkbox", id, onchange: (event) => set(field.name, event.target.checked)}), h("label", {for: id}, words)), about);
  }
  return h("div.entry", {}, h("label", {for: id}, words, field.required ? " (needed)" : ""), input(field, id, sets, set, value), about);
}

function input(field, id, sets, set, value = "") {
  const common = {id, "aria-describedby": field.about ? `${id}-about` : null, required: field.required};
  if (field.kind === "choice" || field.kind === "yes-no") {
    const choices = field.kind === "choice" ? field.values : ["yes", "no"];
    return h("select", {...common, onchange: (event) => set(field.name, event.target.value)},
      h("option", {value: ""}, field.default === null ? "as said below" : `${field.default} (default)`),
      choices.filter((one) => one !== String(field.default)).map((one) => h("option", {value: one}, one)));
  }
  const made = h("input", {...common, type: "text", value, inputmode: field.kind === "number" ? "decimal" : null, autocomplete: "off", spellcheck: "false",
    placeholder: field.default === null ? "" : `${field.default} (default)`, list: field.kind === "dataset" ? `${id}-sets` : null});
  const send = () => set(field.name, field.many ? made.value.split("\n").flatMap((row) => row.split("; ")).map((one) => one.trim()).filter(Boolean) : made.value.trim());
  made.addEventListener("input", send);
  if (field.kind === "dataset") return h("div.row", {}, made, h("datalist", {id: `${id}-sets`}, sets.map((one) => h("option", {value: one}))));
  if (field.kind !== "folder" && field.kind !== "file") return made;
  const choose = async () => {
    const path = await pick({folder: field.kind === "folder"});
    if (!path) return;
    made.value = field.many && made.value.trim() ? `${made.value.trim()}; ${path}` : path;
    send();
  };
  return h("div.row", {}, made, h("button", {type: "button", onclick: choose, "aria-label": `Choose ${wordsOf(field)}`}, "Choose"));
}
