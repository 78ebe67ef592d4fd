// Pictures of one's own: the data page's form with what suits a beginning, then a net for them.
import {get} from "../api.js";
import {creator} from "../creator.js";
import {h} from "../dom.js";

const BEGIN = {size: "32x32", test_percent: "20"};
const FIRST = ["folder", "name", "size", "fit", "test_percent", "gray", "skip_unreadable"];

export async function show() {
  const forms = await get("/api/data/forms");
  const form = forms.find((one) => one.job === "create" && one.kind === "images");
  const next = (name) => document.dispatchEvent(new CustomEvent("go", {detail: `/new?${new URLSearchParams({data: name})}`}));
  const made = creator(form, [], next, {begin: BEGIN, first: FIRST});
  const element = h("div.stack", {}, h("div", {}, h("h1", {}, "My pictures"),
    h("p.quiet", {}, "A folder with a folder in it for each class becomes a data set; a net for it comes next. Nothing leaves this machine.")), made.element);
  return {title: "My pictures", element, shown: () => element.querySelector("input").focus(), leave: made.leave};
}
