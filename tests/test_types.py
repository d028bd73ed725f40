"""The types of the public names, as `mypy --strict` sees them in other people's programs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import mtcnn_rt

PROGRAM = """
import io
from contextlib import closing
from fractions import Fraction
from pathlib import Path
import cv2
import numpy as np
from numpy.typing import NDArray
from mtcnn_rt import MTCNN, Faces, Tracker, stream
from mtcnn_rt.align import crop, crops
from mtcnn_rt.drawing import anonymize, draw
from mtcnn_rt.images import ImageLike, read_image, write_image
from mtcnn_rt.video.sinks.crops import CropWriter
from mtcnn_rt.video.sinks.records import CsvWriter

detector = MTCNN(min_face_size=40, engine="native", preset="fast")

def find(image: ImageLike) -> Faces:
    return detector.detect(image)

pixels: NDArray[np.uint8] = np.zeros((10, 10, 3), np.uint8)
for one in (pixels, "a.jpg", Path("a.jpg"), b"", bytearray(), memoryview(b""), io.BytesIO()):
    find(one)
frame = cv2.imread("a.jpg")
if frame is not None:
    detector.detect(frame, color="bgr")
    faces = detector.detect(frame)
    Tracker(detector).update(frame, 0.0)
    Tracker(detector).update(frame, Fraction(1, 25))
    Tracker(detector).assign(faces, (480, 640), 0, frame)
    anonymize(frame, faces, method="solid", cover=frame)
    anonymize(frame, faces.boxes)
    draw(frame, faces, ids=[1])
    write_image("b.png", crops(frame, faces)[0])
    write_image("b.png", frame)
    crop(frame, faces[0])
    faces.crop(frame, margin=0.1)
anonymize(read_image("a.jpg"), [(0, 0, 1, 1)])
with closing(stream("a.mp4", Tracker(detector))) as results, CsvWriter("a.csv") as table:
    for result in results:
        draw(result.image, result.faces, result.ids)
        table.write(result.frame.index, result.time, result.faces, result.ids)
        CropWriter("crops").write(result.image, result.faces, result.ids, result.frame.index)
        if result.time > 3:
            break
with open("a.jpg", "rb") as file:
    detector.detect(file)
detector.detect_batch([pixels, "a.jpg", b""], color="rgb")
detector.detect_batch(np.zeros((2, 10, 10, 3), np.uint8))
detector.detect(3)  # wrong
detector.detect(None)  # wrong
detector.detect([1.0])  # wrong
detector.detect(pixels, color="hsv")  # wrong
detector.detect_batch([3])  # wrong
MTCNN(engine="gpu")  # wrong
MTCNN(preset="best")  # wrong
"""


def test_mypy_finds_the_wrong_lines_and_no_others(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    package = Path(mtcnn_rt.__file__).parent.parent
    found_anyway = package.name == "site-packages"  # which mypy refuses in its path
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "program.py"],
        cwd=tmp_path,
        env={**os.environ, **({} if found_anyway else {"MYPYPATH": str(package)})},
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    found = {int(n) for n in re.findall(r"^program\.py:(\d+): error", done.stdout, re.MULTILINE)}
    lines = enumerate(PROGRAM.splitlines(), start=1)
    assert found == {n for n, line in lines if line.endswith("# wrong")}, done.stdout
