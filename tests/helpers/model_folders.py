"""Makes graphs for model folders, and checks what is refused."""

import re

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from mtcnn_rt.model import ModelError


def network(
    size: int | str = 24,
    columns: int | str = 5,
    kind: int = TensorProto.FLOAT,
    inputs: int = 1,
    outputs: int = 1,
    crops: int | str = "crops",
) -> bytes:
    """Returns a graph (crops, 3, size, size) -> (crops, columns): the mean color times ones."""
    ones = np.ones((3, columns), helper.tensor_dtype_to_np_dtype(kind))
    shapes = [("pixels", (crops, 3, size, size)), ("more", (1,))]
    results = [("faces", (crops, columns)), ("color", (crops, 3))]
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["pixels"], ["color"], axes=[2, 3], keepdims=0),
            helper.make_node("MatMul", ["color", "ones"], ["faces"]),
        ],
        "network",
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in shapes[:inputs]],
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in results[:outputs]],
        [numpy_helper.from_array(ones, "ones")],
    )
    opset = [helper.make_opsetid("", 13)]
    return helper.make_model(graph, ir_version=8, opset_imports=opset).SerializeToString()


def sliding_network(window: int = 12, stride: int = 2, padding: int = 0) -> bytes:
    """Returns a graph (1, 3, height, width) -> (1, 5, rows, columns): one convolution."""
    kernel = np.full((5, 3, window, window), 1e-3, np.float32)
    graph = helper.make_graph(
        [
            helper.make_node(
                "Conv", ["pixels", "kernel"], ["cells"], strides=[stride] * 2, pads=[padding] * 4
            )
        ],
        "network",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, (1, 3, "height", "width"))],
        [helper.make_tensor_value_info("cells", TensorProto.FLOAT, (1, 5, "rows", "columns"))],
        [numpy_helper.from_array(kernel, "kernel")],
    )
    opset = [helper.make_opsetid("", 13)]
    return helper.make_model(graph, ir_version=8, opset_imports=opset).SerializeToString()


def refuses(message: str):
    return pytest.raises(ModelError, match=f"^{re.escape(message)}$")
