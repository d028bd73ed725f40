"""Prepares a model folder for the repository, from where the build puts it into the package.

    python tools/commit_model.py runs/mine/model models/default --license MIT

Writes the plain weights, such as pnet.npy, and description.json with everything else
that models/convert.py needs. The name of the folder becomes the name of the model.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from mtcnn_rt._files.finished import finished_folder
from mtcnn_rt._layers import as_bytes, describe_statistics
from mtcnn_rt.conversion.folder import settings_of
from mtcnn_rt.model import Model, load_model


def main() -> None:
    """Writes the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="a model folder with plain weights")
    parser.add_argument("output", type=Path, help="the folder to write, such as models/default")
    parser.add_argument("--license", help="license of the weights [default: the model's]")
    parser.add_argument("--source", help="origin of the weights [default: the model's]")
    parser.add_argument("--overwrite", action="store_true", help="replace a folder that exists")
    arguments = parser.parse_args()
    model = load_model(arguments.model)
    texts = {
        "license": arguments.license or model.license,
        "source": arguments.source or model.source,
    }
    with finished_folder(arguments.output, arguments.overwrite) as folder:
        for name, network in model.all_networks.items():
            if network.layers is None:
                sys.exit(f"{model.path}: has no plain weights of {name}")
            (folder / f"{name}.npy").write_bytes(as_bytes(network.layers))
        text = json.dumps({**texts, **_settings(model)}, indent=2) + "\n"
        (folder / "description.json").write_text(text, encoding="utf-8")


def _settings(model: Model) -> dict[str, Any]:
    """Returns the settings of a model as plain values for description.json."""
    settings = settings_of(model)
    if "statistics" in settings:
        settings["statistics"] = describe_statistics(settings["statistics"])
    return settings


if __name__ == "__main__":
    main()
