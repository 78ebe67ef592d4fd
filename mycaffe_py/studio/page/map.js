// The map of a net's encodings on a canvas: in the plane, or in space and turned by dragging.
import {h} from "./dom.js";

/** What draws each marker: (pen, x, y, size). */
export const MARKERS = {
  o: circle, s: polygon(4, Math.PI / 4), "^": polygon(3, -Math.PI / 2), D: polygon(4, 0),
  v: polygon(3, Math.PI / 2), P: cross(0), X: cross(Math.PI / 4), p: polygon(5, -Math.PI / 2),
  h: polygon(6, 0), "*": polygon(8, 0), ring,
};

/** A map of `classes` [{name, colour, marker}]; show({points, labels, width, centroids}) draws. */
export function map({classes, height = 360, name = "Map of the encodings", onturn = () => {}}) {
  const canvas = h("canvas", {role: "img", "aria-label": name, height});
  const looks = new Map(classes.map((look) => [look.label, look]));
  let frame = null, turnX = 0.5, turnY = 0.6, hidden = new Set();

  function draw() {
    const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth || 480;
    // In a narrow window the map is no higher than wide.
    const high = Math.min(height, width);
    canvas.width = width * ratio;
    canvas.height = high * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    if (!frame) return;
    const flat = project(frame.points, frame.width, turnX, turnY);
    const place = fit(flat, width, high);
    for (let i = 0; i < frame.labels.length; i++) {
      const look = looks.get(frame.labels[i]);
      if (!look || hidden.has(look.label) || !Number.isFinite(flat[2 * i] + flat[2 * i + 1])) continue;
      pen.fillStyle = look.colour;
      pen.globalAlpha = 0.75;
      (MARKERS[look.marker] || circle)(pen, ...place(flat[2 * i], flat[2 * i + 1]), look.size || 3.2);
    }
    pen.globalAlpha = 1;
  }
  let from = null;
  canvas.addEventListener("pointerdown", (event) => {
    from = [event.clientX, event.clientY, turnX, turnY];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!from || !frame || frame.width < 3) return;
    turnY = from[3] + (event.clientX - from[0]) / 120;
    turnX = from[2] + (event.clientY - from[1]) / 120;
    draw();
    onturn(turnX, turnY);
  });
  canvas.addEventListener("pointerup", () => { from = null; });
  const resized = new ResizeObserver(draw);
  resized.observe(canvas);
  return {
    element: canvas,
    show(next) { frame = next; draw(); },
    /** As another map is turned. */
    turn(x, y) { [turnX, turnY] = [x, y]; draw(); },
    hide(labels) { hidden = new Set(labels); draw(); },
    end() { resized.disconnect(); },
  };
}

/** Rows of `width` numbers to the plane: two as they are, three turned, more by the first three. */
export function project(points, width, turnX = 0, turnY = 0) {
  const count = points.length / width, flat = new Float32Array(2 * count);
  const [cx, sx, cy, sy] = [Math.cos(turnX), Math.sin(turnX), Math.cos(turnY), Math.sin(turnY)];
  for (let i = 0; i < count; i++) {
    const x = points[i * width], y = width > 1 ? points[i * width + 1] : 0;
    if (width < 3) {
      flat[2 * i] = x;
      flat[2 * i + 1] = y;
      continue;
    }
    const z = points[i * width + 2], across = cy * x + sy * z, deep = cy * z - sy * x;
    flat[2 * i] = across;
    flat[2 * i + 1] = cx * y - sx * deep;
  }
  return flat;
}

/** Base64 of little-endian float32 as numbers. */
export function floats(text) {
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return new Float32Array(bytes.buffer);
}

function fit(flat, width, height) {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < flat.length; i += 2) {
    if (!Number.isFinite(flat[i]) || !Number.isFinite(flat[i + 1])) continue;
    left = Math.min(left, flat[i]); right = Math.max(right, flat[i]);
    low = Math.min(low, flat[i + 1]); high = Math.max(high, flat[i + 1]);
  }
  const room = 16, step = Math.min((width - 2 * room) / (right - left || 1), (height - 2 * room) / (high - low || 1));
  return (x, y) => [
    width / 2 + (x - (left + right) / 2) * step, height / 2 - (y - (low + high) / 2) * step,
  ];
}

function circle(pen, x, y, size) {
  pen.beginPath();
  pen.arc(x, y, size, 0, 7);
  pen.fill();
}

/** Stands out among all others, and hides none of them. */
function ring(pen, x, y, size) {
  pen.globalAlpha = 1;
  pen.strokeStyle = pen.fillStyle;
  pen.lineWidth = size / 4;
  pen.beginPath();
  pen.arc(x, y, size, 0, 7);
  pen.stroke();
  circle(pen, x, y, size / 3);
}

function polygon(corners, turn) {
  return (pen, x, y, size) => {
    pen.beginPath();
    for (let i = 0; i < corners; i++) {
      const angle = turn + i * 2 * Math.PI / corners;
      pen.lineTo(x + 1.25 * size * Math.cos(angle), y + 1.25 * size * Math.sin(angle));
    }
    pen.fill();
  };
}

function cross(turn) {
  return (pen, x, y, size) => {
    pen.save();
    pen.translate(x, y);
    pen.rotate(turn);
    pen.fillRect(-1.2 * size, -0.4 * size, 2.4 * size, 0.8 * size);
    pen.fillRect(-0.4 * size, -1.2 * size, 0.8 * size, 2.4 * size);
    pen.restore();
  };
}
