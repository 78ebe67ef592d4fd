// A drawing that is larger than its frame: drawn along with the pointer, enlarged by Ctrl and wheel.

/** Let what `view` shows be drawn along where no box is pressed. */
export function dragged(view) {
  let from = null;
  view.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch" || event.target.closest("g.box")) return;
    from = {x: event.clientX + view.scrollLeft, y: event.clientY + view.scrollTop};
    // What lies beside the drawing's own area are the bars, which move it themselves.
    if (event.offsetX > view.clientWidth && event.target === view) from = null;
  });
  view.addEventListener("pointermove", (event) => {
    if (from && event.buttons) view.scrollTo(from.x - event.clientX, from.y - event.clientY);
  });
  for (const end of ["pointerup", "pointerleave"]) view.addEventListener(end, () => { from = null; });
}

/** Let Ctrl and the wheel call `zoom(by, x, y)`, with the place of the pointer. */
export function turned(view, zoom) {
  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const frame = view.getBoundingClientRect();
    zoom(1.0015 ** -event.deltaY, event.clientX - frame.left, event.clientY - frame.top);
  }, {passive: false});
}
