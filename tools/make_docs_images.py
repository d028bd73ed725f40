"""Makes the images of the documentation: docs/images/*.webp and *.png.

All of them come from the clip in the package (`src/mtcnn_rt/sample.mp4`, see NOTICE) or are drawn
here; the diagrams (`docs/images/*.svg`) are written by hand.

How to run it (the screenshot of the live page needs Chromium, the training PyTorch):
    pip install '.[train,test]'
    python tools/make_docs_images.py [NAME ...]

NAME is one of `IMAGES`; without a name, all are made.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from make_sample_clip import tracks
from PIL import Image

from mtcnn_rt import MTCNN, Tracker, align, stream
from mtcnn_rt.cli import main
from mtcnn_rt.drawing.covering import anonymize
from mtcnn_rt.drawing.overlay import draw
from mtcnn_rt.live.browser import WebView
from mtcnn_rt.live.view import Status

ROOT = Path(__file__).resolve().parents[1]
CLIP = ROOT / "src" / "mtcnn_rt" / "sample.mp4"
FOLDER = ROOT / "docs" / "images"
LARGEST = 100_000  # bytes of an image
PHOTO = 62  # the frame that stands for a photo
PANELS = (10, 45, 80, 115)  # the frames of the strip
GAP, PAPER = 8, 255

SETTINGS = """\
batch_size = 56
mining_scales = [1]
negatives_per_image = 20
[pnet]
steps = 250
[rnet]
steps = 150
[onet]
steps = 100
"""


def frames() -> list[np.ndarray]:
    """Returns the frames of the clip, (H, W, 3) uint8 BGR."""
    return [result.image for result in stream(str(CLIP), Nobody())]


class Nobody:
    """Stands for a detector where only the frames are wanted."""

    def detect(self, image: np.ndarray) -> None:
        """Returns nothing."""


def save(name: str, image: np.ndarray, quality: int = 80) -> None:
    """Writes a BGR image as WebP, small enough for the documentation."""
    path = FOLDER / f"{name}.webp"
    for smaller in (quality, quality - 15, quality - 30, quality - 45):
        Image.fromarray(image[..., ::-1]).save(path, quality=smaller, method=6)
        if path.stat().st_size < LARGEST:
            return
    raise ValueError(f"{path}: {path.stat().st_size} bytes, the limit is {LARGEST}")


def beside(images: list[np.ndarray], columns: int) -> np.ndarray:
    """Returns images of one size in a grid, with gaps between them."""
    height, width = images[0].shape[:2]
    rows = -(-len(images) // columns)
    size = (rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 3)
    sheet = np.full(size, PAPER, np.uint8)
    for index, image in enumerate(images):
        y, x = index // columns * (height + GAP), index % columns * (width + GAP)
        sheet[y : y + height, x : x + width] = image
    return sheet


def photo() -> None:
    """Faces with boxes, scores and landmarks."""
    image = frames()[PHOTO]
    draw(image, MTCNN(min_face_size=40).detect(image))
    save("photo", image)


def styles() -> None:
    """The three styles of a box."""
    image = frames()[PHOTO]
    faces = MTCNN(min_face_size=40).detect(image)
    panels = []
    for style in ("box", "corners", "rounded"):
        panel = image.copy()
        draw(panel, faces, style=style, scores=False)
        panels.append(panel[60:300, 60:340])
    save("styles", beside(panels, 3))


def covered() -> None:
    """Faces covered by blur, by blocks and by black."""
    image = frames()[PHOTO]
    boxes = MTCNN(min_face_size=20).detect(image).boxes
    panels = []
    for method in ("blur", "pixelate", "solid"):
        panel = image.copy()
        anonymize(panel, boxes, method=method)
        panels.append(panel[20:320, 40:520])
    save(
        "covered", cv2.resize(beside(panels, 3), None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    )


def crops() -> None:
    """Aligned crops of three frames, a row a frame."""
    clip = frames()
    with MTCNN(min_face_size=30) as detector:
        rows = []
        for index in (0, 62, 110):
            faces = detector.detect(clip[index])
            left_to_right = faces[np.argsort(faces.boxes[:, 0])]
            rows += list(align.crops(clip[index], left_to_right.landmarks[:4], size=112))
    save("crops", beside(rows, 4))


def tracked() -> None:
    """Four frames of the clip, in which every face keeps its id."""
    panels = []
    for index, result in enumerate(stream(str(CLIP), Tracker(MTCNN(min_face_size=20)))):
        if index in PANELS:
            draw(result.image, result.faces, result.ids, scores=False)
            panels.append(result.image)
    save("tracked", beside(panels, 2), quality=70)


def clip() -> None:
    """The clip, followed, as an animation."""
    pictures = []
    for index, result in enumerate(stream(str(CLIP), Tracker(MTCNN(min_face_size=20)))):
        draw(result.image, result.faces, result.ids, scores=False, style="corners")
        if index % 6 == 0:
            small = cv2.resize(result.image, (480, 270), interpolation=cv2.INTER_AREA)
            pictures.append(Image.fromarray(cv2.GaussianBlur(small, (0, 0), 0.6)[..., ::-1]))
    path = FOLDER / "sample.webp"
    for quality in (50, 35, 20):
        moving = {"save_all": True, "append_images": pictures[1:], "duration": 240, "loop": 0}
        pictures[0].save(path, quality=quality, method=4, **moving)
        if path.stat().st_size < LARGEST:
            return
    raise ValueError(f"{path}: {path.stat().st_size} bytes, the limit is {LARGEST}")


def inputs() -> None:
    """One face as the three networks see it: 12, 24 and 48 pixels."""
    image = frames()[PHOTO]
    x1, y1, x2, y2 = MTCNN(min_face_size=40).detect(image).boxes[0]
    side, middle = 1.1 * max(x2 - x1, y2 - y1), np.array([(x1 + x2) / 2, (y1 + y2) / 2])
    left, top = np.rint(middle - side / 2).astype(int)
    square = image[max(0, top) : top + int(side), max(0, left) : left + int(side)]
    panels = [
        cv2.resize(
            cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA),
            (192, 192),
            interpolation=cv2.INTER_NEAREST,
        )
        for size in (12, 24, 48)
    ]
    save("inputs", beside(panels, 3))


def live() -> None:
    """The page of a live view, in a real browser."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        raise SystemExit("live: needs Chromium")
    image = frames()[PHOTO]
    faces = MTCNN(min_face_size=40).detect(image)
    draw(image, faces, range(1, len(faces) + 1), scores=False)
    status = Status(fps=29.8, latency=31.0, faces=len(faces), tracking=True)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with WebView("127.0.0.1", 0) as view, tempfile.TemporaryDirectory() as folder:
        view.show(image, status)
        shot = Path(folder) / "shot.png"
        command = [browser, "--headless", *sandbox, "--hide-scrollbars", "--window-size=900,620"]
        command += ["--virtual-time-budget=3000", f"--screenshot={shot}", view.control_url]
        shooting = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while shooting.poll() is None:  # a browser shows a part when the next one begins
            view.show(image, status)
            time.sleep(0.03)
        save("live", cv2.imread(str(shot)))


