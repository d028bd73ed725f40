"""Every public name of the extension module has a docstring, and the stub has the same names."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import mtcnn_rt
from mtcnn_rt import _native

STUB = Path(mtcnn_rt.__file__).with_name("_native.pyi")
CALLS = ("__init__", "__call__")


def is_public(name):
    return not name.startswith("_") or name in CALLS


def public(names):
    return {name for name in names if is_public(name)}


CLASSES = {name: one for name, one in vars(_native).items() if inspect.isclass(one)}
NAMED = [
    *CLASSES.items(),
    *[(name, one) for name, one in vars(_native).items() if inspect.isbuiltin(one)],
    *[
        (f"{owner}.{name}", getattr(one, name))
        for owner, one in CLASSES.items()
        for name in sorted(public(vars(one)))
    ],
]


def descriptions(named):
    """The docstring without signatures, an entry for each overload."""
    doc = named.__doc__ or ""
    if inspect.isclass(named):
        return [doc.strip()]
    parts = re.split(r"^(?:\d+\. )?\w+\(.*\).*$", doc, flags=re.MULTILINE)
    return [part.strip() for part in parts[1:] if part.strip() != "Overloaded function."]


@pytest.mark.parametrize(("name", "named"), NAMED, ids=[name for name, _ in NAMED])
def test_every_public_name_says_what_it_does(name, named):
    assert descriptions(named)
    for description in descriptions(named):
        assert re.match(r"[A-Z][a-z]+s\b.*\.$", description, re.DOTALL), (name, description)


def test_the_module_says_what_it_is():
    assert _native.__doc__.startswith("The C++ core.")


def test_the_stub_has_the_same_names():
    stub = {}
    for node in ast.parse(STUB.read_text()).body:
        if isinstance(node, ast.ClassDef):
            stub[node.name] = public(n.name for n in node.body if isinstance(n, ast.FunctionDef))
        elif isinstance(node, ast.FunctionDef):
            stub[node.name] = set()
        elif isinstance(node, ast.AnnAssign):
            stub[node.target.id] = set()
    native = {name: set() for name in public(vars(_native))}
    native |= {name: public(vars(one)) for name, one in CLASSES.items()}
    assert stub == native
