from dataclasses import replace

import cv2
import numpy as np
import pytest

from mtcnn_rt import MTCNN
from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.annotations.storage import Stored
from mtcnn_rt.training import mining, part_files
from mtcnn_rt.training.batches import open_samples
from mtcnn_rt.training.mining import faces_in, mine, squares_before
from mtcnn_rt.training.samples import Kind, sample_dtype
from mtcnn_rt.training.settings import Settings

SETTINGS = Settings(
    mining_scales=(1.0, 0.5), negatives_per_image=10, crops_per_face=4, landmark_variants=3
)


@pytest.fixture(scope="module")
def images(drawn):
    return read_annotations(drawn).images


def counts(file, network):
    kinds = open_samples(file, network)["kind"]
    return dict(zip(*(part.tolist() for part in np.unique(kinds, return_counts=True)), strict=True))


def test_pnet_samples_are_of_all_kinds(images, tmp_path):
    file = tmp_path / "pnet" / "samples.npy"
    assert mine(images, "pnet", SETTINGS, None, file) == []
    found = counts(file, "pnet")
    assert set(found) == set(Kind)
    assert found[Kind.LANDMARKS] == 24 * 2 * 3
    assert 100 < found[Kind.NEGATIVE] <= 24 * 2 * 10  # images, scales, at most of each
    assert 0 < found[Kind.POSITIVE] + found[Kind.PART] <= 24 * 2 * 2 * (4 + 5)
    assert not file.with_name("samples.npy.parts").exists()


def test_onet_gets_the_squares_that_the_detector_accepts(sample_frame, tmp_path, images):
    detector = MTCNN(min_face_size=20, thresholds=(0.6, 0.3, 0.0), threads=1, model="published")
    proposed, refined = (
        squares_before(detector, "rnet", sample_frame),
        squares_before(detector, "onet", sample_frame),
    )
    assert len(proposed) > len(refined) > len(detector.detect(sample_frame)) >= 4
    file = tmp_path / "samples.npy"
    mine(images[:4], "onet", replace(SETTINGS, crops_per_face=0), detector, file)
    squares = sum(len(squares_before(detector, "onet", image.read())) for image in images[:4])
    mined = [kind for kind in open_samples(file, "onet")["kind"] if kind != Kind.LANDMARKS]
    assert len(mined) <= 2 * (squares + 40)


def test_interrupted_mining_continues(images, tmp_path, monkeypatch):
    monkeypatch.setattr(mining, "IMAGES_IN_A_PART", 5)
    whole, broken = tmp_path / "a" / "samples.npy", tmp_path / "b" / "samples.npy"
    mine(images, "pnet", SETTINGS, None, whole)

    def stop_in_the_third(items, _):
        yield from items[:2]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mine(images, "pnet", SETTINGS, None, broken, stop_in_the_third)
    assert not broken.exists()
    parts = sorted(broken.with_name("samples.npy.parts").iterdir())
    assert [part.name for part in parts] == ["00000000.npy", "00000005.npy"]
    before = [part.stat().st_mtime_ns for part in parts]
    seen = []

    def watch(items, _):
        for item in items:
            seen.append([part.stat().st_mtime_ns for part in parts])
            yield item

    mine(images, "pnet", SETTINGS, None, broken, watch)
    assert seen == [before] * 5
    assert broken.read_bytes() == whole.read_bytes()


def test_a_resumed_call_names_the_unreadable_images_of_finished_parts(
    unreadable, images, tmp_path, monkeypatch
):
    monkeypatch.setattr(mining, "IMAGES_IN_A_PART", 2)
    mixed = [unreadable, *images[:4], unreadable]
    file = tmp_path / "pnet" / "samples.npy"

    def stop_in_the_second(items, _):
        yield from items[:1]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mine(mixed, "pnet", SETTINGS, None, file, stop_in_the_second)
    problems = mine(mixed, "pnet", SETTINGS, None, file)
    assert len(problems) == 2
    assert all("broken.png" in line for line in problems)
    assert [path.name for path in file.parent.iterdir()] == ["samples.npy"]


