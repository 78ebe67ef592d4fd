// The map with one more point that flies to its place as a picture is drawn.
import {fill, h} from "./dom.js";
import {floats, map} from "./map.js";

const FLIGHT_MS = 220;

/** The map that the net told; fly(place, unknown) moves the picture's point, enrolled(list) those
 *  beside it. A point of what is unknown has another colour and says so. */
export function flightMap(told, what) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const sample = floats(told.points), width = told.width;
  const own = {label: "own", name: `your ${what}`, marker: "ring", size: 10, colour: "#000000"};
  const added = {label: "added", name: "enrolled", marker: "ring", size: 7, colour: "#000000"};
  const drawn = map({classes: [...told.classes, added, own], height: 380, name: `Map of ${told.source} with your ${what}`});
  const where = h("p.quiet", {}), legend = h("ul.legend");
  const element = h("div.stack", {}, h("div.chart", {}, drawn.element), legend, where);
  let at = null, classes = [], frame = 0, strange = false;

  function draw() {
    const style = getComputedStyle(document.documentElement);
    own.colour = style.getPropertyValue(strange ? "--warn" : "--ink");
    added.colour = style.getPropertyValue("--accent");
    const more = [...classes.map((one) => one.place), ...(at ? [at] : [])];
    const points = new Float32Array(sample.length + more.length * width);
    points.set(sample);
    more.forEach((place, i) => points.set(place, sample.length + i * width));
    const labels = [...told.labels, ...classes.map(() => "added"), ...(at ? ["own"] : [])];
    drawn.show({points, width, labels});
  }
  function fly(place, unknown = false) {
    cancelAnimationFrame(frame);
    if (strange !== unknown) {
      strange = unknown;
      drawLegend();
    }
    if (!place || !at || still.matches) {
      at = place;
      draw();
    } else {
      const from = at, begun = performance.now();
      const move = (now) => {
        const part = Math.min(Math.max((now - begun) / FLIGHT_MS, 0), 1), eased = 1 - (1 - part) ** 3;
        at = from.map((value, i) => value + (place[i] - value) * eased);
        draw();
        if (part < 1) frame = requestAnimationFrame(move);
      };
      frame = requestAnimationFrame(move);
    }
    fill(where, place ? `Your ${what} lies at (${place.map((one) => one.toPrecision(3)).join(", ")}). ` : "", words());
  }
  function words() {
    const stand = told.stand_in_for ? `, which stands in for ${told.stand_in_for}` : "";
    return `${told.labels.length.toLocaleString("en")} items of ${told.source}${stand}. ${told.told}.`
      + (width > 2 ? " Drag to turn." : "");
  }
  function drawLegend() {
    fill(legend, [...told.classes, ...classes.map((one) => ({...added, name: `${one.label} (enrolled)`})), own].map((look) => {
      const dot = h("span.dot", {"aria-hidden": "true"});
      dot.style.background = look === own ? (strange ? "var(--warn)" : "var(--ink)") : look.label === "added" ? "var(--accent)" : look.colour;
      return h("li", {}, dot, look === own && strange ? `${look.name} (unknown)` : look.name);
    }));
  }
  document.addEventListener("ground", draw);
  const end = () => {
    document.removeEventListener("ground", draw);
    cancelAnimationFrame(frame);
    drawn.end();
  };
  const enrolled = (list) => {
    classes = list.filter((one) => one.place);
    drawLegend();
    draw();
  };
  fly(null);
  enrolled(told.enrolled);
  return {element, fly, enrolled, end};
}
