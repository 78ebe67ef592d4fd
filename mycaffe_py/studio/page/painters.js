// Many points, drawn by WebGL where there is one, else on a canvas. Both take the same:
// places (x, y, depth for each), looks {colours: rgb 0..1, shapes: number of the marker, shown},
// ground: the red, green and blue (0..255) behind the points.
import {h} from "./dom.js";
import {MARKERS} from "./map.js";

const NAMES = Object.keys(MARKERS);
/** So many points a canvas draws as fast as anybody needs. */
export const CANVAS_MOST = 2000;

/** The number that painters know a marker by. */
export function shapeOf(marker) {
  return Math.max(NAMES.indexOf(marker), 0);
}

// A graphics card that draws also decodes films, which can be asked in silence. To ask for WebGL
// where there is none leaves a warning in the log of the browser.
const hasCard = await navigator.mediaCapabilities?.decodingInfo({
  type: "file",
  video: {contentType: 'video/webm; codecs="vp09.00.10.08"', width: 1920, height: 1080, bitrate: 2e6, framerate: 30},
}).then((told) => told.powerEfficient, () => false);

/** The best painter for `count` points; `lost` is called where WebGL goes away. */
export function painterFor(count, lost) {
  return (count > CANVAS_MOST && hasCard && glPainter(lost)) || flatPainter();
}

// So many sizes and shades a point may have by its depth.
const DEPTHS = 5;

/** A painter that sets the pixels of a canvas: without a graphics card nothing is faster. */
export function flatPainter() {
  const canvas = h("canvas", {"aria-hidden": "true"}), pen = canvas.getContext("2d", {willReadFrequently: true});
  const masks = new Map();
  let drawnFor = 0, picture = null, whole = null;

  /** How much of each pixel, 0..1, a marker covers: {side, cover}. */
  function mask(shape, level) {
    const name = DEPTHS * shape + level;
    if (!masks.has(name)) {
      const depth = 2 * level / (DEPTHS - 1) - 1, radius = drawnFor * (1 + 0.3 * depth), side = Math.ceil(2.6 * radius) + 2;
      const ink = h("canvas", {width: side, height: side}).getContext("2d", {willReadFrequently: true});
      MARKERS[NAMES[shape]](ink, side / 2, side / 2, radius);
      const drawn = ink.getImageData(0, 0, side, side).data, cover = new Float32Array(side * side);
      for (let i = 0; i < cover.length; i++) cover[i] = drawn[4 * i + 3] / 255 * (0.85 + 0.15 * depth);
      masks.set(name, {side, cover});
    }
    return masks.get(name);
  }
  function stamp({side, cover}, left, top, red, green, blue) {
    const {width, height, data} = picture;
    const [low, high] = [Math.max(0, -left), Math.min(side, width - left)];
    for (let y = Math.max(0, -top); y < Math.min(side, height - top); y++) {
      let to = 4 * ((top + y) * width + left + low);
      for (let x = low; x < high; x++, to += 4) {
        const part = cover[y * side + x];
        if (part === 0) continue;
        data[to] += (red - data[to]) * part;
        data[to + 1] += (green - data[to + 1]) * part;
        data[to + 2] += (blue - data[to + 2]) * part;
      }
    }
  }
  return {
    canvas, kind: "canvas",
    draw({places, looks, size, ratio, ground}) {
      if (drawnFor !== size * ratio) masks.clear();
      drawnFor = size * ratio;
      if (picture?.width !== canvas.width || picture?.height !== canvas.height) {
        picture = pen.createImageData(canvas.width, canvas.height);
        whole = new Uint32Array(picture.data.buffer);
      }
      whole.fill(new Uint32Array(new Uint8Array([...ground, 255]).buffer)[0]);
      for (let i = 0; i < looks.shown.length; i++) {
        if (!looks.shown[i]) continue;
        const level = Math.min(Math.max(Math.round((places[3 * i + 2] + 1) / 2 * (DEPTHS - 1)), 0), DEPTHS - 1);
        const one = mask(looks.shapes[i], level);
        stamp(one, Math.round(places[3 * i] * ratio - one.side / 2), Math.round(places[3 * i + 1] * ratio - one.side / 2),
          255 * looks.colours[3 * i], 255 * looks.colours[3 * i + 1], 255 * looks.colours[3 * i + 2]);
      }
      pen.putImageData(picture, 0, 0);
    },
    end() {},
  };
}

