"""Checks the documents: the command lines that they show, and the tests of their code blocks.

The code blocks themselves are run by conftest.py beside README.md.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mtcnn_rt.cli import main
from mtcnn_rt.model import load_model

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("CONTRIBUTING.md"), *(ROOT / "docs").rglob("*.md")])
REPOSITORY_PAGES = [*PAGES, *ROOT.glob("*/README.md")]
FENCED = re.compile(
    r"^(?P<indent>[ \t]*)```[ \t]*(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=indent)```[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
INLINE = re.compile(r"`(mtcnn-rt [^`]+)`")
SHELLS = {"sh", "bash", "shell", "console"}
CHECKED_TYPES = (click.Choice, click.types.IntParamType, click.types.FloatParamType)


def shell_commands(text: str) -> Iterator[list[str]]:
    """Yields the words of each command in shell code; redirections are left out."""
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line.strip().removeprefix("$ "), posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        command: list[str] = []
        redirected = False
        for word in lexer:
            if set(word) <= set("|&;()"):
                yield command
                command = []
            elif set(word) <= set("<>"):
                redirected = True
            elif redirected:
                redirected = False
            else:
                command.append(word)
        yield command


def check_command(words: list[str], complete: bool = True) -> None:
    """Parses a command line without running it; raises `click.UsageError` where it is wrong.

    Args:
        words: The command line, from "mtcnn-rt" on.
        complete: Whether arguments and options that are required have to be there.
    """
    command: click.Command = main
    context = click.Context(command, info_name=words[0])
    rest = words[1:]
    if not complete and any(word == "..." or re.fullmatch("[A-Z]+", word) for word in rest[:2]):
        return  # a placeholder stands for the command
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(context, rest[0])
        if found is None:
            raise click.UsageError(f"no command {rest[0]!r}", context)
        context = click.Context(found, parent=context, info_name=rest[0])
        command, rest = found, rest[1:]
    values, left, _ = command.make_parser(context).parse_args(list(rest))
    if left and not isinstance(command, click.Group):
        raise click.UsageError(f"unexpected arguments: {' '.join(left)}", context)
    for parameter in command.params:
        value = values.get(parameter.name)
        # Other types are flags, and what click has for values that are not there.
        given = isinstance(value, (str, list, tuple)) and len(value) > 0
        if given and isinstance(parameter.type, CHECKED_TYPES):
            parameter.type_cast_value(context, value)
        if complete and parameter.required and not given and "--help" not in rest:
            raise click.MissingParameter(ctx=context, param=parameter)


def lines_of(page: Path) -> Iterator[tuple[list[str], bool]]:
    """Yields the command lines of mtcnn-rt in a page, and whether each has to be complete."""
    text = page.read_text(encoding="utf-8")
    for block in FENCED.finditer(text):
        if block["language"] in SHELLS:
            for words in shell_commands(block["text"]):
                if words[:1] == ["mtcnn-rt"]:
                    yield words, True
    for inline in INLINE.findall(FENCED.sub("", text)):
        for words in shell_commands(" ".join(inline.split())):
            if words[:1] == ["mtcnn-rt"]:
                yield words, False


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_command_lines_have_options_that_exist(page):
    for words, complete in lines_of(page):
        try:
            check_command(words, complete)
        except click.UsageError as error:
            pytest.fail(f"{page.relative_to(ROOT)}: {shlex.join(words)}: {error.format_message()}")


PARTS = ("benchmarks", "cpp", "docs", "examples", "fuzz", "models", "src", "tests", "tools")
NAMED_FILE = re.compile(rf"`((?:{'|'.join(PARTS)})/[A-Za-z0-9_./-]*)`")
NAME_IN_FILE = re.compile(r"`(\w+)`\s+(?:(?:of|in)\s+)?\(?`([\w/]+\.py)`")


def files_named(text: str) -> Iterator[str]:
    """Yields the files and folders of the repository that a page names, without placeholders."""
    for name in NAMED_FILE.findall(text):
        if not re.search("[A-Z]{3}", name.removesuffix("README.md")):
            yield name


@pytest.mark.parametrize("page", REPOSITORY_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_exist(page):
    missing = [
        name
        for name in files_named(page.read_text(encoding="utf-8"))
        if not ((ROOT / name).exists() or (page.parent / name).exists())
    ]
    assert missing == []


@pytest.mark.parametrize("page", REPOSITORY_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_functions_are_where_a_page_says(page):
    """Such as "`open_engine` (`src/mtcnn_rt/engines/choice.py`)"."""
    for name, file in NAME_IN_FILE.findall(page.read_text(encoding="utf-8")):
        places = [place for place in (ROOT / file, ROOT / "src/mtcnn_rt" / file) if place.exists()]
        assert places, f"{page.name}: there is no {file}"
        code = places[0].read_text(encoding="utf-8")
        assert re.search(rf"\b{name}\b", code), f"{page.name}: {name} is not in {file}"


def test_every_folder_is_in_the_map():
    page = (ROOT / "docs/explanation/architecture.md").read_text(encoding="utf-8")
    folders = [path.parent for path in (ROOT / "src/mtcnn_rt").glob("*/__init__.py")]
    assert len(folders) >= 15
    names = {one.name for one in folders}
    assert names - set(re.findall(r"`(?:src/mtcnn_rt/)?(\w+)/`", page)) == set()


def test_files_and_functions_are_found():
    texts = {page: page.read_text(encoding="utf-8") for page in REPOSITORY_PAGES}
    assert sum(len(list(files_named(text))) for text in texts.values()) >= 60
    found = NAME_IN_FILE.findall(texts[ROOT / "CONTRIBUTING.md"])
    assert ("open_engine", "src/mtcnn_rt/engines/choice.py") in found
    assert ("Source", "src/mtcnn_rt/video/frame.py") in found
    assert len(found) >= 7


def test_command_lines_are_found():
    assert sum(1 for page in PAGES for _ in lines_of(page)) >= 20


@pytest.mark.parametrize(
    "line",
    [
        "mtcnn-rt nothing",
        "mtcnn-rt image photos --no-such-option",
        "mtcnn-rt image photos --anonymize paint",
        "mtcnn-rt process clip.mp4 --min-face-size small",
        "mtcnn-rt convert pnet.pt rnet.pt onet.pt",
        "mtcnn-rt image",
    ],
)
def test_wrong_command_lines_are_noticed(line):
    with pytest.raises(click.UsageError):
        check_command(line.split())


def test_shell_code_is_split_into_commands():
    text = "pip install '.[test]' && mtcnn-rt image a \\\n  --out b >log # why\ncat log | wc -l"
    assert list(shell_commands(text)) == [
        ["pip", "install", ".[test]"],
        ["mtcnn-rt", "image", "a", "--out", "b"],
        ["cat", "log"],
        ["wc", "-l"],
    ]


PAGE = """
```python
from pathlib import Path

here = sorted(path.name for path in Path().iterdir())
```

