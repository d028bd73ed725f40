"""Sends a detector to another process, which refuses a model folder that has changed meanwhile."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

from mtcnn_rt._errors import text_of
from mtcnn_rt.detector import MTCNN


class WorkerError(ValueError):
    """A worker cannot search at all; the message has the reason."""


@dataclass(frozen=True)
class SentDetector:
    """A detector as its settings, which name the model folder, and the digest of its model.

    Attributes:
        pickled: The detector; it is opened only when it is asked for, so that an error has words.
        sha256: `Model.sha256` of the process that sends it.
    """

    pickled: bytes
    sha256: str

    @classmethod
    def of(cls, detector: MTCNN) -> SentDetector:
        """Returns a detector to send."""
        return cls(pickle.dumps(detector), detector.model.sha256)

    def opened(self) -> MTCNN:
        """Returns the detector.

        Raises:
            WorkerError: Its model folder has changed, or it cannot be opened here.
        """
        try:
            detector: MTCNN = pickle.loads(self.pickled)
        except Exception as error:  # as many as there are engines
            raise WorkerError(f"a worker cannot open the model: {text_of(error)}") from error
        if detector.model.sha256 != self.sha256:
            detector.close()
            raise WorkerError(
                f"{detector.model.path}: the model has changed since the job began; its results "
                "would be those of two models. Bring the first one back, and give --resume"
            )
        return detector
