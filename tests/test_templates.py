"""Every template compiles in every phase, and says what the tutorial says."""

from pathlib import Path

import pytest

from mycaffe_py.errors import UserError, Where
from mycaffe_py.graph.compile import compile_net, compile_run_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.graph.told.describe import describe
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import find_text, templates
from mycaffe_py.proto.text import read_text_file
from mycaffe_py.proto.upgrade import upgrade_net
from mycaffe_py.solver.texts import read_job

NAMES = [template.name for template in templates() if template.solver]
# Values that learn, and the answer, of nets whose weights come from elsewhere: known numbers.
PUBLIC = {
    "alexnet": (60_965_224, "prob", 1000),
    "caffenet": (60_965_224, "prob", 1000),
    "googlenet": (6_998_552, "prob", 1000),
    "mobilenet": (4_231_976, "prob", 1000),
    # 25,557,032 as in other frameworks, and the 64 biases that the public file's conv1 has.
    "resnet50": (25_557_096, "prob", 1000),
    "squeezenet": (1_235_496, "prob", 1000),
}
# Nets of the simulated link: values that learn, and the layers of the RUN net.
TELECOM = {
    "siamese_cnn_telecom": (
        6_723,
        ["data", "conv1", "relu1", "conv2", "relu2", "pool2", "ip1", "feat", "decode1"],
    ),
    "siamese_lstm_telecom": (5_475, ["data", "steps", "lstm1", "ip1", "feat", "decode1"]),
    "siamese_lstm_telecom_batchnorm": (
        5_475,
        ["data", "seconds", "norm1", "steps", "lstm1", "ip1", "feat", "decode1"],
    ),
    "siamese_lstm_telecom_contrastive": (
        5_475,
        ["data", "steps", "lstm1", "ip1", "feat", "decode1"],
    ),
}
# A net of one branch that learns from labelled batches: triplets are found in them.
ONE_SHOT = "siamese_lstm_oneshot"
# Nets that learn to compare what they have never seen: values that learn. The branch, then features
# and, in the second, the weights of their differences.
COMPARING = {
    "siamese_28x28_prototypical": 832 + 64 + 51_264 + 128 + 65_600,
    "siamese_28x28_verification": 832 + 64 + 51_264 + 128 + 131_200 + 129,
}
# Nets that learn features of labelled pictures by a loss of classes: what these learn themselves.
CLASS_FEATURES = {"center_loss_28x28": 330 + 320, "sphereface_28x28": 320}
# A net of two branches that read two data sets, with weights of their own.
TWO_SOURCES = "sketch_photo_28x28"
pytestmark = pytest.mark.usefixtures("digits_only", "data_folder")


@pytest.fixture(scope="module")
def telecom_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder for all tests here: `telecom` is simulated once, when first asked for."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def data_folder(telecom_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYCAFFE_DATA", str(telecom_folder))


def _facts(name, phase):
    parsed = read_text_file(find_text(name, "model"), pb.NetParameter)
    net, where = upgrade_net(parsed.message), parsed.locations
    if phase != pb.RUN:
        return describe(compile_net(NetText(net, where, State(phase))))
    train = compile_net(NetText(net, where, State(pb.TRAIN)))
    shapes = {name: spec.shape for name, spec in train.blobs.items()}
    stored = {}
    for param in train.params.values():
        stored.setdefault(param.layer, []).append(param.shape)
    return describe(compile_run_net(NetText(net, where, State(pb.RUN)), shapes, 1, stored=stored))


def test_all_templates_are_found() -> None:
    digits = ["lenet", "siamese_28x28", "siamese_28x28_best", "siamese_28x28_triplet"]
    digits += ["open_set_28x28", "siamese_28x28_normalised"]
    assert sorted([*digits, *TELECOM, *CLASS_FEATURES, *COMPARING, ONE_SHOT, TWO_SOURCES]) == NAMES
    assert {template.name for template in templates()} == {*NAMES, *PUBLIC}
    assert all(template.about.endswith(".") for template in templates())


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_net_has_the_published_number_of_values(name) -> None:
    learned, answer, classes = PUBLIC[name]
    facts = _facts(name, pb.TEST)
    assert facts.learned == learned
    assert facts.outputs == (answer,)
    last = facts.layers[-1].tops[0]
    assert (last.name, last.shape[:2]) == (answer, (1, classes))
    assert f"{learned:,} weights" in find_text(name, "model").read_text()


@pytest.mark.parametrize("phase", ["TRAIN", "TEST", "RUN"])
@pytest.mark.parametrize("name", NAMES)
def test_compiles_in_every_phase(name, phase: str) -> None:
    facts = _facts(name, pb.Phase.Value(phase))
    assert facts.layers
    running = [layer.name for layer in facts.layers if layer.backward]
    if phase == "RUN":
        assert not running
        assert len(facts.outputs) == 1
    else:
        assert {"conv1", "lstm1"} & set(running)


