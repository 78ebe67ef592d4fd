// The answer of a net: the nearest class or unknown, and the distances to all of them.
import {fill, h, tell} from "./dom.js";
import {fault} from "./fault.js";

/** What `mycaffe identify` answers; findThreshold() gives what is known of the net after it. */
export function ranking(about, findThreshold) {
  const name = h("div.figure.answer"), why = h("p.quiet.why"), limit = h("div"), trouble = h("div");
  const rows = h("tbody");
  const table = h("table.ranking", {}, h("caption.unseen", {}, "Classes, the nearest first"),
    h("thead", {}, h("tr", {}, h("th", {scope: "col"}, "Class"), h("th.number", {scope: "col"}, "Squared distance"), h("th.number.score", {scope: "col", hidden: true}, "Score"), h("th", {scope: "col"}, h("span.unseen", {}, "As a bar")))), rows);
  const element = h("div.stack", {}, h("div", {}, name, why), h("div.scroll", {tabindex: 0, role: "region", "aria-label": "Ranking of the classes"}, table), limit, trouble);

  function know(now) {
    Object.assign(about, now);
    const bounded = about.threshold !== null && about.threshold !== undefined;
    const find = h("button", {type: "button"}, "Find the threshold");
    find.addEventListener("click", async () => {
      find.disabled = true;
      fill(trouble);
      tell("The threshold is being looked for");
      try {
        know(await findThreshold());
        tell("The threshold is found");
      } catch (error) {
        fill(trouble, fault(error));
        find.disabled = false;
      }
    });
    fill(limit, h("p.quiet", {}, about.way), h("p.quiet", {}, sentence(about.threshold_from)),
      about.saturated && h("p.notice", {}, "The features have saturated, so distances tell little."),
      about.note && h("p.quiet", {}, `Enrolled classes are ${about.note}.`), !bounded && find);
  }
  function clear() {
    fill(name, h("span.quiet", {}, "Nothing yet"));
    name.classList.remove("long");
    table.querySelector("th.score").hidden = true;
    fill(why, about.kind === "window" ? "Choose a window of counters." : "Draw something, or give a picture.");
    fill(rows, about.classes.map((one) => h("tr", {}, h("td", {}, h("div.name", {title: one}, one)), h("td.number.quiet", {}, "-"), h("td.wide"))));
  }
  function show(found) {
    fill(name, h(`span${found.unknown ? ".unknown" : ""}`, {}, found.label));
    name.classList.toggle("long", found.label.length > 14);
    fill(why, reason(found));
    const enrolled = new Map((about.enrolled || []).map((one) => [one.label, one.examples]));
    table.querySelector("th.score").hidden = !found.scores;
    const farthest = Math.max(...found.ranking.map(([, value]) => value), 1e-9);
    fill(rows, found.ranking.map(([label, value], i) => {
      const bar = h("div.bar");
      // The nearest class has the longest bar: an eye looks for the longest.
      bar.style.width = `${100 * Math.max(0.01, 1 - Math.sqrt(Math.max(value, 0) / farthest))}%`;
      return h(i ? "tr" : found.unknown ? "tr.first.far" : "tr.first", {},
        h("td", {}, h("div.name", {title: label}, label), enrolled.has(label) && h("small", {}, ` enrolled, ${enrolled.get(label)} ${enrolled.get(label) === 1 ? "example" : "examples"}`)),
        h("td.number", {}, distance(value)), found.scores && h("td.number", {}, label in found.scores ? found.scores[label].toFixed(3) : "-"), h("td.wide", {}, bar));
    }));
  }
  clear();
  know(about);
  return {element, show, clear, know, end() {}, words: (found) => `${found.label}. ${reason(found)}`};
}

function reason(found) {
  if (found.rival) {
    return `${distance(found.distance)} from ${found.nearest}, hardly nearer than ${distance(found.rival[1])} from ${found.rival[0]}, which was trained.`;
  }
  if (typeof found.strange === "number") {
    const side = found.unknown ? "beyond" : "within";
    return `${distance(found.distance)} from ${found.nearest}; its score ${distance(found.strange)} is ${side} ${distance(found.strange_limit)}.`;
  }
  if (found.unknown) return `${distance(found.distance)} from ${found.nearest} is beyond ${distance(found.limit)}.`;
  const reach = found.limit === null ? "" : `, which reaches ${distance(found.limit)} far`;
  return `${distance(found.distance)} from ${found.nearest}${reach}.`;
}

/** As the command writes distances: five decimals, or three digits where those would be lost. */
export function distance(value) {
  if (value === null) return "infinitely far";
  return value === 0 || Math.abs(value) >= 9.5e-5 ? value.toFixed(5) : value.toPrecision(3);
}

/** Words that may begin with a small letter. */
export function sentence(words) {
  return words ? `${words[0].toUpperCase()}${words.slice(1)}.` : "";
}
