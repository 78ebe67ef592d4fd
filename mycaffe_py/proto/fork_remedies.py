"""What to write for a fork's layer or field where something here does the same."""

from __future__ import annotations

from collections.abc import Mapping

_FOR_SPEED = "leave it out, it concerns speed and memory alone"
# What to write today, by layer type, layer field or "Message.field".
INSTEAD: Mapping[str, str] = {
    "ConvolutionParameter.dilation_h": "write dilation: H dilation: W",
    "ConvolutionParameter.dilation_w": "write dilation: H dilation: W",
    **dict.fromkeys(
        (
            "forward_type", "backward_type", "forward_math", "backward_math", "engine",
            "cudnn_math_override", "NetParameter.default_forward_type",
            "NetParameter.default_backward_type", "NetParameter.default_forward_math",
            "NetParameter.default_backward_math", "NetParameter.default_conv_algos_override",
            "NetParameter.default_cudnn_math_override", "NetParameter.eltwise_mem_sharing",
            "NetParameter.reduce_buckets", "NetParameter.engine", "SolverParameter.engine",
            "ConcatParameter.engine", "DropoutParameter.engine",
            "EltwiseParameter.engine", "InnerProductParameter.engine", "DataParameter.cache",
            "DataParameter.threads", "DataParameter.parser_threads", "DataParameter.precache",
            "ConvolutionParameter.conv_algos_override", "ImageDataParameter.cache",
            "ConvolutionParameter.cudnn_convolution_algo_seeker", "ImageDataParameter.precache",
            "ImageDataParameter.threads", "SolverParameter.solver_data_type", "MKL2017", "MKLDNN",
        ),
        _FOR_SPEED,
    ),
}  # fmt: skip
