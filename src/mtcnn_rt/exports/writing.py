"""Writes an export: a file or a folder that is finished or absent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TextIO, TypeAlias

from mtcnn_rt._files.finished import finished_file, finished_folder, naming, naming_folder
from mtcnn_rt._files.paths import is_missing
from mtcnn_rt.exports import LOCAL_FILES, coco, cvat, jsonl, label_studio, wider, yolo
from mtcnn_rt.exports.images import ExportedImages, one_line, relative_place

WriteFile: TypeAlias = Callable[[ExportedImages, TextIO], None]


def export(
    images: ExportedImages,
    format: str,
    out: Path,
    overwrite: bool = False,
    url: str = LOCAL_FILES,
) -> ExportedImages:
    """Writes images with their faces in the format of another program.

    Args:
        images: The images.
        format: One of `mtcnn_rt.exports.FORMATS`.
        out: The file; of "yolo" and "yolo-pose" the folder. "wider" writes a folder unless the name
            ends in .txt.
        overwrite: Replace what is there.
        url: What "label-studio" puts before the names of images.

    Returns:
        The images that were written, with their number and problems.

    Raises:
        FileExistsError: The output exists, and `overwrite` is false; or its folder has other files.
        OSError: A file cannot be read or written.
        ValueError: The results are broken, or have no image to export.
    """
    images = replace(images, cut=format not in ("wider", "jsonl"))
    if format.startswith("yolo"):
        return _write_yolo(replace(images, place_of=relative_place), out, overwrite, format)
    if format == "wider" and out.suffix.lower() != ".txt":
        images = replace(images, place_of=lambda name: relative_place(one_line(name)))
        with _folder_of_labels(out, overwrite) as folder:
            wider.write_folder(images, folder)
            _refuse_none(images)
        return images
    writers: dict[str, tuple[WriteFile, Callable[[str], str]]] = {
        "coco": (coco.write, str),
        "cvat": (cvat.write, cvat.place_of),
        "label-studio": (partial(label_studio.write, url=url), str),
        "wider": (wider.write, one_line),
        "jsonl": (jsonl.write, str),
    }
    write, place_of = writers[format]
    images = replace(images, place_of=place_of)
    with (
        finished_file(out, overwrite) as temporary,
        naming(out),
        temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as file,
    ):
        write(images, file)
        _refuse_none(images)
    return images


def _write_yolo(images: ExportedImages, out: Path, overwrite: bool, format: str) -> ExportedImages:
    """Writes labels/ and data.yaml; images/ and other files of the folder stay as they are."""
    is_new = is_missing(out)
    with naming_folder(out / "data.yaml"):
        out.mkdir(parents=True, exist_ok=True)
    pose = format == "yolo-pose"
    try:
        with (
            finished_file(out / "data.yaml", overwrite) as data,
            _folder_of_labels(out / "labels", overwrite) as folder,
        ):
            data.write_text(yolo.description(pose), encoding="utf-8")
            yolo.write_folder(images, folder, pose)
            _refuse_none(images)
    except BaseException:
        if is_new:
            with suppress(OSError):  # it is not empty
                out.rmdir()
        raise
    return images


@contextmanager
def _folder_of_labels(path: Path, overwrite: bool) -> Iterator[Path]:
    """Gives the block a folder for text files; it replaces one that holds nothing but labels.

    Raises:
        FileExistsError: The folder exists, and `overwrite` is false or it has other files.
        OSError: A file cannot be written.
    """
    for file in path.rglob("*") if overwrite else ():
        if file.suffix != ".txt" and not file.is_dir():
            raise FileExistsError(f"{path} is not replaced: {file} is no file of labels")
    with finished_folder(path, overwrite) as folder, naming(path):
        yield folder


def _refuse_none(images: ExportedImages) -> None:
    """Raises ValueError if no image was written."""
    if not images.images:
        why = f": {images.problems[0]}" if images.problems else ""
        raise ValueError(f"{images.results}: has no image to export{why}")
