// Look inside: what each layer makes of the picture, and the filters of the first one.
import {fill, h} from "./dom.js";

/** The pictures of all layers for one answer of the net. */
export function layers(box, {layers: found, filters, left}) {
  fill(box,
    h("ul.insides", {}, found.map(card), filters && h("li", {},
      h("strong", {}, `Filters of ${filters.layer}`),
      h("small", {}, `${filters.shape.join(" x ")}, ${filters.shown === filters.shape[0] ? "all" : `the first ${filters.shown}`}`),
      sheet(filters.picture, `Filters of ${filters.layer}`))),
    left > 0 && h("p.quiet", {}, `${left} blobs more are not shown.`));
}

function card(one) {
  const several = one.planes > 1 && one.shown < one.planes ? `, the first ${one.shown} shown` : "";
  return h("li", {},
    h("strong", {}, one.blob),
    h("small", {}, `${one.layer}, ${one.type}: ${one.shape.join(" x ")}${several}`),
    sheet(one.picture, `Blob ${one.blob} of layer ${one.layer}`, isFlat(one.shape)),
    h("small.mono", {}, `${number(one.low)} to ${number(one.high)}`,
      one.zero >= 0.005 && `, ${(100 * one.zero).toFixed(0)} % are 0`),
    one.numbers && one.planes <= one.numbers.length && h("small.mono", {}, one.numbers.map(number).join(" ")));
}

function isFlat(shape) {
  return Math.max(...shape) === shape.reduce((all, one) => all * one, 1);
}

function sheet(source, words, isStrip = false) {
  return h(isStrip ? "img.strip" : "img", {src: source, alt: words});
}

function number(value) {
  return value === null ? "not finite" : `${+value.toPrecision(3)}`;
}
