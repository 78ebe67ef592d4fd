// Pictures of items, fetched many at a time as sheets of equal tiles.
import {get} from "./api.js";
import {h} from "./dom.js";

/** Pictures of the records that `query` (what /api/map/tile takes) is about. */
export async function pictures(query) {
  const head = await get("/api/map/tile", query);
  const known = new Map();

  async function load(records) {
    const words = new URLSearchParams({...query, records: records.join(",")});
    const image = new Image();
    image.src = `/api/map/sheet?${words}`;
    await image.decode();
    const wide = image.naturalWidth / head.columns;
    const high = image.naturalHeight / Math.ceil(records.length / head.columns);
    records.forEach((record, i) => known.set(record, {
      image, wide, high, x: (i % head.columns) * wide, y: Math.floor(i / head.columns) * high,
    }));
  }
  /** Have the pictures of all `records` at hand. */
  async function bring(records) {
    const missing = [...new Set(records)].filter((record) => !known.has(record));
    const part = Math.min(head.most, 200);
    for (let i = 0; i < missing.length; i += part) await load(missing.slice(i, i + part));
  }
  /** Draw a picture into a square of `edge` at (x, y); false where it is not at hand. */
  function draw(pen, record, x, y, edge) {
    const tile = known.get(record);
    if (!tile) return false;
    const size = edge / Math.max(tile.wide, tile.high), [across, down] = [tile.wide * size, tile.high * size];
    pen.imageSmoothingEnabled = size < 1;
    pen.drawImage(tile.image, tile.x, tile.y, tile.wide, tile.high, x + (edge - across) / 2, y + (edge - down) / 2, across, down);
    return true;
  }
  return {
    word: head.word, bring, draw,
    /** A small canvas with the picture of a record; it fills itself. */
    tile(record) {
      const canvas = h("canvas.tile", {width: 28, height: 28, "aria-hidden": "true"});
      bring([record]).then(() => {
        const {wide, high} = known.get(record);
        canvas.width = canvas.height = Math.max(wide, high);
        draw(canvas.getContext("2d"), record, 0, 0, canvas.width);
      }, () => {});
      return canvas;
    },
  };
}
