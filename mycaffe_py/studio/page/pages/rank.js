// Designs: tables of features, heads ranked on them, and the results in tables that can be sorted.
import {get} from "../api.js";
import {fill, h, tell} from "../dom.js";
import {fault} from "../fault.js";
import {jobBox} from "../job_box.js";
import {sortedTable} from "../sorted_table.js";

export async function show() {
  const results = h("div.stack"), forms = h("div.columns"), problem = h("div", {"aria-live": "assertive"}), box = jobBox();

  async function load() {
    const told = await get("/api/rank");
    fill(results, told.rankings.length ? told.rankings.map((one) => result(one, start))
      : h("p.quiet", {}, "Nothing is ranked here yet: make a table of features, then rank heads on it."));
    fill(forms, featuresForm(told, start), rankForm(told, start), tableList(told.tables));
  }
  async function start(asked) {
    fill(problem);
    try {
      const {state} = await box.run(asked);
      if (state !== "done") throw new Error("The command did not come to its end: the output says why.");
      tell("Done");
      await load();
    } catch (error) {
      fill(problem, fault(error));
      box.element.scrollIntoView({block: "nearest"});
    }
  }
  await load();
  return {
    title: "Designs", leave: () => box.end(),
    element: h("div.stack", {}, h("div", {}, h("h1", {}, "Designs"),
      h("p.quiet", {}, "Heads are small nets that begin at the features of a trained one. They are trained on the same pairs and compared.")),
    problem, results, forms, box.element),
  };
}

function result(ranking, start) {
  if (ranking.damaged) return h("section.sheet", {}, h("h2", {}, ranking.folder), h("p.notice", {}, "This rank.json is damaged: rank anew."));
  const share = (name, digits) => ({number: true, value: (row) => row[name], shown: (row) => percent(row[name], digits)});
  const columns = [
    {name: "rank", number: true, value: (row) => row.rank},
    {name: "design", value: (row) => row.name, shown: (row) => [row.name, row.baseline && h("small", {}, " baseline"), settings(row), (row.failed || []).map((why) => h("small", {}, ` ${why}`))]},
    {...share("accuracy_mean", 2), name: "accuracy", shown: (row) => [percent(row.accuracy_mean, 2),
      Number.isFinite(row.accuracy_sd) && h("small", {}, ` ± ${(100 * row.accuracy_sd).toFixed(2)}`)]},
    {name: "AUC", number: true, value: (row) => row.auc, shown: (row) => Number.isFinite(row.auc) ? row.auc.toFixed(4) : "-"},
    {...share("eer", 2), name: "EER"}, {...share("recall_at_1", 1), name: "recall@1"},
    {name: "runs", number: true, value: (row) => row.runs},
    {name: "parameters", number: true, value: (row) => row.parameters, shown: (row) => (row.parameters ?? 0).toLocaleString("en")},
    {name: "seconds", number: true, value: (row) => row.seconds, shown: (row) => Number.isFinite(row.seconds) ? row.seconds.toFixed(1) : "-"},
  ];
  const first = ranking.designs[0] || {};
  return h("section.sheet", {"aria-label": `Ranking ${ranking.folder}`}, h("h2", {}, ranking.folder),
    h("p.quiet", {}, `${ranking.features}, judged by ${ranking.split_by === "class" ? "classes never learned from" : "images set aside"}: `,
      `${(first.pairs || 0).toLocaleString("en")} pairs, ${(first.queries || 0).toLocaleString("en")} queries`),
    sortedTable({columns, rows: ranking.designs, name: `Designs of ${ranking.folder}`}), refineForm(ranking, start));
}

function settings(row) {
  const told = Object.entries(row.setting || {}).map(([field, value]) => `${field} ${value}`).join(", ");
  return told && h("small", {}, ` ${told}`);
}

function percent(value, digits) {
  return Number.isFinite(value) ? `${(100 * value).toFixed(digits)} %` : "-";
}

function featuresForm({bases}, start) {
  const run = select("base-run", bases.map((one) => one.run)), blob = select("base-blob", []), source = h("input", {id: "base-source", list: "base-sources", autocomplete: "off"});
  const sources = h("datalist", {id: "base-sources"}), name = h("input", {id: "table-name", autocomplete: "off", placeholder: "SOURCE_BLOB"});
  const draw = () => {
    const base = bases.find((one) => one.run === run.value);
    fill(blob, (base?.blobs || []).map((one) => h("option", {value: one}, one)));
    if (base?.blobs.includes("feat")) blob.value = "feat";
    fill(sources, (base?.sources || []).map((one) => h("option", {value: one})));
    source.value = base?.sources[0] || "";
  };
  run.addEventListener("change", draw);
  draw();
  return form("Make a table of features", bases.length ? [field("base-run", "Net of the run", run), field("base-blob", "Blob", blob),
    field("base-source", "Images", [source, sources]), field("table-name", "Name of the table", name)] : "Train a net first: its run is the base.",
  bases.length > 0 && "Make the table", () => start({do: "features", run: run.value, blob: blob.value, source: source.value, name: name.value.trim()}));
}

