"""Searches archives for faces on several machines, with Ray Data.

Needs the extra `ray`. Ray reads and writes the data, such as on S3, sends them to actors, and
starts those that are lost again; `FaceDetector` is the actor.

Example:
    import ray
    from mtcnn_rt.ray import FaceDetector

    images = ray.data.read_binary_files("s3://bucket/photos", include_paths=True)
    found = images.map_batches(
        FaceDetector,
        fn_constructor_kwargs={"min_face_size": 40},
        compute=ray.data.ActorPoolStrategy(size=64),
        batch_size=32,
    )
    found.write_parquet("s3://bucket/faces")
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtcnn_rt._defaults import MAX_PIXELS
from mtcnn_rt.batch.items import Bytes, Content, Item, Unreadable
from mtcnn_rt.batch.search import Search
from mtcnn_rt.detector import MTCNN

Batch = dict[str, NDArray[Any]]
"""Columns of a batch, each with one value for each row."""


class FaceDetector:
    """Finds the faces of batches of encoded images; a class for `map_batches` of Ray Data.

    Each actor makes one, with a detector and a decoder of its own. The column with the bytes is
    replaced by `width` and `height` in pixels of the upright image, `faces`, `note` and `error`, as
    in the records of `mtcnn-rt batch`. An image that cannot be read, or a value that is no content
    of a file, such as a null, has an `error`, and never ends the job.

    Args:
        bytes_column: The column with the content of image files.
        name_column: The column with their names, for the reasons of failures.
        max_pixels: Most pixels of an image.
        fast_jpeg: Decode JPEG files at a part of their size, where `min_face_size` allows: faster,
            with boxes and scores that change a little.
        **settings: Arguments of `MTCNN`. `threads` is 1 unless given, as Ray starts an actor for
            each core.

    Example:
        >>> import numpy as np
        >>> detector = FaceDetector(min_face_size=40)
        >>> content = np.array([b"no image"], object)
        >>> found = detector({"bytes": content, "path": np.array(["a.jpg"])})
        >>> sorted(found), list(found["faces"])
        (['error', 'faces', 'height', 'note', 'path', 'width'], [[]])
    """

    def __init__(
        self,
        bytes_column: str = "bytes",
        name_column: str = "path",
        max_pixels: int = MAX_PIXELS,
        fast_jpeg: bool = False,
        **settings: Any,
    ) -> None:
        self._bytes, self._names = bytes_column, name_column
        detector = MTCNN(**{"threads": 1, **settings})
        self._search = Search(detector, max_pixels, fast_jpeg)

    def __call__(self, batch: Batch) -> dict[str, Any]:
        """Returns the batch with the columns of the faces in the place of the bytes.

        Raises:
            KeyError: There is no column with the bytes; the message has those that there are.
        """
        if self._bytes not in batch:
            there_is = ", ".join(map(repr, batch)) or "none"
            raise KeyError(
                f"the batch has no column {self._bytes!r} with the content of image files; it has "
                f"{there_is}: give FaceDetector(bytes_column=...)"
            )
        contents = batch[self._bytes]
        names = batch.get(self._names, np.full(len(contents), "image"))
        records = [
            self._search.record(Item(str(name), _content(value, str(name))))
            for name, value in zip(names, contents, strict=True)
        ]
        kept = {key: column for key, column in batch.items() if key != self._bytes}
        columns = {
            "width": np.array([record["width"] or 0 for record in records], np.int32),
            "height": np.array([record["height"] or 0 for record in records], np.int32),
            "faces": [record["faces"] for record in records],
            "note": np.array([record["note"] or "" for record in records], str),
            "error": np.array([record["error"] or "" for record in records], str),
        }
        return {**kept, **columns}


def _content(value: Any, name: str) -> Content:
    """Returns the content of a file; what is none has a reason, which becomes its `error`."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return Bytes(bytes(value))
    if isinstance(value, np.ndarray) and value.dtype == np.uint8:  # a list of Arrow
        return Bytes(value.tobytes())
    given = "a null" if value is None else type(value).__name__
    return Unreadable(f"cannot read {name}: expected the bytes of an image file, not {given}")
