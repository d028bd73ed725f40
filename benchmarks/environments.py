"""Finds detectors in other Python environments, for packages that cannot be installed together."""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.compare.peers import PEERS

_QUESTION = """
import json, sys
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
modules, owners = sys.argv[1:], packages_distributions()
absent = [module for module in modules if find_spec(module) is None]
names = {name for module in modules for name in owners.get(module, [])}
print(json.dumps([absent, {name: version(name) for name in sorted(names)}]))
"""


def parse_environment(text: str) -> tuple[str, Path]:
    """Parses a detector and the interpreter of its environment, such as mtcnn=env/bin/python."""
    name, _, file = text.partition("=")
    if name not in PEERS.modules or not Path(file).is_file():
        names = ", ".join(PEERS.modules)
        raise argparse.ArgumentTypeError(
            f"{text}: give a detector and the Python of its environment, NAME=FILE; {names}"
        )
    return name, Path(file).absolute()  # not resolved: a link tells Python its environment


def find(
    names: Sequence[str], pythons: Mapping[str, Path]
) -> tuple[list[str], dict[str, str], dict[str, str]]:
    """Finds detectors where they are installed.

    Args:
        names: The detectors, some of `PEERS.names`.
        pythons: Interpreters of other environments, by detector.

    Returns:
        The detectors that can run, in order; why the others cannot, by name; and the versions of
        the packages in other environments.
    """
    _, missing = PEERS.installed(name for name in names if name not in pythons)
    versions: dict[str, str] = {}
    for name in names:
        if name not in pythons:
            continue
        absent, found = _ask(pythons[name], PEERS.get(name).MODULES)
        versions |= found
        if absent:
            missing[name] = f"not installed in {pythons[name]}: {', '.join(absent)}"
    return [name for name in names if name not in missing], missing, versions


def _ask(python: Path, modules: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Returns the modules that an environment lacks, and the versions of the others' packages."""
    answer = subprocess.run(
        [python, "-c", _QUESTION, *modules], capture_output=True, text=True, check=True
    )
    absent, versions = json.loads(answer.stdout)
    return absent, versions
