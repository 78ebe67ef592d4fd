"""What Caffe's own notebooks do from cell to cell, on nets that take a moment."""

from pathlib import Path

import lmdb
import numpy as np
import pytest
from PIL import Image

import mycaffe_py.pycaffe as caffe
from mycaffe_py.pycaffe import layers as L  # noqa: N812
from mycaffe_py.pycaffe import mode
from mycaffe_py.pycaffe import params as P  # noqa: N812
from mycaffe_py.pycaffe.proto import caffe_pb2

SIZE = 12
LEARNED = [{"lr_mult": 1, "decay_mult": 1}, {"lr_mult": 2, "decay_mult": 0}]
FROZEN = [{"lr_mult": 0}] * 2


@pytest.fixture(autouse=True)
def _seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mode, "_mode", mode._Mode())
    caffe.set_random_seed(1)


def bars(number: int) -> tuple[np.ndarray, int]:
    """A noisy picture (1, 12, 12), bytes: a bar that stands, lies, or is not there."""
    rng = np.random.default_rng(number)
    label = number % 3
    pixels = rng.integers(0, 60, (1, SIZE, SIZE), dtype=np.uint8)
    place = int(rng.integers(1, SIZE - 2))
    if label == 0:
        pixels[:, :, place : place + 2] += 180
    elif label == 1:
        pixels[:, place : place + 2] += 180
    return pixels, label


@pytest.fixture
def records(tmp_path) -> str:
    """An LMDB folder of 240 records, made as Caffe's users make theirs."""
    folder = str(tmp_path / "bars_lmdb")
    with lmdb.open(folder, map_size=1 << 24) as store, store.begin(write=True) as write:
        for number in range(240):
            datum = caffe.io.array_to_datum(*bars(number))
            write.put(f"{number:08}".encode(), datum.SerializeToString())
    return folder


def saved(path: Path, message) -> str:
    path.write_text(str(message))
    return str(path)


def lenet(source: str, batch_size: int) -> caffe_pb2.NetParameter:
    n = caffe.NetSpec()
    n.data, n.label = L.Data(
        batch_size=batch_size,
        backend=P.Data.LMDB,
        source=source,
        transform_param={"scale": 1.0 / 255},
        ntop=2,
    )
    xavier = {"type": "xavier"}
    n.conv1 = L.Convolution(n.data, kernel_size=5, num_output=6, weight_filler=xavier)
    n.pool1 = L.Pooling(n.conv1, kernel_size=2, stride=2, pool=P.Pooling.MAX)
    n.fc1 = L.InnerProduct(n.pool1, num_output=20, weight_filler=xavier)
    n.relu1 = L.ReLU(n.fc1, in_place=True)
    n.score = L.InnerProduct(n.relu1, num_output=3, weight_filler=xavier)
    n.loss = L.SoftmaxWithLoss(n.score, n.label)
    return n.to_proto()


def solver_text(folder: Path, train: str, **fields) -> str:
    text = caffe_pb2.SolverParameter(
        train_net=train, base_lr=0.05, momentum=0.9, lr_policy="fixed", max_iter=1000, **fields
    )
    text.snapshot_prefix = str(folder / "snapshot")
    return saved(folder / "solver.prototxt", text)


