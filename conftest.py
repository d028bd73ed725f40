"""Runs the Python code blocks of README.md, CONTRIBUTING.md and docs/ as tests.

The blocks of a page run in their order and share a namespace, in a folder of their own with
photo.jpg, other.jpg, photos/ (two images) and clip.mp4. A block directly below the comment
`<!-- not run: REASON -->` is skipped.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from sybil import Document, Example, Region, Sybil
from sybil.integration.pytest import SybilItem
from sybil.parsers.abstract.codeblock import AbstractCodeBlockParser, PythonDocTestOrCodeBlockParser
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer
from sybil.typing import Evaluator

_INFO = re.compile(r"[ \t]*(?P<language>[\w-]+)[^\n]*$\n", re.MULTILINE)
_NOT_RUN = re.compile(r"<!--\s*not run:\s*(?P<reason>[^>]*?)\s*-->[ \t]*\n\s*$", re.DOTALL)


class _FencedBlocks(AbstractCodeBlockParser):
    """Parses fenced code blocks; titles and other options after the language are allowed."""

    def __init__(self, language: str, evaluator: Evaluator) -> None:
        mapping = {"language": "arguments", "source": "source"}
        super().__init__([RawFencedCodeBlockLexer(_INFO, mapping)], language, evaluator)


class PythonBlocks(PythonDocTestOrCodeBlockParser):
    """Parses Python blocks, sessions with `>>>` included, and skips those that are not run."""

    codeblock_parser_class = _FencedBlocks

    def __call__(self, document: Document) -> Iterable[Region]:
        """Yields the regions of the blocks."""
        for region in super().__call__(document):
            fence = document.text.rfind("```", 0, region.start + 1)  # a session is within its block
            start = region.start if document.text.startswith("```", region.start) else fence
            above = document.text[: document.text.rfind("\n", 0, max(start, 0)) + 1]
            if skipped := _NOT_RUN.search(above):
                region.evaluator = _skip(skipped["reason"])
            yield region


def _skip(reason: str) -> Evaluator:
    def evaluate(example: Example) -> None:
        pytest.skip(reason)

    return evaluate


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lets a file that a block leaves open be a warning: Sybil cannot report it as a failure."""
    unclosed = pytest.mark.filterwarnings("default::pytest.PytestUnraisableExceptionWarning")
    for item in items:
        if isinstance(item, SybilItem):
            item.add_marker(unclosed)


@pytest.fixture(scope="session")
def sample_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that code blocks may use, made of the packaged clip."""
    import mtcnn_rt
    from mtcnn_rt.images import write_image
    from mtcnn_rt.video.sinks.file import FileSink
    from mtcnn_rt.video.sources.file import FileSource

    folder = tmp_path_factory.mktemp("files")
    clip = Path(mtcnn_rt.__file__).parent / "sample.mp4"
    with FileSource(clip) as source, FileSink(folder / "clip.mp4", source.format) as sink:
        frames = list(itertools.islice(source, 50))
        for frame in frames:
            sink.write(frame)
    images = {"photo": 0, "other": 25, "photos/one": 10, "photos/two": 40}
    for name, index in images.items():
        write_image(folder / f"{name}.jpg", frames[index].image)
    return folder


@pytest.fixture(scope="module")
def page_folder(sample_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder in which the blocks of one page run."""
    folder = tmp_path_factory.mktemp("page")
    shutil.copytree(sample_files, folder, dirs_exist_ok=True)
    before = Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)


pytest_collect_file = Sybil(
    parsers=[PythonBlocks()], patterns=["*.md"], fixtures=["page_folder"]
).pytest()
