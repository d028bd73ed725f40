"""Knows the packages that parts of this one use, and reports those that are missing.

Detection in arrays needs NumPy alone. Every other package is imported where it is used, and its
absence is an error of one line that has the package, the reason and the cure.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from mtcnn_rt._errors import joined_lines

OPENCV = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)
"""Distributions that install the module cv2, over one another."""


@dataclass(frozen=True)
class Package:
    """A package that a part of this one uses.

    Attributes:
        name: Name for people.
        module: Name to import.
        distributions: What pip may install it from; the first one is recommended.
        use: What it is used for.
        extra: The extra that installs it; "" is the default installation.
        requirement: What pip installs, where that is not the first distribution alone.
    """

    name: str
    module: str
    distributions: tuple[str, ...]
    use: str
    extra: str = ""
    requirement: str = ""

    @property
    def installed(self) -> list[str]:
        """The names and versions of its distributions that are installed."""
        return [f"{name} {_version(name)}" for name in self.distributions if _has(name)]


_TOMLI = Package("tomli", "tomli", ("tomli",), "reads mtcnn-rt.toml and settings")

PACKAGES = (
    Package(
        "OpenCV",
        "cv2",
        ("opencv-python-headless", *(name for name in OPENCV if name != "opencv-python-headless")),
        "reads image files fastest; cuts crops, opens cameras and windows, evaluates and trains",
    ),
    Package("PyAV", "av", ("av",), "reads and writes videos; reads image files without OpenCV"),
    Package(
        "onnxruntime",
        "onnxruntime",
        ("onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime-directml"),
        "runs networks on GPUs, and networks of other shapes",
    ),
    Package("Rich", "rich", ("rich",), "shows the progress of commands"),
    Package(
        "Pillow",
        "PIL",
        ("pillow",),
        "reads TGA, ICO and PSD; reads and writes image files without OpenCV",
    ),
    Package("pillow-heif", "pillow_heif", ("pillow-heif",), "reads HEIC files", "heic"),
    Package("pyvirtualcam", "pyvirtualcam", ("pyvirtualcam",), "writes to virtual cameras", "live"),
    Package("SciPy", "scipy", ("scipy",), "reads WIDER FACE's .mat files", "evaluate"),
    Package("Matplotlib", "matplotlib", ("matplotlib",), "draws plots and reports", "plot"),
    # before PyArrow, which Ray Data lacks where Ray was installed alone
    Package("Ray", "ray", ("ray",), "searches archives on several machines", "ray", "'ray[data]'"),
    Package("PyArrow", "pyarrow", ("pyarrow",), "writes Parquet; opens s3://", "parquet"),
    Package("ONNX", "onnx", ("onnx",), "writes networks", "convert"),
    Package("Protobuf", "google.protobuf", ("protobuf",), "reads Caffe files", "convert"),
    Package("joblib", "joblib", ("joblib",), "reads the weights of mtcnn 1.0.0", "convert"),
    Package("lz4", "lz4", ("lz4",), "reads the weights of mtcnn 1.0.0", "convert"),
    Package("PyTorch", "torch", ("torch",), "trains networks; reads .pt files", "train"),
    *([] if sys.version_info >= (3, 11) else [_TOMLI]),
)
"""Every package that only a part of this one uses."""


class MissingPackageError(ImportError):
    """A package is not installed, or does not load; the message has the reason and the cure."""


class MissingOnImportError(MissingPackageError):
    """A package is missing that a module of this one imports; who has a task for it names that."""


@contextmanager
def importing(module: str) -> Iterator[None]:
    """Guards the imports at the top of a module that people import by its name.

    Args:
        module: The module's name.

    Raises:
        MissingPackageError: One of `PACKAGES` is missing.
    """
    try:
        yield
    except ImportError as error:
        if (package := _package_of(error)) is None or isinstance(error, MissingPackageError):
            raise
        message = f"{module} needs {reason(package, error)}"
        raise MissingOnImportError(message, name=error.name) from error


@contextmanager
def needs(purpose: str) -> Iterator[None]:
    """Guards a block that imports packages, or a part of this one that does.

    Args:
        purpose: The task that needs them, for the message.

    Raises:
        MissingPackageError: One of `PACKAGES` is missing.
    """
    try:
        yield
    except ImportError as error:
        if (told := explained(error, purpose)) is error:
            raise  # no error is its own cause: whoever follows causes would never end
        raise told from error


def explained(error: ImportError, purpose: str) -> ImportError:
    """Returns the error with the package, the reason and the cure; itself for other modules."""
    if isinstance(error, MissingOnImportError) and isinstance(error.__cause__, ImportError):
        error = error.__cause__
    package = _package_of(error)
    if package is None or isinstance(error, MissingPackageError):
        return error
    return MissingPackageError(f"{purpose} needs {reason(package, error)}", name=error.name)


def reason(package: Package, error: ImportError) -> str:
    """Returns a package's name, why it is missing, and the cure, such as a command of pip."""
    installed = package.installed
    if package.module == "cv2" and len(installed) > 1:
        there_are = " and ".join(installed)
        return (
            f"OpenCV, which does not load ({joined_lines(error)}): {there_are} overwrite each "
            "other; uninstall all of them, then install one"
        )
    if installed:
        name = installed[0].split()[0]
        cure = f"pip install --force-reinstall --no-deps {name}"
        if package.requirement and isinstance(error, ModuleNotFoundError):
            cure = f"pip install {package.requirement}"
        if package.module == "cv2" and not isinstance(error, ModuleNotFoundError):
            cure = (
                f"pip uninstall {name}, then pip install opencv-python-headless, which needs no "
                "libraries of the system; or apt install libgl1 libglib2.0-0 libxcb1"
            )
        return f"{package.name}, which does not load ({joined_lines(error)}): {cure}"
    beside = f" (or the extra `{package.extra}`)" if package.extra else ""
    return f"{package.name}: pip install {package.requirement or package.distributions[0]}{beside}"


