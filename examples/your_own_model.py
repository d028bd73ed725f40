"""Writes a model folder from three networks and finds faces with it.

The networks come from the files of facenet-pytorch, mtcnn or the authors (Caffe); without files,
from the package.

python examples/your_own_model.py pnet.pt rnet.pt onet.pt --out mine
"""

import argparse
from pathlib import Path

import sample

from mtcnn_rt import MTCNN
from mtcnn_rt.conversion.folder import write_model_folder
from mtcnn_rt.conversion.sources import read_sources
from mtcnn_rt.model import load_model


def main() -> None:
    """Parses the arguments and runs the example."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, nargs="*", help="files of P-Net, R-Net and O-Net")
    parser.add_argument("--out", type=Path, default=Path("mine"))
    parser.add_argument(
        "--box-offset", type=float, default=1.0, help="pixels, see docs/guides/own-model.md"
    )
    options = parser.parse_args()

    if options.weights:
        layers = read_sources(options.weights)
    else:
        layers = {name: network.layers for name, network in load_model().networks.items()}
    write_model_folder(
        options.out,
        layers,
        name=options.out.name,
        license="MIT",
        source="converted by an example",
        box_offset=options.box_offset,
        overwrite=True,
    )

    detector = MTCNN(model=options.out)
    faces = detector.detect(sample.photo())
    print(f"{len(faces)} faces with {detector.model.name}, run by {detector.engine}")


if __name__ == "__main__":
    main()
