// What the map page shows, as the studio tells it, made ready to be drawn.
import {floats} from "./map.js";

/** The items of test-many as a scene takes them. */
export function itemsOf(told) {
  const items = told.items;
  const wrong = items.labels.flatMap((label, i) => (label === items.answers[i] ? [] : [i]));
  return {
    kind: "items", classes: told.classes, points: floats(items.points), width: items.width || 1,
    labels: items.labels, records: items.records, answers: items.answers, wrong, unknown: items.unknown,
    centroids: {labels: items.centroids.labels, points: floats(items.centroids.points)},
    enrolled: items.enrolled.map((one) => ({name: one.name, points: floats(one.points)})),
  };
}

/** A frame of the film, laid out as the studio says where its features are wider than three. */
export function frameOf(told, frame) {
  const film = told.film;
  return {
    kind: "film", classes: told.classes, iteration: frame.iteration, labels: film.labels, records: film.records,
    points: laidOut(film, frame.points, frame.width), width: film.width, wrong: [], unknown: [],
    centroids: frame.centroids.points.length
      ? {labels: frame.centroids.labels, points: laidOut(film, frame.centroids.points, frame.width)} : null,
    enrolled: [],
  };
}

function laidOut(film, rows, width) {
  if (!film.mean) return rows;
  const count = rows.length / width, shown = film.width, found = new Float32Array(count * shown);
  for (let i = 0; i < count; i++) {
    for (let axis = 0; axis < shown; axis++) {
      let sum = 0;
      for (let d = 0; d < width; d++) sum += (rows[i * width + d] - film.mean[d]) * film.directions[d][axis];
      found[i * shown + axis] = sum;
    }
  }
  return found;
}