def opencv() -> Any:
    """Returns the module cv2.

    Raises:
        ImportError: It is not installed, or does not load, or another distribution of OpenCV that
            was uninstalled has taken its files with it.
    """
    cv2 = import_module("cv2")
    if not hasattr(cv2, "imdecode"):
        raise ModuleNotFoundError("the module cv2 is empty", name="cv2")
    return cv2


def opencv_if_usable() -> Any:
    """Returns the module cv2; None where it is missing or does not load."""
    try:
        return opencv()
    except ImportError:
        return None


def require_opencv(purpose: str) -> Any:
    """Returns the module cv2.

    Args:
        purpose: The task that needs it, for the message.

    Raises:
        MissingPackageError: OpenCV is missing or does not load.
    """
    with needs(purpose):
        return opencv()
    raise AssertionError  # for type checkers: the block returns or raises


def import_or_explain(module: str, purpose: str) -> Any:
    """Returns a module that no part of the package needs otherwise.

    Raises:
        MissingPackageError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        message = f"{purpose} needs {module}: pip install {module}"
        raise MissingPackageError(message, name=module) from error


def problem_of(package: Package) -> str:
    """Returns why a package cannot be used, with the cure; "" where it can.

    Those of the default installation are imported, which shows if libraries of the system are
    missing. The others take long to load.
    """
    try:
        if package.module == "cv2":
            opencv()
        elif not package.extra:
            import_module(package.module)
        elif not package.installed and not _is_found(package.module):
            raise ModuleNotFoundError(name=package.module)
    except ImportError as error:
        return reason(package, error)
    return ""


def _package_of(error: ImportError) -> Package | None:
    """Returns the package whose import raised an error, by the module's name or by its traceback.

    A shared library that is missing raises an error with no name, or the name of a part.
    """
    names = {error.name} if error.name else set()
    trace = error.__traceback__
    while trace is not None:
        names.add(str(trace.tb_frame.f_globals.get("__name__", "")))
        trace = trace.tb_next
    for package in PACKAGES:
        for name in names:
            top = package.module.partition(".")[0]
            if name in (top, package.module) or name.startswith(f"{package.module}."):
                return package
    return None


def _version(name: str) -> str:
    from importlib.metadata import version  # takes long to load, and is for messages alone

    return version(name)


def _has(name: str) -> bool:
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _is_found(module: str) -> bool:
    """Returns true for a module that is there; frozen programs lack what `_has` asks for."""
    from importlib.util import find_spec

    try:
        return find_spec(module) is not None
    except (ModuleNotFoundError, ValueError):  # not even the package above it; None in sys.modules
        return False
