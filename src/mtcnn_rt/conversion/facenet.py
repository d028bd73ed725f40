"""Reads the state dicts of facenet-pytorch: pnet.pt, rnet.pt and onet.pt."""

from __future__ import annotations

import io
import pickle
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from numpy.typing import NDArray

from mtcnn_rt._errors import one_line
from mtcnn_rt._layers import KERNELS, Layer
from mtcnn_rt.conversion.authors import OUTPUTS, as_layers, network_of

_CURE = "save the weights alone, with torch.save(network.state_dict(), FILE)"
_OBJECTS = f"broken, or with Python objects, which may run code and are not read; {_CURE}"


def read_state_dict(content: bytes) -> tuple[str, list[Layer]]:
    """Reads the network in a .pt; see `sources.Read`.

    It is read as data only: nothing in it is executed.
    """
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch's, about the pickle in a broken file
            state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        if not isinstance(state, dict) or not all(map(torch.is_tensor, state.values())):
            raise ValueError(f"it has other values than tensors; {_CURE}")
        arrays = {str(name): values.detach().float().numpy() for name, values in state.items()}
    except pickle.UnpicklingError as error:  # PyTorch's own line advises to run what is in the file
        raise ValueError(f"not a state dict that PyTorch reads: {_OBJECTS}") from error
    except Exception as error:  # what torch raises for a broken file shares no narrower base
        raise ValueError(f"not a state dict that PyTorch reads: {one_line(error)}") from error
    return _layers(arrays)


def _layers(state: Mapping[str, NDArray[Any]]) -> tuple[str, list[Layer]]:
    network = network_of(state.get("conv1.bias"))
    try:
        arrays = [state[name] for name in _names(network)]
    except KeyError as error:
        raise ValueError(f"{network} without {error}") from error
    return network, as_layers(network, arrays, "column row channel")


def _names(network: str) -> Iterator[str]:
    """Yields the names of a network's arrays in the order of `as_layers`."""
    kinds = ["conv" if len(shape) == 4 else "dense" for shape in KERNELS[network]]
    for number, kind in enumerate(kinds[:-1], start=1):
        yield from (f"{kind}{number}.weight", f"{kind}{number}.bias", f"prelu{number}.weight")
    for output in range(1, len(OUTPUTS[network]) + 1):
        head = f"{kinds[-1]}{len(kinds)}_{output}"
        yield from (f"{head}.weight", f"{head}.bias")