const VERTEX = `
attribute vec3 place; attribute vec3 colour; attribute float shape; attribute float shown;
uniform vec2 span; uniform float size;
varying vec3 ink; varying float kind; varying float wide; varying float alpha;
void main() {
  wide = 2.6 * size * (1.0 + 0.3 * place.z) + 2.0;
  gl_Position = vec4(place.x / span.x * 2.0 - 1.0, 1.0 - place.y / span.y * 2.0, 0.0, 1.0);
  gl_PointSize = shown > 0.5 ? wide : 0.0;
  if (shown < 0.5) gl_Position = vec4(9.0, 9.0, 9.0, 1.0);
  ink = colour; kind = shape; alpha = 0.85 + 0.15 * place.z;
}`;
// Places within a point are counted in radii of a circle; each figure has its corners at 1.25.
const FRAGMENT = `
precision mediump float;
varying vec3 ink; varying float kind; varying float wide; varying float alpha;
float figure(vec2 at, float corners, float turn) {
  float part = 6.2831853 / corners, angle = atan(at.y, at.x) - turn - part / 2.0;
  return cos(floor(0.5 + angle / part) * part - angle) * length(at) - 1.25 * cos(part / 2.0);
}
float crossed(vec2 at) {
  at = abs(at);
  return min(max(at.x - 1.2, at.y - 0.4), max(at.x - 0.4, at.y - 1.2));
}
void main() {
  vec2 at = (gl_PointCoord - 0.5) * 2.6 * wide / (wide - 2.0);
  float far = length(at) - 1.0;
  if (kind > 0.5) far = figure(at, 4.0, 0.7853982);
  if (kind > 1.5) far = figure(at, 3.0, -1.5707963);
  if (kind > 2.5) far = figure(at, 4.0, 0.0);
  if (kind > 3.5) far = figure(at, 3.0, 1.5707963);
  if (kind > 4.5) far = crossed(at);
  if (kind > 5.5) far = crossed(mat2(0.7071068, 0.7071068, -0.7071068, 0.7071068) * at);
  if (kind > 6.5) far = figure(at, 5.0, -1.5707963);
  if (kind > 7.5) far = figure(at, 6.0, 0.0);
  if (kind > 8.5) far = figure(at, 8.0, 0.0);
  float edge = 2.6 / wide, cover = (1.0 - smoothstep(-edge, edge, far)) * alpha;
  if (cover < 0.01) discard;
  gl_FragColor = vec4(ink * cover, cover);
}`;

// WebGL without a graphics card.
const SLOW = /swiftshader|llvmpipe|softpipe|software|basic render/i;

function madeBy(gl) {
  const told = gl.getExtension("WEBGL_debug_renderer_info");
  return told ? String(gl.getParameter(told.UNMASKED_RENDERER_WEBGL)) : "";
}

/** A painter by WebGL; null where there is none, or where the processor plays its part
 *  (`evenSlow`: also then), which draws slower than a canvas. */
export function glPainter(lost = () => {}, {evenSlow = false} = {}) {
  const canvas = h("canvas", {"aria-hidden": "true"});
  const gl = canvas.getContext("webgl", {
    antialias: false, premultipliedAlpha: true, failIfMajorPerformanceCaveat: !evenSlow,
  });
  const program = gl && (evenSlow || !SLOW.test(madeBy(gl))) && linked(gl);
  if (!program) return null;
  canvas.addEventListener("webglcontextlost", (event) => {
    event.preventDefault();
    lost();
  });
  const buffers = {};
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  function feed(name, width, values, kind) {
    const spot = gl.getAttribLocation(program, name);
    buffers[name] ??= gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers[name]);
    gl.bufferData(gl.ARRAY_BUFFER, values, kind);
    gl.enableVertexAttribArray(spot);
    gl.vertexAttribPointer(spot, width, values instanceof Float32Array ? gl.FLOAT : gl.UNSIGNED_BYTE, false, 0, 0);
  }
  let known = null;
  return {
    canvas, kind: "webgl",
    draw({places, looks, size, ratio}) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      if (known !== looks) {
        feed("colour", 3, looks.colours, gl.STATIC_DRAW);
        feed("shape", 1, looks.shapes, gl.STATIC_DRAW);
        feed("shown", 1, looks.shown, gl.STATIC_DRAW);
        known = looks;
      }
      feed("place", 3, places, gl.DYNAMIC_DRAW);
      gl.uniform2f(gl.getUniformLocation(program, "span"), canvas.width / ratio, canvas.height / ratio);
      gl.uniform1f(gl.getUniformLocation(program, "size"), size * ratio);
      gl.drawArrays(gl.POINTS, 0, looks.shown.length);
    },
    end() { gl.getExtension("WEBGL_lose_context")?.loseContext(); },
  };
}

function linked(gl) {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}
