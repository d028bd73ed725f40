"""Tests facenet-pytorch's state dicts, made here from the published weights."""

import re

import numpy as np
import pytest

from mtcnn_rt._layers import as_bytes
from mtcnn_rt.conversion.facenet import read_state_dict
from mtcnn_rt.conversion.sources import read_sources
from mtcnn_rt.model import load_model

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[train]'")

NAMES = {
    "pnet": "conv1 prelu1 conv2 prelu2 conv3 prelu3 conv4_2 conv4_1",
    "rnet": "conv1 prelu1 conv2 prelu2 conv3 prelu3 dense4 prelu4 dense5_2 dense5_1",
    "onet": "conv1 prelu1 conv2 prelu2 conv3 prelu3 conv4 prelu4 dense5 prelu5"
    " dense6_2 dense6_3 dense6_1",
}
"""Names of the modules in the order of the published arrays."""


def state_dict(network, arrays):
    """Returns a state dict: kernels are OIHW; dense inputs stay (column, row, channel)."""
    remaining, state = iter(arrays), {}
    for name in NAMES[network].split():
        kernel = next(remaining)
        if name.startswith("prelu"):
            state[f"{name}.weight"] = kernel.ravel()
            continue
        state[f"{name}.weight"] = kernel.transpose(3, 2, 0, 1) if kernel.ndim == 4 else kernel.T
        state[f"{name}.bias"] = next(remaining)
    return {name: torch.from_numpy(np.array(values)) for name, values in sorted(state.items())}


@pytest.fixture
def files(published, tmp_path):
    for network, arrays in published.items():
        torch.save(state_dict(network, arrays), tmp_path / f"{network}.pt")
    return tmp_path


def test_the_published_networks_are_read(files):
    layers = read_sources([files])
    for name, network in load_model("published").networks.items():
        assert as_bytes(network.layers) == as_bytes(layers[name])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("prelu2.weight", None, "rnet without 'prelu2.weight'"),
        ("dense5_1.bias", None, "rnet without 'dense5_1.bias'"),
        ("conv1.bias", np.zeros(11), "not one of the three networks"),
        ("conv2.weight", np.zeros((48, 28, 3)), "rnet: kernels have shapes"),
        ("dense4.weight", np.zeros(576), "rnet: kernels have shapes"),
        ("dense5_2.weight", np.zeros((5, 128)), "the outputs are not those of rnet"),
        ("prelu3.weight", np.zeros(1), "bias or slopes of layer 3 do not fit"),
        ("conv3.bias", np.full(64, np.nan), "a weight of layer 3 is not finite"),
    ],
)
def test_other_networks_are_refused(files, name, value, message):
    state = torch.load(files / "rnet.pt", weights_only=True)
    del state[name]
    if value is not None:
        state[name] = torch.from_numpy(value)
    torch.save(state, files / "rnet.pt")
    with pytest.raises(ValueError, match=message) as raised:
        read_sources([files])
    assert str(raised.value).startswith(f"{files / 'rnet.pt'}: ")


class Harmful:
    def __reduce__(self):
        return pytest.fail, ("run",)


@pytest.mark.parametrize("content", [[1, 2], {"conv1.bias": Harmful()}, {"conv1.bias": "text"}])
def test_files_that_are_not_state_dicts(tmp_path, content):
    torch.save(content, tmp_path / "x.pt")
    with pytest.raises(
        ValueError, match=re.escape("not a state dict that PyTorch reads: ")
    ) as error:
        read_state_dict((tmp_path / "x.pt").read_bytes())
    assert "\n" not in str(error.value)


def test_objects_are_refused_without_advice_to_read_them(tmp_path):
    torch.save({"conv1.bias": Harmful()}, tmp_path / "x.pt")
    with pytest.raises(ValueError, match=r"save the weights alone, with torch\.save") as error:
        read_state_dict((tmp_path / "x.pt").read_bytes())
    assert "weights_only" not in str(error.value)


@pytest.mark.parametrize(
    "content", [[1, 2], {"network": {"conv1.bias": torch.zeros(10)}, "step": 1}]
)
def test_checkpoints_are_refused_with_what_to_save(tmp_path, content):
    torch.save(content, tmp_path / "x.pt")
    message = (
        "not a state dict that PyTorch reads: it has other values than tensors; save the weights "
        "alone, with torch.save(network.state_dict(), FILE)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        read_state_dict((tmp_path / "x.pt").read_bytes())


@pytest.mark.parametrize("content", [b"", b"no pickle", b"PK\3\4" + b"\0" * 40])
def test_a_broken_file_is_refused(content):
    with pytest.raises(ValueError, match="not a state dict that PyTorch reads: "):
        read_state_dict(content)
