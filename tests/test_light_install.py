"""The size of what detection needs, and the extras of the package."""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import pytest

import mtcnn_rt
from mtcnn_rt._packages import PACKAGES

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
LIGHT = ("numpy", "click", "rich", "markdown-it-py", "mdurl", "pygments")
"""`pip install numpy click rich`, with what Rich needs."""


BUSY = 0.08
"""Seconds of processor time that `import numpy` takes only where other work has the caches."""


def size_of(name: str) -> int:
    """Returns the bytes of an installed distribution."""
    files = distribution(name).files or []
    paths = [Path(str(file.locate())) for file in files]
    return sum(path.stat().st_size for path in paths if path.is_file())


def test_a_light_installation_has_less_than_100_mb():
    package = Path(mtcnn_rt.__file__).parent
    sizes = {"mtcnn-rt": sum(f.stat().st_size for f in package.rglob("*") if f.is_file())}
    for name in LIGHT:
        try:
            sizes[name] = size_of(name)
        except PackageNotFoundError:
            pytest.skip(f"{name} is not installed")
    assert sizes["numpy"] > 10e6
    assert sum(sizes.values()) < 100e6, sizes


def seconds_of(code: str) -> float:
    """Returns the least processor time of code in new processes, with what it imports.

    The least of several, since other work on the machine takes the caches.
    """
    script = f"import time\nbegin = time.process_time()\n{code}\nprint(time.process_time() - begin)"
    words = [sys.executable, "-c", script]
    return min(float(subprocess.check_output(words, text=True)) for _ in range(5))


def test_the_package_is_imported_in_30_ms():
    assert seconds_of("import mtcnn_rt") < 0.03


def test_the_first_face_takes_a_fifth_of_a_second(sample_frame, tmp_path):
    """Of processor time, without Python's own start, and with NumPy and the model."""
    np.save(tmp_path / "frame.npy", sample_frame)
    code = f"""
import sys
import numpy
from mtcnn_rt import MTCNN
image = numpy.load({str(tmp_path / "frame.npy")!r})
assert len(MTCNN(min_face_size=40, threads=1).detect(image)) == 4
assert not {{"cv2", "av", "onnxruntime"}} & set(sys.modules)
"""
    seconds = seconds_of(code)
    if seconds >= 0.2 and seconds_of("import numpy") > BUSY:
        pytest.skip("the machine is busy with other work")
    assert seconds < 0.2


@pytest.fixture(scope="module")
def project():
    try:
        import tomllib
    except ModuleNotFoundError:
        import tomli as tomllib
    return tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]


def names(requirements) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", one)[0] for one in requirements}


def test_the_default_installation_has_no_scipy(project):
    assert names(project["dependencies"]) == {
        *("numpy", "opencv-python", "onnxruntime", "click", "rich", "av", "tomli"),
    }


def test_extras_without_training_need_no_pytorch(project):
    extras = project["optional-dependencies"]
    for extra, requirements in extras.items():
        assert ("torch" in names(requirements)) is (extra == "train"), extra
    assert names(extras["evaluate"]) == {"scipy", "matplotlib"}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_messages_name_the_extra_that_has_the_package(project, package):
    if package.extra:
        requirements = project["optional-dependencies"][package.extra]
        assert package.distributions[0] in names(requirements)
