"""Makes the `Example:` sections of docstrings code in the documentation: a Griffe extension.

Griffe knows the section `Examples:`, of which it shows `>>>` lines as code. A section `Example:`
becomes one; an example without `>>>` that is nothing but Python gets a fence.
"""

from __future__ import annotations

import ast
import re
import textwrap
from typing import Any

from griffe import Extension, Object

_SECTION = re.compile(r"^Example:\n((?:[ \t]+.*\n|\n)*(?:[ \t]+.*)?)", re.MULTILINE)


class ExampleSections(Extension):
    """Rewrites the docstring of every object before it is parsed."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Rewrites the docstring of one object."""
        if obj.docstring is not None:
            obj.docstring.value = _SECTION.sub(_rewritten, obj.docstring.value)


def _rewritten(section: re.Match[str]) -> str:
    body = textwrap.dedent(section[1]).strip("\n")
    if _is_code(body):
        body = f"```python\n{body}\n```"
    return f"Examples:\n{textwrap.indent(body, '    ')}\n\n"


def _is_code(body: str) -> bool:
    """Returns whether the text is Python, which prose hardly ever is."""
    try:
        return bool(ast.parse(body).body)
    except SyntaxError:
        return False
