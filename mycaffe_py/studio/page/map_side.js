// What stands beside the map: the classes, one item with its neighbours, and what a lasso holds.
import {get, post} from "./api.js";
import {fill, h, tell} from "./dom.js";
import {fault} from "./fault.js";
import {MARKERS} from "./map.js";

const FIRST = 120;

/** The table of classes, each with a button to show or hide it; `change` gets the hidden labels. */
export function legend(change) {
  const element = h("div.stack.tight"), hidden = new Set();
  let last = null;

  function show(data) {
    last = data;
    const count = (items) => items.reduce((all, i) => all.set(data.labels[i], (all.get(data.labels[i]) || 0) + 1), new Map());
    const all = count(data.labels.map((_, i) => i)), wrong = count(data.wrong), unknown = count(data.unknown);
    const classes = data.classes.filter((one) => all.has(one.label));
    const judged = data.kind === "items", hasUnknown = data.unknown.length > 0;
    fill(element,
      h("div.row", {},
        h("button", {type: "button", onclick: () => every(classes, false)}, "All on"),
        h("button", {type: "button", onclick: () => every(classes, true)}, "All off")),
      h("div.scroll.classes", {tabindex: 0, role: "region", "aria-label": "Classes"}, h("table", {},
        h("thead", {}, h("tr", {}, h("th", {scope: "col"}, "Class"), h("th.number", {scope: "col"}, "Items"),
          judged && h("th.number", {scope: "col"}, "Wrong"), hasUnknown && h("th.number", {scope: "col"}, "Unknown"))),
        h("tbody", {}, classes.map((one) => h("tr", {}, h("td", {}, toggle(one)),
          h("td.number", {}, all.get(one.label).toLocaleString("en")),
          judged && h("td.number", {}, (wrong.get(one.label) || 0).toLocaleString("en")),
          hasUnknown && h("td.number", {}, (unknown.get(one.label) || 0).toLocaleString("en"))))))));
  }
  function toggle(one) {
    return h("button.plain.class", {
      type: "button", "aria-pressed": String(!hidden.has(one.label)), title: one.name,
      onclick() {
        if (!hidden.delete(one.label)) hidden.add(one.label);
        tell(`${one.name} ${hidden.has(one.label) ? "hidden" : "shown"}`);
        this.setAttribute("aria-pressed", String(!hidden.has(one.label)));
        change(hidden);
      },
    }, swatch(one), h("span", {}, one.name));
  }
  function every(classes, hide) {
    hidden.clear();
    if (hide) classes.forEach((one) => hidden.add(one.label));
    change(hidden);
    show(last);
  }
  return {element, show};
}

function swatch(one) {
  const canvas = h("canvas.look", {width: 28, height: 28, "aria-hidden": "true"}), pen = canvas.getContext("2d");
  pen.fillStyle = one.colour;
  MARKERS[one.marker]?.(pen, 14, 14, 9);
  return canvas;
}

/** The name of an item's class. */
export function className(data, label) {
  return data.classes.find((one) => one.label === label)?.name ?? String(label);
}

/** One item: its picture, its class, its answer, its neighbours; `pick` goes to another one. */
export function itemCard({query, pick, near}) {
  const element = h("div.stack.tight", {"aria-live": "polite"});
  let turn = 0;

  function empty() {
    turn++;
    fill(element, h("p.quiet", {}, "Click a point, or step through the points with ", h("kbd", {}, "j"), " and ", h("kbd", {}, "k"), "."));
  }
  async function show(data, item, pictures) {
    const mine = ++turn, label = className(data, data.labels[item]), box = h("div.tiles");
    const answered = data.answers && data.answers[item] !== data.labels[item];
    fill(element,
      h("div.row.item", {}, pictures?.tile(data.records[item]), h("div", {},
        h("strong", {}, label), h("div.quiet", {}, `${pictures?.word || "item"} ${data.records[item].toLocaleString("en")}`),
        answered && h("div.wrong", {}, `answered: ${className(data, data.answers[item])}`),
        data.unknown.includes(item) && h("div.quiet", {}, "beyond the threshold: unknown"))),
      h("h3", {}, "Nearest neighbours"), box,
      h("p.quiet", {}, "Euclidean distance in the whole feature, not in what the map shows of it."));
    try {
      const found = await get("/api/map/near", {...query(), item, count: 12});
      await pictures?.bring(found.near.map((one) => data.records[one.item]));
      if (mine !== turn) return;
      fill(box, found.near.map((one) => tile(data, one.item, pictures, pick, distance(one.distance))));
      near(found.near.map((one) => one.item));
    } catch (error) {
      if (mine === turn) fill(box, fault(error));
    }
  }
  empty();
  return {element, show, empty};
}

