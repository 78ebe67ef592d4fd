// A whole net beside the part of it that is seen, where not all of it is: a press goes there.
import {fill, h, s} from "./dom.js";

const WIDTH = 64, BOX = 176, LEAST = 1.5;

/** A small map of what is drawn in `view`; draw(net) when it has changed, moved() when it was moved. */
export function smallMap(view, zoom) {
  const boxes = s("g"), seen = s("rect.seen", {rx: 2});
  const drawing = s("svg", {"aria-hidden": "true", preserveAspectRatio: "none"}, boxes, seen);
  const element = h("div.graph-map", {hidden: true, title: "The whole net: press to go there"}, drawing);
  let net = null, places = "";

  function draw(next) {
    net = next;
    const state = JSON.stringify(net.layout.layers.map((box) => [box.x, box.y]));
    if (state !== places) {
      // At this size a box is a stroke: as wide as its share, never thinner than can be seen.
      const high = Math.max(30, net.layout.height / Math.max(300, view.clientHeight || 300) * LEAST);
      fill(boxes, net.layout.layers.map((box, i) => s("rect", {x: box.x, y: box.y, width: BOX, height: Math.min(46, high),
        class: net.layers[i].loss_weights.some((weight) => weight) ? "loss-layer" : net.layers[i].learned || net.layers[i].params.length ? "learns" : ""})));
      drawing.setAttribute("viewBox", `0 0 ${net.layout.width} ${net.layout.height}`);
    }
    places = state;
    moved();
  }
  function moved() {
    if (!net) return;
    const size = zoom();
    element.hidden = net.layout.height * size < view.clientHeight * 1.6;
    if (element.hidden) return;
    const part = {x: view.scrollLeft / size, y: view.scrollTop / size, width: Math.min(net.layout.width, view.clientWidth / size), height: view.clientHeight / size};
    for (const [name, value] of Object.entries(part)) seen.setAttribute(name, value);
  }
  function go(event) {
    const frame = element.getBoundingClientRect(), size = zoom();
    view.scrollTo((event.clientX - frame.left) / frame.width * net.layout.width * size - view.clientWidth / 2,
      (event.clientY - frame.top) / frame.height * net.layout.height * size - view.clientHeight / 2);
  }
  element.style.width = `${WIDTH}px`;
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    go(event);
  });
  element.addEventListener("pointermove", (event) => event.buttons && go(event));
  view.addEventListener("scroll", moved);
  return {element, draw, moved};
}