```python title="The second one"
assert here == ["clip.mp4", "other.jpg", "photo.jpg", "photos"]
assert len(list(Path("photos").iterdir())) == 2
```

<!-- not run: needs a camera -->
```python
raise RuntimeError
```

=== "Tab"

    ```python
    assert len(here) == 5
    ```

```python
>>> len(here)
4
```

<!-- not run: needs two cameras -->

```python
>>> len(here)
5
```

```python
>>> len(here)
6
```

```python
print(open("leaves-it-open", "w"))
```
"""


@pytest.fixture
def page(pytester: pytest.Pytester) -> Path:
    """A page with blocks that run, that are skipped and that fail."""
    pytester.makeconftest((ROOT / "conftest.py").read_text(encoding="utf-8"))
    path = pytester.path / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_blocks_run_in_order_and_share_a_namespace(pytester, page):
    result = pytester.runpytest_subprocess(page, "-rs", "-W", "error", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=4, skipped=2, warnings=1, failed=2)
    result.stdout.fnmatch_lines(["*needs a camera*", "*needs two cameras*"])


PLAIN_PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("[!.]*/**/README.md")])
"""Those outside the site; `mkdocs build --strict` checks the links of the site."""


@pytest.mark.parametrize("page", PLAIN_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_pages_outside_the_site_lead_to_files(page):
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if not target.startswith(("http", "mailto:"))]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_pages_that_the_code_names_exist():
    named = {
        name
        for folder in ("src", "examples", "benchmarks", "models", "tools", "cpp")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".hpp", ".cpp"}
        for name in re.findall(r"\bdocs/[\w/-]+\.md", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 5
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_the_list_of_commands_fits_a_terminal_of_80_columns():
    """Some descriptions ended in "..." before they told what the command does."""
    text = main.get_help(click.Context(main, info_name="mtcnn-rt", terminal_width=80))
    _, commands = text.split("Commands:\n")
    lines = commands.splitlines()
    assert len(lines) == 11
    assert [line for line in lines if not line.endswith(".") or line.endswith("...")] == []


def test_the_digests_in_the_example_of_verbose_are_those_of_the_default_model():
    text = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"\b(pnet|rnet) ([0-9a-f]{12})\b", text))
    networks = load_model().networks
    assert shown == {name: networks[name].sha256[:12] for name in ("pnet", "rnet")}
