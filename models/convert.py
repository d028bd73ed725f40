"""Writes the package's model folder from the published weights; a step of the build.

    python models/convert.py OUTPUT_FOLDER

The weights are those of the paper's authors, read from the files of the MIT-licensed distribution
`mtcnn` 1.0.0, a pinned build requirement. statistics.json has the statistics of P-Net's features
with these weights, which tools/feature_statistics.py measured.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import distribution
from pathlib import Path

# The package is not installed yet.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from mtcnn_rt._layers import read_statistics
from mtcnn_rt.conversion.folder import write_model_folder
from mtcnn_rt.conversion.published import BOX_OFFSET
from mtcnn_rt.conversion.sources import read_sources


def main(folder: Path) -> None:
    """Writes the model folder."""
    published = distribution("mtcnn")
    statistics = Path(__file__).with_name("statistics.json").read_text()
    weights = "mtcnn/assets/weights"
    write_model_folder(
        folder,
        read_sources([Path(str(published.locate_file(weights)))]),
        name="published",
        license="MIT",
        source=f"mtcnn {published.version}, {weights}",
        box_offset=BOX_OFFSET,
        statistics=read_statistics(json.loads(statistics)),
        overwrite=True,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
