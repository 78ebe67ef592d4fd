// A picture for a net: drawn on the pad, dropped, pasted or chosen.
import {fill, h, tell} from "./dom.js";
import {base64, chooser, takes} from "./given.js";
import {pad} from "./pad.js";

/** changed({data, name}) hears each picture, changed(null) when there is none any more. */
export function pictureInput(about, changed, failed) {
  const said = h("small", {"aria-live": "polite"});
  let light = about.light;
  const board = pad({light, ontell: tell, onchange() {
    fill(said);
    changed(board.isEmpty() ? null : {data: board.data(), name: "drawing.png"});
  }});
  const thick = h("input", {type: "range", id: "thick", min: 6, max: 44, value: 20});
  thick.addEventListener("input", () => board.thick(+thick.value));
  const ground = h("button", {type: "button", "aria-pressed": light ? "true" : "false"}, "Dark ink");
  ground.addEventListener("click", () => {
    light = !light;
    ground.setAttribute("aria-pressed", light ? "true" : "false");
    board.turn(light);
  });
  async function take(file) {
    try {
      const what = {data: await base64(file), name: file.name};
      // What the browser cannot show the net may read all the same.
      const picture = await createImageBitmap(file).catch(() => null);
      board.clear();
      if (picture) board.show(picture);
      fill(said, `${file.name}${picture ? "" : ", which this browser cannot show"}`);
      changed(what);
    } catch (error) {
      failed({text: error.message});
    }
  }
  const element = h("div.giving", {}, board.element,
    h("div.row", {}, h("button", {type: "button", onclick: board.clear}, "Clear"),
      chooser("Choose a picture", "image/*", take), ground),
    h("div.row", {}, h("label", {for: "thick"}, "Pen"), thick),
    h("small", {id: "pad-help"}, "Draw, or drop a picture here, or paste one. By keys: arrows move the pen, Space puts it down and lifts it, Delete clears."),
    said);
  const end = takes(element, take);
  return {element, end, begin: board.clear};
}
