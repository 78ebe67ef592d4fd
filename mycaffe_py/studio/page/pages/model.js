// The model page: the text on the left, the same net as a graph in the middle, a form on the right.
// Each of the three changes the text; the text alone is the truth.
import {post} from "../api.js";
import {fill, h} from "../dom.js";
import {graph} from "../graph.js";
import {key} from "../keys.js";
import {layerSide} from "../layer_side.js";
import {textPage} from "../text_page.js";
import {trainers} from "../trainers.js";

const OTHERS_MS = 300;

export async function show({name, layer: asked}) {
  let found = {layers: [], nets: {}}, phase = "TRAIN", chosen = asked || "", turn = 0, rest = 0, noted = "";
  const notes = h("div"), phases = h("div.row", {role: "group", "aria-label": "Phase"});
  const page = await textPage(name, {check, place});
  const {text} = page;
  const drawing = graph({onchoose: (one) => choose(one, {scroll: true})});
  const side = layerSide({choose, edit: (change, next) => {
    if (next) chosen = next;
    return page.edit(change);
  }});
  const training = trainers(name, page, () => found);

  /** The phase that is shown is looked at first, and drawn; the others when no key follows. */
  async function check(asked = {phase}) {
    const mine = ++turn;
    clearTimeout(rest);
    try {
      const next = await post("/api/check", {name, content: text.text, ...asked});
      if (mine !== turn) return;
      take(next);
      if (!next.whole && !next.error) rest = setTimeout(() => check({}), OTHERS_MS);
    } catch (error) {
      page.failed(error);
    }
  }
  function take(next) {
    const whole = next.whole && !next.error;
    found = {...next, nets: whole ? next.nets : {...found.nets, ...next.nets}};
    page.showError(found.error);
    if (whole && !found.nets[phase]) phase = Object.keys(found.nets)[0] || "TRAIN";
    draw();
  }
  function draw() {
    fill(phases, Object.keys(found.nets).map((one) =>
      h("button", {type: "button", "aria-pressed": String(one === phase), onclick: () => { phase = one; draw(); }}, one)));
    const net = found.nets[phase];
    if (net) drawing.show(net, {wrong: wrongLayer(found.error)});
    drawNotes(net);
    const layer = found.layers.find((one) => one.name === chosen);
    if (layer) text.choose(layer.first_line, layer.last_line);
    drawing.choose(chosen);
    drawSide();
  }
  function drawNotes(net) {
    const now = JSON.stringify([net?.notes, net?.learned, found.told]);
    if (now === noted) return;
    noted = now;
    const open = notes.querySelector("details")?.open, words = new Set((net?.badges || []).flat().map((badge) => badge.word));
    fill(notes, net && h("p.legend", {}, h("span", {}, `${net.learned.toLocaleString("en")} learned values`),
      words.has("runs once") && h("span", {}, h("span.once", {}, "\u25cf"), " runs once with its twin"),
      words.has("fused") && h("span", {}, h("span.fused", {}, "\u25cf"), " one kernel with its neighbours")),
    net && h("details", {open}, h("summary", {}, `What the compiler says (${net.notes.length})`),
      found.told && h("pre.badge", {}, found.told), net.notes.map((note) => h("div.badge", {}, note))));
  }
  function drawSide() {
    const net = found.nets[phase], at = net ? net.layers.findIndex((layer) => layer.name === chosen) : -1;
    side.draw({layers: found.layers, badges: at < 0 ? [] : net.badges[at]}, chosen);
  }
  function wrongLayer(error) {
    return found.layers.find((layer) => error?.line >= layer.first_line && error.line <= layer.last_line)?.name || "";
  }
  function place(line) {
    const layer = found.layers.find((one) => line >= one.first_line && line <= one.last_line);
    if (layer && layer.name !== chosen) choose(layer.name, {reveal: true});
  }
  function choose(one, {scroll = false, reveal = false} = {}) {
    chosen = one;
    const layer = found.layers.find((other) => other.name === one);
    text.choose(layer?.first_line || 0, layer?.last_line || 0);
    if (layer && scroll) text.scroll(layer.first_line);
    if (reveal) drawing.reveal(one);
    drawing.choose(one);
    drawSide();
  }
  /** The next layer whose name or type has the word, behind the one that was found last. */
  function look(further) {
    const word = find.value.trim().toLowerCase(), at = found.layers.findIndex((layer) => layer.name === chosen);
    const order = [...found.layers.slice(at + (further ? 1 : 0)), ...found.layers];
    const hit = word && order.find((layer) => `${layer.name} ${layer.type}`.toLowerCase().includes(word));
    find.classList.toggle("none", Boolean(word && !hit));
    if (hit) choose(hit.name, {scroll: true, reveal: true});
  }
  const find = h("input", {type: "search", id: "find", placeholder: "Find a layer", "aria-label": "Find a layer", title: "f, or Ctrl-F in the graph; Enter for the next one"});
  find.addEventListener("input", () => look(false));
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") look(true);
    if (event.key === "Escape") drawing.focus(chosen);
  });
  const button = (words, title, act, label) => h("button", {type: "button", title, "aria-label": label, onclick: act}, words);
  const zooms = h("div.zooms", {role: "group", "aria-label": "Size of the graph"},
    button("+", "Larger; Ctrl and the wheel, too", () => drawing.zoom(1.25), "Larger"),
    button("\u2212", "Smaller", () => drawing.zoom(0.8), "Smaller"),
    button("Fit", "As wide as the frame", drawing.fit), button("Overview", "The whole net", drawing.overview));
  const middle = h("section.sheet.drawn", {"aria-label": "Graph"}, h("div.row", {}, phases, find), drawing.element, zooms, notes);
  middle.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "f") return;
    event.preventDefault();
    find.select();
    find.focus();
  });
  const element = h("div.stack.close", {},
    h("div.head", {}, h("div.row", {}, page.title),
      h("div.row", {}, training.element, h("button", {type: "button", onclick: page.save}, "Save ", h("kbd", {}, "Ctrl-S")),
        h("button.primary", {type: "button", onclick: training.train}, "Train ", h("kbd", {}, "Ctrl-Enter")))),
    h("div.model", {}, h("section.sheet.text", {"aria-label": "Text"}, text.element, page.problems), middle, side.element));
  await check({phase});
  const ends = [key("Ctrl-S", "save", page.save), key("Ctrl-Enter", "train", training.train), key("f", "find a layer", () => find.focus())];
  return {
    title: name, element,
    shown() {
      text.draw();
      drawing.fit();
      if (chosen) choose(chosen, {scroll: true, reveal: true});
    },
    leave() {
      turn = -1;
      clearTimeout(rest);
      page.leave();
      ends.forEach((end) => end());
    },
  };
}