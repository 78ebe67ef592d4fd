// A run once more: its texts, data and seed, and whether the weights came out the same to the bit.
import {get, post} from "./api.js";
import {fill, h, tell} from "./dom.js";
import {fault} from "./fault.js";
import {jobBox} from "./job_box.js";

/** A button for each run, and the verdict. */
export function reproducing(runs) {
  const box = jobBox(), verdict = h("div", {"aria-live": "polite"});
  const buttons = runs.filter((run) => run.snapshots.length).map((run) => {
    const made = h("button", {type: "button"}, `Reproduce ${run.name}`);
    made.addEventListener("click", () => begin(run.name));
    return made;
  });

  async function begin(name) {
    buttons.forEach((one) => { one.disabled = true; });
    fill(verdict, h("p.quiet", {}, "The data are checked, the texts are written out."));
    try {
      const again = await post("/api/reproduce", {run: name});
      fill(verdict, again.unchecked.length > 0 && h("p.notice", {}, `Not checked, as these data have no name: ${again.unchecked.join(", ")}.`));
      const {state} = await box.follow(again);
      if (state !== "done") throw new Error("The run was not reproduced to its end: the output says why.");
      judge(name, again.run, await get("/api/compare/weights", {runs: `${name}\n${again.run}`}));
    } catch (error) {
      fill(verdict, fault(error));
    } finally {
      buttons.forEach((one) => { one.disabled = false; });
    }
  }
  function judge(name, copy, {iteration, same, sha256}) {
    const words = iteration === null ? "There is no iteration of which both have weights."
      : same ? `The weights at iteration ${iteration.toLocaleString("en")} are the same to the bit.`
        : `The weights at iteration ${iteration.toLocaleString("en")} differ: another machine, another version, or another beginning.`;
    fill(verdict, h(same ? "p.good" : "p.notice", {}, h("strong", {}, words)),
      [...new Set(sha256)].map((sum) => h("p", {}, h("small.mono", {}, `sha256 ${sum}`))),
      h("p", {}, h("a", {href: compareLink([name, copy])}, `Compare ${name} with ${copy}`)));
    tell(words);
  }
  return {element: h("div.stack.close", {}, h("div.row", {}, buttons), verdict, box.element), end: box.end};
}

/** The address that compares runs. */
export function compareLink(names) {
  return `/compare?${names.map((name) => `run=${encodeURIComponent(name)}`).join("&")}`;
}
