"""Tests Caffe's files, written here byte by byte from the published weights."""

import struct

import numpy as np
import pytest

from mtcnn_rt._layers import KERNELS, as_bytes
from mtcnn_rt.conversion.caffe import read_caffemodel
from mtcnn_rt.model import load_model

STRING, FLOATS = 1, 5  # numbers of the fields of these types
NEW, OLD = (100, 7), (2, 6)  # field numbers of layers, and of their blobs


def varint(value):
    more, low = divmod(value, 128)
    return bytes([low | 128]) + varint(more) if more else bytes([low])


def field(number, content):
    """Encodes a field of wire type 2: its length, its content."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def blob(values):
    flat = np.asarray(values, "<f4").ravel()
    shape = field(7, field(1, b"".join(map(varint, np.shape(values)))))
    return shape + field(FLOATS, flat.tobytes())


def layer(numbers, *blobs):
    _, blobs_number = numbers
    name = field(STRING if numbers == NEW else 4, b"a layer")
    return name + b"".join(field(blobs_number, blob(values)) for values in blobs)


def on_its_side(kernel, channels):
    """Converts the published layout to Caffe's, where images lie on their side."""
    if kernel.ndim == 4:  # row, column, input, output -> output, input, column, row
        return kernel.transpose(3, 2, 1, 0)
    side = round((kernel.shape[0] / channels) ** 0.5)
    if side == 1:
        return kernel.T
    split = kernel.reshape(side, side, channels, -1)  # column, row, channel, output
    return split.transpose(3, 2, 0, 1).reshape(kernel.shape[::-1])


def caffemodel(network, arrays, numbers=NEW):
    depth = len(KERNELS[network]) - 1
    channels = KERNELS[network][-3][0]
    layers = [layer(numbers)]  # the input: no weights
    for i in range(depth):
        kernel, bias, slopes = arrays[3 * i : 3 * i + 3]
        wide = kernel.ndim == 4 or i == depth - 1
        turned = on_its_side(kernel, channels) if wide else kernel.T
        layers += [layer(numbers, turned, bias), layer(numbers, slopes.ravel())]
    heads = arrays[3 * depth :]
    for kernel, bias in zip(heads[::2], heads[1::2], strict=True):
        turned = kernel.transpose(3, 2, 1, 0) if kernel.ndim == 4 else kernel.T
        layers.append(layer(numbers, turned, bias))
    name = field(STRING, b"a network")
    return name + b"".join(field(numbers[0], content) for content in layers)


@pytest.mark.parametrize("numbers", [NEW, OLD])
@pytest.mark.parametrize("network", KERNELS)
def test_the_published_networks_are_read(published, network, numbers):
    found, layers = read_caffemodel(caffemodel(network, published[network], numbers))
    assert found == network
    assert as_bytes(layers) == as_bytes(load_model("published").networks[network].layers)


def test_values_that_are_not_packed(published):
    """Writes each float as a field of wire type 5, as older programs do."""
    arrays = published["pnet"]
    content = caffemodel("pnet", arrays)
    packed = field(7, blob(arrays[1]))
    assert packed in content
    one_by_one = b"".join(bytes([FLOATS << 3 | 5]) + struct.pack("<f", v) for v in arrays[1])
    longer = content.replace(packed, field(7, one_by_one))
    start = longer.index(field(7, one_by_one))
    assert start > 0
    # The layer around it has another length now, so it is written again.
    kernel = on_its_side(arrays[0], 3)
    old = field(100, layer(NEW, kernel, arrays[1]))
    new = field(100, field(STRING, b"a layer") + field(7, blob(kernel)) + field(7, one_by_one))
    _, layers = read_caffemodel(content.replace(old, new))
    assert as_bytes(layers) == as_bytes(load_model("published").networks["pnet"].layers)


def test_other_files_are_refused(published):
    content = caffemodel("rnet", published["rnet"])
    with pytest.raises(ValueError, match="not a Caffe model"):
        read_caffemodel(content[:-1])
    with pytest.raises(ValueError, match="not one of the three networks"):
        read_caffemodel(b"")
    with pytest.raises(ValueError, match="not one of the three networks"):
        read_caffemodel(field(100, layer(NEW, np.zeros((2, 2)), np.zeros(2))))
    arrays = list(published["rnet"])
    arrays[3] = arrays[3][:2]
    with pytest.raises(ValueError, match="cannot reshape"):
        read_caffemodel(caffemodel("rnet", arrays))
    arrays = list(published["rnet"])
    with pytest.raises(ValueError, match="14 arrays are not those of rnet"):
        read_caffemodel(caffemodel("rnet", arrays[:-2]))
