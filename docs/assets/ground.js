// The sun and the moon in the head of a page choose the ground that each of them shows.
"use strict";
for (const sign of document.querySelectorAll("[data-ground]")) {
  sign.addEventListener("click", () => document.getElementById(sign.dataset.ground).click());
}
