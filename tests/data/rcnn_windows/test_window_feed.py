from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.pictures.bilinear import resize
from mycaffe_py.data.rcnn_windows.window_text import window_feed
from mycaffe_py.data.transform.mean_file import write_mean
from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text

PICTURE = np.random.default_rng(6).integers(0, 256, (20, 30, 3)).astype(np.uint8)
BLUE_FIRST = PICTURE.transpose(2, 0, 1)[::-1]
WINDOWS = """\
# 0
a.png 3 20 30
4
1 0.9 3 4 12 8
2 0.8 0 5 4 9
1 0.2 1 1 9 9
2 0.1 20 10 29 19
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(PICTURE).save("a.png")
    (tmp_path / "windows.txt").write_text(WINDOWS)
    return tmp_path


def _feed(options="", transform="crop_size: 8", train=True, seed=1):
    text = f"""layer {{
      name: "windows" type: "WindowData" top: "data" top: "label"
      transform_param {{ {transform} }}
      window_data_param {{ source: "windows.txt"
        {options if "batch_size" in options else "batch_size: 6 " + options} }} }}"""
    parsed = read_text(text, pb.NetParameter, "net.prototxt")
    return window_feed(parsed.message.layer[0], train, seed, parsed.locations.under("layer", 0))


def _filled(feed, batch):
    tops = [np.full(shape, np.nan, np.float32) for shape in feed.shapes]
    feed.fill(batch, tops)
    assert all(np.isfinite(top).all() for top in tops)
    return tops


def test_background_then_objects(folder: Path) -> None:
    feed = _feed("fg_fraction: 0.4")
    assert feed.shapes == [(6, 3, 8, 8), (6,)]
    assert feed.label_count == 3
    labels = np.array([_filled(feed, batch)[1] for batch in range(30)])
    assert (labels[:, :4] == 0).all()
    assert set(labels[:, 4:].ravel().tolist()) == {1, 2}
    assert set(_filled(_feed("fg_fraction: 0"), 0)[1].tolist()) == {0}


def test_every_window_is_drawn_and_mirrored_half_of_the_time(folder: Path) -> None:
    feed = _feed(transform="crop_size: 8 mirror: true")
    drawn = [feed.sample(batch) for batch in range(100)]
    counts = {}
    for windows, _ in drawn:
        for window in windows:
            counts[window.where.line] = counts.get(window.where.line, 0) + 1
    assert sorted(counts) == [4, 5, 6, 7]
    assert abs(counts[6] - counts[7]) < 100
    assert 0.4 < np.mean([mirrored for _, mirrored in drawn]) < 0.6
    assert not any(mirrored.any() for _, mirrored in (_feed().sample(b) for b in range(9)))


def test_batches_are_pure(folder: Path) -> None:
    options = "context_pad: 2"
    transform = "crop_size: 8 mirror: true"
    wanted = [_filled(_feed(options, transform), batch) for batch in range(4)]
    feed = _feed(options + " cache_images: true", transform)
    for batch in (3, 0, 1, 1, 2):
        for found, want in zip(_filled(feed, batch), wanted[batch], strict=True):
            assert np.array_equal(found, want)
    assert not np.array_equal(_filled(_feed(options, transform, train=False), 0)[0], wanted[0][0])


# Lines of the window file: which pixels, and where they lie in the square of 8 (see
# test_window_cut.py for how these come about).
PLAIN = {4: (3, 4, 12, 8), 5: (0, 5, 4, 9), 6: (1, 1, 9, 9), 7: (20, 10, 29, 19)}


@pytest.mark.parametrize("mirror", [False, True])
def test_windows_are_warped(folder: Path, mirror: bool) -> None:
    mean = "mean_value: 10 mean_value: 20 mean_value: 30"
    text = f"crop_size: 8 mirror: {str(mirror).lower()} {mean} scale: 0.5"
    feed = _feed("scale: 0.25", text)
    data = _filled(feed, 2)[0]
    windows, mirrored = feed.sample(2)
    for row, window in enumerate(windows):
        x1, y1, x2, y2 = PLAIN[window.where.line]
        pixels = resize(BLUE_FIRST[:, y1 : y2 + 1, x1 : x2 + 1], 8, 8).astype(np.float32)
        if mirrored[row]:
            pixels = pixels[:, :, ::-1]
        mean_value = np.array([10, 20, 30], np.float32).reshape(3, 1, 1)
        assert np.array_equal(data[row], (pixels - mean_value) * np.float32(0.125))


def test_context_and_the_room_around(folder: Path) -> None:
    mean = np.random.default_rng(1).uniform(0, 255, (3, 12, 12)).astype(np.float32)
    write_mean(folder / "mean.binaryproto", mean)
    feed = _feed("context_pad: 2", 'crop_size: 8 mirror: true mean_file: "mean.binaryproto"')
    seen = set()
    for batch in range(12):
        data = _filled(feed, batch)[0]
        windows, mirrored = feed.sample(batch)
        for row, window in enumerate(windows):
            if window.where.line != 5:
                continue
            seen.add(bool(mirrored[row]))
            pixels = resize(BLUE_FIRST[:, 3:14, 0:9], 8, 6).astype(np.float32)
            left = 0 if mirrored[row] else 2
            wanted = np.zeros((3, 8, 8), np.float32)
            wanted[:, :, left : left + 6] = pixels[:, :, ::-1] if mirrored[row] else pixels
            wanted[:, :, left : left + 6] -= mean[:, 2:10, 2 + left : 8 + left]
            assert np.array_equal(data[row], wanted)
    assert seen == {True, False}


@pytest.mark.parametrize(
    ("options", "transform", "said"),
    [
        ("batch_size: 0", "crop_size: 8", r"net\.prototxt:5: .*batch_size is 0"),
        ("", "", r"net\.prototxt:3: .*has no crop_size"),
        ("context_pad: 4", "crop_size: 8", "context_pad is 4; twice as much must fit in .* 8"),
        ('crop_mode: "round"', "crop_size: 8", "crop_mode is 'round'; one of warp, square"),
        ("fg_fraction: 1.5", "crop_size: 8", r"fg_fraction is 1\.5"),
        ("", "crop_size: 8 mean_value: 1 mean_value: 2", "2 values in mean_value"),
        ("", 'crop_size: 8 mean_value: 1 mean_file: "x"', "exclude each other"),
        ("", 'crop_size: 8 mean_file: "x"', "mean_file x cannot be read"),
    ],
)
def test_mistakes(folder: Path, options: str, transform: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        _feed(options, transform)


def test_a_mean_that_does_not_fit(folder: Path) -> None:
    write_mean(folder / "mean.npy", np.zeros((3, 7, 9), np.float32))
    with pytest.raises(UserError, match=r"mean\.npy is \(3, 7, 9\); 3 channels and at least"):
        _feed(transform='crop_size: 8 mean_file: "mean.npy"')


def test_a_picture_that_cannot_be_read(folder: Path) -> None:
    (folder / "a.png").write_bytes(b"no")
    with pytest.raises(UserError, match=r"windows\.txt:\d: picture a\.png cannot be read"):
        _filled(_feed(), 0)
