"""Imports: no circle between modules, and a package that loads nothing until it is used."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import mtcnn_rt

PACKAGE = Path(mtcnn_rt.__file__).parent


def module_name(path: Path) -> str:
    """Returns the dotted name of a module of the package."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for path in PACKAGE.rglob("*.py")}


def imported(tree: ast.AST) -> Iterator[str]:
    """Yields the modules of the package that code imports, in functions too.

    Imports only for type checkers do not count.
    """
    if isinstance(tree, ast.If) and "TYPE_CHECKING" in ast.unparse(tree.test):
        nodes: list[ast.AST] = list(tree.orelse)
    else:
        nodes = list(ast.iter_child_nodes(tree))
    if isinstance(tree, ast.Import):
        yield from (alias.name for alias in tree.names if alias.name in FILES)
    if isinstance(tree, ast.ImportFrom) and tree.module in FILES:
        yield from (home(tree.module, alias.name) for alias in tree.names)
    for node in nodes:
        yield from imported(node)


def home(module: str, name: str) -> str:
    """Returns the module that `from module import name` takes the name from."""
    if module == "mtcnn_rt" and name in mtcnn_rt._HOMES:
        return f"mtcnn_rt.{mtcnn_rt._HOMES[name]}"
    return f"{module}.{name}" if f"{module}.{name}" in FILES else module


def find_circle(imports: dict[str, set[str]]) -> list[str]:
    """Returns modules that import each other in a circle; the last one is the first one."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))  # the error lists what is imported first
    return []


def test_no_module_imports_itself_through_others():
    imports = {
        name: set(imported(ast.parse(path.read_text("utf-8")))) for name, path in FILES.items()
    }
    assert len(imports) > 100
    assert "mtcnn_rt._cascade" in imports["mtcnn_rt.detector"]
    circle = find_circle(imports)
    assert not circle, f"import circle: {' imports '.join(circle)}"


def test_a_circle_is_named_in_the_order_of_its_imports():
    assert find_circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    circle = find_circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})
    assert " ".join(circle) in ("a b c a", "b c a b", "c a b c")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import mtcnn_rt.faces", {"mtcnn_rt.faces"}),
        ("from mtcnn_rt.drawing import shapes", {"mtcnn_rt.drawing.shapes"}),
        ("from mtcnn_rt.drawing import draw", {"mtcnn_rt.drawing"}),
        ("from mtcnn_rt import MTCNN", {"mtcnn_rt.detector"}),
        ("def f():\n    from mtcnn_rt.faces import Faces", {"mtcnn_rt.faces"}),
        ("if TYPE_CHECKING:\n    from mtcnn_rt.faces import Faces", set()),
        ("import numpy", set()),
    ],
)
def test_imports_are_read_from_code(code, expected):
    assert set(imported(ast.parse(code))) == expected


def run(script: str) -> str:
    """Runs Python code in a new process, and returns its output."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_package_loads_nothing_by_itself():
    script = """
import sys
import mtcnn_rt
heavy = ("numpy", "cv2", "av", "onnxruntime", "scipy", "click", "email")
print([name for name in sys.modules if name.split(".")[0] in heavy])
print([name for name in sys.modules if name.startswith("mtcnn_rt.")])
"""
    assert run(script).splitlines() == ["[]", "[]"]


def test_help_of_videos_loads_no_large_library():
    script = """
import contextlib, io, sys
from mtcnn_rt.cli import main
for command in ("process", "webcam"):
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        main([command, "--help"])
print([name for name in ("numpy", "cv2", "av", "onnxruntime") if name in sys.modules])
"""
    assert run(script).splitlines() == ["[]"]


def test_completion_offers_the_public_names():
    assert set(mtcnn_rt.__all__) <= set(dir(mtcnn_rt))
    assert set(mtcnn_rt.__all__) == {"LANDMARKS", "MTCNN", "Faces", "Tracker", "stream"}


def test_the_public_names_can_be_imported():
    from mtcnn_rt import LANDMARKS, MTCNN, Faces, Tracker, stream

    assert len(LANDMARKS) == 5
    assert all(map(callable, (MTCNN, Faces, Tracker, stream)))


def test_another_name_is_refused():
    with pytest.raises(AttributeError, match="module 'mtcnn_rt' has no attribute 'mtcnn'"):
        _ = mtcnn_rt.mtcnn


def test_faces_are_drawn_and_covered_by_functions_of_one_package():
    from mtcnn_rt.drawing import anonymize, draw

    assert callable(anonymize)
    assert callable(draw)


def test_no_module_is_loaded_while_frames_are_searched():
    """An import within a frame would stall a stream; scipy once took 0.7 s in the 31st."""
    script = """
import sys
from importlib.resources import files
from mtcnn_rt import MTCNN, Tracker
from mtcnn_rt.video import FileSource
detector = MTCNN(min_face_size=40)
tracker = Tracker(detector)
with FileSource(files("mtcnn_rt") / "sample.mp4") as source:
    images = [frame.image for frame in source]
before = set(sys.modules)
found = [len(tracker.update(image, index / 25).faces) for index, image in enumerate(images)]
found += [len(detector.detect(image)) for image in images[:10]]
print(len(found), sum(found) > 300, sorted(set(sys.modules) - before))
"""
    assert run(script).splitlines() == ["135 True []"]


def test_the_first_face_loads_no_large_library():
    script = """
import sys
import numpy as np
from mtcnn_rt import MTCNN
MTCNN().detect(np.zeros((100, 100, 3), np.uint8))
heavy = ("cv2", "av", "onnxruntime", "scipy", "PIL", "torch")
print([name for name in sys.modules if name.split(".")[0] in heavy])
"""
    assert run(script).splitlines() == ["[]"]


def test_the_first_face_of_an_array_loads_nothing_that_only_files_need():
    script = """
import sys
import numpy as np
from mtcnn_rt import MTCNN
MTCNN().detect(np.zeros((100, 100, 3), np.uint8))
images = ("decoding", "heic", "codecs", "headers", "reading")
files = [f"_images.{name}" for name in images] + ["_files.finished"]
print([name for name in files if f"mtcnn_rt.{name}" in sys.modules])
"""
    assert run(script).splitlines() == ["[]"]
