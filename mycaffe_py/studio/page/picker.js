// Choose a folder or a file of this machine: names only, below the home and the studio's folder.
import {get} from "./api.js";
import {fill, h} from "./dom.js";
import {fault} from "./fault.js";

/** The path that was chosen, "" where nothing was. */
export function pick({folder}) {
  return new Promise((resolve) => {
    let chosen = "";
    const list = h("ul.names"), where = h("p.mono"), use = h("button.primary", {type: "button"}, "Use this folder");
    const dialog = h("dialog.picker", {"aria-label": folder ? "Choose a folder" : "Choose a file"},
      h("div.head", {}, h("h2", {}, folder ? "Choose a folder" : "Choose a file"),
        h("button", {type: "button", onclick: () => dialog.close()}, "Close")),
      where, list, folder && use);
    const take = (path) => {
      chosen = path;
      dialog.close();
    };
    const row = (words, act) => h("li", {}, h("button.plain", {type: "button", onclick: act}, words));
    async function open(path) {
      let names;
      try {
        names = await get("/api/data/places", {path});
      } catch (error) {
        fill(where, fault(error));
        return;
      }
      fill(where, names.path || "Where is it?");
      use.disabled = !names.path;
      use.onclick = () => take(names.path);
      fill(list, names.above !== null && row("\u2191 up", () => open(names.above)),
        names.folders.map((one) => row(`${one.name}/`, () => open(one.path))),
        names.files.map((one) => (folder ? h("li.quiet", {}, one.name) : row(one.name, () => take(one.path)))),
        names.more && h("li.quiet", {}, "and more"),
        names.path && !names.folders.length && !names.files.length && h("li.quiet", {}, "Nothing is in here."));
      list.querySelector("button")?.focus();
    }
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(chosen);
    });
    document.body.append(dialog);
    dialog.showModal();
    open("");
  });
}
