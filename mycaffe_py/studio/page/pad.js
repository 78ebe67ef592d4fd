// A pad to draw on by mouse, pen, finger or keys: light ink on dark ground, or the other way round.
import {h} from "./dom.js";

const SIDE = 280, STEP = 8, FAR = 28;
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

/** The pad; onchange() is called whenever what it shows has changed. */
export function pad({light = false, onchange, ontell}) {
  const canvas = h("canvas.paper-pad", {
    width: SIDE, height: SIDE, tabindex: 0, role: "application", id: "pad", "aria-describedby": "pad-help",
    "aria-label": "Drawing pad: arrow keys move the pen, Space puts it down or lifts it, Delete clears",
  });
  const above = h("canvas.pen", {width: SIDE, height: SIDE, "aria-hidden": "true"});
  const element = h("div.pad", {}, canvas, above);
  const pen = canvas.getContext("2d", {willReadFrequently: true}), mark = above.getContext("2d");
  let thick = 20, from = null, empty = true, at = [SIDE / 2, SIDE / 2], down = false, keyed = false;

  function ground() {
    return light ? "#ffffff" : "#000000";
  }
  function clear() {
    pen.globalCompositeOperation = "source-over";
    pen.fillStyle = ground();
    pen.fillRect(0, 0, SIDE, SIDE);
    empty = true;
    down = false;
    drawPen();
    onchange();
  }
  function line(start, end) {
    pen.strokeStyle = light ? "#000000" : "#ffffff";
    pen.lineWidth = thick;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(...start);
    // A line to its own start is a dot.
    pen.lineTo(end[0] + (start[0] === end[0] && start[1] === end[1] ? 0.01 : 0), end[1]);
    pen.stroke();
    empty = false;
    onchange();
  }
  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * SIDE / box.width, (event.clientY - box.top) * SIDE / box.height];
  }
  function drawPen() {
    mark.clearRect(0, 0, SIDE, SIDE);
    if (!keyed || document.activeElement !== canvas) return;
    for (const [colour, width] of [["#000000", 4], [down ? "#ff9d2e" : "#75b0ff", 2]]) {
      mark.strokeStyle = colour;
      mark.lineWidth = width;
      mark.beginPath();
      mark.arc(at[0], at[1], thick / 2, 0, 7);
      mark.stroke();
    }
  }
  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = ARROWS[event.key];
    if (way) {
      const step = event.shiftKey ? FAR : STEP, before = at;
      at = at.map((value, axis) => Math.min(Math.max(value + way[axis] * step, 0), SIDE));
      if (down) line(before, at);
    } else if (event.key === " ") {
      down = !down;
      ontell(down ? "Pen down" : "Pen up");
      if (down) line(at, at);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      clear();
      ontell("The pad is empty");
    } else {
      return;
    }
    keyed = true;
    event.preventDefault();
    event.stopPropagation();
    drawPen();
  }
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    keyed = false;
    from = place(event);
    line(from, from);
    drawPen();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!from) return;
    // A quick stroke has more places than frames.
    for (const one of event.getCoalescedEvents?.() || [event]) {
      const next = place(one);
      line(from, next);
      from = next;
    }
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { from = null; });
  canvas.addEventListener("keydown", press);
  canvas.addEventListener("focus", () => { keyed = canvas.matches(":focus-visible"); drawPen(); });
  canvas.addEventListener("blur", () => { down = false; drawPen(); });
  return {
    element, clear,
    isEmpty: () => empty,
    /** What is drawn, as base64 of a PNG. */
    data: () => canvas.toDataURL("image/png").split(",")[1],
    thick(value) { thick = value; },
    /** Dark ink on light ground, or the other way round; what was drawn goes. */
    turn(value) { light = value; clear(); },
    /** Show a picture of any size, whole. */
    show(picture) {
      pen.fillStyle = ground();
      pen.fillRect(0, 0, SIDE, SIDE);
      const scale = Math.min(SIDE / picture.width, SIDE / picture.height);
      const [wide, high] = [picture.width * scale, picture.height * scale];
      pen.drawImage(picture, (SIDE - wide) / 2, (SIDE - high) / 2, wide, high);
      empty = false;
    },
  };
}
