import math
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.designs.baselines import COSINE, SVM, make_baseline
from mycaffe_py.evaluate.designs.head import read_head
from mycaffe_py.evaluate.designs.judging import judge, set_exam
from mycaffe_py.evaluate.designs.pairs import draw
from mycaffe_py.evaluate.designs.parts import split
from mycaffe_py.evaluate.designs.score_net import ScoreNet
from mycaffe_py.evaluate.designs.training import train_head
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.text import read_text
from mycaffe_py.snapshot.weights import read_weights
from tests.evaluate.designs.tables import SIZE, write_table

SOLVER = 'type: "Adam" base_lr: 0.005 momentum: 0.9 momentum2: 0.999 lr_policy: "fixed" '


@pytest.fixture
def table():
    source = write_table(spread=1.0)
    return source, source.images.reshape(len(source), SIZE)


def _train(table, head, seed=1, solver="max_iter: 60 test_interval: 20"):
    source, features = table
    parts = split(source, "item")
    exam = set_exam(source.labels, parts)
    learn = draw(source.labels, parts.learn, 500, seed, "learn")
    text = read_text(SOLVER + solver, pb.SolverParameter).message
    return train_head(head, features, learn, exam, text, Locations.none(), seed), exam


@pytest.mark.slow
@pytest.mark.parametrize("name", ["absolute", "cosine", "contrastive_16", "triplet", "mlp"])
def test_a_head_learns(table, name: str) -> None:
    trained, exam = _train(table, read_head(name), solver="max_iter: 200 test_interval: 50")
    assert not trained.failed
    assert judge(trained.score, exam).auc > 0.85
    assert trained.best <= trained.iterations <= 200


def test_the_same_seed_gives_the_same_bits_and_another_does_not(table) -> None:
    head = read_head("product")
    one, again, other = (
        _train(table, head, seed)[0].solver.params.data.copy() for seed in (1, 1, 2)
    )
    assert (one == again).all()
    assert (one != other).any()


def test_the_best_weights_are_kept(table) -> None:
    """A rate that ruins the head after a good start: the marks are those of the start."""
    solver = "max_iter: 60 test_interval: 20 clip_gradients: 100"
    trained, exam = _train(table, read_head("contrastive_16"), solver=solver)
    first, second, same = exam.tune.pairs()
    scores = trained.score(first, second)
    near, far = scores[same > 0], scores[same == 0]
    auc = np.mean(near[:, np.newaxis] > far[np.newaxis])
    assert auc == pytest.approx(trained.tune_auc, abs=1e-4)


def test_training_ends_when_nothing_gets_better(table) -> None:
    solver = "max_iter: 5000 test_interval: 5"
    trained, _ = _train(table, read_head("absolute"), solver=solver)
    assert trained.iterations == trained.best + 8 * 5


def test_a_loss_that_is_no_number_is_told(table) -> None:
    source, features = table
    wild = np.full_like(features, 1e30)
    wild[::2] = -1e30
    trained, _ = _train((source, wild), read_head("contrastive_16"))
    assert trained.failed == "the loss is inf at iteration 0"


def test_a_score_net_is_the_formula(table) -> None:
    trained, _ = _train(table, read_head("absolute"))
    values = trained.solver.params.values
    _, features = table
    rows = np.arange(700) % len(features), (np.arange(700) * 7) % len(features)
    hidden = np.abs(features[rows[0]] - features[rows[1]]) @ values["hidden[0]"].T
    hidden = np.maximum(hidden + values["hidden[1]"], 0)
    wanted = (hidden @ values["score[0]"].T + values["score[1]"]).reshape(-1)
    assert trained.score(*rows) == pytest.approx(wanted, abs=1e-4)


def test_the_score_of_encodings_is_minus_their_distance(table) -> None:
    trained, _ = _train(table, read_head("contrastive_2"))
    values = trained.solver.params.values
    codes = table[1] @ values["feat[0]"].T + values["feat[1]"]
    rows = np.arange(50), np.arange(50) + 100
    wanted = -np.linalg.norm(codes[rows[0]] - codes[rows[1]], axis=1)
    assert trained.score(*rows) == pytest.approx(wanted, abs=1e-4)


def test_weights_come_back_from_their_file(table, tmp_path: Path) -> None:
    head = read_head("mlp")
    trained, _ = _train(table, head)
    trained.save(tmp_path / "mlp.caffemodel")
    loaded = ScoreNet(head, table[1])
    loaded.load(read_weights(tmp_path / "mlp.caffemodel"))
    rows = np.arange(60), np.arange(60)[::-1]
    assert (loaded(*rows) == trained.score(*rows)).all()


def test_an_encoding_of_both_images_is_refused(table, tmp_path: Path) -> None:
    file = tmp_path / "odd.prototxt"
    file.write_text(
        'layer { name: "in" type: "Input" top: "a" top: "b" top: "same" }\n'
        'layer { name: "feat" type: "Eltwise" bottom: "a" bottom: "b" top: "feat" }\n'
    )
    with pytest.raises(UserError, match="made of a and b; it encodes one image"):
        ScoreNet(read_head(str(file)), table[1])


def test_a_score_of_several_values_is_refused(table, tmp_path: Path) -> None:
    file = tmp_path / "odd.prototxt"
    file.write_text(
        'layer { name: "in" type: "Input" top: "a" top: "b" top: "same" }\n'
        'layer { name: "score" type: "Eltwise" bottom: "a" bottom: "b" top: "score" }\n'
    )
    with pytest.raises(UserError, match="one value a pair"):
        ScoreNet(read_head(str(file)), table[1])


def test_the_baselines(table) -> None:
    source, features = table
    parts = split(source, "item")
    exam = set_exam(source.labels, parts)
    learn = draw(source.labels, parts.learn, 500, 1, "learn")
    cosine = make_baseline(COSINE, features, learn, exam)
    a, b = features[3].astype(float), features[70].astype(float)
    angle = a @ b / math.sqrt((a @ a) * (b @ b))
    assert cosine.score(np.array([3]), np.array([70]))[0] == pytest.approx(angle)
    assert cosine.parameters == 0
    svm = make_baseline(SVM, features, learn, exam)
    assert svm.parameters == SIZE + 1
    assert judge(svm.score, exam).auc > 0.8


def test_the_cosine_with_a_feature_of_zeros_is_0(table) -> None:
    source, features = table
    exam = set_exam(source.labels, split(source, "item"))
    nothing = np.zeros_like(features)
    cosine = make_baseline(COSINE, nothing, exam.tune, exam)
    assert cosine.score(np.array([1, 2]), np.array([3, 4])).tolist() == [0, 0]