@pytest.mark.slow
def test_learning_lenet(tmp_path: Path, records: str) -> None:
    train = saved(tmp_path / "train.prototxt", lenet(records, 24))
    test = saved(tmp_path / "test.prototxt", lenet(records, 40))
    solver = caffe.SGDSolver(
        solver_text(tmp_path, train, test_net=[test], test_iter=[1], test_interval=1000)
    )
    shapes = [(name, blob.data.shape) for name, blob in solver.net.blobs.items()]
    assert shapes[:3] == [("data", (24, 1, 12, 12)), ("label", (24,)), ("conv1", (24, 6, 8, 8))]
    weights = [(name, blobs[0].data.shape) for name, blobs in solver.net.params.items()]
    assert weights == [("conv1", (6, 1, 5, 5)), ("fc1", (20, 96)), ("score", (3, 20))]

    solver.net.forward()
    solver.test_nets[0].forward()
    assert solver.net.blobs["label"].data[:4].tolist() == [0, 1, 2, 0]
    first = solver.test_nets[0].blobs["data"].data[0, 0]
    assert np.allclose(first, bars(0)[0][0] / 255, atol=1e-6)

    solver.step(1)
    assert np.abs(solver.net.params["conv1"][0].diff[:, 0]).max() > 0
    losses = np.zeros(60)
    for it in range(60):
        solver.step(1)
        losses[it] = solver.net.blobs["loss"].data
        solver.test_nets[0].forward(start="conv1")
    assert losses[-10:].mean() < 0.2 * losses[0]
    assert solver.iter == 61

    correct = 0
    for _ in range(6):
        solver.test_nets[0].forward()
        blobs = solver.test_nets[0].blobs
        correct += int(sum(blobs["score"].data.argmax(1) == blobs["label"].data))
    assert correct >= 230  # of 240


CONV = """
name: 'convolution'
layer {
  name: 'in' type: 'Input' top: 'data' input_param { shape { dim: 1 dim: 1 dim: 9 dim: 9 } }
}
layer {
  name: 'conv' type: 'Convolution' bottom: 'data' top: 'conv'
  convolution_param {
    num_output: 3 kernel_size: 5 stride: 1
    weight_filler { type: 'gaussian' std: 0.01 } bias_filler { type: 'constant' value: 0 }
  }
}
"""


def test_net_surgery_on_filters(tmp_path: Path) -> None:
    net = caffe.Net(saved(tmp_path / "conv.prototxt", CONV), caffe.TEST)
    image = np.random.default_rng(0).random((14, 17)).astype(np.float32)
    net.blobs["data"].reshape(1, 1, *image.shape)
    net.blobs["data"].data[...] = image[np.newaxis, np.newaxis]
    net.forward()
    assert net.blobs["conv"].data.shape == (1, 3, 10, 13)
    first = net.blobs["conv"].data[0, 0]
    before = first.mean()
    net.params["conv"][1].data[0] = 1.0
    net.forward()
    assert first.mean() == pytest.approx(before + 1, abs=1e-4)

    sobel = np.array((-1, -2, -1, 0, 0, 0, 1, 2, 1), dtype=np.float32).reshape(3, 3)
    net.params["conv"][0].data[1:] = 0.0
    net.params["conv"][0].data[1, 0, 1:-1, 1:-1] = sobel
    net.params["conv"][0].data[2, 0, 1:-1, 1:-1] = sobel.T
    net.forward()
    wanted = sum(
        weight * (image[3 : 3 + 10, x : x + 13] - image[1 : 1 + 10, x : x + 13])
        for x, weight in ((1, 1), (2, 2), (3, 1))
    )
    assert np.allclose(net.blobs["conv"].data[0, 1], wanted, atol=1e-4)


DEPLOY = """
name: 'Deploy'
layer {
  name: 'data' type: 'Input' top: 'data' input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } }
}
layer {
  name: 'conv1' type: 'Convolution' bottom: 'data' top: 'conv1'
  convolution_param { num_output: 4 kernel_size: 3 weight_filler { type: 'xavier' } }
}
layer { name: 'relu1' type: 'ReLU' bottom: 'conv1' top: 'conv1' }
layer {
  name: 'fc6' type: 'InnerProduct' bottom: 'conv1' top: 'fc6'
  inner_product_param { num_output: 7 weight_filler { type: 'xavier' } }
}
layer {
  name: 'fc8' type: 'InnerProduct' bottom: 'fc6' top: 'fc8'
  inner_product_param { num_output: 5 weight_filler { type: 'xavier' } }
}
layer { name: 'prob' type: 'Softmax' bottom: 'fc8' top: 'prob' }
"""


