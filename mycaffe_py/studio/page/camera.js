// From points in the plane or in space to places on the screen: turned, moved, enlarged.

const ROOM = 24;

/** A camera for rows of `width` numbers; fit() to points first, then place() them. */
export function camera() {
  const at = {turnX: 0.5, turnY: 0.6, zoom: 1, panX: 0, panY: 0, solid: false};
  let middle = [0, 0, 0], reach = [1, 1], radius = 1;

  function fit(points, width) {
    const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
    const axes = Math.min(width, 3);
    for (let i = 0; i < points.length; i++) {
      const axis = i % width, value = points[i];
      if (axis >= axes || !Number.isFinite(value)) continue;
      if (value < low[axis]) low[axis] = value;
      if (value > high[axis]) high[axis] = value;
    }
    const known = low.map((value, axis) => axis < axes && Number.isFinite(value));
    middle = low.map((value, axis) => (known[axis] ? (value + high[axis]) / 2 : 0));
    const half = low.map((value, axis) => (known[axis] ? (high[axis] - value) / 2 : 0));
    reach = [half[0] || half[1] || 1, half[1] || half[0] || 1];
    radius = Math.hypot(...half) || 1;
  }
  function scale(wide, high) {
    const [across, up] = [Math.max(wide - 2 * ROOM, 20), Math.max(high - 2 * ROOM, 20)];
    if (at.solid) return at.zoom * Math.min(across, up) / (1.7 * radius);
    return at.zoom * Math.min(across / reach[0], up / reach[1]) / 2;
  }
  /** Screen places (x, y, depth -1..1) of rows of `width` numbers, into `into` where it fits. */
  function place(points, width, wide, high, into) {
    const count = points.length / width, step = scale(wide, high);
    const found = into?.length === 3 * count ? into : new Float32Array(3 * count);
    const [cx, sx, cy, sy] = [Math.cos(at.turnX), Math.sin(at.turnX), Math.cos(at.turnY), Math.sin(at.turnY)];
    const solid = at.solid && width > 2;
    for (let i = 0; i < count; i++) {
      let x = points[i * width] - middle[0], y = (width > 1 ? points[i * width + 1] : 0) - middle[1], depth = 0;
      if (solid) {
        const z = points[i * width + 2] - middle[2], deep = cy * z - sy * x;
        x = cy * x + sy * z;
        depth = (sx * y + cx * deep) / radius;
        y = cx * y - sx * deep;
      }
      found[3 * i] = wide / 2 + at.panX + x * step;
      found[3 * i + 1] = high / 2 + at.panY - y * step;
      found[3 * i + 2] = depth;
    }
    return found;
  }
  return {
    at, fit, place,
    turn(across, up) {
      at.turnY += across;
      at.turnX = Math.min(Math.max(at.turnX + up, -Math.PI / 2), Math.PI / 2);
    },
    move(across, down) {
      at.panX += across;
      at.panY += down;
    },
    /** Enlarge by `factor` and let the point (x, y), counted from the middle, stay where it is. */
    enlarge(factor, x = 0, y = 0) {
      const next = Math.min(Math.max(at.zoom * factor, 0.2), 400), real = next / at.zoom;
      at.panX = x - (x - at.panX) * real;
      at.panY = y - (y - at.panY) * real;
      at.zoom = next;
    },
    whole() { Object.assign(at, {zoom: 1, panX: 0, panY: 0}); },
    get isWhole() { return at.zoom === 1 && at.panX === 0 && at.panY === 0; },
  };
}

/** Whether (x, y) lies within the outline [[x, y], ...], by the even-odd rule. */
export function within(x, y, outline) {
  let inside = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [ax, ay] = outline[i], [bx, by] = outline[j];
    if ((ay > y) !== (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}
