"""Checks that the linters are the same wherever they are called."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOOKS = re.findall(
    r"^ +entry: (.+)$", (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"), re.MULTILINE
)


@pytest.mark.parametrize("command", HOOKS)
def test_hooks_are_the_linters_of_the_script(command):
    script = (ROOT / "tools/lint.sh").read_text(encoding="utf-8")
    assert re.search(rf"(^|\| xargs ){re.escape(command)}( \.)?$", script, re.MULTILINE)


def test_every_linter_is_a_hook():
    assert len(HOOKS) == 4


@pytest.mark.parametrize("caller", [".ci/run", "noxfile.py"])
def test_checks_call_the_script(caller):
    assert "tools/lint.sh" in (ROOT / caller).read_text(encoding="utf-8")