@pytest.mark.parametrize("name", NAMES)
def test_its_solver_names_it_and_writes_into_snapshots(name) -> None:
    job = read_job(f"{name}.solver")
    assert Path(job.train.card.file).name == f"{name}.prototxt"
    assert job.solver.snapshot_prefix == f"snapshots/{name}"
    assert len(job.tests) == 1


@pytest.mark.parametrize("name", NAMES)
def test_every_layer_of_the_first_branch_is_explained(name) -> None:
    lines = find_text(name, "model").read_text().splitlines()
    starts = [number for number, line in enumerate(lines) if line == "layer {"]
    assert starts
    for number in starts:
        is_copy = lines[number + 1].endswith(('_p"', '_n"'))
        assert is_copy or lines[number - 1].startswith("# "), lines[number + 1]


def test_lenet_has_the_known_number_of_values() -> None:
    facts = _facts("lenet", pb.TRAIN)
    assert (facts.learned, facts.state) == (431_080, 0)


def test_the_siamese_branches_share_all_they_learn() -> None:
    facts = _facts("siamese_28x28", pb.TRAIN)
    assert facts.learned == 431_102
    assert facts.state == 10 * 2 + 10 + 10
    learned = [param for param in facts.params if param.learned]
    assert len(learned) == 10
    for param in learned:
        owner, index = param.key.split("[")
        assert param.sharers == (f"{owner}_p[{index}",)
        assert (param.lr_mult, param.name[-2:]) in ((1, "_w"), (2, "_b"))


def test_the_siamese_run_net_is_one_branch_and_its_centroids() -> None:
    facts = _facts("siamese_28x28", pb.RUN)
    assert [layer.name for layer in facts.layers] == [
        "data", "conv1", "pool1", "conv2", "pool2", "ip1", "relu1", "ip2", "feat", "decode1",
    ]  # fmt: skip
    assert facts.layers[-1].tops[0].shape == (1, 10)


def test_the_triplet_net_is_the_best_branch_on_the_unit_sphere() -> None:
    best, triplet = (
        _facts("siamese_28x28_best", pb.TRAIN),
        _facts("siamese_28x28_triplet", pb.TRAIN),
    )
    assert triplet.learned == best.learned
    assert [layer.name for layer in _facts("siamese_28x28_triplet", pb.RUN).layers] == [
        "data", "conv1", "pool1", "conv2", "pool2", "ip1", "relu1", "ip2", "relu2", "ip3", "feat",
        "decode1",
    ]  # fmt: skip
    layers = {layer.name: layer for layer in read_job("siamese_28x28_triplet").train.net.layer}
    assert layers["feat"].type == "Normalization1"
    loss = layers["loss"].triplet_loss_param
    assert (loss.mining, loss.margin) == (pb.TripletLossParameter.BATCH_ALL, pytest.approx(0.4))


def test_the_normalised_net_keeps_moments_beside_its_centroids() -> None:
    branch = 832 + 64 + 51_264 + 128 + (1024 + 1) * 500 + (500 + 1) * 128 + (128 + 1) * 32
    moments = 32 + 32 + 1 + 64 + 64 + 1
    run = _facts("siamese_28x28_normalised", pb.RUN)
    assert _facts("siamese_28x28_normalised", pb.TRAIN).learned == run.learned == branch
    assert run.state == 10 * 32 + 10 + 10 + moments


@pytest.mark.parametrize("name", COMPARING)
def test_a_net_that_compares_leaves_its_comparing_behind(name) -> None:
    assert _facts(name, pb.TRAIN).learned == COMPARING[name]
    run = _facts(name, pb.RUN)
    assert run.layers[-1].tops[0].shape == (1, 10)
    assert [layer.name for layer in run.layers][:6] == [
        "data", "conv1", "pool1", "norm1", "scale1", "relu1",
    ]  # fmt: skip


@pytest.mark.parametrize("name", CLASS_FEATURES)
def test_a_net_of_class_features_leaves_its_classes_behind(name) -> None:
    branch = _facts("siamese_28x28_best", pb.TRAIN).learned
    assert _facts(name, pb.TRAIN).learned == branch + CLASS_FEATURES[name]
    run = _facts(name, pb.RUN)
    assert run.learned == branch
    assert run.layers[-1].name == "decode1"


def test_the_open_set_net_answers_by_the_layer_before_its_classes_and_by_its_filters() -> None:
    branch = 832 + 64 + 51_264 + 128 + (1024 + 1) * 128
    moments = 32 + 32 + 1 + 64 + 64 + 1
    train, run = _facts("open_set_28x28", pb.TRAIN), _facts("open_set_28x28", pb.RUN)
    assert train.learned == branch + (128 + 1) * 10
    assert (run.learned, run.state) == (branch, 10 * 384 + 10 + 10 + moments)
    assert [layer.name for layer in run.layers[-2:]] == ["feature", "decode1"]
    assert run.layers[-2].tops[0].shape == (1, 128 + 64 * 2 * 2)


