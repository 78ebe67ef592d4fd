"""The modules of the page that compute, in the browser they are for: values in, values out."""

from __future__ import annotations

import json

import pytest

from tests.studio.conftest import Page

pytestmark = pytest.mark.slow
_MODULES = (
    "camera", "chart", "dom", "given", "keys", "lines", "map", "map_data", "marks", "numbers",
    "run_card", "sorted_table", "text_parts",
)  # fmt: skip
_RUN = """
const [names, done] = arguments;
(async () => {
  const {modules} = await import("/static/bundle/app.js");
  const module = (name) => modules[`${name}.js`] ?? import(`/static/${name}.js`);
  const found = await Promise.all(names.map(module));
  const m = Object.fromEntries(names.map((name, i) => [name, found[i]]));
  BODY
})().then(
  (value) => done(JSON.stringify({value})),
  (error) => done(JSON.stringify({error: String(error)})),
);
"""
# What is promised, the body of a function of all modules `m`, what it returns.
PROMISES: list[tuple[str, str, object]] = [
    ("round numbers", "return m.chart.ticks(0, 1, 4)", [0, 0.5, 1]),
    ("round numbers off zero", "return m.chart.ticks(52, 98, 4)", [60, 80]),
    ("round numbers of one value", "return m.chart.ticks(5, 5)", [5]),
    ("a running mean", "return m.chart.means([[0, 1], [1, 3], [2, 5]], 2)",
     [[0, 1], [1, 2], [2, 4]]),
    ("words of a value", "return [0.0625, 12345, 0.00001, NaN].map((v) => m.chart.word(v))",
     ["0.0625", "1.2e+4", "1.0e-5", "not finite"]),
    ("words of a share", "return [0.5, 0.9986].map((v) => m.chart.word(v, true))",
     ["50.0 %", "99.86 %"]),
    ("a scale and its way back",
     "const s = m.chart.scales([[0, 2], [100, 0]]); return [s.back(s.x(40)), s.y(2) < s.y(0)]",
     [40, True]),
    ("a scale of powers",
     "const s = m.chart.scales([[0, 1], [9, 100]], true); return [s.low, s.high]", [0, 2]),
    ("a dot for one point",
     "return m.chart.trace([[0, 1]], m.chart.scales([[0, 1]])).endsWith('a3 3 0 1 0-6 0')", True),
    ("the highest of many points is drawn",
     "const p = Array.from({length: 9000}, (_, i) => [i, i === 4321 ? 9 : 0]);"
     "const s = m.chart.scales(p), d = m.chart.trace(p, s);"
     "return [d.split('L').length < 2000, d.includes(` ${s.y(9).toFixed(1)}`)]", [True, True]),
    ("counts, shares, distances",
     "return [m.numbers.count(1234567), m.numbers.percent(0.98765), m.numbers.percent(null),"
     " m.numbers.distance(0.000012), m.numbers.distance(3.14159), m.numbers.distance(Infinity)]",
     ["1,234,567", "98.77 %", "not measured", "1.20e-5", "3.142", "none"]),
    ("two numbers are a place as they are",
     "return [...m.map.project(new Float32Array([1, 2, 3, 4]), 2)]", [1, 2, 3, 4]),
    ("three numbers are seen from the front",
     "return [...m.map.project(new Float32Array([1, 2, 3]), 3)]", [1, 2]),
    ("one number is a place on a line",
     "return [...m.map.project(new Float32Array([5, 7]), 1)]", [5, 0, 7, 0]),
    ("numbers of base64", "return [...m.map.floats('AACAPwAAAMA=')]", [1, -2]),
    ("a map leaves out what is not finite",
     "const made = m.map.map({classes: [{label: 0, colour: '#ff0000', marker: 's'}], height: 100});"
     "document.getElementById('main').replaceChildren(made.element);"
     "made.show({points: new Float32Array([NaN, NaN, 0, 0, 1, 1]), labels: [0, 0, 0], width: 2});"
     "const c = made.element, all = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
     "let drawn = 0; for (let i = 3; i < all.length; i += 4) drawn += all[i] > 0;"
     "made.end(); return drawn > 60 && drawn < 200", True),
    ("a camera shows all points within the window",
     "const c = m.camera.camera(), p = new Float32Array([-5, 0, 5, 2, 0, -2]); c.fit(p, 2);"
     "const at = c.place(p, 2, 400, 300);"
     "return [0, 3, 6].every((i) => at[i] >= 23 && at[i] <= 377 && at[i + 1] >= 23)", True),
    ("a camera enlarges about a point",
     "const c = m.camera.camera(), p = new Float32Array([0, 0, 1, 1]); c.fit(p, 2);"
     "const [x, y] = c.place(p, 2, 400, 400).slice(3); c.enlarge(3, x - 200, y - 200);"
     "const [u, v] = c.place(p, 2, 400, 400).slice(3);"
     "return [Math.round(u - x), Math.round(v - y), c.isWhole]", [0, 0, False]),
    ("a camera goes back to the whole",
     "const c = m.camera.camera(); c.enlarge(2, 5, 5); c.move(3, 3); c.whole(); return c.isWhole",
     True),
    ("a camera in space does not turn over",
     "const c = m.camera.camera(); c.turn(0, 99); return c.at.turnX <= Math.PI / 2", True),
    ("within an outline with a bay",
     "const bay = [[0, 0], [9, 0], [9, 9], [5, 1], [0, 9]];"
     "return [m.camera.within(1, 1, bay), m.camera.within(5, 6, bay), m.camera.within(8, 5, bay)]",
     [True, False, True]),
    ("lines of counters with a table",
     "const e = m.lines.linesOf([{name: 'load', unit: '%', values: [0, 5, 2.5]}], 2);"
     "return [e.querySelector('figcaption').textContent, e.querySelectorAll('tbody tr').length,"
     " e.querySelector('tbody tr:last-child').textContent,"
     " e.querySelector('polyline').getAttribute('points')]",
     ["load (%)0 to 5", 3, "42.5", "0.0,41.0 130.0,3.0 260.0,22.0"]),
    ("a line that never changes",
     "return m.lines.linesOf([{name: 'x', values: [3, 3]}], 0).textContent.includes('always 3')",
     True),
    ("what differs between texts",
     "const e = m.text_parts.textParts({run: 'b', texts: [{name: 'solver', parts:"
     " [{layer: '', line: 4, old: ['a: 1'], new: ['a: <b>']}]}]}, 'a');"
     "return [e.querySelector('del').textContent, e.querySelector('ins').textContent,"
     " e.querySelector('b') === null]", ["- a: 1\n", "+ a: <b>\n", True]),
    ("texts that are the same",
     "return m.text_parts.textParts({run: 'b', texts: [{parts: []}]}, 'a').textContent",
     "b has the same solver and nets as a."),
    ("a table is sorted by numbers, empty values last",
     "const t = m.sorted_table.sortedTable({name: 't', rows: [{n: 10}, {n: null}, {n: 9}],"
     " columns: [{name: 'n', number: true, value: (row) => row.n}]});"
     "return [...t.querySelectorAll('tbody tr')].map((row) => row.textContent)", ["9", "10", ""]),
    ("stand-ins are named once",
     "return m.run_card.standIns({begin: {stand_ins: [{source: 'a', for: 'b'}]},"
     " datasets: [{source: 'a', stand_in_for: 'b'}, {source: 'c'}]})", ["a for b"]),
    ("texts are never markup",
     "const e = m.dom.h('p', {}, '<img src=x>', null, false, [1, ['two']]);"
     "return [e.children.length, e.textContent]", [0, "<img src=x>1two"]),
    ("a key acts, but not while one writes, and ends",
     "let acted = 0; const end = m.keys.key('x', 'count', () => { acted++; });"
     "const press = (on) => on.dispatchEvent("
     "new KeyboardEvent('keydown', {key: 'x', bubbles: true}));"
     "const input = m.dom.h('input'); document.body.append(input);"
     "press(document.body); press(input); end(); press(document.body); input.remove();"
     "return acted", 1),
    ("a picked point is marked where it lies",
     "const c = m.dom.h('canvas', {width: 100, height: 100}); document.body.append(c);"
     "const state = {chosen: [], near: [], picked: 0};"
     "m.marks.marksOn(c).draw({data: {}, state, ratio: 1, size: 4,"
     " places: new Float32Array([70, 30, 0]), looks: {shown: [1], words: ['#000']}});"
     "const ink = (x, y) => c.getContext('2d').getImageData(x, y, 1, 1).data[3] > 0;"
     "c.remove(); return [ink(79, 30), ink(30, 70)]", [True, False]),
    ("of many questions the newest is answered last",
     "const told = []; const ask = m.given.newest(async (n) => { told.push(n); await null; });"
     "ask(1); ask(2); ask(3); await new Promise((done) => setTimeout(done, 20));"
     "return told.at(-1)", 3),
]  # fmt: skip


def test_modules_compute_what_they_promise(page: Page) -> None:
    page.sees("Home")
    wrong = []
    for promise, body, wanted in PROMISES:
        told = page.driver.execute_async_script(_RUN.replace("BODY", body), list(_MODULES))
        found = json.loads(told)
        if found.get("value") != wanted:
            wrong.append(f"{promise}: {found} instead of {wanted}")
    assert not wrong, "\n".join(wrong)