def training() -> None:
    """Drawn faces, and the loss of a short training on them."""
    sys.path.insert(0, str(ROOT / "tests"))
    from helpers.drawn_faces import write_drawn

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "drawn"
        data.mkdir()
        write_drawn(data, count=48)
        save("drawn", drawn_examples(data))
        (folder / "settings.toml").write_text(SETTINGS)
        run = folder / "mine"
        command_line(
            "train", "all", "--data", data, "--out", run, "--settings", folder / "settings.toml"
        )
        shrink(run / "loss.png", FOLDER / "training.png")


def evaluation() -> None:
    """Precision against recall on frames of the clip, small and noisy, so that some are missed."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        (data / "images").mkdir()
        lines = []
        noise = np.random.default_rng(3)
        for index, (frame, boxes) in enumerate(zip(frames(), tracks(), strict=True)):
            if index % 4 == 0:
                small = cv2.resize(frame, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
                noisy = np.clip(small + noise.normal(0, 45, small.shape), 0, 255).astype(np.uint8)
                cv2.imwrite(str(data / "images" / f"{index}.png"), noisy)
                sides = [[x1, y1, x2 - x1, y2 - y1] for x1, y1, x2, y2 in (0.4 * boxes).tolist()]
                lines.append(json.dumps({"image": f"{index}.png", "boxes": sides}) + "\n")
        (data / "annotations.jsonl").write_text("".join(lines))
        thresholds = ("--thresholds", 0.2, 0.05, 0.01)
        options = ("--data", data, "--min-size", 8, "--min-face-size", 12, *thresholds)
        command_line("evaluate", "boxes", *options, "--plot", data / "plot.png")
        shrink(data / "plot.png", FOLDER / "evaluation.png")


def drawn_examples(data: Path) -> np.ndarray:
    """Returns the first images of the data set with their annotations."""
    panels = []
    for line in (data / "annotations.jsonl").read_text().splitlines()[:4]:
        annotation = json.loads(line)
        image = cv2.imread(str(data / "images" / annotation["image"]))
        image = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
        for (x, y, width, height), points in zip(
            annotation["boxes"], annotation["landmarks"], strict=True
        ):
            corners = (2 * x, 2 * y), (2 * (x + width), 2 * (y + height))
            cv2.rectangle(image, *corners, (110, 230, 60), 2)
            for px, py in points:
                cv2.circle(image, (round(2 * px), round(2 * py)), 3, (80, 80, 255), cv2.FILLED)
        panels.append(image)
    return beside(panels, 4)


def command_line(*arguments: object) -> None:
    """Runs mtcnn-rt."""
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as end:
        if end.code:
            raise


def shrink(source: Path, target: Path) -> None:
    """Copies a plot with few colors, as PNG."""
    picture = Image.open(source).convert("RGB")
    picture.thumbnail((900, 900))
    picture.quantize(64).save(target, optimize=True)


IMAGES = (photo, styles, covered, crops, tracked, clip, inputs, live, training, evaluation)


def chosen(names: list[str]) -> Iterator:
    """Yields the functions of these names, or all of them."""
    for image in IMAGES:
        if not names or image.__name__ in names:
            yield image


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for make in chosen(sys.argv[1:]):
        print(make.__name__, flush=True)
        make()
