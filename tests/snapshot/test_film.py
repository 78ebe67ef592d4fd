"""The film file: what was whole when a kill came can be read."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.snapshot.film import (
    FilmHead,
    Frame,
    append_frame,
    film_path,
    kept_frames,
    read_film,
    write_film,
)

HEAD = FilmHead(
    net="n", seed=1, every=4, width=2, source="d.testing", checksum="c", items=9,
    stand_in_for="", decodes=True, records=(3, 5, 7), labels=(0, 1, 1),
    label_names={0: "no", 1: "ß"},
)  # fmt: skip


def frame(iteration: int, losses: int = 2) -> Frame:
    numbers = np.random.default_rng(iteration)
    return Frame(
        iteration,
        numbers.normal(size=(3, 2)).astype(np.float32),
        numbers.normal(size=(2, 2)).astype(np.float32),
        np.array([0, 1]),
        numbers.random(losses).astype(np.float32),
    )


def same(one: Frame, other: Frame) -> bool:
    return one.iteration == other.iteration and all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("points", "centroids", "centroid_labels", "losses")
    )


@pytest.fixture
def path(tmp_path):
    path = film_path(tmp_path / "run")
    write_film(path, HEAD, (frame(0, 0),))
    for iteration in (1, 2, 4):
        append_frame(path, frame(iteration))
    return path


def test_what_was_written_is_read(path) -> None:
    film = read_film(path)
    assert path.name == "run.film"
    assert film.head == HEAD
    wanted = [frame(0, 0), frame(1), frame(2), frame(4)]
    assert all(same(a, b) for a, b in zip(film.frames, wanted, strict=True))


def test_a_film_cut_anywhere_keeps_its_whole_frames(path) -> None:
    whole = path.read_bytes()
    write_film(path, HEAD)
    head = path.stat().st_size
    sizes = [head]
    for one in (frame(0, 0), frame(1), frame(2), frame(4)):
        append_frame(path, one)
        sizes.append(path.stat().st_size)
    assert path.read_bytes() == whole
    for length in range(head, len(whole)):
        path.write_bytes(whole[:length])
        found = [f.iteration for f in read_film(path).frames]
        assert found == [0, 1, 2, 4][: sum(length >= size for size in sizes[1:])]


def test_a_damaged_frame_ends_the_film(path) -> None:
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    assert [f.iteration for f in read_film(path).frames] == [0, 1, 2]


@pytest.mark.parametrize("content", [b"", b"PNG", b"mycaffe film 1\n", b"mycaffe film 1\n\x05"])
def test_what_is_no_film_is_refused(path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(UserError, match="is no film"):
        read_film(path)


def test_a_missing_film_says_how_to_take_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="train --film"):
        read_film(tmp_path / "none.film")
    with pytest.raises(MyCaffeError, match="cannot write"):
        append_frame(tmp_path / "none.film", frame(0))


def test_a_run_goes_on_with_the_frames_it_has_passed(path) -> None:
    frames, every = kept_frames(path, replace(HEAD, every=9), 2)
    assert [f.iteration for f in frames] == [0, 1, 2]
    assert every == 4
    assert kept_frames(path, HEAD, 0)[0] == ()
    assert kept_frames(path, replace(HEAD, seed=2), 2)[0] == ()
