// The map of a run: where its net put the items of a data set, looked at from all sides.
import {runPage} from "../address.js";
import {get} from "../api.js";
import {fill, h, tell} from "../dom.js";
import {fault} from "../fault.js";
import {filmOf} from "../film.js";
import {key} from "../keys.js";
import {look} from "../live.js";
import {frameOf, itemsOf} from "../map_data.js";
import {lossCurve} from "../loss_curve.js";
import {pairsOnMap} from "../map_pairs.js";
import {className, command, heldItems, itemCard, legend} from "../map_side.js";
import {pictures} from "../pictures.js";
import {standIns} from "../run_card.js";
import {scene} from "../scene.js";

const MOST_PICTURES = 400;

export async function show({run: name, iteration = "", source = ""}) {
  const run = await get("/api/run", {run: name});
  const head = h("div"), notices = h("div.stack"), told = h("p.quiet", {id: "map-told"}), tip = h("div.tip", {hidden: true});
  const tools = h("div.row"), stage = h("div.stack"), filmBox = h("div", {hidden: true});
  let whole = null, data = null, kind = "", images = null, chosen = [], picked = -1, frame = null, endLook = () => {};
  const query = () => ({run: name, ...(whole?.iteration != null && {iteration: whole.iteration}), kind,
    ...(kind === "items" ? {source: whole.items.source} : frame && {frame: frame.iteration})});
  const map = scene({name: `Map of ${name}`, about: "map-keys", on: {pick, hover, lasso: hold}});
  const classes = legend((hidden) => map.mark({hidden: new Set(hidden)}));
  const card = itemCard({query, pick, near: (near) => map.mark({near})});
  const held = heldItems({pick, source: () => whole[kind].source});
  map.element.append(tip);
  const loss = lossCurve((at) => film.seek(at));
  const film = await filmOf(name, {make: () => ({element: null, show: showFrame, end() {}}), onframe: loss.cursor});
  const pairs = pairsOnMap((marked) => map.mark({pairs: marked}));
  fill(filmBox, film.element, loss.element);

  async function load() {
    whole = await get("/api/map", {run: name, iteration, source});
    const first = kind && whole[kind] ? kind : whole.items ? "items" : whole.film ? "film" : "";
    drawHead();
    await choose(first);
  }
  async function choose(next) {
    kind = next;
    filmBox.hidden = kind !== "film";
    if (flags.pairs) flip("pairs");
    images = null;
    pick(-1);
    hold([]);
    if (kind === "items") setData(itemsOf(whole), true);
    if (kind === "film" && frame) showFrame(frame);
    drawStage();
    drawTools();
    if (!kind) return;
    try {
      images = await pictures({...query(), frame: 0});
      drawTools();
    } catch (error) {
      put(notices, `No pictures: ${error.message}`);
    }
  }
  function setData(next, anew) {
    data = next;
    map.show(data, {anew});
    if (anew) classes.show(data);
    const about = whole[kind], n = data.labels.length.toLocaleString("en");
    fill(told, kind === "items"
      ? `${n} items of ${about.source}, after ${whole.iteration?.toLocaleString("en")} iterations. ${about.told}. Circles: ${about.centroids.told}.`
      : `${n} of ${about.items.toLocaleString("en")} items of ${about.source}. ${about.told}.`);
  }
  function showFrame(next) {
    const anew = frame === null || data?.kind !== "film";
    frame = next;
    if (kind !== "film") return;
    if (!whole.film) return load();
    setData(frameOf(whole, frame), anew);
    if (whole.film.mean && frame.iteration > 2 * whole.film.iteration) turnAxes();
  }
  /** Lay wide features out anew, once a run has gone on for twice as long: its axes turn as it learns. */
  async function turnAxes() {
    whole.film.iteration = frame.iteration;
    const told = await get("/api/map", query()).catch(() => null);
    if (!told?.film || kind !== "film") return;
    whole.film = told.film;
    setData(frameOf(whole, frame), true);
  }
  function drawHead() {
    const several = whole.snapshots.length > 1, sources = whole.sources.length > 1;
    fill(head, h("div.head", {}, h("div.row", {}, h("h1", {}, `Map of ${name}`)),
      h("div.row", {},
        several && select("snapshot", "Snapshot", whole.snapshots, whole.iteration, (value) => { iteration = value; source = ""; load(); }),
        sources && select("source", "Data", whole.sources, whole.items?.source, (value) => { source = value; load(); }),
        h("a.button", {href: runPage(name)}, "Run"))));
    const stand = standIns(run);
    fill(notices, stand.length > 0 && h("p.notice", {}, `Stand-in data: ${stand.join(", ")}. Places are not those of the real set.`));
  }
  function drawStage() {
    fill(stage, !kind && h("section.sheet.empty", {}, h("h2", {}, "Nothing to map yet"), askRecord()),
      kind && map.element, kind && filmBox, kind && told,
      kind === "film" && whole.iteration !== null && !whole.items && h("details", {}, h("summary", {}, "Show all items of the test data"), askRecord()));
  }
  function askRecord() {
    if (whole.iteration === null) return h("p.quiet", {}, "The run has no snapshot yet: it writes one at its end, and when you ask for it.");
    const news = h("div", {role: "status"});
    const words = whole.recorded
      ? "The answers kept for this snapshot have no features: test many again."
      : "Test many keeps where the net puts each item of the test data; the map shows it then.";
    const button = h("button.primary", {type: "button", onclick: async () => {
      button.disabled = true;
      try {
        if (await command({do: "test-many", run: name, iteration: whole.iteration}, news)) {
          kind = "items";
          await load();
        }
      } catch (error) {
        fill(news, fault(error));
      }
      button.disabled = false;
    }}, "Test many and map");
    return h("div.stack.tight", {}, h("p", {}, words), h("div.row", {}, button), news);
  }
  const flags = {lasso: false, pairs: false, pictures: false, centroids: true, wrong: false, unknown: false, solid: true};
  function drawTools() {
    const flag = (id, words, title, act) => h("button", {
      type: "button", title, "aria-pressed": String(flags[id]),
      onclick() { flip(id); act?.(); },
    }, words);
    fill(tools, kind && [
      whole.items && whole.film && h("div.row.choice", {role: "group", "aria-label": "What the map shows"},
        side("items", "Test data"), side("film", "Film")),
      data?.width > 2 && flag("solid", "3-D", "Turn in space, or lie flat (d)"),
      flag("lasso", "Lasso", "Drag around points (l)"),
      images && flag("pictures", "Pictures", "Pictures at the points (p)"),
      flag("centroids", "Centroids", "Where the classes lie (c)"),
      data?.wrong.length > 0 && flag("wrong", `Wrong (${data.wrong.length.toLocaleString("en")})`, "Rings around wrong answers (w)"),
      data?.unknown.length > 0 && flag("unknown", `Unknown (${data.unknown.length.toLocaleString("en")})`, whole.items.threshold_told),
      kind === "items" && flag("pairs", "Hard pairs", "Lines between items of one class that lie far apart, and of two that lie close (h)"),
      h("button", {type: "button", onclick: () => hold(map.held()), title: "Choose what is in view (v)"}, "Choose all in view"),
      h("span.zooms", {}, h("button", {type: "button", onclick: () => map.enlarge(1.25), "aria-label": "Enlarge", title: "+"}, "+"),
        h("button", {type: "button", onclick: () => map.enlarge(0.8), "aria-label": "Make smaller", title: "-"}, "\u2212"),
        h("button", {type: "button", onclick: () => map.whole(), title: "0"}, "Whole")),
    ]);
  }
  function side(which, words) {
    return h("button", {type: "button", "aria-pressed": String(kind === which), onclick: () => choose(which)}, words);
  }
  function flip(id) {
    flags[id] = !flags[id];
    tell(`${id} ${flags[id] ? "on" : "off"}`);
    if (id === "lasso") map.hands.lasso(flags.lasso);
    else if (id === "solid") map.solid(flags.solid);
    else if (id === "pictures") showPictures();
    else if (id === "pairs") pairs.turn(flags.pairs && {run: name, iteration: String(whole.iteration), source: whole.items.source});
    else map.mark({[id]: flags[id]});
    // The buttons are made anew: who was on one of them stays there, who was on the map too.
    const within = tools.contains(document.activeElement);
    drawTools();
    if (within) [...tools.querySelectorAll("button")].find((one) => one.textContent.toLowerCase().startsWith(id === "solid" ? "3-d" : id))?.focus({preventScroll: true});
  }
  async function showPictures() {
    if (!flags.pictures || !images) return map.mark({pictures: null});
    const every = map.shown(), step = Math.max(1, every.length / MOST_PICTURES);
    const items = Array.from({length: Math.min(every.length, MOST_PICTURES)}, (_, i) => every[Math.floor(i * step)]);
    await images.bring(items.map((item) => data.records[item])).catch(() => {});
    if (flags.pictures) map.mark({pictures: {items, draw: (pen, item, x, y, edge) => images.draw(pen, data.records[item], x, y, edge)}});
  }
  function pick(item) {
    picked = item;
    map.mark({picked, near: []});
    if (item < 0) card.empty();
    else card.show(data, item, images);
  }
  function hold(items) {
    chosen = items;
    map.mark({chosen});
    if (data) held.show(data, chosen, images);
  }
  let hovered = -1;
  function hover(item, x, y) {
    tip.hidden = item < 0;
    if (item < 0 || item === hovered) {
      hovered = item;
      return;
    }
    hovered = item;
    fill(tip, images?.tile(data.records[item]), h("span", {}, className(data, data.labels[item])));
    tip.style.left = `${Math.min(x + 14, map.element.clientWidth - 130)}px`;
    tip.style.top = `${y + 14}px`;
  }
  function step(by) {
    if (flags.pairs) return pairs.step(by);
    const every = chosen.length ? chosen : flags.wrong && data.wrong.length ? data.wrong : map.shown();
    if (!every.length) return;
    const now = every.indexOf(picked);
    pick(every[now < 0 ? 0 : (now + by + every.length) % every.length]);
  }
  const element = h("div.stack", {}, head, notices, h("div.mapped", {},
    h("section.sheet", {"aria-label": "Map"}, tools, stage, h("p.unseen", {id: "map-keys"}, "Arrow keys turn or move the map, with Shift they move it; plus and minus enlarge, 0 shows the whole.")),
    h("div.stack", {}, pairs.element,
      h("section.sheet", {}, h("h2", {}, "Classes"), classes.element),
      h("section.sheet", {}, h("h2", {}, "Item"), card.element),
      h("section.sheet", {}, h("h2", {}, "Chosen"), held.element))));
  const when = (act) => () => { if (kind) act(); };
  const keys = [
    key(" ", "play or pause the film", when(() => kind === "film" && film.turn())),
    key(",", "one frame back", when(() => film.step(-1))), key(".", "one frame on", when(() => film.step(1))),
    key("j", "next point, or hard pair", when(() => step(1))), key("k", "point or hard pair before", when(() => step(-1))),
    key("l", "lasso on or off", when(() => flip("lasso"))), key("p", "pictures at the points", when(() => images && flip("pictures"))),
    key("c", "centroids on or off", when(() => flip("centroids"))), key("w", "rings around wrong answers", when(() => flip("wrong"))),
    key("h", "hard pairs on or off", when(() => kind === "items" && flip("pairs"))),
    key("d", "in space or flat", when(() => data?.width > 2 && flip("solid"))),
    key("v", "choose all in view", when(() => hold(map.held()))),
    key("Escape", "choose nothing", when(() => { pick(-1); hold([]); })),
  ];
  await load();
  endLook = look({runs: [name], films: [name]}, {events: loss.hear, film: ({frames, anew}) => film.add(frames, anew)});
  return {
    title: `Map of ${name}`, element,
    leave() {
      endLook();
      film.end();
      map.end();
      keys.forEach((end) => end());
    },
  };
}

function select(id, words, options, value, act) {
  const made = h("select", {id: `map-${id}`, onchange: () => act(made.value)},
    options.map((one) => h("option", {value: one, selected: one === value}, typeof one === "number" ? one.toLocaleString("en") : one)));
  return h("div.row", {}, h("label", {for: `map-${id}`}, words), made);
}

function put(box, text) {
  box.append(h("p.notice", {}, text));
}
