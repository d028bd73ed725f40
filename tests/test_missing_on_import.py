"""Modules of the API reference, imported where a package that they need is missing."""

import re
from pathlib import Path

import pytest
from helpers.missing import run_without

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"

IMPORT_ALL = """
from importlib import import_module
for name in sys.argv[1:]:
    try:
        import_module(name)
    except ImportError as error:
        print(name, "|", error)
"""


def documented_modules():
    text = "".join(path.read_text() for path in REFERENCE.glob("*.md"))
    names = set(re.findall(r"^::: (mtcnn_rt(?:\.[a-z]\w*)+)", text, re.MULTILINE))
    assert len(names) > 40
    source = REFERENCE.parents[1] / "src"
    names |= {name.rpartition(".")[0] for name in names}
    return sorted(
        name for name in names if source.joinpath(*name.split(".")).with_suffix(".py").exists()
    )


@pytest.mark.parametrize(
    ("package", "cure", "some"),
    [
        ("cv2", "OpenCV: pip install opencv-python-headless", "mtcnn_rt.video.sources.camera"),
        ("av", "PyAV: pip install av", "mtcnn_rt.video.sinks.live"),
        ("torch", "PyTorch: pip install torch (or the extra `train`)", "mtcnn_rt.training.cascade"),
    ],
)
def test_a_module_names_the_package_that_it_needs(package, cure, some):
    done = run_without((package,), IMPORT_ALL, *documented_modules())
    assert (done.returncode, done.stderr) == (0, "")
    failed = dict(line.split(" | ", 1) for line in done.stdout.splitlines())
    assert failed[some] == f"{some} needs {cure}"
    assert all(message.endswith(f" needs {cure}") for message in failed.values())
