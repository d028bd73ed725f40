"""Tests the further engines that the benchmarks compare."""

import numpy as np
import pytest

from benchmarks.compare.peers import ENGINES, ONNXRUNTIME, OWN, PEERS
from mtcnn_rt._comparison import registry
from mtcnn_rt._comparison.agreement import agreement

OTHER_ENGINES = sorted({*ENGINES} - {*OWN, "mtcnn-rt:int16"})


def test_the_package_has_no_further_engines():
    assert OTHER_ENGINES == ["mtcnn-rt:ncnn", "mtcnn-rt:openvino"]
    assert not {*OTHER_ENGINES} & {*registry.PEERS.names}
    assert {*PEERS.names} == {*OTHER_ENGINES, *registry.PEERS.names}


@pytest.mark.parametrize("engine", OTHER_ENGINES)
def test_other_engines_find_the_same_faces(engine, sample_frame):
    if reason := PEERS.lacks(engine):
        pytest.skip(reason)
    boxes, scores = PEERS.load(engine, 20, 1)(sample_frame)
    expected = PEERS.load(ONNXRUNTIME, 20, 1)(sample_frame)
    own = PEERS.sure_boxes(engine, (boxes, scores))
    assert agreement(own, PEERS.sure_boxes(ONNXRUNTIME, expected)).complete
    np.testing.assert_allclose(boxes, expected[0], atol=0.05)
    np.testing.assert_allclose(scores, expected[1], atol=1e-3)
