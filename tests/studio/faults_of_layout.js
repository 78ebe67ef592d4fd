// What is wrong with the layout of the page shown: the body of a function, which returns a list.
const told = [];
const seen = (one) => one.getClientRects().length && one.checkVisibility({visibilityProperty: true});
const named = (one) => `${[one.tagName.toLowerCase(), ...one.classList].join(".")} "${one.textContent.trim().slice(0, 40)}"`;
const all = [...document.querySelectorAll("body *")].filter((one) => seen(one) && !one.closest(".unseen, #news, .skip"));

const wide = document.documentElement.scrollWidth;
if (wide > innerWidth) {
  const first = all.find((one) => one.getBoundingClientRect().right > innerWidth + 1);
  told.push(`the page is wider than the window, ${wide} of ${innerWidth} px: ${first ? named(first) : ""}`);
}

// What may scroll sideways says so by its class; a text without room ends with dots or has a title.
const ROLLS = ".scroll, .graph, .editor, .pair-strip, .console, .held, svg, canvas, textarea, input, select";
for (const one of all) {
  if (one.closest(ROLLS) || one.scrollWidth <= one.clientWidth + 1) continue;
  const look = getComputedStyle(one);
  if (look.overflowX === "visible" || look.display === "inline") continue;
  const says = look.textOverflow === "ellipsis" || look.webkitLineClamp !== "none" || one.closest("[title]");
  if (!says) told.push(`${named(one)} is cut: ${one.scrollWidth} of ${one.clientWidth} px`);
}

// Of two controls that share a place, one cannot be pressed there.
const within = document.querySelector("dialog[open]") || document;
const controls = [...within.querySelectorAll("a, button, input, select, summary")]
  .filter((one) => all.includes(one) && getComputedStyle(one).display !== "inline");
const boxes = controls.map((one) => one.getBoundingClientRect());
controls.forEach((upper, i) => controls.slice(0, i).forEach((lower, k) => {
  if (lower.contains(upper)) return;
  const [a, b] = [boxes[k], boxes[i]];
  const left = Math.max(a.left, b.left), right = Math.min(a.right, b.right);
  const top = Math.max(a.top, b.top), bottom = Math.min(a.bottom, b.bottom);
  if (right - left < 3 || bottom - top < 3) return;
  const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  if (upper.contains(hit) || lower.contains(hit)) told.push(`${named(upper)} lies on top of ${named(lower)}`);
}));
return told;
