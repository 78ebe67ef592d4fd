// Elements made of plain values. Texts are always text: nothing that a file, a label or a layer is
// called can become part of the page's markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element: h("button.primary", {type: "button", onclick: go}, "Train"). */
export function h(kind, attributes = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  return filled(document.createElement(tag), classes, attributes, children);
}

/** The same for drawings. */
export function s(kind, attributes = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  return filled(document.createElementNS(SVG, tag), classes, attributes, children);
}

function filled(element, classes, attributes, children) {
  for (const name of classes) element.classList.add(name);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" && "value" in element) element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  put(element, ...children);
  return element;
}

/** Append elements and texts; null and false are left out. */
export function put(element, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** Let an element hold these children alone. */
export function fill(element, ...children) {
  element.replaceChildren();
  put(element, ...children);
}

/** Tell who cannot see it; also shown for a moment. */
export function tell(text) {
  document.getElementById("news").textContent = text;
}
