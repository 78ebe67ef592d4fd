// The solvers that train a net, and what is missing where there is none.
import {get, post} from "./api.js";
import {fill, h} from "./dom.js";
import {train} from "./starting.js";

/** Of the net `name` on its text page; `found()` is what the last check gave. */
export function trainers(name, page, found) {
  const element = h("span.row");
  let solvers = null, chosen = "";

  async function look() {
    const {nets} = await get("/api/home");
    solvers = nets.find((net) => net.name === name)?.solvers || [];
    if (!solvers.includes(chosen)) chosen = solvers[0] || "";
    const choice = h("select", {id: "solver", "aria-label": "Solver"}, solvers.map((one) => h("option", {value: one, selected: one === chosen}, one)));
    const link = h("a.button", {href: `/solver/${encodeURI(chosen)}`}, "Solver");
    choice.addEventListener("change", () => {
      chosen = choice.value;
      link.href = `/solver/${encodeURI(chosen)}`;
    });
    fill(element, solvers.length > 1 && choice, solvers.length > 0 && link);
  }
  const go = (address) => document.dispatchEvent(new CustomEvent("go", {detail: address}));
  async function begin() {
    page.notice();
    try {
      await look();
      const {error} = found();
      if (error) return page.showError(error);
      if (!page.isSaved() && !await page.save()) return;
      if (!chosen) return missing();
      const {content} = await get("/api/text", {name: chosen});
      const solver = await post("/api/check", {name: chosen, content});
      if (solver.error) return page.showError(solver.error);
      await train(chosen, solver.prefix, {film: solver.film}, page.say);
    } catch (error) {
      page.failed(error);
    }
  }
  function missing() {
    const made = name.replace(/\.prototxt$/, ".solver");
    page.notice(h("div.notice", {}, h("p", {}, `No solver of this folder trains ${name}: it says how fast and how long the net learns.`),
      h("button", {type: "button", onclick: () => write(made).catch(page.failed)}, `Write ${made}`)));
  }
  /** A solver to begin with; its page says in words what it will do. */
  async function write(made) {
    const stem = name.replace(/\.prototxt$/, ""), tests = (found().nets.TEST?.layers || []).some((layer) => /Data$/.test(layer.type));
    const lines = [`net: "${stem.split("/").pop()}.prototxt"`, "", 'type: "SGD"', "base_lr: 0.01", "momentum: 0.9", 'lr_policy: "fixed"', "",
      "max_iter: 1000", "display: 50", ...(tests ? ["test_interval: 250", "test_iter: 10"] : []), "", `snapshot_prefix: "snapshots/${stem}"`, ""];
    await post("/api/text", {name: made, content: lines.join("\n"), version: ""}, "PUT");
    go(`/solver/${encodeURI(made)}`);
  }
  look().catch(() => {});
  return {element, train: begin};
}
