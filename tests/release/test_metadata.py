"""What a release says of itself is one thing in all places, and was run."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from mycaffe_py import __version__
from tests.release.setup_words import ROOT, setup_words

CI = (ROOT / ".ci/run").read_text(encoding="utf-8")
WORKFLOW = ROOT / ".github/workflows/ci.yml"
# Of the schema of citation files, version 1.2.0: what is there must be one of these.
CITATION_KEYS = {
    "abstract", "authors", "cff-version", "date-released", "keywords", "license", "message",
    "title", "type", "version",
}  # fmt: skip
ADDRESS = re.compile(r"https?:|www\.|\S@\S+\.\w")


def _python_versions() -> list[str]:
    words = setup_words()["classifiers"]
    return [found[1] for word in words if (found := re.match(r".*Python :: (3\.\d+)$", word))]


def test_the_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert setup_words()["version"] == __version__ == citation["version"]
    assert re.findall(r"^## (\S+)", changes, re.MULTILINE)[0] == __version__


def test_the_wheel_that_the_start_names_is_that_of_this_version() -> None:
    start = (ROOT / "docs/start.md").read_text(encoding="utf-8")
    named = set(re.findall(r"mycaffe_py-([\d.]+)-py3-none-any\.whl", start))
    assert named == {__version__}


def test_the_pythons_that_are_named_are_run() -> None:
    versions = _python_versions()
    assert versions[0] == "3.11" == setup_words()["python_requires"].removeprefix(">=")
    for version in versions:
        assert re.search(rf"(?<!\d){re.escape(version)}\b", CI), (
            f".ci/run does not run Python {version}"
        )


def test_the_citation_has_what_the_schema_wants() -> None:
    citation: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert {"cff-version", "message", "title", "authors"} <= set(citation) <= CITATION_KEYS
    assert citation["type"] in {"software", "dataset"}
    assert citation["license"] == setup_words()["license"]
    assert citation["authors"] == [{"name": setup_words()["author"]}]
    assert all(isinstance(word, str) for word in citation["keywords"])


def test_the_public_ci_runs_what_is_run_here() -> None:
    # A key `on` without quotes is true to readers of YAML 1.1.
    flow = {str(key): value for key, value in yaml.safe_load(WORKFLOW.read_text("utf-8")).items()}
    assert set(flow) == {"name", "True", "permissions", "jobs"}
    assert set(flow["True"]) == {"push", "pull_request"}
    steps = [step for job in flow["jobs"].values() for step in job["steps"]]
    assert all(set(step) <= {"run", "uses", "with"} for step in steps)
    assert [step for step in steps if step.get("run") == ".ci/run"]
    matrix = flow["jobs"]["newer-python"]["strategy"]["matrix"]["python"]
    assert ["3.11", *matrix] == _python_versions()


@pytest.mark.parametrize("name", ["SECURITY.md", "CITATION.cff", "CHANGELOG.md"])
def test_no_address_is_made_up(name: str) -> None:
    assert not ADDRESS.search((ROOT / name).read_text(encoding="utf-8"))


def test_an_address_is_found() -> None:
    assert all(ADDRESS.search(text) for text in ("see https://x.y", "to a@b.c", "www.x.y"))
