"""Imports PyTorch where tensors are asked for, and not before."""

from __future__ import annotations

from typing import Any

from mtcnn_rt._packages import needs


def torch() -> Any:
    """Returns the module torch.

    Raises:
        MissingPackageError: PyTorch is not installed.
    """
    with needs("mtcnn_rt.compat with tensors"):
        import torch

        return torch
    raise AssertionError  # for type checkers: the block returns or raises
