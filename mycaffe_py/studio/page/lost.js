// The line that says that the studio behind this page is gone, or is another one.
import {fill, h} from "./dom.js";

const WORDS = {
  ended: "The studio does not answer: start 'mycaffe studio' again. What trains goes on.",
  anew: "The studio was started anew: open the address that it printed. This page has the key of the one before.",
};
const line = h("div.notice.lost", {role: "alert", hidden: true});

/** Say that the studio "ended", or that it began "anew". */
export function lost(how) {
  if (!line.isConnected) document.getElementById("main").before(line);
  if (line.dataset.how === how) return;
  line.dataset.how = how;
  line.hidden = false;
  fill(line, WORDS[how]);
}

/** The studio has answered. */
export function found() {
  if (line.hidden) return;
  line.hidden = true;
  delete line.dataset.how;
}
