// One data set: how many of each label, all its pictures, and one of them large.
import {pageOf} from "../address.js";
import {get} from "../api.js";
import {fill, h, tell} from "../dom.js";
import {fault} from "../fault.js";
import {key} from "../keys.js";
import {linesOf} from "../lines.js";
import {inDialog, means} from "../means.js";
import {sheetsOf} from "../sheets.js";

// More bars than these nobody reads; the field above them finds the others.
const MOST_BARS = 200;

export async function show({source}) {
  const set = await get("/api/data/set", {source});
  const panel = one(set);
  let label = "";
  const sheets = sheetsOf({set, choose: (at) => panel.show(at, label), enlarge: panel.enlarge, context: () => meanOf()});
  const meanOf = (only) => !set.lines && means(set, only);
  const bars = labels(set, (count) => {
    label = count ? String(count.label) : "";
    sheets.filter(label, count ? count.count : set.images);
    tell(count ? `${count.count} ${set.word}s of ${count.name}` : `all ${set.images} ${set.word}s`);
  }, meanOf);
  const jump = h("input", {id: "jump", type: "number", min: 0, max: set.images - 1, step: 1});
  jump.addEventListener("change", () => jump.value !== "" && sheets.go(+jump.value));
  const element = h("div.stack", {},
    h("div.head", {}, h("div.row", {}, h("h1", {}, set.dataset), h("nav.row", {"aria-label": "Splits"}, set.splits.map((name) =>
      h("a.button", {href: pageOf("data", name), "aria-current": name === set.name ? "page" : null}, name.slice(set.dataset.length + 1))))),
    h("div.row", {}, !set.lines && h("button", {type: "button", onclick: () => meanOf(), title: "m; also the right button on the pictures"}, "Mean picture"),
      h("a.button.primary", {href: `/new?${new URLSearchParams({data: set.dataset})}`}, "New project with it"))),
    h("p.quiet", {}, `${set.images.toLocaleString("en")} ${set.word}${set.images === 1 ? "" : "s"} of ${set.shape.join(" x ")}. `, set.description,
      set.pictures && `. Read as ${set.pictures}`),
    h("div.set", {}, bars.element,
      h("section.sheet", {"aria-label": "Pictures"}, sheets.element, h("div.row", {}, h("label", {for: "jump"}, "Go to place"), jump,
        h("small", {}, "Click one, or use the arrow keys, j and k."))),
      panel.element));
  const keys = [key("j", "next picture", () => sheets.step(1)), key("k", "picture before", () => sheets.step(-1)),
    key("m", "mean picture", () => meanOf()), key("0", "pictures of all labels", () => bars.all())];
  return {title: set.dataset, element, shown: () => sheets.go(0), leave: () => { keys.forEach((end) => end()); sheets.leave(); }};
}

function labels(set, choose, meanOf) {
  const most = Math.max(...set.counts.map((one) => one.count)), list = h("ul.bars"), buttons = new Map();
  let chosen = null;
  const take = (count) => {
    chosen = count;
    for (const [one, button] of buttons) button.setAttribute("aria-pressed", String(one === count));
    all.setAttribute("aria-pressed", String(!count));
    choose(count);
  };
  const all = h("button", {type: "button", "aria-pressed": "true", onclick: () => take(null)}, "All");
  const bar = (count) => {
    const fillOf = h("span.fill", {"aria-hidden": "true"});
    fillOf.style.width = `${100 * count.count / most}%`;
    const button = h("button.set-bar", {type: "button", "aria-pressed": String(chosen === count), title: `label ${count.label}`, onclick: () => take(count)},
      fillOf, h("span", {}, count.name), h("span", {}, count.count.toLocaleString("en")));
    button.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      meanOf(count);
    });
    buttons.set(count, button);
    return h("li", {}, button, !set.lines && h("button.plain", {type: "button", "aria-label": `Mean picture of ${count.name}`, title: "Mean picture of this label", onclick: () => meanOf(count)}, "mean"));
  };
  const draw = (words) => {
    buttons.clear();
    const found = set.counts.filter((one) => !words || one.name.toLowerCase().includes(words.toLowerCase()));
    fill(list, found.slice(0, MOST_BARS).map(bar), found.length > MOST_BARS && h("li.quiet", {}, `and ${(found.length - MOST_BARS).toLocaleString("en")} more`),
      !found.length && h("li.quiet", {}, "No label has this in its name."));
  };
  const find = h("input", {id: "find-label", type: "search", oninput: (event) => draw(event.target.value)});
  draw("");
  const element = h("section.sheet", {"aria-label": "Labels"},
    h("div.row.spread", {}, h("h2", {}, `${set.counts.length.toLocaleString("en")} ${set.counts.length === 1 ? "label" : "labels"}`), all),
    set.counts.length > 20 && h("div.field", {}, h("label", {for: "find-label"}, "Find a label"), find), h("div.scroll", {tabindex: 0, role: "group", "aria-label": "Counts per label"}, list));
  return {element, all: () => take(null)};
}

/** The chosen picture, large, and what a net sees of it. */
function one(set) {
  const body = h("div.stack"), seen = h("div"), model = h("select", {id: "model"}, h("option", {value: ""}, "choose a model"),
    set.models.map((name) => h("option", {value: name}, name)));
  let turn = 0, asked = 0, item = null;
  const look = async () => {
    const mine = ++turn;
    if (!model.value || !item) {
      fill(seen);
      return;
    }
    try {
      const found = await get("/api/data/seen", {source: set.name, record: item.record, model: model.value});
      if (mine !== turn) return;
      const picture = h("img.large", {src: found.picture, alt: `What the net sees of ${set.word} ${item.record}`});
      fill(seen, !set.lines && picture, h("p", {}, found.words), h("small", {}, `${found.shape.join(" x ")}, values from ${short(found.low)} to ${short(found.high)}, mean ${short(found.mean)}; drawn from the lowest (black) to the highest (white).`));
    } catch (error) {
      if (mine === turn) fill(seen, fault(error));
    }
  };
  model.addEventListener("change", look);
  const element = h("section.sheet.one", {"aria-label": "The chosen one"}, body, set.models.length > 0 && h("div.stack", {},
    h("div.field", {}, h("label", {for: "model"}, "What the net sees, after the transform of"), model), seen));
  async function show(at, label) {
    const mine = ++asked;
    try {
      const found = await get("/api/data/item", {source: set.name, at, label});
      if (mine !== asked) return;
      item = found;
    } catch (error) {
      if (mine === asked) fill(body, fault(error));
      return;
    }
    const words = new URLSearchParams({source: set.name, record: item.record, v: set.checksum.slice(0, 12)});
    fill(body, h("div", {}, h("h2", {}, `${set.word} ${item.record.toLocaleString("en")}`),
      h("p.mono", {}, String(item.label) === item.name ? `label ${item.label}` : `${item.name} (label ${item.label})`)),
    item.lines ? linesOf(item.lines, item.step_s) : h("img.large", {src: `/api/data/picture?${words}`, alt: `${set.word} ${item.record}, label ${item.name}`}));
    tell(`${set.word} ${item.record}, label ${item.name}`);
    look();
  }
  /** The picture as large as the window lets it be; of lines the panel holds all there is. */
  function enlarge() {
    const image = body.querySelector("img");
    if (!image) element.scrollIntoView({block: "nearest"});
    else if (item) inDialog(`${set.word} ${item.record.toLocaleString("en")}, ${item.name}`, image.src, set, ".huge");
  }
  return {element, show, enlarge};
}

function short(value) {
  return +value.toPrecision(4);
}
