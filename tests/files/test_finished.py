"""Tests of files and folders that are finished or absent."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from mtcnn_rt._files import finished, temporary
from mtcnn_rt._files.finished import finished_file, finished_folder, write_finished
from mtcnn_rt._files.temporary import remove_leftovers
from mtcnn_rt._signals import delayed_signals
from mtcnn_rt.cli.signals import terminate_as_interrupt


def listed(folder):
    return sorted(os.listdir(folder))


def test_a_folder_is_absent_until_it_is_finished(tmp_path):
    path = tmp_path / "above" / "new"
    with finished_folder(path) as temporary:
        (temporary / "file").write_text("content")
        assert not path.exists()
    assert (path / "file").read_text() == "content"
    assert listed(path.parent) == ["new"]


def test_an_exception_leaves_the_old_folder(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "file").write_text("old")

    def write_half(path):
        with finished_folder(path, overwrite=True) as temporary:
            (temporary / "file").write_text("new")
            raise KeyboardInterrupt

    for name in "old", "new":
        with pytest.raises(KeyboardInterrupt):
            write_half(tmp_path / name)
    assert listed(tmp_path) == ["old"]
    assert (tmp_path / "old" / "file").read_text() == "old"


def test_an_existing_folder_is_replaced_as_a_whole_if_asked(tmp_path):
    path = tmp_path / "x"
    path.mkdir()
    (path / "a").write_text("old")
    with pytest.raises(FileExistsError, match="x exists"), finished_folder(path):
        pytest.fail("entered")
    with finished_folder(path, overwrite=True) as temporary:
        (temporary / "a").write_text("new")
        (temporary / "b").write_text("new")
        assert (path / "a").read_text() == "old"
    assert listed(path) == ["a", "b"]
    assert (path / "a").read_text() == "new"
    assert listed(tmp_path) == ["x"]


def test_the_old_folder_is_restored_if_the_new_one_cannot_be_renamed(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.mkdir()
    (path / "a").write_text("old")
    rename = Path.rename
    monkeypatch.setattr(finished, "_swapped", lambda one, other: False)

    def failing(source, target):
        if source.suffix == ".tmp":
            raise OSError("the disk is gone")
        rename(source, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="the disk is gone"), finished_folder(path, True) as temporary:
        (temporary / "a").write_text("new")
    assert (path / "a").read_text() == "old"
    assert listed(tmp_path) == ["x"]


def test_a_folder_with_other_files_is_not_replaced(tmp_path):
    path = tmp_path / "x"
    path.mkdir()
    (path / "mine").write_text("old")
    message = "x is not replaced: it also holds mine"
    with pytest.raises(FileExistsError, match=message), finished_folder(path, True) as temporary:
        (temporary / "a").write_text("new")
    assert listed(path) == ["mine"]
    assert listed(tmp_path) == ["x"]


def test_a_file_is_not_replaced_by_a_folder(tmp_path):
    (tmp_path / "x").write_text("a file")
    message = "x exists and is not a folder"
    with pytest.raises(FileExistsError, match=message), finished_folder(tmp_path / "x", True):
        pass
    assert (tmp_path / "x").read_text() == "a file"


def test_a_folder_that_appears_meanwhile_stays(tmp_path):
    path = tmp_path / "x"

    def write_late():
        with finished_folder(path):
            path.mkdir()
            (path / "theirs").write_text("theirs")

    with pytest.raises(FileExistsError, match="x exists"):
        write_late()
    assert listed(path) == ["theirs"]
    assert listed(tmp_path) == ["x"]


def replace_a_folder(tmp_path):
    path = tmp_path / "x"
    path.mkdir()
    (path / "a").write_text("old")
    with finished_folder(path, True) as temporary:
        (temporary / "a").write_text("new")
    assert (path / "a").read_text() == "new"
    assert listed(tmp_path) == ["x"]


def test_a_folder_is_replaced_without_swapping(tmp_path, monkeypatch):
    monkeypatch.setattr(finished, "_swapped", lambda one, other: False)
    replace_a_folder(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux swaps folders in one step")
def test_a_folder_is_swapped_in_one_step(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "rename", lambda *_: pytest.fail("renamed"))
    replace_a_folder(tmp_path)


@pytest.mark.parametrize("dangling", [False, True])
def test_a_link_is_written_through(tmp_path, dangling):
    (tmp_path / "d").mkdir()
    target, link = tmp_path / "d" / "target", tmp_path / "link"
    link.symlink_to("d/target")
    if not dangling:
        target.write_text("old")
        with pytest.raises(FileExistsError, match="link exists"):
            write_finished(link, b"new")
        assert target.read_text() == "old"
    write_finished(link, b"new", overwrite=not dangling)
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert listed(tmp_path) == ["d", "link"]
    assert listed(tmp_path / "d") == ["target"]


def test_a_link_to_a_folder_is_written_through(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with finished_folder(tmp_path / "link", overwrite=True) as temporary:
        (temporary / "a").write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a").read_text() == "new"


@pytest.mark.parametrize(("make", "kind"), [(Path.mkdir, "a folder"), (os.mkfifo, "a device")])
def test_what_is_no_file_is_not_replaced(tmp_path, make, kind):
    make(tmp_path / "x")
    with pytest.raises(FileExistsError, match=f"x is {kind}"):
        write_finished(tmp_path / "x", b"new", overwrite=True)
    assert listed(tmp_path) == ["x"]


@pytest.mark.parametrize("length", [1, 200, 251, 255])
def test_a_name_of_any_length(tmp_path, length):
    name = "n" * (length - 4) + ".mp4" if length > 4 else "n" * length
    with finished_file(tmp_path / name) as temporary:
        assert len(temporary.name) <= 50
        assert temporary.suffix == (".mp4" if length > 4 else ".tmp")
    assert listed(tmp_path) == [name]
    write_finished(tmp_path / ("a." + "b" * 253), b"")


def test_content_and_names_are_brought_to_the_disk_before_and_after_the_renaming(
    tmp_path, monkeypatch
):
    done = []
    fsync, replace = os.fsync, os.replace

    def syncing(opened):
        done.append(os.readlink(f"/proc/self/fd/{opened}"))
        fsync(opened)

    def replacing(one, other):
        done.append("replace")
        replace(one, other)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(os, "replace", replacing)
    write_finished(tmp_path / "x", b"content")
    assert [".tmp" in done[0], *done[1:]] == [True, "replace", str(tmp_path)]
    done.clear()
    with finished_folder(tmp_path / "f") as temporary:
        (temporary / "a").write_text("new")
    assert [Path(path).name for path in done] == ["a", temporary.name, tmp_path.name]


def replace_folder(path: Path, patch: pytest.MonkeyPatch, call: str, good: int) -> None:
    """Replaces a folder; the calls of a function of `os` fail after some that work."""
    path.mkdir()
    calls, done = [], getattr(os, call)

    def failing(opened):
        calls.append(opened)
        done(opened)
        if len(calls) > good:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with finished_folder(path, overwrite=True) as folder:
        (folder / "a").write_text("new")
        patch.setattr(os, call, failing)


@pytest.mark.parametrize("call", ["fsync", "close"])
@pytest.mark.parametrize("good", range(3))
def test_an_error_of_the_disk_names_the_folder(tmp_path, monkeypatch, call, good):
    with (
        monkeypatch.context() as patch,
        pytest.raises(OSError, match=f"Input/output error: '{tmp_path / 'f'}'$"),
    ):
        replace_folder(tmp_path / "f", patch, call, good)
    assert call == "close" or listed(tmp_path) == ["f"]  # the next run removes the old folder


def test_an_error_of_closing_an_old_folder_is_passed_over(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        replace_folder(tmp_path / "f", patch, "close", 3)
    assert listed(tmp_path / "f") == ["a"]


def test_an_error_of_the_disk_names_the_file(tmp_path, monkeypatch):
    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left") as error:
        write_finished(tmp_path / "x", b"content")
    assert error.value.filename == str(tmp_path / "x")
    assert listed(tmp_path) == []


def test_leftovers_of_ended_processes_are_removed(tmp_path):
    code = """