function distance(value) {
  return value.toLocaleString("en", {maximumSignificantDigits: 3});
}

/** A button with the picture of an item. */
function tile(data, item, pictures, pick, words = "") {
  const name = className(data, data.labels[item]);
  return h("button.tile-button", {
    type: "button", onclick: () => pick(item), title: `${name}, record ${data.records[item]}`,
    "aria-label": `${name}, record ${data.records[item]}${words && `, distance ${words}`}`,
  }, pictures?.tile(data.records[item]), h("small", {}, words || name));
}

/** What a lasso holds, and a data set made of it. */
export function heldItems({pick, source}) {
  const element = h("div.stack.tight");
  let shown = FIRST;

  function empty() {
    fill(element, h("p.quiet", {}, "Draw a lasso around points, or choose all that are in view."));
  }
  async function show(data, items, pictures) {
    shown = FIRST;
    if (!items.length) return empty();
    const counts = items.reduce((all, i) => all.set(data.labels[i], (all.get(data.labels[i]) || 0) + 1), new Map());
    const words = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 6).map(([label, n]) => `${className(data, label)}: ${n}`);
    const grid = h("div.tiles", {role: "group", "aria-label": "Chosen items"}), more = h("button", {type: "button"});
    const draw = async () => {
      const some = items.slice(0, shown);
      await pictures?.bring(some.map((i) => data.records[i])).catch(() => {});
      fill(grid, some.map((i) => tile(data, i, pictures, pick)));
      more.hidden = shown >= items.length;
      fill(more, `Show ${Math.min(FIRST, items.length - shown)} more`);
    };
    more.addEventListener("click", () => { shown += FIRST; draw(); });
    fill(element,
      h("p", {}, h("strong", {}, `${items.length.toLocaleString("en")} items`), ` ${words.join(", ")}${counts.size > 6 ? ", ..." : ""}`),
      makeSet(items.map((i) => data.records[i])), h("div.held", {}, grid), more);
    tell(`${items.length} items chosen`);
    await draw();
  }
  function makeSet(records) {
    const name = h("input", {type: "text", id: "set-name", size: 14, maxlength: 60, spellcheck: "false"});
    const news = h("div", {role: "status"});
    const make = h("button.primary", {type: "submit"}, "Make a data set of these");
    const list = new Blob([`${records.join("\n")}\n`], {type: "text/plain"});
    const link = h("a.button", {href: URL.createObjectURL(list), download: "records.txt"}, "Download the list");
    return h("form.stack.tight", {
      async onsubmit(event) {
        event.preventDefault();
        make.disabled = true;
        try {
          await command({do: "subset-of-records", source: source(), records, name: name.value}, news);
        } catch (error) {
          fill(news, fault(error));
        }
        make.disabled = false;
      },
    }, h("div.row.end", {}, h("div.field", {}, h("label", {for: "set-name"}, "Name of the data set"), name), make, link), news);
  }
  empty();
  return {element, show, empty};
}

/** Run a command to its end; `news` shows its last words, or what it failed by. */
export async function command(asked, news) {
  const job = await post("/api/job", asked);
  fill(news, h("p.quiet", {}, h("code", {}, job.command)), h("p.state.running", {}, "running"));
  for (;;) {
    const {text, state} = await get("/api/log", {number: job.number});
    const said = text.trim().split(/[\r\n]+/).slice(-6).join("\n");
    const ended = !["running", "waiting"].includes(state);
    fill(news, h("p.quiet", {}, h("code", {}, job.command)), h(`p.state.${state}`, {}, state), said && h("pre.console", {tabindex: 0}, said));
    if (ended) return state === "done";
    await new Promise((later) => setTimeout(later, 400));
  }
}
