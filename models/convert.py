"""Writes the package's model folders; a step of the build.

    python models/convert.py OUTPUT_FOLDER [MODELS_FOLDER]

OUTPUT_FOLDER/published has the weights of the paper's authors, read from the files of the
distribution `mtcnn` 1.0.0, a pinned build requirement. statistics.json has the
statistics of P-Net's features with these weights, which tools/feature_statistics.py measured.

OUTPUT_FOLDER/NAME is written for each folder MODELS_FOLDER/NAME, by default beside this file, that
has description.json. It has plain weights, pnet.npy, rnet.npy, onet.npy and, if the model has
them, cnet.npy and lnet.npy, as in a model folder; description.json has arguments of
`write_model_folder` by name, `license` and `source` at least, and `statistics` as model.json has
them. tools/commit_model.py makes such a folder of a model folder.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import distribution
from pathlib import Path

# The package is not installed yet.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from mtcnn_rt._layers import EXTRA_NETWORKS, KERNELS, read_layers, read_statistics
from mtcnn_rt.conversion.folder import write_model_folder
from mtcnn_rt.conversion.published import BOX_OFFSET
from mtcnn_rt.conversion.sources import read_sources

# AP at IoU 0.5 and time, of 434 photographs of three data sets for training (webfaces, flickr,
# facemask; every 28th, 6th and 3rd): balanced 0.944, 0.724, 0.759; fast 0.947, 0.746, 0.753 in 0.8
# of its time; thorough 0.978, 0.786, 0.823 in 1.3 of its time. 0.5/0.1/0.02 has 0.980, 0.780 and
# 0.832 in 1.7 of its time: without a score of all networks it is not worth that.
PUBLISHED_PRESETS = {
    "fast": {"thresholds": [0.8, 0.6, 0.6]},
    "balanced": {"thresholds": [0.6, 0.7, 0.7]},
    "thorough": {"thresholds": [0.5, 0.3, 0.2]},
}

PUBLISHED_LICENSE = (
    "not stated by the authors; the package mtcnn, which they come from, is under the MIT license, "
    "and its author says of the weights that they should not be used commercially"
)


def main(output: Path, models: Path) -> None:
    """Writes all model folders."""
    write_published(output / "published")
    for description in sorted(models.glob("*/description.json")):
        write_committed(description.parent, output / description.parent.name)


def write_published(folder: Path) -> None:
    """Writes the model folder of the published weights."""
    published = distribution("mtcnn")
    statistics = Path(__file__).with_name("statistics.json").read_text()
    weights = "mtcnn/assets/weights"
    write_model_folder(
        folder,
        read_sources([Path(str(published.locate_file(weights)))]),
        name="published",
        license=PUBLISHED_LICENSE,
        source=f"mtcnn {published.version}, {weights}",
        box_offset=BOX_OFFSET,
        statistics=read_statistics(json.loads(statistics)),
        presets=PUBLISHED_PRESETS,
        overwrite=True,
    )


def write_committed(weights: Path, folder: Path) -> None:
    """Writes the model folder of plain weights and their description."""
    described = json.loads((weights / "description.json").read_text(encoding="utf-8"))
    if described.get("statistics") is not None:
        described["statistics"] = read_statistics(described["statistics"])
    layers = {name: read_layers(name, (weights / f"{name}.npy").read_bytes()) for name in KERNELS}
    for name in EXTRA_NETWORKS:
        if (weights / f"{name}.npy").exists():
            layers[name] = read_layers("onet", (weights / f"{name}.npy").read_bytes())
    write_model_folder(folder, layers, **{"name": folder.name, **described}, overwrite=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent)