import os, sys
from pathlib import Path
from mtcnn_rt._files.finished import finished_file, finished_folder
folder = Path(sys.argv[1])
with finished_file(folder / "x.mp4") as a, finished_folder(folder / "f") as b:
    (b / "a").write_text("half")
    print(a.name, b.name, flush=True)
    if sys.argv[2] == "kill":
        os.kill(os.getpid(), 9)
    sys.stdin.read()
"""
    words = [sys.executable, "-c", code, str(tmp_path)]
    killed = subprocess.run([*words, "kill"], capture_output=True, text=True)
    assert killed.returncode == -9
    with subprocess.Popen(
        [*words, "wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        alive = running.stdout.readline().split()
        temporary._searched.discard(tmp_path)
        (tmp_path / "mine.tmp").write_text("mine")
        write_finished(tmp_path / "y", b"new")
        assert listed(tmp_path) == sorted([*alive, "mine.tmp", "y"])
        running.stdin.close()
        assert running.wait() == 0
    assert listed(tmp_path) == ["f", "mine.tmp", "x.mp4", "y"]


def test_leftovers_of_other_computers_are_removed_after_a_week(tmp_path):
    old, new = (tmp_path / f".mtcnn-rt-0123abcd-1-{kind}.tmp" for kind in ("0" * 8, "1" * 8))
    for path, days in ((old, 8), (new, 6)):
        path.write_text("half")
        os.utime(path, (time.time() - days * 86400,) * 2)
    temporary._searched.discard(tmp_path)
    remove_leftovers(tmp_path)
    assert listed(tmp_path) == [new.name]


@pytest.mark.parametrize("call", ["rmdir", "open", "close", "unlink"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_old_folder_is_removed_leaves_nothing(
    tmp_path, monkeypatch, call, number
):
    """`shutil.rmtree` calls these functions of the system."""
    for content in "old", "new":
        function, calls = getattr(os, call), []

        def signaled(*words, function=function, calls=calls, **options):
            calls.append(words)
            os.kill(os.getpid(), number)
            return function(*words, **options)

        with (
            suppress(KeyboardInterrupt),
            terminate_as_interrupt(),
            finished_folder(tmp_path / "x", overwrite=True) as temporary,
        ):
            (temporary / "a").write_text(content)
            (temporary / "b").write_text(content)
            if content == "new":
                monkeypatch.setattr(shutil.os, call, signaled)
    monkeypatch.undo()
    assert calls
    assert listed(tmp_path) == ["x"]


def test_a_temporary_file_is_removed_where_the_disk_answers_no_questions(tmp_path, monkeypatch):
    def failing(*arguments, **other):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def write_half(patched):
        with finished_file(tmp_path / "file"):
            patched.setattr(os, "stat", failing)
            raise ZeroDivisionError

    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        write_half(patched)
    assert listed(tmp_path) == []


def test_a_signal_before_the_removal_begins_leaves_nothing(tmp_path, monkeypatch):
    remove, calls = finished.remove, []

    def interrupted(path):
        calls.append(path)
        if len(calls) == 1:
            raise KeyboardInterrupt
        remove(path)

    monkeypatch.setattr(finished, "remove", interrupted)
    with suppress(KeyboardInterrupt), finished_folder(tmp_path / "x") as temporary:
        (temporary / "a").write_text("a")
        raise ValueError("the reason for the removal")
    assert len(calls) == 2
    assert listed(tmp_path) == []


def test_a_delayed_signal_reaches_the_handler_of_before():
    came = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: came.append(number))
    try:
        with delayed_signals():
            os.kill(os.getpid(), signal.SIGTERM)
            assert came == []
        assert came == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_what_a_running_process_did_not_change_for_a_week_is_removed(tmp_path, monkeypatch):
    """Its number may be another process's: that of this test runs, and is in both names."""
    monkeypatch.setattr(temporary, "_searched", set())
    names = [f".mtcnn-rt-{temporary._host()}-{os.getpid()}-0000000{index}.tmp" for index in (1, 2)]
    for name, days in zip(names, (6, 8), strict=True):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, times=(0, time.time() - days * 24 * 3600))
    remove_leftovers(tmp_path)
    assert listed(tmp_path) == names[:1]
