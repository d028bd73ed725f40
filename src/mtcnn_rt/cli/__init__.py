"""The `mtcnn-rt` command. Each subcommand is a module here, loaded when it is called.

Internal: the command line is the way in.
"""

from __future__ import annotations

import gc
import os
import re
import sys
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

import click

from mtcnn_rt._errors import STDOUT, text_of
from mtcnn_rt.cli.messages import echo, flush_output, lead_nowhere, prepare_streams
from mtcnn_rt.cli.shared_options import add_shared_options
from mtcnn_rt.cli.signals import end_quietly, interrupted_between_imports

os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")  # a broken file gets a line of ours
warnings.filterwarnings("ignore", module=r"PIL\.")  # likewise

COMMANDS = (
    *("image", "crops", "batch", "export", "process", "webcam"),
    *("train", "evaluate", "convert", "bench", "info"),
)
"""The subcommands: modules here, each with a `command`."""

FAILED, INTERRUPTED = 2, 130

_LINE_END = re.compile(r"\s*[\r\n]\s*")


class Program(click.Group):
    """Loads a subcommand when it is called, and prints an error in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of the subcommands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Loads a subcommand; None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name != "train":  # whose matrices are large
            # OpenBLAS, NumPy's, starts a thread for each core; they spin while Python starts.
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        command: click.Command = import_module(f"mtcnn_rt.cli.{cmd_name}").command
        return add_shared_options(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Returns the subcommand that is called.

        Raises:
            UsageError: There is none of this name; the message has one that may be meant.
        """
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(_no_command(args[0]), ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the subcommand; Ctrl-C aborts it."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:  # here, since click would print an empty line for it
            raise click.Abort from interrupt

    def main(  # type: ignore[override]  # always ends the process
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Runs the command line, and ends the process with its exit status."""
        if getattr(sys, "frozen", False):
            _be_worker_if_started_as_one()
        given = list(sys.argv[1:] if args is None else args)
        options = given[: given.index("--")] if "--" in given else given
        debug = "--debug" in options
        given = [word for word in options if word != "--debug"] + given[len(options) :]
        extra["standalone_mode"] = False
        prepare_streams()
        with interrupted_between_imports() as came:
            try:
                status = super().main(given, prog_name or "mtcnn-rt", **extra)
                flush_output()
            except BrokenPipeError:  # the reader of our output has had enough
                lead_nowhere(sys.stdout)
                sys.exit(1)
            except Exception as error:
                if debug:
                    traceback.print_exc()
                with suppress(OSError):  # which Python would name once more as it ends
                    flush_output()
                # Libraries in C may have another error for an interrupt.
                sys.exit(_report(click.Abort() if came else error, given))
        gc.freeze()  # or Python would search all objects for cycles as it ends, several times
        sys.exit(status if isinstance(status, int) else 0)


def _be_worker_if_started_as_one() -> None:
    """Runs a worker process, and ends with it, where a frozen program was started for one.

    Such a program has no Python of its own: it starts itself, with words for multiprocessing.
    """
    import multiprocessing  # takes long to load

    multiprocessing.freeze_support()  # by this name, since PyInstaller replaces it


def _no_command(name: str) -> str:
    from difflib import get_close_matches

    if os.path.exists(name):
        return f"no such command: {name}; did you mean image {name}, or process {name}?"
    close = get_close_matches(name, COMMANDS, 1)
    meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(COMMANDS)}"
    return f"no such command: {name}; {meant}"


def _report(error: Exception, given: Sequence[str]) -> int:
    """Prints the error in one line, and returns the exit status."""
    if isinstance(error, ImportError):
        from mtcnn_rt._packages import explained

        called = next((word for word in given if word in COMMANDS), "this command")
        error = explained(error, called)
    if isinstance(error, click.Abort):
        end_quietly()
        echo(f"mtcnn-rt: {str(error) or 'interrupted'}", err=True)
        return INTERRUPTED
    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        click.echo(error)
        return 0
    if isinstance(error, click.NoSuchOption) and error.option_name == "-o":
        error = click.UsageError("no such option: -o; did you mean --out? It names a folder")
    if isinstance(error, click.NoSuchOption) and (file := _file_like_option(given)):
        error = click.UsageError(f"no such option: {file}; for the file write ./{file}")
    if isinstance(error, OSError) and error.filename is None and _came_of_printing(error):
        error = OSError(error.errno, error.strerror, STDOUT)
    message = text_of(error)
    if isinstance(error, click.ClickException):
        message = error.format_message()
    # Lines of libraries are joined; spaces in names stay.
    echo(f"mtcnn-rt: error: {_LINE_END.sub(' ', message.strip())}", err=True)
    return FAILED


def _came_of_printing(error: Exception) -> bool:
    """Returns true for an error that was raised where click prints, such as the help."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__") == click.utils.__name__


def _file_like_option(given: Sequence[str]) -> str | None:
    """Returns the first word that is a file and begins as options do."""
    return next((word for word in given if word.startswith("-") and os.path.isfile(word)), None)


@click.group(
    cls=Program,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="mtcnn-rt", message="mtcnn-rt %(version)s")
@click.option("--debug", is_flag=True, expose_value=False, help="Print the traceback of an error.")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Find faces and five landmarks in photos, videos and live cameras."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


add_shared_options(main)
