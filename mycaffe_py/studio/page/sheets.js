// All pictures of a data set as a virtual list of sheets: one PNG holds eight rows of pictures, and
// only the sheets that are seen, with one before and after, are elements.
import {fill, h} from "./dom.js";

const LEAST = 36, BESIDE = 1;

/** `choose(at)` is told the place of a picture, `enlarge()` that it was asked for (a double click or
 * Enter), `context()` that the right button was pressed. */
export function sheetsOf({set, choose, enlarge, context}) {
  const paper = h("div.paper-roll"), mark = h("div.mark", {hidden: true});
  const element = h("div.roll", {tabindex: 0, role: "group", "aria-label": `All ${set.word}s; arrow keys go from one to the next`}, paper);
  const shown = new Map();
  let label = "", count = set.images, at = 0, wait = 0, width = 0, columns = 1, tile = [1, 1], turn = 0;

  function measure() {
    if (element.clientWidth === width || !element.clientWidth) return;
    width = element.clientWidth;
    columns = Math.max(1, Math.min(set.most_columns, Math.floor(width / Math.max(set.tile[0], LEAST))));
    const side = Math.min(width / columns, Math.max(set.tile[0], LEAST) * 1.6);
    tile = [side, side * set.tile[1] / set.tile[0]];
    anew();
  }
  function anew() {
    turn += 1;
    shown.clear();
    fill(paper, mark);
    paper.style.height = `${Math.ceil(count / columns) * tile[1]}px`;
    put();
    draw();
  }
  function draw() {
    wait = 0;
    const high = tile[1] * set.sheet_rows, last = Math.ceil(count / columns / set.sheet_rows) - 1;
    const from = Math.max(0, Math.floor(element.scrollTop / high) - BESIDE);
    const to = Math.min(last, Math.floor((element.scrollTop + element.clientHeight) / high) + BESIDE);
    for (const [n, image] of shown) {
      if (n >= from && n <= to) continue;
      image.removeAttribute("src");
      image.remove();
      shown.delete(n);
    }
    for (let n = from; n <= to; n += 1) if (!shown.has(n)) shown.set(n, sheet(n, high));
  }
  function sheet(n, high) {
    const first = n * columns * set.sheet_rows, end = Math.min(count, first + columns * set.sheet_rows) - 1;
    const words = new URLSearchParams({source: set.name, n, columns, label, v: set.checksum.slice(0, 12)});
    const image = h("img", {alt: `${set.word}s ${first} to ${end}`, draggable: "false", decoding: "async", src: `/api/data/sheet?${words}`});
    image.style.top = `${n * high}px`;
    image.style.width = `${columns * tile[0]}px`;
    image.style.height = `${high}px`;
    paper.append(image);
    return image;
  }
  function put() {
    mark.style.width = `${tile[0]}px`;
    mark.style.height = `${tile[1]}px`;
    mark.style.left = `${(at % columns) * tile[0]}px`;
    mark.style.top = `${Math.floor(at / columns) * tile[1]}px`;
  }
  function go(place) {
    if (!count) return;
    at = Math.max(0, Math.min(count - 1, place));
    mark.hidden = false;
    put();
    const top = Math.floor(at / columns) * tile[1];
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + tile[1] > element.scrollTop + element.clientHeight) element.scrollTop = top + tile[1] - element.clientHeight;
    choose(at);
  }
  function placeOf(event) {
    const box = paper.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / tile[0]), row = Math.floor((event.clientY - box.top) / tile[1]);
    return column < columns && row * columns + column < count ? row * columns + column : -1;
  }
  const page = () => Math.max(1, Math.floor(element.clientHeight / tile[1])) * columns;
  const steps = {ArrowLeft: () => -1, ArrowRight: () => 1, ArrowUp: () => -columns, ArrowDown: () => columns,
    PageUp: () => -page(), PageDown: page, Home: () => -count, End: () => count};
  element.addEventListener("dblclick", (event) => placeOf(event) >= 0 && enlarge());
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      // Or the same key would press the button that the new window lays the focus on.
      event.preventDefault();
      enlarge();
    }
    if (!steps[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(at + steps[event.key]());
  });
  element.addEventListener("click", (event) => {
    const place = placeOf(event);
    if (place >= 0) go(place);
  });
  element.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    context();
  });
  element.addEventListener("scroll", () => { wait ||= requestAnimationFrame(draw); }, {passive: true});
  const watcher = new ResizeObserver(measure);
  watcher.observe(element);
  return {
    element, go,
    step: (by) => go(at + by),
    /** Show those of a label alone, "" all. */
    filter(one, many) {
      [label, count, at] = [one, many, 0];
      element.scrollTop = 0;
      anew();
      go(0);
    },
    leave: () => watcher.disconnect(),
  };
}
