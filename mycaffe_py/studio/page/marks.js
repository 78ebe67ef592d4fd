// What lies over the points of a map: centroids, enrolled examples, rings, lines, pictures, a lasso.

const TILE = 26;

/** Draws marks on a canvas. */
export function marksOn(canvas) {
  const pen = canvas.getContext("2d");

  function ring(x, y, size, colour, width = 1.6, dashes = []) {
    pen.beginPath();
    pen.setLineDash(dashes);
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.arc(x, y, size, 0, 7);
    pen.stroke();
    pen.setLineDash([]);
  }
  function words(text, x, y, ground, ink) {
    pen.font = "600 12px system-ui, sans-serif";
    pen.lineJoin = "round";
    pen.lineWidth = 3;
    pen.strokeStyle = ground;
    pen.strokeText(text, x, y);
    pen.fillStyle = ink;
    pen.fillText(text, x, y);
  }
  function pictures({state, places, looks, wide, high}) {
    const taken = new Set();
    for (const item of state.pictures.items) {
      if (!looks.shown[item]) continue;
      const x = places[3 * item], y = places[3 * item + 1];
      const cell = `${Math.floor(x / TILE)} ${Math.floor(y / TILE)}`;
      if (x < 0 || y < 0 || x > wide || y > high || taken.has(cell)) continue;
      if (!state.pictures.draw(pen, item, x - TILE / 2, y - TILE / 2, TILE)) continue;
      taken.add(cell);
      pen.strokeStyle = looks.words[item];
      pen.lineWidth = 2;
      pen.strokeRect(x - TILE / 2, y - TILE / 2, TILE, TILE);
    }
  }
  function centroids({data, state, put}, ground, ink) {
    const rows = put(data.centroids.points), looks = new Map(data.classes.map((one) => [one.label, one]));
    data.centroids.labels.forEach((label, i) => {
      const one = looks.get(label), x = rows[3 * i], y = rows[3 * i + 1];
      if (!one || state.hidden.has(label) || !Number.isFinite(x)) return;
      ring(x, y, 9, ground, 5);
      ring(x, y, 9, one.colour, 3);
      words(short(one.name), x + 12, y + 4, ground, ink);
    });
  }
  function enrolled({data, put}, ground, ink) {
    for (const one of data.enrolled) {
      const rows = put(one.points);
      for (let i = 0; i < rows.length; i += 3) {
        ring(rows[i], rows[i + 1], 4, ink, 2);
        ring(rows[i], rows[i + 1], 8, ink, 1.4);
      }
      if (rows.length) words(`${short(one.name)} (enrolled)`, rows[0] + 11, rows[1] + 4, ground, ink);
    }
  }
  function line(from, to, colour, width) {
    pen.beginPath();
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
  }
  /** Every pair as a thin line, the chosen one as a thick one with its distance in the middle. */
  function pairs({state, places, looks, size}, ground, ink) {
    const at = (item) => [places[3 * item], places[3 * item + 1]];
    pen.globalAlpha = 0.45;
    for (const {ends: [a, b]} of state.pairs.every) if (looks.shown[a] && looks.shown[b]) line(at(a), at(b), ink, 0.8);
    pen.globalAlpha = 1;
    const {ends, words: told} = state.pairs.chosen, [from, to] = ends.map(at);
    line(from, to, ground, 6);
    line(from, to, ink, 2.4);
    for (const [x, y] of [from, to]) {
      ring(x, y, size + 5, ground, 5);
      ring(x, y, size + 5, ink, 2.4);
    }
    words(told, (from[0] + to[0]) / 2 + 10, (from[1] + to[1]) / 2 - 8, ground, ink);
  }
  return {
    draw(all) {
      const {data, state, places, looks, ratio, size} = all;
      const css = getComputedStyle(canvas), colour = (name) => css.getPropertyValue(name).trim();
      const [ground, ink, accent, bad, quiet] = ["--sheet", "--ink", "--accent", "--bad", "--quiet"].map(colour);
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, canvas.width, canvas.height);
      pen.scale(ratio, ratio);
      const at = (item) => [places[3 * item], places[3 * item + 1]];
      const each = (items, act) => items.forEach((item) => looks.shown[item] && act(...at(item)));
      each(state.chosen, (x, y) => ring(x, y, size + 2.4, accent, 1.4));
      if (state.unknown) each(data.unknown || [], (x, y) => ring(x, y, size + 4, quiet, 1.4, [3, 2]));
      if (state.wrong) each(data.wrong || [], (x, y) => ring(x, y, size + 3, bad, 1.6));
      if (state.pictures) pictures(all);
      if (state.centroids && data.centroids) centroids(all, ground, ink);
      if (state.enrolled && data.enrolled) enrolled(all, ground, ink);
      if (state.pairs) pairs(all, ground, ink);
      if (state.picked >= 0 && state.picked < looks.shown.length) {
        const [x, y] = at(state.picked);
        for (const item of state.near) line([x, y], at(item), accent, 1);
        ring(x, y, size + 5, ground, 5);
        ring(x, y, size + 5, accent, 2.6);
      }
      if (state.outline?.length) {
        pen.beginPath();
        state.outline.forEach(([x, y]) => pen.lineTo(x, y));
        pen.closePath();
        pen.globalAlpha = 0.12;
        pen.fillStyle = accent;
        pen.fill();
        pen.globalAlpha = 1;
        pen.strokeStyle = accent;
        pen.lineWidth = 1.6;
        pen.stroke();
      }
    },
  };
}

function short(name) {
  return name.length > 24 ? `${name.slice(0, 23)}…` : name;
}
