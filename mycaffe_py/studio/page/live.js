// The stream of what moves. A hidden page closes it: a browser keeps six connections to a server
// for all its tabs together, and each stream takes one.

import {get} from "./api.js";
import {found, lost} from "./lost.js";

/** Look at `runs`, `films` (names) and `logs` (numbers); `on[kind]` gets each message. */
export function look({runs = [], films = [], logs = []}, on) {
  const words = new URLSearchParams({
    runs: runs.join("\n"), films: films.join("\n"), logs: logs.join("\n"),
  });
  let source = null;
  const open = () => {
    if (document.hidden || source) return;
    const stream = new EventSource(`/api/live?${words}`);
    stream.onopen = found;
    stream.onerror = () => {
      if (stream.readyState !== EventSource.CLOSED) {
        lost("ended");
        return;
      }
      // It was refused. A stream does not tell why, a question does.
      source = null;
      get("/api/workspace/name").catch(() => {});
    };
    stream.onmessage = (event) => {
      const message = JSON.parse(event.data);
      on[message.kind]?.(message);
    };
    source = stream;
  };
  const close = () => {
    source?.close();
    source = null;
  };
  const turn = () => (document.hidden ? close() : open());
  document.addEventListener("visibilitychange", turn);
  open();
  return () => {
    document.removeEventListener("visibilitychange", turn);
    close();
  };
}
