"""From a key in the text of the model page to the new graph, or to the mistake.

    python -m tests.benchmarks.studio_model

Prints the median of some keys, in milliseconds, for the tutorial's net and for one of 229 layers,
in Chromium on this machine. The waiting of the page itself after the last key is in the figures.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from statistics import median
from typing import Any

from mycaffe_py.proto.templates import template_path

# Wanted on a quiet machine with two cores.
GOALS_MS = {"siamese_28x28": 300, "resnet50": 600}
_KEYS = 7
# A key as the browser gives it: the text changes, and the page is told. Then a frame is waited for,
# so that what is measured was painted.
_TYPE = """
const [right, wrong, selector, text, done] = arguments;
const area = document.querySelector("textarea.code"), began = performance.now();
const at = area.value.indexOf(right);
area.value = area.value.slice(0, at) + wrong + area.value.slice(at + right.length);
area.dispatchEvent(new Event("input"));
const end = began + 20000;
const look = () => {
  const shown = [...document.querySelectorAll(selector)];
  if (shown.some((one) => one.textContent.includes(text))) {
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  }
  else if (performance.now() > end) done(-1);
  else setTimeout(look, 4);
};
look();
"""


def key_to_drawn(driver: Any) -> tuple[float, float]:
    """Milliseconds from a key to the graph with other shapes, and to the mistake, as medians."""
    text = str(driver.execute_script("return document.querySelector('textarea.code').value"))
    # The number of images in a batch: it is in the shape that every box shows.
    before = "batch_size: " if "batch_size: " in text else "dim: "
    was = before + text.partition(before)[2].split()[0]
    graph, mistake = [], []
    for images in range(70, 70 + _KEYS):
        graph.append(_ms(driver, was, f"{before}{images}", "g.box .about", f" {images}x"))
        was = f"{before}{images}"
        mistake.append(_ms(driver, "num_output", "num_otput", ".fault", "num_otput"))
        _ms(driver, "num_otput", "num_output", ".head", "Not saved")
        driver.execute_async_script(
            "const done = arguments[0]; const look = () => document.querySelector('.fault')"
            " ? setTimeout(look, 10) : done(); look()"
        )
    return median(graph), median(mistake)


def _ms(driver: Any, right: str, wrong: str, selector: str, text: str) -> float:
    spent = float(driver.execute_async_script(_TYPE, right, wrong, selector, text))
    assert spent >= 0, f"'{text}' did not come"
    return spent


def main() -> None:
    """Measure both nets and print the figures."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1440,900"):
        options.add_argument(argument)
    with tempfile.TemporaryDirectory() as folder:
        for name in GOALS_MS:
            shutil.copy(template_path("model", name), folder)
        line = [sys.executable, "-m", "mycaffe_py", "studio", folder, "--no-browser"]
        environment = {**os.environ, "MYCAFFE_OFFLINE": "1", "MYCAFFE_DATA": f"{folder}/data"}
        studio = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=environment)
        driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        driver.set_script_timeout(60)
        try:
            address = next(word for word in iter(studio.stdout.readline, "") if "http" in word)
            driver.get(address.strip())
            for name, goal in GOALS_MS.items():
                driver.get(f"{address.strip().partition('/?')[0]}/model/{name}.prototxt")
                driver.implicitly_wait(30)
                driver.find_element("css selector", "g.box")
                graph, mistake = key_to_drawn(driver)
                print(f"{name}: graph {graph:.0f} ms, mistake {mistake:.0f} ms (goal {goal} ms)")
        finally:
            driver.quit()
            studio.terminate()


if __name__ == "__main__":
    main()
