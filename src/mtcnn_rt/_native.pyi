"""Types of the C++ core. The functions have docstrings: see `help(mtcnn_rt._native)`."""

from collections.abc import Sequence
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float32]

CELL: int
"""P-Net's receptive field, 12 pixels of a level."""
STRIDE: int
"""Distance of neighboring P-Net cells, 2 pixels of a level."""

def isa() -> str: ...
def isas() -> list[str]: ...
def check_size(height: int, width: int) -> None: ...
def pyramid(
    height: int, width: int, min_face_size: float, scale_factor: float, max_face_size: float
) -> list[tuple[int, int]]: ...

class Halves:
    def __init__(
        self, image: NDArray[np.uint8], bgr: bool, levels: Sequence[tuple[int, int]]
    ) -> None: ...

@overload
def resize(halves: Halves, level: tuple[int, int], first_row: int, rows: int) -> _Floats: ...
@overload
def resize(
    image: NDArray[np.uint8], bgr: bool, level: tuple[int, int], first_row: int, rows: int
) -> _Floats: ...

class Planes:
    def __init__(
        self,
        luma: NDArray[np.uint8],
        u: NDArray[np.uint8],
        v: NDArray[np.uint8],
        red: float,
        blue: float,
        full_range: bool,
    ) -> None: ...
    def read(
        self, image: NDArray[np.uint8], x1: int, y1: int, x2: int, y2: int, step: int = 1
    ) -> None: ...
    def write(self, image: NDArray[np.uint8], x1: int, y1: int, x2: int, y2: int) -> None: ...

def candidates(
    cells: _Floats, threshold: float, first_row: int, scale: tuple[float, float]
) -> tuple[_Floats, _Floats, _Floats]: ...
def accept(outputs: _Floats, threshold: float) -> tuple[NDArray[np.int64], _Floats]: ...
def calibrate(boxes: _Floats, regressions: _Floats) -> _Floats: ...
def square(boxes: _Floats, scale: float = 1) -> _Floats: ...
def clip(boxes: _Floats, height: int, width: int) -> _Floats: ...
def place(boxes: _Floats, landmarks: _Floats) -> _Floats: ...
def overlaps(
    first: NDArray[np.floating],
    second: NDArray[np.floating],
    over: Literal["union", "smaller"] = "union",
) -> NDArray[np.float64]: ...

class Nms:
    def __init__(self) -> None: ...
    def __call__(
        self,
        boxes: _Floats,
        scores: _Floats,
        threshold: float,
        over: Literal["union", "smaller"] = "union",
    ) -> NDArray[np.int64]: ...

LARGEST_LOGIT: float
"""Size to which the logits of a score are limited, either way."""

def as_logits(probabilities: _Floats) -> _Floats: ...
def as_probabilities(logits: _Floats) -> _Floats: ...
def fuse(logits: _Floats, weights: NDArray[np.float64]) -> _Floats: ...
def unsettled(
    squares: _Floats,
    shown: NDArray[np.int64],
    logits: _Floats,
    outputs: _Floats,
    weights: NDArray[np.float64] | None,
    sure: float,
    overlap: float,
) -> NDArray[np.int64]: ...

class Selection:
    def __init__(self) -> None: ...
    def propose(
        self,
        levels: Sequence[tuple[_Floats, _Floats, _Floats]],
        in_level: float,
        over_all: float,
    ) -> tuple[_Floats, _Floats]: ...
    def refine(
        self,
        squares: _Floats,
        logits: _Floats,
        outputs: _Floats,
        threshold: float,
        overlap: float,
        calibrated: bool,
    ) -> tuple[_Floats, _Floats]: ...
    def accept(
        self,
        squares: _Floats,
        logits: _Floats,
        outputs: _Floats,
        weights: NDArray[np.float64] | None,
        threshold: float,
        overlap: float,
        over: Literal["union", "smaller"],
        offset: float,
    ) -> tuple[_Floats, _Floats, _Floats, NDArray[np.int64], _Floats]: ...

def assign(gains: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]: ...
def crops(image: NDArray[np.uint8], bgr: bool, boxes: _Floats, out: _Floats) -> None: ...

_Layers = Sequence[tuple[_Floats, _Floats, _Floats | None]]
"""In the order of figure 2 of the paper: the kernel, (outputs, inputs, side, side) or (outputs,
inputs), the bias and the slopes of the PReLU that follows, where one does. The first layer takes
pixels from 0 to 255."""

_Statistics = tuple[Sequence[_Floats], _Floats]
"""As `mtcnn_rt._layers.FeatureStatistics`. In integers, features beyond the limits are clipped."""

class PNet:
    def __init__(
        self, layers: _Layers, statistics: _Statistics | None = None, integers: bool = False
    ) -> None: ...
    def cells(self, pixels: _Floats) -> _Floats: ...
    def propose(
        self,
        image: NDArray[np.uint8],
        bgr: bool,
        level: tuple[int, int],
        threshold: float,
        first_row: int = 0,
        rows: int | None = None,
    ) -> tuple[_Floats, _Floats, _Floats]: ...

class RNet:
    def __init__(self, layers: _Layers) -> None: ...
    def run(self, crops: _Floats) -> _Floats: ...
    def classify(self, image: NDArray[np.uint8], bgr: bool, boxes: _Floats) -> _Floats: ...

class ONet:
    def __init__(self, layers: _Layers) -> None: ...
    def run(self, crops: _Floats) -> _Floats: ...
    def classify(self, image: NDArray[np.uint8], bgr: bool, boxes: _Floats) -> _Floats: ...

class Engine:
    def __init__(
        self,
        pnet: _Layers,
        rnet: _Layers,
        onet: _Layers,
        threads: int,
        statistics: _Statistics | None = None,
        integers: bool = False,
        lnet: _Layers | None = None,
        cnet: _Layers | None = None,
    ) -> None: ...
    def propose(
        self,
        image: NDArray[np.uint8],
        bgr: bool,
        levels: Sequence[tuple[int, int]],
        threshold: float,
    ) -> list[tuple[_Floats, _Floats, _Floats]]: ...
    def refine(self, image: NDArray[np.uint8], bgr: bool, boxes: _Floats) -> _Floats: ...
    def output(self, image: NDArray[np.uint8], bgr: bool, boxes: _Floats) -> _Floats: ...
    def landmarks(self, image: NDArray[np.uint8], bgr: bool, boxes: _Floats) -> _Floats: ...
    def context(self, image: NDArray[np.uint8], bgr: bool, boxes: _Floats) -> _Floats: ...
    def close(self) -> None: ...
