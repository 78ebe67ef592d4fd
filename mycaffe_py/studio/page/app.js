// The shell around all pages: which page an address means, the bar at the top, keys, the ground.
import {namesIn} from "./address.js";
import {get} from "./api.js";
import {fill, h, tell} from "./dom.js";
import {fault} from "./fault.js";
import {bindKeys, showKeys} from "./keys.js";

// Address, module, what the bar calls it (none: it is reached from another page), key after g.
const PAGES = [
  {path: /^\/$/, module: "home", name: "Home", href: "/", key: "h"},
  {path: /^\/new$/, module: "project", of: "home"},
  {path: /^\/new\/pictures$/, module: "pictures", of: "home"},
  {path: /^\/new\/old$/, module: "old", of: "home"},
  {path: /^\/models$/, module: "models", name: "Models", href: "/models", key: "m"},
  {path: /^\/model\/(?<name>.+)$/, module: "model", of: "models"},
  {path: /^\/solver\/(?<name>.+)$/, module: "solver", of: "models"},
  {path: /^\/runs$/, module: "runs", name: "Runs", href: "/runs", key: "r"},
  {path: /^\/run\/(?<run>.+)\/try$/, module: "try", of: "runs"},
  {path: /^\/run\/(?<run>.+)\/test$/, module: "test", of: "runs"},
  {path: /^\/run\/(?<run>.+)\/map$/, module: "map", of: "runs"},
  {path: /^\/compare$/, module: "compare", name: "Compare", href: "/compare", key: "c"},
  {path: /^\/rank$/, module: "rank", name: "Designs", href: "/rank", key: "e"},
  {path: /^\/run\/(?<run>.+?)\/?$/, module: "run", of: "runs"},
  {path: /^\/data$/, module: "data", name: "Data", href: "/data", key: "d"},
  {path: /^\/data\/(?<source>.+)$/, module: "dataset", of: "data"},
];

let leave = () => {};
let shown = 0;
let at = "";

/** Show the page of an address, and put the address in the bar of the browser. */
export async function go(address, {replace = false} = {}) {
  history[replace ? "replaceState" : "pushState"]({}, "", address);
  await show();
}

async function show() {
  const turn = ++shown;
  at = location.pathname + location.search;
  const page = PAGES.find((one) => namesIn(location.pathname, one.path));
  const main = document.getElementById("main");
  leave();
  leave = () => {};
  mark(page);
  if (!page) {
    title("No such page");
    fill(main, h("h1", {}, "No such page"), h("p", {}, h("a", {href: "/"}, "To the home page")));
    return;
  }
  const found = namesIn(location.pathname, page.path);
  try {
    const module = await import(`./pages/${page.module}.js`);
    if (turn !== shown) return;
    const values = {...Object.fromEntries(new URLSearchParams(location.search)), ...found};
    const view = await module.show(values);
    if (turn !== shown) {
      view.leave?.();
      return;
    }
    title(view.title);
    fill(main, view.element);
    leave = view.leave || leave;
    // The page may lay the focus on its first field after that.
    main.focus({preventScroll: true});
    window.scrollTo(0, 0);
    view.shown?.();
  } catch (error) {
    if (turn !== shown) return;
    title("The studio");
    fill(main, h("h1", {}, "This page could not be shown"), fault(error));
  }
}

function title(text) {
  document.title = `${text} - MyCaffe studio`;
  tell(text);
}

function mark(page) {
  for (const link of document.querySelectorAll("header nav a")) {
    const current = page && (link.dataset.module === page.module || link.dataset.module === page.of);
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function bar() {
  const links = PAGES.filter((page) => page.name).map((page) =>
    h("a", {href: page.href, "data-module": page.module, title: `g ${page.key}`}, page.name));
  fill(document.getElementById("top"),
    h("a.brand", {href: "/"}, h("img", {src: "/static/icon.svg", alt: ""}), h("span", {id: "folder"}, "Studio")),
    h("nav", {"aria-label": "Pages"}, links),
    h("div.tools", {},
      h("button.plain", {type: "button", onclick: turnGround, title: "Light or dark"}, "Light / dark"),
      h("button.plain", {type: "button", onclick: showKeys, title: "All keys (?)"}, "Keys ", h("kbd", {}, "?"))));
}

function turnGround() {
  const root = document.documentElement;
  const dark = root.dataset.ground
    ? root.dataset.ground === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.ground = dark ? "light" : "dark";
  localStorage.setItem("ground", root.dataset.ground);
  document.dispatchEvent(new Event("ground"));
}

function follow(event) {
  const link = event.target.closest?.("a[href^='/']");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.hasAttribute("download") || link.target) return;
  event.preventDefault();
  go(link.getAttribute("href"));
}

const kept = localStorage.getItem("ground");
if (kept === "dark" || kept === "light") document.documentElement.dataset.ground = kept;
bar();
document.addEventListener("click", follow);
document.addEventListener("go", (event) => go(event.detail));
window.addEventListener("popstate", () => {
  // "#main" is a place on this page: what was typed stays.
  if (at !== location.pathname + location.search) show();
});
bindKeys(Object.fromEntries(PAGES.filter((page) => page.name).map((page) => [page.key, page])), go);
show();
get("/api/workspace/name").then(({name}) => {
  document.getElementById("folder").textContent = name;
}).catch(() => {});
