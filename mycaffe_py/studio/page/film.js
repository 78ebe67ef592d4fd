// The film of a run: its frames as they come, and the slider that goes back and forth in them.
import {get} from "./api.js";
import {fill, h} from "./dom.js";
import {floats, map} from "./map.js";

/** The live map of `run`; add(frames, anew) takes what the stream brings.
 *  `make` gives what draws a frame, where it is not the small map: see map.js for what it returns. */
export async function filmOf(run, {onframe = () => {}, make = map} = {}) {
  const slider = h("input", {type: "range", min: 0, max: 0, value: 0, "aria-label": "Frame of the film"});
  const told = h("span.quiet", {}, "no frame yet"), box = h("div.chart");
  const play = h("button", {type: "button", onclick: turn}, "Play");
  const element = h("div.stack", {}, box, h("div.row", {}, play, slider, told));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let frames = [], head = null, drawing = null, follows = true, timer = null;
  let queue = Promise.resolve();

  async function begin() {
    head = await get("/api/film", {run});
    if (!head.width) return;
    drawing?.end();
    drawing = make({classes: head.classes});
    fill(box, drawing.element);
  }
  async function take(more, anew) {
    if (anew || !head?.width) await begin();
    const added = more.map((frame) => ({
      iteration: frame.iteration, points: floats(frame.points),
      centroids: {labels: frame.labels, points: floats(frame.centroids)},
    }));
    frames = anew ? added : [...frames, ...added];
    slider.max = Math.max(frames.length - 1, 0);
    if (follows) showFrame(frames.length - 1);
  }
  function showFrame(number) {
    const frame = frames[number];
    if (!frame || !drawing) return;
    slider.value = number;
    drawing.show({...frame, width: head.width, labels: head.labels});
    fill(told, `iteration ${frame.iteration.toLocaleString("en")}`);
    onframe(frame.iteration);
  }
  function stop() {
    clearInterval(timer);
    timer = null;
    fill(play, "Play");
  }
  function turn() {
    if (timer) return stop();
    if (still) return step(1);
    fill(play, "Pause");
    if (+slider.value >= frames.length - 1) slider.value = 0;
    timer = setInterval(() => (step(1) || stop()), 120);
  }
  function step(by) {
    const next = Math.min(Math.max(+slider.value + by, 0), frames.length - 1);
    const moved = next !== +slider.value;
    follows = next === frames.length - 1;
    showFrame(next);
    return moved;
  }
  slider.addEventListener("input", () => {
    follows = +slider.value === frames.length - 1;
    showFrame(+slider.value);
  });
  return {
    element, turn, step,
    /** The frame nearest to an iteration. */
    seek(iteration) {
      if (!frames.length) return;
      const at = frames.reduce((best, frame, i) =>
        (Math.abs(frame.iteration - iteration) < Math.abs(frames[best].iteration - iteration) ? i : best), 0);
      follows = at === frames.length - 1;
      showFrame(at);
    },
    add(more, anew) {
      // One message after the other, also where one of them waits for the head of a new film.
      queue = queue.then(() => take(more, anew));
    },
    end() { stop(); drawing?.end(); },
  };
}
