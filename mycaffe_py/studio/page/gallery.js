// The items of a cell, the hardest first, a page at a time.
import {get} from "./api.js";
import {fill, h, tell} from "./dom.js";
import {fault} from "./fault.js";
import {count, distance} from "./numbers.js";
import {drawnBy, legend, picture} from "./tiles.js";

const PAGE = 48;

/** A gallery of the answers that `where` names (run, iteration, source); show(cell) fills it. */
export function gallery(where) {
  const title = h("h2", {id: "gallery", tabindex: -1}, "Pictures"), list = h("ul.item-tiles"), notes = h("div");
  const back = h("button", {type: "button", onclick: () => turn(-PAGE)}, "Before");
  const on = h("button", {type: "button", onclick: () => turn(PAGE)}, "Next");
  const place = h("span.quiet");
  const element = h("section.sheet", {"aria-labelledby": "gallery"},
    h("div.row.spread", {}, title, h("div.row", {}, place, back, on)), notes, list);
  let cell = {}, from = 0, n = 0, turnNumber = 0;

  async function load() {
    const turnNow = ++turnNumber;
    const {words, ...asked} = cell;
    try {
      const answer = await get("/api/answers/items", {...where, ...asked, from, count: PAGE});
      if (turnNow === turnNumber) draw(answer, words);
    } catch (error) {
      fill(list);
      fill(notes, fault(error));
    }
  }
  function draw(answer, words) {
    n = answer.n;
    const last = Math.min(from + PAGE, n);
    fill(title, `${words}: ${count(n)} ${n === 1 ? "item" : "items"}${n > 1 ? ", hardest first" : ""}`);
    fill(place, n > PAGE ? `${count(from + 1)} to ${count(last)}` : "");
    back.hidden = on.hidden = n <= PAGE;
    back.disabled = from === 0;
    on.disabled = last >= n;
    const drawn = drawnBy(answer, answer.items.map((item) => item.record), {...where, source: answer.source});
    fill(notes,
      answer.not_drawn && h("p.notice", {}, `The items cannot be shown: ${answer.not_drawn.text || answer.not_drawn.found}`),
      answer.changed && h("p.notice", {}, "The data set has changed since it was measured: pictures may be others."),
      h("p.quiet", {}, n ? "The two numbers: the distance to its own class, and to the nearest other one." : "There is none."), legend(drawn));
    fill(list, answer.items.map((item, i) => h(`li.${item.right ? "right" : "wrong"}`, {},
      picture(drawn, i, `Item ${item.record}: is ${item.is}, answered ${item.said}`),
      h("span.said", {title: item.said}, item.right ? item.is : [item.is, h("span.quiet", {}, " not "), item.said]),
      h("small", {}, `item ${item.record}`),
      h("small", {title: `Distance to its own class, ${item.is}, and to the nearest other one, ${item.other}`},
        `${distance(item.own)} / ${distance(item.other_distance)}`))));
  }
  async function turn(by) {
    from = Math.max(0, from + by);
    await load();
    tell(`Items from ${from + 1} on`);
  }
  return {
    element,
    async show(chosen, {go = false} = {}) {
      [cell, from] = [chosen, 0];
      await load();
      if (go) {
        tell(title.textContent);
        element.scrollIntoView({block: "nearest"});
      }
    },
  };
}
