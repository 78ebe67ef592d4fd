// What a user gives to a net: a file that is chosen, dropped on the page or pasted.
import {h} from "./dom.js";

// A request of the studio has up to 8 MB, and base64 makes a file a third longer.
const MOST_BYTES = 6e6 - 2e5;

/** Base64 of a file. Errors: it is too large for one request. */
export async function base64(file) {
  if (file.size > MOST_BYTES) {
    throw new Error(`'${file.name}' has ${(file.size / 1e6).toFixed(1)} MB: a picture may have up to 5.8 MB here`);
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

/** Let `area` take dropped files, and the page pasted ones; take(file) gets each. Ends with the page. */
export function takes(area, take) {
  const stop = (event) => event.preventDefault();
  const drop = (event) => {
    event.preventDefault();
    area.classList.remove("over");
    const file = event.dataTransfer?.files?.[0];
    if (file) take(file);
  };
  const over = (event) => {
    event.preventDefault();
    area.classList.add("over");
  };
  const out = () => area.classList.remove("over");
  const paste = (event) => {
    const file = event.clipboardData?.files?.[0];
    if (!file) return;
    event.preventDefault();
    take(file);
  };
  area.addEventListener("dragover", over);
  area.addEventListener("dragleave", out);
  area.addEventListener("drop", drop);
  // A picture that misses the area must not replace the page.
  const away = [["dragover", stop], ["drop", stop], ["paste", paste]];
  for (const [name, act] of away) document.addEventListener(name, act);
  return () => away.forEach(([name, act]) => document.removeEventListener(name, act));
}

/** A button that chooses a file. */
export function chooser(words, accept, take) {
  const input = h("input", {type: "file", accept, hidden: true, tabindex: -1, "aria-label": words, id: "file"});
  input.addEventListener("change", () => {
    if (input.files[0]) take(input.files[0]);
    input.value = "";
  });
  return [h("button", {type: "button", onclick: () => input.click()}, words), input];
}

/** Act on the newest value only: while one is in work, those between are left out. */
export function newest(act) {
  let busy = false, waiting = null;
  return async (value) => {
    waiting = {value};
    if (busy) return;
    busy = true;
    while (waiting) {
      const {value: next} = waiting;
      waiting = null;
      await act(next);
    }
    busy = false;
  };
}