function rankForm({tables, heads}, start) {
  const table = select("rank-table", tables.map((one) => one.source)), seeds = h("input", {id: "rank-seeds", value: "1,2,3", autocomplete: "off"});
  const iterations = h("input", {type: "number", id: "rank-iterations", min: 1, placeholder: "solver's"}), out = h("input", {id: "rank-out", value: "ranking", autocomplete: "off"});
  const by = h("select", {id: "rank-by"}, h("option", {value: "item"}, "images set aside"), h("option", {value: "class"}, "classes never learned from"));
  const boxes = heads.map((name) => h("input", {type: "checkbox", id: `head-${name}`, value: name, checked: ["cosine", "difference"].includes(name)}));
  return form("Rank heads", tables.length ? [field("rank-table", "Features", table),
    h("fieldset", {}, h("legend", {}, "Heads"), h("div.row", {}, heads.map((name, i) => h("span.row", {}, boxes[i], h("label", {for: `head-${name}`}, name))))),
    h("div.row.end", {}, field("rank-by", "Judged by", by), field("rank-seeds", "Seeds", seeds), field("rank-iterations", "Iterations", iterations), field("rank-out", "Folder of results", out))]
    : "Make a table of features first.", tables.length > 0 && "Rank", () => start({do: "rank", features: table.value, split_by: by.value, seeds: seeds.value.trim(),
    iterations: iterations.value, out: out.value.trim(), heads: boxes.filter((one) => one.checked).map((one) => one.value)}));
}

/** Base and head learn together, from what the table was made by and the best head: all can be changed. */
function refineForm(ranking, start) {
  const ready = ranking.designs.filter((one) => one.weights && !one.baseline), at = (name) => `${name}-${ranking.folder}`;
  if (!ready.length) return null;
  const made = {base: "Model text of the base", base_weights: "Weights of the base", blob: "Blob", source: "Images behind the table"};
  const inputs = Object.entries(made).map(([name, words]) =>
    [name, words, h("input", {id: at(name), required: true, autocomplete: "off", value: ranking.made_by[name] || ""})]);
  const head = select(at("head"), ready.map((one) => one.name)), iterations = h("input", {type: "number", id: at("iterations"), min: 1, placeholder: "500"});
  const submit = (event) => {
    event.preventDefault();
    const path = ready.find((one) => one.name === head.value).weights;
    start({do: "refine", head: head.value, head_weights: path, iterations: iterations.value, split_by: ranking.split_by, unseen: (ranking.unseen || []).join(","),
      ...Object.fromEntries(inputs.map(([name, , input]) => [name, input.value.trim()]))});
  };
  return h("details", {}, h("summary", {}, "Refine: train the base together with a head"),
    h("form.row.end", {onsubmit: submit}, field(at("head"), "Head, the best first", head), inputs.map(([name, words, input]) => field(at(name), words, input)),
      field(at("iterations"), "Iterations", iterations), h("button", {type: "submit"}, "Refine")));
}

function tableList(tables) {
  return h("section.sheet", {"aria-label": "Tables of features"}, h("h2", {}, "Tables of features"),
    tables.length ? sortedTable({name: "Tables", rows: tables, columns: [{name: "table", value: (row) => row.source},
      {name: "rows", number: true, value: (row) => row.rows}, {name: "values", number: true, value: (row) => row.values}]})
      : h("p.quiet", {}, "There is none yet."));
}

function form(name, inside, button, act) {
  const submit = (event) => {
    event.preventDefault();
    act();
  };
  return h("form.sheet.narrow", {onsubmit: submit, "aria-label": name}, h("h2", {}, name), typeof inside === "string" ? h("p.quiet", {}, inside) : inside,
    button && h("div.row", {}, h("button.primary", {type: "submit"}, button)));
}

function select(id, values) {
  return h("select", {id}, values.map((value) => h("option", {value}, value)));
}

function field(id, words, control) {
  return h("div.field", {}, h("label", {for: id}, words), control);
}