def test_a_part_that_is_written_again_forgets_its_problems(tmp_path):
    part = part_files.part_file(tmp_path / "samples.npy", 64)
    samples = np.zeros(3, sample_dtype(12))
    part_files.write_part(part, samples.dtype, samples, ["caf\udce9.jpg: no image", "two\nlines"])
    assert part_files.read_problems(part) == ["caf\udce9.jpg: no image", "two\nlines"]
    part_files.write_part(part, samples.dtype, samples, [])
    assert part_files.read_problems(part) == []
    assert [path.name for path in part.parent.iterdir()] == ["00000064.npy"]


def test_samples_depend_on_the_seed(images, tmp_path):
    files = [tmp_path / name for name in ("a", "b", "c")]
    for file, seed in zip(files, (0, 0, 1), strict=True):
        mine(images[:2], "pnet", replace(SETTINGS, seed=seed), None, file.with_suffix(".npy"))
    first, second, third = (file.with_suffix(".npy").read_bytes() for file in files)
    assert first == second != third


def test_an_image_with_a_face_without_a_box_gives_no_negatives(images, tmp_path):
    unboxed = replace(images[0], boxes=images[0].boxes * [[np.nan], [1]])
    assert faces_in(unboxed, 12) is None
    mine([unboxed], "pnet", SETTINGS, None, tmp_path / "samples.npy")
    assert counts(tmp_path / "samples.npy", "pnet") == {Kind.LANDMARKS: 2 * 3}


def test_small_and_ignored_faces_do_not_count(images):
    image = images[0]
    side = float((image.boxes[:, 2] - image.boxes[:, 0]).min())
    one, all_faces = faces_in(image, side + 0.5), faces_in(image, side)
    assert (len(one.boxes), len(one.ignored)) == (1, 1)
    assert (len(all_faces.boxes), len(all_faces.ignored)) == (2, 0)
    ignored = faces_in(replace(image, ignored=np.array([True, True])), 12)
    assert (len(ignored.boxes), len(ignored.ignored)) == (0, 2)


def test_an_image_that_cannot_be_read_is_reported(drawn, tmp_path, images):
    class Broken:
        def read(self, *_):
            raise ValueError("cannot read x.png")

    broken = replace(images[0], image=Broken())
    problems = mine([broken, images[1]], "pnet", SETTINGS, None, tmp_path / "samples.npy")
    assert problems == ["cannot read x.png"]
    assert counts(tmp_path / "samples.npy", "pnet")[Kind.LANDMARKS] == 2 * 3


def test_a_thin_image_is_mined(thin, images, tmp_path):
    settings = replace(SETTINGS, mining_scales=(1.0, 0.5, 0.01))
    alone, beside = tmp_path / "alone.npy", tmp_path / "beside.npy"
    assert mine(images[:1], "pnet", settings, None, alone) == []
    assert mine([images[0], thin], "pnet", settings, None, beside) == []
    before, after = open_samples(alone, "pnet"), open_samples(beside, "pnet")
    assert after[: len(before)].tobytes() == before.tobytes()


def test_a_jpeg_that_is_damaged_in_its_middle_is_left_out(images, tmp_path, capfd):
    whole = cv2.imencode(".jpg", images[0].read())[1].tobytes()
    middle = len(whole) // 2
    file = tmp_path / "half.jpg"
    file.write_bytes(whole[:middle] + bytes(512) + whole[middle + 512 :])
    damaged = replace(images[0], image=Stored(file, "half.jpg"))
    problems = mine([damaged, images[1]], "pnet", SETTINGS, None, tmp_path / "samples.npy")
    assert len(problems) == 1
    assert problems[0].startswith("cannot read half.jpg: its data are damaged (")
    assert capfd.readouterr().err == ""  # libjpeg's line, which has no name


@pytest.mark.parametrize("moved", [{"boxes": 1000}, {"landmarks": -1000}])
def test_a_face_outside_of_its_image_is_no_sample(images, tmp_path, moved):
    [(name, by)] = moved.items()
    broken = replace(images[0], **{name: getattr(images[0], name) + np.float32(by)})
    file = tmp_path / "samples.npy"
    [problem] = mine([broken, images[1]], "pnet", SETTINGS, None, file)
    assert problem.startswith(f"{broken.image.name}: its annotated face 1 is outside of its ")
    whole = tmp_path / "whole.npy"
    assert mine(
        [replace(images[0], image=Stored(tmp_path / "none", "")), images[1]],
        "pnet",
        SETTINGS,
        None,
        whole,
    ) == ["cannot read : No such file or directory"]
    assert counts(file, "pnet") == counts(whole, "pnet")
