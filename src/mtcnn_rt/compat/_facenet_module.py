"""Has the methods of PyTorch's modules, which code calls on facenet-pytorch's detector."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn, TypeVar

from mtcnn_rt.compat._torch import torch

_Self = TypeVar("_Self", bound="ModuleMethods")


class ModuleMethods:
    """Takes what a PyTorch module takes, without effect: the networks run in the C++ core.

    Args:
        device: The device to name as `device`.

    Attributes:
        training: What `train` and `eval` were told.
    """

    def __init__(self, device: Any) -> None:
        self.training = True
        self._device = device

    def __getattr__(self, name: str) -> NoReturn:
        """Raises AttributeError, as for every name that an object lacks, with the reason."""
        raise AttributeError(
            f"{name}: the stand-in has no such attribute, and it is no PyTorch module: it has no "
            "parameters, and no pnet, rnet and onet; facenet_pytorch.MTCNN has them"
        )

    @property
    def device(self) -> Any:
        """The device that was given; without one, PyTorch's for the CPU, or "cpu" without it."""
        if self._device is None:
            try:
                self._device = torch().device("cpu")
            except ImportError:
                return "cpu"
        return self._device

    @device.setter
    def device(self, device: Any) -> None:
        self._device = device

    def eval(self: _Self) -> _Self:
        """Returns the object: there is nothing to train."""
        return self.train(False)

    def train(self: _Self, mode: bool = True) -> _Self:
        """Returns the object: there is nothing to train."""
        self.training = mode
        return self

    def requires_grad_(self: _Self, requires_grad: bool = True) -> _Self:
        """Returns the object: there is nothing to train."""
        return self

    def parameters(self, recurse: bool = True) -> Iterator[Any]:
        """Returns an iterator over no parameters: the networks are not PyTorch's."""
        return iter(())

    def to(self: _Self, *args: Any, **kwargs: Any) -> _Self:
        """Returns the object, which stays on the CPU in float32."""
        return self

    cpu = cuda = float = double = half = to
