"""Reads Caffe's binary models: the authors' det1.caffemodel, det2.caffemodel, det3.caffemodel.

OpenCV 5 no longer reads them. Layers come in the order of the network, with their weights. Their
types are known, so only the values are read, and a .prototxt is not needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from mtcnn_rt._arrays import Float32
from mtcnn_rt._layers import KERNELS, Layer
from mtcnn_rt.conversion.authors import as_layers, network_of

FIELDS = {
    "Net": (("old_layers", 2, "OldLayer"), ("layers", 100, "Layer")),
    "OldLayer": (("blobs", 6, "Blob"),),
    "Layer": (("blobs", 7, "Blob"),),
    "Blob": (("values", 5, None),),
}
"""The part of caffe.proto that is needed: name, number and type of repeated fields; None: float."""


def read_caffemodel(content: bytes) -> tuple[str, list[Layer]]:
    """Reads the network in a .caffemodel; see `sources.Read`."""
    arrays = list(_blobs(content))
    network = network_of(arrays[1] if len(arrays) > 1 else None)
    trunk = 3 * (len(KERNELS[network]) - 1)
    shapes = [part for shape in KERNELS[network][:-1] for part in (shape, shape[:1], shape[:1])]
    layers = [
        _upright(array.reshape(shape)) for array, shape in zip(arrays[:trunk], shapes, strict=True)
    ]
    inputs = KERNELS[network][-1][1:]
    heads = [
        array if number % 2 else array.reshape(-1, *inputs)
        for number, array in enumerate(arrays[trunk:])
    ]
    return network, as_layers(network, layers + heads, "channel column row")


def _upright(array: Float32) -> Float32:
    """Swaps rows and columns of a convolution: the authors' images lie on their side."""
    return array.swapaxes(2, 3) if array.ndim == 4 else array


def _blobs(content: bytes) -> Iterator[Float32]:
    """Yields the arrays of every layer, flat. Raises ValueError for another file."""
    try:
        net = _net_message().FromString(content)
    except DecodeError as error:
        raise ValueError(f"not a Caffe model: {error}") from error
    for layer in [*net.old_layers, *net.layers]:
        for blob in layer.blobs:
            yield np.array(blob.values, np.float32)


def _net_message() -> Any:
    """Returns the class of Caffe's network message, with the fields in `FIELDS`."""
    file = FileDescriptorProto(name="caffe.proto", package="caffe", syntax="proto2")
    for message, fields in FIELDS.items():
        described = file.message_type.add(name=message)
        for name, number, kind in fields:
            field = described.field.add(name=name, number=number)
            field.label = FieldDescriptorProto.LABEL_REPEATED
            if kind is None:
                field.type = FieldDescriptorProto.TYPE_FLOAT
            else:
                field.type = FieldDescriptorProto.TYPE_MESSAGE
                field.type_name = f".caffe.{kind}"
    messages = DescriptorPool()
    messages.Add(file)
    return GetMessageClass(messages.FindMessageTypeByName("caffe.Net"))
