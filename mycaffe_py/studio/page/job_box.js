// A command that a page waits for: its words as they come, and how it ended.
import {get, post} from "./api.js";
import {fill, h} from "./dom.js";
import {look} from "./live.js";

const OVER = ["done", "stopped", "failed", "dead"];

/** A box for the words of commands; run(asked) starts one, follow(job) takes one
    that was started; both resolve with {state, text}. */
export function jobBox() {
  const head = h("p", {role: "status"}), out = h("pre.console", {tabindex: 0, "aria-label": "What the command told"});
  const stop = h("button", {type: "button"}, "Stop");
  const element = h("section.sheet", {hidden: true, "aria-label": "Output"}, h("h2", {}, "Output"),
    h("div.row.spread", {}, head, stop), out);
  let end = () => {};

  async function run(asked) {
    return follow(await post("/api/job", asked));
  }
  async function follow({number, command}) {
    element.hidden = false;
    out.textContent = "";
    stop.hidden = false;
    stop.onclick = () => post(`/api/job/${number}/stop`);
    fill(head, "Runs: ", h("code", {}, command));
    const state = await ended(number);
    stop.hidden = true;
    const {text} = await get("/api/log", {number});
    out.textContent = shown(text);
    fill(head, {done: "Done: ", stopped: "Stopped: "}[state] || "Failed: ", h("code", {}, command));
    return {state, text: shown(text), number};
  }
  function ended(number) {
    end();
    return new Promise((resolve) => {
      const over = look({logs: [number]}, {
        log: ({text, anew}) => {
          out.textContent = shown((anew ? "" : out.textContent) + text);
          out.scrollTop = out.scrollHeight;
        },
        jobs: ({jobs}) => {
          const job = jobs.find((one) => one.number === number);
          if (!job || OVER.includes(job.state)) {
            over();
            resolve(job?.state || "dead");
          }
        },
      });
      end = over;
    });
  }
  return {element, run, follow, end: () => end()};
}

/** What a terminal would show: a carriage return writes over its line. */
export function shown(text) {
  const lines = text.split("\n").map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1));
  return lines.slice(-400).join("\n");
}
