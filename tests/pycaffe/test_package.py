"""What `import mycaffe_py.pycaffe as caffe` brings."""

import mycaffe_py.pycaffe as caffe

CLASSES = (
    "Net SGDSolver NesterovSolver AdaGradSolver RMSPropSolver AdaDeltaSolver AdamSolver NCCL Timer "
    "Layer Classifier Detector NetSpec"
)
FUNCTIONS = (
    "init_log log set_mode_cpu set_mode_gpu set_device set_random_seed get_solver layer_type_list "
    "solver_count set_solver_count solver_rank set_solver_rank set_multiprocess has_nccl to_proto"
)


def test_all_names_are_there() -> None:
    assert all(isinstance(getattr(caffe, name), type) for name in CLASSES.split())
    assert all(callable(getattr(caffe, name)) for name in FUNCTIONS.split())
    assert all(hasattr(caffe, name) for name in caffe.__all__)
    assert {*CLASSES.split(), *FUNCTIONS.split()} <= set(caffe.__all__)
    assert isinstance(caffe.__version__, str)


def test_phases() -> None:
    assert (caffe.TRAIN, caffe.TEST) == (0, 1)
    assert caffe.proto.caffe_pb2.TEST == caffe.TEST


def test_layer_types_are_sorted() -> None:
    types = caffe.layer_type_list()
    assert list(types) == sorted(types)
    for name in ("Convolution", "Data", "InnerProduct", "MemoryData", "Python"):
        assert name in types


def test_net_spec_is_at_hand() -> None:
    data = caffe.layers.Input(shape={"dim": [1]})
    assert caffe.to_proto(data).layer[0].type == "Input"
    assert caffe.params.Pooling.AVE == 1