@pytest.fixture
def deploy(tmp_path) -> tuple[str, str]:
    """Text and random weights of a small classifier."""
    text = saved(tmp_path / "deploy.prototxt", DEPLOY)
    net = caffe.Net(text, caffe.TEST)
    for blobs in net.params.values():
        blobs[1].data[...] = np.linspace(-0.1, 0.1, blobs[1].count)
    net.save(str(tmp_path / "deploy.caffemodel"))
    return text, str(tmp_path / "deploy.caffemodel")


def fully_convolutional(size: int) -> str:
    """DEPLOY with its inner products as convolutions, for larger pictures."""
    text = DEPLOY.replace("dim: 8 dim: 8", f"dim: {size} dim: {size}")
    for name, kernel in (("fc6", 6), ("fc8", 1)):
        text = text.replace(f"'{name}'", f"'{name}-conv'")
        text = text.replace(f"name: '{name}-conv' type: 'InnerProduct'",
                            f"name: '{name}-conv' type: 'Convolution'")  # fmt: skip
        outputs = {"fc6": 7, "fc8": 5}[name]
        text = text.replace(
            f"inner_product_param {{ num_output: {outputs}",
            f"convolution_param {{ num_output: {outputs} kernel_size: {kernel}",
        )
    return text


def test_net_surgery_to_a_fully_convolutional_net(
    tmp_path: Path, deploy: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    net = caffe.Net(*deploy, caffe.TEST)
    full_text = saved(tmp_path / "full.prototxt", fully_convolutional(10))
    full = caffe.Net(full_text, deploy[1], caffe.TEST)
    assert np.array_equal(full.params["conv1"][0].data, net.params["conv1"][0].data)
    for name in ("fc6", "fc8"):
        for conv, plain in zip(full.params[f"{name}-conv"], net.params[name], strict=True):
            conv.data.flat = plain.data.flat
    full.save(str(tmp_path / "full.caffemodel"))
    again = caffe.Net(full_text, caffe.TEST, weights=str(tmp_path / "full.caffemodel"))

    image = np.random.default_rng(6).random((10, 10, 3))
    transformer = caffe.io.Transformer({"data": again.blobs["data"].data.shape})
    transformer.set_transpose("data", (2, 0, 1))
    transformer.set_channel_swap("data", (2, 1, 0))
    row = transformer.preprocess("data", image)
    found = again.forward_all(data=np.asarray([row]))["prob"]
    assert found.shape == (1, 5, 3, 3)
    for y in range(3):
        for x in range(3):
            wanted = net.forward(data=row[np.newaxis, :, y : y + 8, x : x + 8])["prob"]
            assert np.allclose(found[0, :, y, x], wanted[0], atol=1e-5)


def test_classification(
    tmp_path: Path, deploy: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    caffe.set_mode_cpu()
    net = caffe.Net(*deploy, caffe.TEST)
    assert "DEPRECATION" in capfd.readouterr().err
    Image.new("RGB", (20, 16), (250, 100, 0)).save(tmp_path / "cat.png")
    transformer = caffe.io.Transformer({"data": net.blobs["data"].data.shape})
    transformer.set_transpose("data", (2, 0, 1))
    transformer.set_mean("data", np.full((3, 9, 9), 100.0).mean(1).mean(1))
    transformer.set_raw_scale("data", 255)
    transformer.set_channel_swap("data", (2, 1, 0))
    net.blobs["data"].reshape(6, 3, 8, 8)
    entered = transformer.preprocess("data", caffe.io.load_image(str(tmp_path / "cat.png")))
    net.blobs["data"].data[...] = entered
    assert np.allclose(entered[:, 3, 3], [-100, 0, 150], atol=1e-3)
    output = net.forward()
    probabilities = output["prob"][0]
    assert output["prob"].shape == (6, 5)
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)
    order = probabilities.argsort()[::-1][:5]
    assert order[0] == probabilities.argmax()
    assert [blob.data.shape for blob in net.blobs.values()][1] == (6, 4, 6, 6)
    shapes = {
        name: (param[0].data.shape, param[1].data.shape) for name, param in net.params.items()
    }
    assert shapes["conv1"] == ((4, 3, 3, 3), (4,))
    shown = transformer.deprocess("data", net.blobs["data"].data[0])
    assert np.allclose(shown, np.array([250, 100, 0]) / 255, atol=1e-3)


def style_net(data, label, classes: int, param, classifier: str) -> caffe.NetSpec:
    n = caffe.NetSpec()
    n.data = data
    gaussian = {"type": "gaussian", "std": 0.1}
    n.conv1 = L.Convolution(
        n.data, kernel_size=5, num_output=6, param=param, weight_filler=gaussian
    )
    n.relu1 = L.ReLU(n.conv1, in_place=True)
    n.norm1 = L.LRN(n.relu1, local_size=5, alpha=1e-4, beta=0.75)
    n.fc7 = L.InnerProduct(n.norm1, num_output=16, param=param, weight_filler=gaussian)
    n.relu7 = L.ReLU(n.fc7, in_place=True)
    n.drop7 = last = L.Dropout(n.relu7, in_place=True)
    fc8 = L.InnerProduct(last, num_output=classes, param=LEARNED, weight_filler=gaussian)
    n.__setattr__(classifier, fc8)
    if label is None:
        n.probs = L.Softmax(fc8)
    else:
        n.label = label
        n.loss = L.SoftmaxWithLoss(fc8, n.label)
        n.acc = L.Accuracy(fc8, n.label)
    return n


@pytest.mark.slow
def test_fine_tuning(tmp_path: Path, records: str) -> None:
    whole = L.DummyData(shape={"dim": [1, 1, SIZE, SIZE]})
    source = style_net(whole, None, 9, LEARNED, "fc8").to_proto()
    imagenet = caffe.Net(saved(tmp_path / "imagenet.prototxt", source), caffe.TEST)
    weights = str(tmp_path / "imagenet.caffemodel")
    imagenet.save(weights)

    def made(learn_all: bool, name: str) -> str:
        data, label = L.Data(
            source=records, backend=P.Data.LMDB, batch_size=24, ntop=2,
            transform_param={"scale": 1.0 / 255},
        )  # fmt: skip
        n = style_net(data, label, 3, LEARNED if learn_all else FROZEN, "fc8_style")
        return saved(tmp_path / f"{name}.prototxt", n.to_proto())

    untrained = caffe.Net(made(False, "test"), weights, caffe.TEST)
    untrained.forward()
    image = untrained.blobs["data"].data[7].copy()
    imagenet.blobs["data"].data[0, ...] = image
    probabilities = imagenet.forward(start="conv1")["probs"][0]
    assert probabilities.shape == (9,)
    difference = untrained.blobs["fc7"].data[7] - imagenet.blobs["fc7"].data[0]
    assert (difference**2).sum() < 1e-8

    kept = imagenet.params["fc7"][0].data.copy()
    losses, solvers = {}, {}
    for name, learn_all in (("classifier", False), ("end to end", True)):
        caffe.set_random_seed(1)
        solvers[name] = caffe.get_solver(solver_text(tmp_path, made(learn_all, "train")))
        solvers[name].net.copy_from(weights)
        losses[name] = np.zeros(40)
    for it in range(40):
        for name, solver in solvers.items():
            solver.step(1)
            losses[name][it], accuracy = (
                solver.net.blobs[blob].data.copy() for blob in ("loss", "acc")
            )
            assert 0 <= accuracy <= 1
    assert np.array_equal(solvers["classifier"].net.params["fc7"][0].data, kept)
    assert not np.array_equal(solvers["end to end"].net.params["fc7"][0].data, kept)
    assert losses["classifier"][-5:].mean() < losses["classifier"][:3].mean()
    assert losses["end to end"][-5:].mean() < 0.6 * losses["end to end"][:3].mean()

    solvers["end to end"].net.save(str(tmp_path / "tuned.caffemodel"))
    del solvers
    tuned = caffe.Net(made(False, "test"), str(tmp_path / "tuned.caffemodel"), caffe.TEST)
    accuracy = sum(tuned.forward()["acc"] for _ in range(10)) / 10
    assert accuracy > 0.6
