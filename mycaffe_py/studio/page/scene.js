// A map of many points that is turned, enlarged, pointed at and lassoed; the film may use it too.
import {camera, within} from "./camera.js";
import {h} from "./dom.js";
import {gestures} from "./gestures.js";
import {marksOn} from "./marks.js";
import {flatPainter, painterFor, shapeOf} from "./painters.js";

const SIZE = 3.2, NEAR = 12;

/** A map called `name`. show() takes {points, width, labels, classes, centroids, enrolled, wrong,
 *  unknown}; on.pick(i), on.hover(i, x, y) and on.lasso([i]) tell what was pointed at (i -1: none). */
export function scene({name, about, on}) {
  const over = h("canvas.over", {
    tabindex: 0, role: "application", "aria-label": name, "aria-describedby": about,
  });
  const element = h("div.scene", {}, over);
  const view = camera(), marks = marksOn(over);
  const state = {chosen: [], picked: -1, near: [], pairs: null, pictures: null, outline: null, hidden: new Set(),
    centroids: true, wrong: false, unknown: false, enrolled: true};
  let data = null, painter = null, places = null, looks = null, waiting = 0;
  let wide = 600, high = 480, size = SIZE;

  /** Show data; where it is of another kind than before, the whole of it comes into view. */
  function show(next, {anew = true} = {}) {
    const other = !data || anew || data.labels.length !== next.labels.length;
    if (data?.labels !== next.labels) looks = null;
    data = next;
    if (other) {
      view.whole();
      view.at.solid = next.width > 2;
    }
    if (view.isWhole) view.fit(next.points, next.width);
    setPainter();
    draw();
  }
  function setPainter(plain = false) {
    const wanted = plain ? flatPainter() : painterFor(data.labels.length, () => setPainter(true));
    if (painter && painter.kind === wanted.kind && !plain) return wanted.end();
    painter?.canvas.remove();
    painter?.end();
    painter = wanted;
    looks = looks && {...looks};
    element.prepend(painter.canvas);
    element.dataset.painter = painter.kind;
    draw();
  }
  function look() {
    const byLabel = new Map(data.classes.map((one) => [one.label, one])), count = data.labels.length;
    const made = {colours: new Float32Array(3 * count), shapes: new Uint8Array(count), shown: new Uint8Array(count), words: new Array(count)};
    for (let i = 0; i < count; i++) {
      const one = byLabel.get(data.labels[i]);
      if (!one) continue;
      const finite = Number.isFinite(data.points[i * data.width]);
      made.words[i] = one.colour;
      made.shapes[i] = shapeOf(one.marker);
      made.shown[i] = finite && !state.hidden.has(one.label) ? 1 : 0;
      for (let c = 0; c < 3; c++) made.colours[3 * i + c] = parseInt(one.colour.slice(1 + 2 * c, 3 + 2 * c), 16) / 255;
    }
    return made;
  }
  /** Draw soon: however much changes, once for each picture of the screen. */
  function draw() {
    if (!waiting) waiting = requestAnimationFrame(drawNow);
  }
  function drawNow() {
    waiting = 0;
    if (!data || !painter) return;
    const ratio = window.devicePixelRatio || 1;
    for (const canvas of [painter.canvas, over]) {
      if (canvas.width !== Math.round(wide * ratio)) canvas.width = Math.round(wide * ratio);
      if (canvas.height !== Math.round(high * ratio)) canvas.height = Math.round(high * ratio);
    }
    looks ??= look();
    places = view.place(data.points, data.width, wide, high, places);
    size = SIZE * Math.min(Math.max(Math.sqrt(view.at.zoom), 0.8), 2.6) * (data.labels.length > 4000 ? 0.75 : 1);
    painter.draw({places, looks, size, ratio, ground: groundOf(element)});
    const put = (points) => view.place(points, data.width, wide, high);
    marks.draw({data, state, places, looks, put, ratio, wide, high, size});
  }
  /** The shown item nearest to a place on the screen, -1 where none is near. */
  function at(x, y) {
    let best = -1, least = NEAR * NEAR;
    for (let i = 0; places && looks && i < looks.shown.length; i++) {
      if (!looks.shown[i]) continue;
      const far = (places[3 * i] - x) ** 2 + (places[3 * i + 1] - y) ** 2;
      if (far < least) [best, least] = [i, far];
    }
    return best;
  }
  /** The shown items within an outline, or all of those in view. */
  function held(outline = [[0, 0], [wide, 0], [wide, high], [0, high]]) {
    const found = [];
    for (let i = 0; places && looks && i < looks.shown.length; i++) {
      if (looks.shown[i] && within(places[3 * i], places[3 * i + 1], outline)) found.push(i);
    }
    return found;
  }
  const hands = gestures(over, {
    size: () => [wide, high], solid: () => view.at.solid && data?.width > 2,
    turn(across, up) { view.turn(across, up); draw(); },
    move(across, down) { view.move(across, down); draw(); },
    enlarge(factor, x, y) { view.enlarge(factor, x, y); draw(); },
    whole() { view.whole(); if (data) view.fit(data.points, data.width); draw(); },
    hover(x, y) { on.hover(x === null ? -1 : at(x, y), x, y); },
    pick(x, y) { on.pick(at(x, y)); },
    outline(outline, done) {
      state.outline = done ? null : outline;
      if (done && outline.length > 2) on.lasso(held(outline));
      draw();
    },
  });
  const resized = new ResizeObserver(() => {
    [wide, high] = [element.clientWidth || 600, element.clientHeight || 480];
    draw();
  });
  resized.observe(element);
  document.addEventListener("ground", draw);
  return {
    element, over, show, held, hands,
    /** Change what is marked: chosen, picked, near, pairs, pictures, hidden, centroids, wrong, unknown. */
    mark(changes) {
      Object.assign(state, changes);
      if (changes.hidden) looks = null;
      draw();
    },
    solid(yes) { view.at.solid = yes; view.whole(); draw(); },
    enlarge(factor) { view.enlarge(factor); draw(); },
    whole() { view.whole(); if (data) view.fit(data.points, data.width); draw(); },
    shown: () => [...(looks?.shown || [])].flatMap((yes, i) => (yes ? [i] : [])),
    placeOf: (item) => places && [places[3 * item], places[3 * item + 1]],
    /** Draw at once, and wait until it is done: to measure. */
    drawNow,
    turn(across, up) { view.turn(across, up); draw(); },
    end() {
      cancelAnimationFrame(waiting);
      resized.disconnect();
      document.removeEventListener("ground", draw);
      painter?.end();
    },
  };
}

/** Red, green and blue of what is behind an element's points. */
function groundOf(element) {
  return getComputedStyle(element).backgroundColor.match(/\d+/g)?.slice(0, 3).map(Number) || [255, 255, 255];
}
