"""The C++ core. Boxes are (N, 4) float32, x1 y1 x2 y2, in continuous pixel coordinates: pixel i
covers [i, i + 1). Wrong values and shapes raise ValueError, wrong types and dtypes TypeError,
too little memory MemoryError. Releases the GIL."""

from collections.abc import Sequence
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float32]

CELL: int
"""P-Net's receptive field, 12 pixels of a level."""
STRIDE: int
"""Distance of neighboring P-Net cells, 2 pixels of a level."""

def isa() -> str:
    """The instruction set in use: the best of `isas()`, or what MTCNN_RT_ISA forced at import."""

def isas() -> list[str]:
    """The instruction sets of this machine that the package was built for, best last."""

def check_size(height: int, width: int) -> None:
    """Validates the size of an image; raises ValueError if it has no pixels, a side above 2^24
    pixels, or more than 2^31 - 1 pixels."""

def pyramid(
    height: int, width: int, min_face_size: float, scale_factor: float, max_face_size: float
) -> list[tuple[int, int]]:
    """Section 2.1: (height, width) of the levels at scales 12 / min_face_size * scale_factor^k,
    while the shorter side is >= 12 and the face size 12 / scale <= max_face_size. Largest first."""

class Halves:
    """An image (H, W, 3), rows at any distance, and the same halved as often as its levels (height,
    width) need: each is averaged from the smallest of these that has three times its height and
    width. A mean of 2 x 2 pixels is rounded to a whole number, one half up."""

    def __init__(
        self, image: NDArray[np.uint8], bgr: bool, levels: Sequence[tuple[int, int]]
    ) -> None: ...

@overload
def resize(halves: Halves, level: tuple[int, int], first_row: int, rows: int) -> _Floats:
    """Rows [first_row, first_row + rows) of the level of size (height, width), each pixel the mean
    of the image, or of a half of it, over the area that it covers: (3, rows, width) planar RGB, 0
    to 255."""

@overload
def resize(
    image: NDArray[np.uint8], bgr: bool, level: tuple[int, int], first_row: int, rows: int
) -> _Floats:
    """The same, always of the image itself."""

def candidates(
    cells: _Floats, threshold: float, first_row: int, scale: tuple[float, float]
) -> tuple[_Floats, _Floats, _Floats]:
    """Cells of P-Net's output (5, rows, columns) with a face probability above the threshold: boxes
    (N, 4) in pixels of the image, scores (N,), regressions (N, 4). first_row: where the input of
    P-Net began in the level; scale: (level height / image height, level width / image width)."""

def accept(outputs: _Floats, threshold: float) -> tuple[NDArray[np.int64], _Floats]:
    """Rows of R-Net's or O-Net's output with a face probability above the threshold: indices (N,)
    and scores (N,)."""

def calibrate(boxes: _Floats, regressions: _Floats) -> _Floats:
    """Bounding box regression: every side moved by the regression (N, 4), in widths and heights."""

def square(boxes: _Floats) -> _Floats:
    """The square of the longer side about the same center."""

def clip(boxes: _Floats, height: int, width: int) -> _Floats:
    """Sides moved into the image."""

def place(boxes: _Floats, landmarks: _Floats) -> _Floats:
    """Landmarks (N, 5, 2) in widths and heights of their box to pixels of the image."""

class Nms:
    """Greedy non-maximum suppression, and the memory that it takes. May be used from several
    threads."""

    def __init__(self) -> None: ...
    def __call__(
        self,
        boxes: _Floats,
        scores: _Floats,
        threshold: float,
        over: Literal["union", "smaller"] = "union",
    ) -> NDArray[np.int64]:
        """Indices of the boxes that stay, best first, equal scores by index. Overlap: intersection
        over the union (IoU) or over the smaller box."""

def crops(image: NDArray[np.uint8], bgr: bool, boxes: _Floats, out: _Floats) -> None:
    """Fills out (N, 3, size, size), planar RGB, with the boxes' areas of the image resized by area
    averaging; black outside the image."""

