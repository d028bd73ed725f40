"""Providers that onnxruntime has and that do not load, with a stand-in for its session."""

import onnxruntime
import pytest

from mtcnn_rt import MTCNN
from mtcnn_rt.engines import onnx

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@pytest.fixture(params=["falls back", "raises"])
def broken_cuda(monkeypatch, request):
    """An onnxruntime that lists CUDA, whose libraries are missing."""
    real = onnxruntime.InferenceSession

    def session(content, options, providers, **others):
        if CUDA in providers and request.param == "raises":
            raise RuntimeError("CUDA failure 35: driver version is insufficient")
        return real(content, options, providers=[CPU], **others)

    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])


@pytest.fixture
def working_cuda(monkeypatch):
    """An onnxruntime whose sessions say that they got CUDA."""
    real = onnxruntime.InferenceSession

    class Session:
        def __init__(self, content, options, providers, **others):
            self._real, self._providers = real(content, options, providers=[CPU]), providers

        def get_providers(self):
            return [*self._providers, CPU]

        def __getattr__(self, name):
            return getattr(self._real, name)

    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])


@pytest.mark.parametrize("providers", [["cuda"], ("cuda",), ["cpu", "cuda"]])
def test_a_provider_that_does_not_load_is_an_error(broken_cuda, providers):
    with pytest.raises(RuntimeError, match=r"'cuda' does not load: .* \['cuda', 'cpu'\] would run"):
        MTCNN(providers=providers)


def test_with_the_cpu_after_it_a_warning_says_what_runs(broken_cuda, sample_frame):
    with pytest.warns(RuntimeWarning, match="'cuda' does not load; the networks run on cpu"):
        detector = MTCNN(min_face_size=40, providers=["cuda", "cpu"])
    assert detector._cascade.engine.providers == ["cpu"]
    assert len(detector.detect(sample_frame)) >= 4


@pytest.mark.parametrize("providers", [["cuda"], ["cuda", "cpu"]])
def test_a_provider_that_loads_is_named(working_cuda, providers):
    detector = MTCNN(providers=providers)
    assert detector.engine == "onnxruntime"
    assert detector._cascade.engine.providers == providers


@pytest.mark.parametrize("engine", ["auto", "native"])
def test_a_provider_that_is_there_twice_counts_once(engine):
    """The CPU twice was no CPU: onnxruntime ran the networks, with a warning, or an error came."""
    assert MTCNN(engine=engine, providers=["cpu", "cpu"]).engine == "native"
    assert MTCNN(engine=engine, providers=("cpu", "cpu")).engine == "native"


def test_onnxruntime_does_not_warn_of_a_provider_that_is_there_twice(recwarn):
    assert MTCNN(engine="onnxruntime", providers=["cpu", "cpu"]).engine == "onnxruntime"
    assert not recwarn.list


def test_a_broken_graph_is_a_model_error_with_any_provider(broken_cuda, tmp_path):
    from mtcnn_rt.model import Network

    network = Network(tmp_path / "pnet.onnx", b"no graph", "", None, None)
    with pytest.raises(onnx.ModelError, match=r"pnet\.onnx: onnxruntime cannot load it"):
        onnx._open(network, "pnet", onnx.session_options(1), ["cuda"])
