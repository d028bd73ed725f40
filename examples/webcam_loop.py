"""Follows the faces that a camera sees, in a window; Q ends it.

python examples/webcam_loop.py              # the first camera
python examples/webcam_loop.py clip.mp4     # a video file, played in the place of a camera
"""

import argparse

import cv2  # before PyAV, which mtcnn_rt loads: with both, windows open only in this order

from mtcnn_rt import MTCNN, Tracker, stream
from mtcnn_rt.drawing.overlay import draw
from mtcnn_rt.video.sources.camera import CameraSource
from mtcnn_rt.video.sources.file import FileSource
from mtcnn_rt.video.sources.paced import PacedSource


def open_source(name: str) -> CameraSource | PacedSource:
    """Opens a camera by its number, or a video file that is played at its own rate."""
    return CameraSource(int(name)) if name.isdecimal() else PacedSource(FileSource(name))


def main() -> None:
    """Parses the arguments and runs the example."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="?", default="0", help="number of a camera, or a file")
    parser.add_argument("--no-window", action="store_true", help="only print the numbers")
    options = parser.parse_args()

    frames = dropped = most = 0
    with open_source(options.source) as source:
        # A live source gives its newest frame: the loop never falls behind.
        for result in stream(source, Tracker(MTCNN(min_face_size=40))):
            frames, dropped, most = frames + 1, result.dropped, max(most, len(result.faces))
            if options.no_window:
                continue
            draw(result.image, result.faces, result.ids)
            cv2.imshow("faces", result.image)
            if cv2.waitKey(1) & 0xFF == ord("q"):
                break
    print(f"{frames} frames, {dropped} dropped, at most {most} faces at once")


if __name__ == "__main__":
    main()
