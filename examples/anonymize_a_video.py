"""Covers all faces of a video; sound, subtitles and timing stay as they were.

python examples/anonymize_a_video.py party.mp4 --out covered.mp4
"""

import argparse
from pathlib import Path

import sample

from mtcnn_rt import MTCNN, Tracker, stream
from mtcnn_rt.drawing.covering import anonymize
from mtcnn_rt.video.faces_to_come import with_faces_to_come
from mtcnn_rt.video.sinks.file import FileSink
from mtcnn_rt.video.sources.file import FileSource


def main() -> None:
    """Parses the arguments and runs the example."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", type=Path, nargs="?", default=sample.CLIP)
    parser.add_argument("--out", type=Path, default=Path("covered.mp4"))
    parser.add_argument("--method", choices=["blur", "pixelate", "solid"], default="blur")
    options = parser.parse_args()

    # A full detection in every frame. The tracker knows where a face that is lost for a moment
    # should be; those that are found only later are told once half a second is known.
    tracker = Tracker(MTCNN(), detect_every=1, smooth=False)
    covered = 0
    with (
        FileSource(options.video) as source,
        FileSink(options.out, source.format, copy_from=source, overwrite=True) as sink,
    ):
        for result in with_faces_to_come(stream(source, tracker, workers=2)):
            for boxes in (result.faces.boxes, result.hidden):
                anonymize(result.image, boxes, method=options.method)
                covered += len(boxes)
            sink.write(result.frame)
    print(f"{covered} faces covered in {options.out}")


if __name__ == "__main__":
    main()
