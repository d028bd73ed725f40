"""Makes the detectors that an evaluation measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt._comparison.single_shot.choice import NamedPeer
from mtcnn_rt._defaults import DEFAULT_MODEL
from mtcnn_rt.cli.detector_options import SETTINGS
from mtcnn_rt.cli.effects import refuse_without_effect

if TYPE_CHECKING:
    from mtcnn_rt import MTCNN
    from mtcnn_rt.cli.evaluate.run import Detect


@dataclass(frozen=True)
class Models:
    """Holds the models and the other detectors that the user names.

    Attributes:
        models: The models by their names in the table: names in the package, or folders. None is
            the default model.
        new_detector: Makes a detector from such a model, with the settings that the user gives.
        settings: A description of these settings for the reader.
        peers: The other detectors.
        threads: The number of threads of the other detectors; None is one for each core.
    """

    models: Mapping[str, str | None]
    new_detector: Callable[[str | None], MTCNN]
    settings: str
    peers: Sequence[NamedPeer] = ()
    threads: int | None = None

    def about(self) -> dict[str, str]:
        """Returns descriptions of the models' settings and of the other detectors, by name."""
        others = "; ".join(_described(peer) for peer in self.peers)
        return {
            **({"detector": self.settings} if self.models or not self.peers else {}),
            **({"other detectors": others} if others else {}),
        }

    def thresholds(self) -> dict[str, float]:
        """Returns the least scores at which the other detectors usually report a face, by name.

        The models have none: what they find has passed the thresholds of the cascade.
        """
        return {peer.name: peer.threshold for peer in self.peers}

    def detectors(self, others: Mapping[str, Path] | None = None) -> dict[str, Detect]:
        """Makes the detectors of the models, and the other detectors.

        Where no model is named, takes the default model, or none if there are `others` or other
        detectors. The other detectors return all faces down to a low score, for the curves.

        Args:
            others: Detections in files that are also evaluated, by name.

        Returns:
            The detectors by name.

        Raises:
            click.UsageError: Two of the models, the other detectors and `others` have one name, or
                there is no model for a setting on the command line.
            ValueError: A setting is out of range, or a model folder or a network is wrong; see
                `MTCNN`.
            OSError: A model folder or a network cannot be read.
            ImportError: One of the other detectors cannot run here.
        """
        for name in self.models.keys() & (others or {}):
            raise click.UsageError(f"a model and detections are both called {name}")
        for peer in self.peers:
            if peer.name in self.models or peer.name in (others or {}):
                raise click.UsageError(f"--peer: another detector is called {peer.name}")
        models = self.models if self.models or others or self.peers else {DEFAULT_MODEL: None}
        if not models:
            of_peers = {"threads"} if self.peers else set()
            refuse_without_effect("without --model", only=SETTINGS - of_peers)
        own = {name: self.new_detector(model).detect for name, model in models.items()}
        return own | self._open_peers()

    def _open_peers(self) -> dict[str, Detect]:
        from mtcnn_rt._cores import usable_cores

        threads = self.threads or usable_cores()
        return {peer.name: peer.load(threads) for peer in self.peers}


def _described(peer: NamedPeer) -> str:
    size = "the image's own size" if peer.side is None else f"longer side {peer.side} pixels"
    file = () if peer.path is None else (str(peer.path),)
    return f"{peer.name}: {', '.join((peer.kind, size, *file))}"
