// A training is started, and its page shown as soon as the run tells something.
import {get, post, Refused} from "./api.js";
import {h} from "./dom.js";

/** Train a solver of the folder with `options`; `say(words)` tells what is waited for. */
export async function train(solver, prefix, options, say) {
  const {number} = await startedJob({do: "train", solver, ...options});
  document.dispatchEvent(new CustomEvent("go", {detail: `/run/${encodeURI(await begun(number, prefix.replace(/^\.\//, ""), say))}`}));
}

/** Start a command; a folder whose texts run code of their own is asked for once. */
async function startedJob(asked) {
  try {
    return await post("/api/job", asked);
  } catch (error) {
    const code = error.parts?.code;
    if (!code || !await consent(code)) throw error;
    await post("/api/trust", {});
    return post("/api/job", asked);
  }
}

/** Ask whether the code that the texts name may run; true where it may. */
function consent({folder, lines}) {
  return new Promise((answer) => {
    const dialog = h("dialog", {"aria-label": "Run code of this folder"},
      h("h2", {}, "Run code of this folder?"),
      h("p", {}, "This net names Python code of its own. It can do whatever you can do on this machine, so let it run only where you know who wrote it."),
      h("ul", {}, lines.map((line) => h("li.mono", {}, line))),
      h("p", {}, "Asked once: afterwards all texts in ", h("code", {}, folder), " may run code."),
      h("div.row", {}, h("button.primary", {type: "button", onclick: () => dialog.close("yes")}, "Trust this folder and train"),
        h("button", {type: "button", onclick: () => dialog.close("")}, "Do not run it")));
    dialog.addEventListener("close", () => {
      answer(dialog.returnValue === "yes");
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

async function begun(number, prefix, say) {
  for (let i = 0; i < 240; i++) {
    const {runs} = await get("/api/workspace");
    const run = runs.find((one) => one.name === prefix && one.state === "running") || (i > 20 && runs.find((one) => one.name === prefix));
    if (run) return run.name;
    const {jobs} = await get("/api/jobs");
    if (["failed", "dead"].includes(jobs.find((one) => one.number === number)?.state)) {
      throw new Refused({text: (await get("/api/log", {number})).text});
    }
    say(i > 4 ? "Starting: the kernels are compiled the first time" : "Starting");
    await new Promise((go) => setTimeout(go, 500));
  }
  throw new Refused({text: "The run has not begun yet: look at its output on the page of runs."});
}
