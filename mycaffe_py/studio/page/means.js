// Pictures in a window of their own: the mean of a data set and of its labels, one picture large.
import {h} from "./dom.js";

// Each label below the large one; more would fill the window.
const MOST = 20;

/** Show the mean of all pictures with those of the labels, or that of `only` one label. */
export function means(set, only) {
  const address = (label) => `/api/data/mean?${new URLSearchParams({source: set.name, label, v: set.checksum.slice(0, 12)})}`;
  const title = only ? `Mean of ${only.count.toLocaleString("en")} ${set.word}s of ${only.name}` : `Mean of all ${set.images.toLocaleString("en")} ${set.word}s`;
  inDialog(title, address(only ? only.label : ""), set, "",
    !only && set.counts.length > 1 && h("ul.means", {}, set.counts.slice(0, MOST).map((one) => h("li", {},
      shaped(h("img", {src: address(one.label), alt: `Mean of ${one.name}`, loading: "lazy"}), set), h("small", {}, one.name)))),
    !only && set.counts.length > MOST && h("p.quiet", {}, `The first ${MOST} of ${set.counts.length.toLocaleString("en")} labels.`));
}

/** A picture of a set in a window of its own, with what belongs below it. */
export function inDialog(title, address, set, size, ...below) {
  const dialog = h("dialog", {"aria-label": title},
    h("div.head", {}, h("h2", {}, title), h("button", {type: "button", onclick: () => dialog.close()}, "Close")),
    shaped(h(`img.large${size}`, {src: address, alt: title}), set), below);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** Its place is there before it is loaded: nothing below the pointer moves away. */
function shaped(image, set) {
  image.style.aspectRatio = `${set.shape[2]} / ${set.shape[1]}`;
  return image;
}
