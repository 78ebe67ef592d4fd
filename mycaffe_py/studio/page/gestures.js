// What hands do on a map: drag, pinch, wheel, arrow keys; and the outline of a lasso.

const STEP = 40, TURN = 0.08;

/** Tell `to` of gestures on `element`: turn, move, enlarge, whole, hover, pick, outline. */
export function gestures(element, to) {
  const down = new Map();
  let lasso = false, outline = null, moved = 0, start = null;

  const spot = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const fromMiddle = ([x, y]) => {
    const [wide, high] = to.size();
    return [x - wide / 2, y - high / 2];
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    element.setPointerCapture(event.pointerId);
    down.set(event.pointerId, spot(event));
    moved = 0;
    start = spot(event);
    to.hover(null);
    if (down.size > 1) outline = null;
    else if (lasso) outline = [spot(event)];
  });
  element.addEventListener("pointermove", (event) => {
    const here = spot(event), before = down.get(event.pointerId);
    if (!before) return to.hover(...here);
    const [across, up] = [here[0] - before[0], here[1] - before[1]];
    moved = Math.max(moved, Math.hypot(here[0] - start[0], here[1] - start[1]));
    if (down.size > 1) pinch(event.pointerId, before, here);
    else if (outline) {
      outline.push(here);
      to.outline(outline, false);
    } else if (to.solid() && !event.shiftKey && event.buttons !== 4) to.turn(across / 120, up / 120);
    else to.move(across, up);
    down.set(event.pointerId, here);
  });
  function pinch(id, before, here) {
    const other = [...down].find(([one]) => one !== id)[1];
    const was = Math.hypot(before[0] - other[0], before[1] - other[1]) || 1;
    const now = Math.hypot(here[0] - other[0], here[1] - other[1]) || 1;
    to.enlarge(now / was, ...fromMiddle([(here[0] + other[0]) / 2, (here[1] + other[1]) / 2]));
  }
  const up = (event) => {
    if (!down.delete(event.pointerId)) return;
    if (outline) {
      const done = outline;
      outline = null;
      if (moved > 4) return to.outline(done, true);
      to.outline(null, true);
    }
    if (event.type === "pointerup" && moved < 4 && down.size === 0) to.pick(...spot(event));
  };
  for (const kind of ["pointerup", "pointercancel"]) element.addEventListener(kind, up);
  element.addEventListener("pointerleave", () => { if (!down.size) to.hover(null); });
  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 20 : 1;
    to.enlarge(Math.exp(-event.deltaY * lines * 0.0016), ...fromMiddle(spot(event)));
  }, {passive: false});
  element.addEventListener("dblclick", () => to.whole());
  const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = arrows[event.key];
    if (way && to.solid() && !event.shiftKey) to.turn(TURN * way[0], TURN * way[1]);
    else if (way) to.move(-STEP * way[0], -STEP * way[1]);
    else if (event.key === "+" || event.key === "=") to.enlarge(1.25, 0, 0);
    else if (event.key === "-") to.enlarge(0.8, 0, 0);
    else if (event.key === "0") to.whole();
    else return;
    event.preventDefault();
  });
  return {
    /** Whether a drag draws a lasso. */
    lasso(yes) {
      lasso = yes;
      element.classList.toggle("lasso", yes);
    },
  };
}
