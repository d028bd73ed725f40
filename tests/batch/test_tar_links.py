"""Links in tar files are images, too: they lead to members of the archive, or have a reason."""

import os
import pickle
import re
import subprocess
import tarfile

import pytest
from helpers.archives import add

from mtcnn_rt.batch.sources import Sources

MOST = 10**7
HARD, SYMBOLIC = tarfile.LNKTYPE, tarfile.SYMTYPE


def link(archive, kind, name, target):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    archive.addfile(member)


def contents_of(path) -> dict[str, bytes | str]:
    """Returns the content of each image, or why it has none."""
    found = Sources([str(path)], None, MOST, 1)
    items = list(found.items())
    assert found.count() in (None, len(items))
    contents = {}
    for item in items:
        name = item.name.removeprefix(f"{path}/")
        try:
            contents[name] = pickle.loads(pickle.dumps(item.content)).read(MOST)
        except ValueError as error:
            contents[name] = str(error).removeprefix(f"cannot read {item.name}: ")
    return contents


def test_a_link_is_what_it_leads_to(tmp_path):
    """Before, links were passed over without a word."""
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        link(archive, SYMBOLIC, "d/early.jpg", "./../blob")
        add(archive, "./a.jpg", b"first")
        add(archive, "blob", b"blob")
        link(archive, HARD, "b.jpg", "a.jpg")
        link(archive, SYMBOLIC, "d/c.jpg", "../a.jpg")
        link(archive, SYMBOLIC, "d/e.jpg", "c.jpg")
        link(archive, HARD, "d/f.jpg", "d/e.jpg")
        link(archive, SYMBOLIC, "d/note.txt", "../a.jpg")
        link(archive, SYMBOLIC, ".hidden.jpg", "a.jpg")
    assert contents_of(path) == {
        **{"d/early.jpg": b"blob", "./a.jpg": b"first", "b.jpg": b"first", "d/c.jpg": b"first"},
        **{"d/e.jpg": b"first", "d/f.jpg": b"first"},
    }


def test_a_hard_link_is_the_member_before_it_and_a_symbolic_one_the_last(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        add(archive, "x", b"old")
        link(archive, HARD, "hard.jpg", "x")
        link(archive, SYMBOLIC, "soft.jpg", "x")
        add(archive, "x", b"new")
    assert contents_of(path) == {"hard.jpg": b"old", "soft.jpg": b"new"}


@pytest.mark.parametrize("kind", [HARD, SYMBOLIC])
def test_nothing_outside_the_archive_is_read(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    targets = ["secret.jpg", "../secret.jpg", str(tmp_path / "secret.jpg"), "d", "/proc/self/fd/0"]
    with tarfile.open("a.tar", "w") as archive:
        folder = tarfile.TarInfo("d")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for index, target in enumerate(targets):
            link(archive, kind, f"{index}.jpg", target)
    assert contents_of("a.tar") == {
        f"{index}.jpg": f"a link to {target}, which is no file in the archive"
        for index, target in enumerate(targets)
    }


def test_links_that_lead_in_a_circle_end(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, target in (("a.jpg", "b.jpg"), ("b.jpg", "a.jpg"), ("c.jpg", "c.jpg")):
            link(archive, SYMBOLIC, name, target)
    reasons = contents_of(tmp_path / "a.tar").values()
    assert len(reasons) == 3
    assert all(
        re.fullmatch(r"a link to .\.jpg, which leads .* than 40 links", why) for why in reasons
    )


@pytest.mark.parametrize("kind", [HARD, SYMBOLIC])
def test_a_link_in_a_compressed_file_has_a_reason(tmp_path, kind):
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
        add(archive, "a.jpg", b"first")
        link(archive, kind, "b.jpg", "a.jpg")
    contents = contents_of(tmp_path / "a.tgz")
    assert contents["a.jpg"] == b"first"
    assert re.fullmatch(r"a link to a\.jpg; links in compressed .* unpack it", contents["b.jpg"])


def test_a_link_before_a_damaged_header_is_followed(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        add(archive, "a.jpg", b"first")
        link(archive, HARD, "b.jpg", "a.jpg")
    path.write_bytes(path.read_bytes()[: 3 * 512])
    *found, (name, reason) = contents_of(path).items()
    assert dict(found) == {"a.jpg": b"first", "b.jpg": b"first"}
    assert (name, "it was cut off" in reason) == (str(path), True)


def test_a_link_to_a_file_that_is_too_large_is_refused(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        add(archive, "a", b"x")
        link(archive, HARD, "b.jpg", "a")
    (item,) = Sources([str(path)], None, -(1 << 22), 1).items()  # less than 64 MB
    with pytest.raises(ValueError, match=r"larger than"):
        item.content.read(MOST)


def test_links_of_the_program_tar_are_followed(tmp_path):
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"first")
    try:
        os.link(folder / "a.jpg", folder / "b.jpg")
        (folder / "c.jpg").symlink_to("a.jpg")
        subprocess.run(["tar", "-cf", "a.tar", "all"], cwd=tmp_path, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no links, or no program tar")
    expected = {f"all/{name}.jpg": b"first" for name in "abc"}
    assert contents_of(tmp_path / "a.tar") == expected


def test_many_links_are_found_in_linear_time(tmp_path, monkeypatch):
    from mtcnn_rt.batch import tar_links

    searches = []
    opened = tar_links.opened_tar
    monkeypatch.setattr(tar_links, "opened_tar", lambda path: searches.append(path) or opened(path))
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for index in range(500):
            add(archive, f"{index}.bin", b"x%d" % index)
            link(archive, HARD, f"{index}.jpg", f"{index}.bin")
    contents = contents_of(tmp_path / "a.tar")
    assert contents == {f"{index}.jpg": b"x%d" % index for index in range(500)}
    assert len(searches) == 2
