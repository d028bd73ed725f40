"""Defines `mtcnn-rt convert`: makes a model folder from published weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtcnn_rt.cli.file_plan import FilePlan, model_files
from mtcnn_rt.cli.messages import echo
from mtcnn_rt.cli.option_kinds import PathType, length_option, path_option
from mtcnn_rt.cli.signals import terminate_as_interrupt

if TYPE_CHECKING:
    from mtcnn_rt._layers import Layer
    from mtcnn_rt.model import Model


@click.command
@click.argument("sources", nargs=-1, required=True, type=PathType(), metavar="SOURCE...")
@path_option("--out", required=True, metavar="FOLDER", help="Model folder to write.")
@click.option("--name", metavar="TEXT", help="Name of the model.  [default: the folder's name]")
@click.option(
    "--license",
    default="unknown",
    show_default=True,
    metavar="TEXT",
    help="License of the weights.",
)
@length_option(
    "--box-offset",
    type=float,  # the model checks it, as it does where model.json has it
    help="Pixels to add to every side of a box.  [default: 1 for the authors' weights, else 0]",
)
@click.option("--overwrite", is_flag=True, help="Replace a model folder that exists.")
def command(
    sources: tuple[Path, ...],
    out: Path,
    name: str | None,
    license: str,
    box_offset: float | None,
    overwrite: bool,
) -> None:
    """Make a model folder from published weights.

    SOURCE is the files of the three networks, or a folder that has them: pnet.pt, rnet.pt, onet.pt
    (facenet-pytorch); pnet.lz4, rnet.lz4, onet.lz4 (mtcnn 1.0.0); det1.caffemodel, det2.caffemodel,
    det3.caffemodel (the authors). The networks are recognized by their content.

    A .pt is read as data only. A .lz4 is a pickle, so only the known files are opened.

    Needs the extra `convert`: ONNX, Protobuf for .caffemodel, joblib and lz4 for .lz4. A .pt needs
    PyTorch as well.
    """
    from mtcnn_rt._packages import needs
    from mtcnn_rt.conversion.sources import read_sources

    plan = FilePlan({"--out": out})
    plan.add_inputs([*sources, *model_files("published")])  # it compares with the published weights
    plan.refuse_inputs_within("--out", out)
    with terminate_as_interrupt(), needs("convert"):
        from mtcnn_rt.conversion.folder import write_model_folder

        layers = read_sources(sources)
        known = _known_model(layers)
        if box_offset is None:
            box_offset = known.box_offset if known else 0.0
        write_model_folder(
            out,
            layers,
            name=name or out.resolve().name,
            license=license,
            source=", ".join(source.name for source in sources),
            box_offset=box_offset,
            statistics=known.networks["pnet"].statistics if known else None,
            overwrite=overwrite,
        )
    echo(f"{out}: box_offset {box_offset:g}")


def _known_model(layers: Mapping[str, Sequence[Layer]]) -> Model | None:
    """Returns the package's model if these are its weights, from any file."""
    from mtcnn_rt._layers import as_bytes
    from mtcnn_rt.model import load_model

    published = load_model("published")
    same = all(
        network.layers is not None and as_bytes(network.layers) == as_bytes(layers[name])
        for name, network in published.networks.items()
    )
    return published if same else None
