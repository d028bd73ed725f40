"""Prints the statistics of P-Net's features, as JSON for model.json. Needs PyTorch.

    python tools/feature_statistics.py ../shared/data/facemask > models/statistics.json

Uses every tenth photograph of the training split, and keeps nothing of them but the statistics.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mtcnn_rt._layers import describe_statistics
from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.images import as_image
from mtcnn_rt.model import load_model
from mtcnn_rt.training.layers import from_layers
from mtcnn_rt.training.statistics import feature_statistics

STEP = 10


def main() -> None:
    """Measures the features and prints the statistics."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="annotated photographs")
    parser.add_argument(
        "--model", default="published", help="a model folder [default: the published one]"
    )
    arguments = parser.parse_args()
    layers = load_model(arguments.model).networks["pnet"].layers
    if layers is None:
        sys.exit(f"{arguments.model}: has no plain weights of pnet; use a folder that has pnet.npy")
    photographs = read_annotations(arguments.data, split="train").images[::STEP]
    images = (as_image(photograph.read()) for photograph in photographs)
    json.dump(
        describe_statistics(feature_statistics(from_layers("pnet", layers), images)), sys.stdout
    )
    print()


if __name__ == "__main__":
    main()