def test_a_batch_of_triplets_holds_as_many_pictures_of_each_class() -> None:
    net = read_job("siamese_28x28_triplet").train.net
    data = next(x for x in net.layer if x.include and x.include[0].phase == pb.TRAIN).data_param
    assert (data.labels_per_batch, data.images_per_label, data.batch_size) == (10, 13, 130)


@pytest.mark.parametrize("name", TELECOM)
def test_the_branches_of_a_telecom_net_share_all_they_learn(name) -> None:
    learned, run_layers = TELECOM[name]
    facts = _facts(name, pb.TRAIN)
    assert facts.learned == learned
    branches = 2 if name.endswith("contrastive") else 3
    for param in facts.params:
        if param.key.startswith("decode1"):
            continue
        owner, index = param.key.split("[")
        copies = [f"{owner}{end}[{index}" for end in ("_p", "_n")][: branches - 1]
        assert param.sharers == tuple(copies)
    run = _facts(name, pb.RUN)
    assert [layer.name for layer in run.layers] == run_layers
    assert run.layers[0].tops[0].shape == (1, 1, 30, 9)
    assert run.layers[-1].tops[0].shape == (1, 3)


def test_the_one_shot_net_keeps_centroids_of_the_known_patterns_alone() -> None:
    facts = _facts(ONE_SHOT, pb.TRAIN)
    # LSTM 4 * 32 * (9 + 32 + 1), InnerProduct (64 + 1) * 32; centroids 10 * 32 and two counts.
    assert (facts.learned, facts.state) == (5_376 + 2_080, 10 * 32 + 10 + 10)
    rows = {top.name: top.shape for layer in facts.layers for top in layer.tops}
    assert (rows["known"][0], rows["mixed"][0], rows["feat"]) == (70, 72, (142, 32))
    assert rows["decode1"] == (70, 10)
    run = _facts(ONE_SHOT, pb.RUN)
    assert [layer.name for layer in run.layers] == [
        "data", "steps", "lstm1", "planes", "mean1", "most1", "seen1", "ip1", "feat", "decode1",
    ]  # fmt: skip
    assert run.layers[-1].tops[0].shape == (1, 10)


def test_the_towers_of_two_sources_share_their_last_layer_alone() -> None:
    facts = _facts(TWO_SOURCES, pb.TRAIN)
    shared = {param.key: param.sharers for param in facts.params if param.sharers}
    assert shared == {"ip2[0]": ("ip2_p[0]",), "ip2[1]": ("ip2_p[1]",)}
    tower = 16 * (25 + 1) + 32 * (16 * 25 + 1) + 64 * (512 + 1)
    assert facts.learned == 2 * tower + 32 * (64 + 1)
    run = _facts(TWO_SOURCES, pb.RUN)
    assert [layer.name for layer in run.layers] == [
        "data", "conv1", "pool1", "conv2", "pool2", "ip1", "relu1", "ip2", "feat", "decode1",
    ]  # fmt: skip


def test_the_siamese_solver_is_that_of_the_tutorial() -> None:
    solver = read_job("siamese_28x28").solver
    numbers = (solver.base_lr, solver.gamma, solver.power, solver.momentum, solver.weight_decay)
    assert numbers == pytest.approx((0.01, 0.0001, 0.75, 0.9, 0))
    assert (solver.lr_policy, solver.type) == ("inv", "SGD")
    assert (solver.max_iter, solver.test_interval, solver.snapshot) == (8000, 500, 1000)


@pytest.mark.parametrize("name", ["siamese_28x28", "siamese_28x28_triplet"])
def test_the_test_net_sees_each_test_item_of_mnist_once(name) -> None:
    job = read_job(name)
    data = next(x for x in job.train.net.layer if x.include and x.include[0].phase == pb.TEST)
    assert data.data_param.batch_size * job.solver.test_iter[0] == 10_000


def test_a_file_comes_before_a_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_text("lenet.prototxt", "model").parent != Path()
    (tmp_path / "lenet.prototxt").write_text("")
    assert find_text("lenet.prototxt", "model") == Path("lenet.prototxt")


def test_a_file_beside_the_text_that_names_it_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    beside = tmp_path / "texts" / "mine.solver"
    beside.parent.mkdir()
    (tmp_path / "texts" / "lenet.prototxt").write_text("")
    assert find_text("lenet.prototxt", "model", beside) == tmp_path / "texts/lenet.prototxt"


def test_an_unknown_text_names_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as caught:
        find_text("siamese_28.solver", "solver", where=Where("a.sh", 3))
    assert str(caught.value) == (
        "a.sh:3: there is no solver 'siamese_28.solver'; it is neither a file nor a template that "
        "comes with mycaffe. Did you mean 'siamese_28x28.solver'?"
    )


def test_a_folder_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder"):
        find_text(str(tmp_path), "model")


def test_a_name_that_no_file_can_have_is_told() -> None:
    with pytest.raises(UserError, match="no file has a name of more than 255 bytes"):
        find_text("net" + 300 * "{", "model")
