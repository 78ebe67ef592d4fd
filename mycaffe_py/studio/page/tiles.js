// Pictures of single items, cut from one sheet that the studio sends; windows of counters are lines.
import {h, s} from "./dom.js";

const LINES = ["#3f7cc4", "#c4501b", "#0b8f6a", "#9a4fc0", "#a07800", "#c0396b"];
const WIDE = 100, HIGH = 64;

/** How to draw `records` of what `where` names; `answer` holds what the studio says of their form. */
export function drawnBy(answer, records, where) {
  if (answer.lines) return {lines: answer.lines, counters: answer.counters, ranges: ranges(answer.lines)};
  if (!answer.width || !records.length) return {};
  const columns = Math.min(records.length, 16);
  const words = new URLSearchParams({...where, records: records.join(","), columns});
  return {...answer, columns, sheet: `/api/answers/pictures?${words}`};
}

/** The item at `place` of the records, `side` pixels wide; `words` tell it to who cannot see it. */
export function picture(drawn, place, words, side = 64) {
  if (drawn.lines) return lines(drawn, place, words, side);
  if (!drawn.sheet) return h("div.item-picture.none", {role: "img", "aria-label": words}, "no picture");
  const high = side * drawn.height / drawn.width;
  const element = h("div.item-picture", {role: "img", "aria-label": words});
  Object.assign(element.style, {
    width: `${side}px`, height: `${high}px`, backgroundImage: `url("${drawn.sheet}")`,
    backgroundSize: `${side * drawn.columns}px auto`,
    backgroundPosition: `${-side * (place % drawn.columns)}px ${-high * Math.floor(place / drawn.columns)}px`,
  });
  return element;
}

/** What the colours of lines mean; nothing where items are pictures. */
export function legend(drawn) {
  return drawn.lines && h("ul.swatches", {}, drawn.counters.map((name, i) => {
    const mark = h("span.swatch");
    mark.style.background = LINES[i % LINES.length];
    return h("li", {}, mark, name);
  }));
}

function lines(drawn, place, words, side) {
  const drawing = s("svg", {viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": words, class: "item-picture window"},
    drawn.lines[place].map((values, i) => {
      const [low, high] = drawn.ranges[i], last = Math.max(values.length - 1, 1);
      const points = values.map((value, at) =>
        `${(at / last * WIDE).toFixed(1)},${(HIGH - 3 - (value - low) / (high - low || 1) * (HIGH - 6)).toFixed(1)}`);
      return s("polyline", {points: points.join(" "), stroke: LINES[i % LINES.length]});
    }));
  drawing.style.width = `${Math.max(side, 96)}px`;
  return drawing;
}

/** One range for each counter over all items shown, so that two items can be compared. */
function ranges(items) {
  return (items[0] || []).map((_, counter) => {
    let low = Infinity, high = -Infinity;
    for (const item of items) {
      for (const value of item[counter]) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    return [low, high];
  });
}
