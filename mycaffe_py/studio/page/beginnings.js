// The three ways to begin: a net that is ready, pictures of one's own, files of another Caffe.
import {pageOf} from "./address.js";
import {post} from "./api.js";
import {fill, h} from "./dom.js";
import {fault} from "./fault.js";

const READY = "siamese_28x28";

/** Their buttons; `large`: all that an empty folder shows. */
export function beginnings(large) {
  const problem = h("div");
  const digits = card("Siamese digits (ready in 1 minute)", "The net of the tutorial. It learns MNIST, or the digits that come with mycaffe.", {
    onclick: async () => {
      try {
        const {solver} = await post("/api/project", {name: READY, model: READY});
        document.dispatchEvent(new CustomEvent("go", {detail: pageOf("solver", solver)}));
      } catch (error) {
        fill(problem, fault(error));
      }
    },
  });
  const others = [
    card("My pictures", "A folder of pictures, with a folder in it for each class, becomes a data set and a net for it.", {href: "/new/pictures"}),
    card("Old Caffe files", "Models, solvers and weights of any version of Caffe, in today's form.", {href: "/new/old"}),
  ];
  return h("div.stack", {}, problem, h("div.beginnings", {}, digits, others),
    large && h("p", {}, "Or choose data, model and solver yourself: ", h("a", {href: "/new"}, "New project"), "."));
}

function card(name, about, {href, onclick}) {
  const inside = [h("strong", {}, name), h("small", {}, about)];
  return href ? h("a.card", {href}, inside) : h("button.card", {type: "button", onclick}, inside);
}