_Layers = Sequence[tuple[_Floats, _Floats, _Floats | None]]
"""In the order of figure 2 of the paper: the kernel, (outputs, inputs, side, side) or (outputs,
inputs), the bias and the slopes of the PReLU that follows, where one does. The first layer takes
pixels from 0 to 255."""

_Statistics = tuple[Sequence[_Floats], _Floats]
"""As `mtcnn_rt.layers.FeatureStatistics`. In integers, features beyond the limits are clipped."""

class PNet:
    """Proposal network, in floats or in integers of 16 bits, which need statistics. May be used
    from several threads."""

    def __init__(
        self, layers: _Layers, statistics: _Statistics | None = None, integers: bool = False
    ) -> None: ...
    def cells(self, pixels: _Floats) -> _Floats:
        """(3, H, W) planar RGB, both >= 11 -> (5, rows, columns): the face logit and the regression
        of every cell."""

    def propose(
        self,
        image: NDArray[np.uint8],
        bgr: bool,
        level: tuple[int, int],
        threshold: float,
        first_row: int = 0,
        rows: int | None = None,
    ) -> tuple[_Floats, _Floats, _Floats]:
        """The `candidates` of the `cells` of the level that `resize` gives of the image itself, or
        of some of their rows, but for rounding: boxes, scores, regressions."""

class RNet:
    """Refinement network. May be used from several threads. What it says of a crop does not depend
    on the other crops of the call. Outputs are the face logit and the box regression."""

    def __init__(self, layers: _Layers) -> None: ...
    def run(self, crops: _Floats) -> _Floats:
        """Crops (N, 3, 24, 24), planar RGB, 0 to 255 -> (N, 5)."""

    def classify(self, image: NDArray[np.uint8], bgr: bool, boxes: _Floats) -> _Floats:
        """The crops of an image's boxes (N, 4) -> (N, 5): `crops` and `run` in one."""

class ONet:
    """Output network, like `RNet`. Outputs are the face logit, the box regression and the landmarks
    x1 y1 ... x5 y5."""

    def __init__(self, layers: _Layers) -> None: ...
    def run(self, crops: _Floats) -> _Floats:
        """Crops (N, 3, 48, 48), planar RGB, 0 to 255 -> (N, 15)."""

    def classify(self, image: NDArray[np.uint8], bgr: bool, boxes: _Floats) -> _Floats:
        """The crops of an image's boxes (N, 4) -> (N, 15): `crops` and `run` in one."""

class Engine:
    """The three networks, and threads of their own that run them. May be used from several threads.
    No bit of a result depends on the number of threads. RuntimeError once it is closed, or
    where the threads cannot be started. A forked process gets threads of its own."""

    def __init__(
        self,
        pnet: _Layers,
        rnet: _Layers,
        onet: _Layers,
        threads: int,
        statistics: _Statistics | None = None,
        integers: bool = False,
    ) -> None: ...
    def propose(
        self,
        image: NDArray[np.uint8],
        bgr: bool,
        levels: Sequence[tuple[int, int]],
        threshold: float,
    ) -> list[tuple[_Floats, _Floats, _Floats]]:
        """P-Net over levels (height, width) of the image, as `resize` makes them of its `Halves`:
        the `candidates` of each, boxes, scores and regressions."""

    def refine(self, image: NDArray[np.uint8], bgr: bool, boxes: _Floats) -> _Floats:
        """R-Net on the `crops` of boxes (N, 4): (N, 5), face logit and box regression."""

    def output(self, image: NDArray[np.uint8], bgr: bool, boxes: _Floats) -> _Floats:
        """O-Net, as `refine`: (N, 15), face logit, box regression, landmarks x1 y1 ... x5 y5."""

    def close(self) -> None:
        """Joins its threads, after the calls that are under way."""
