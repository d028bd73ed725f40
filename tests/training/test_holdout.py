"""Tests how images are held out, and the evaluation on them."""

import hashlib
import os
from dataclasses import replace

import numpy as np
import pytest

from mtcnn_rt import MTCNN
from mtcnn_rt.annotations import read_annotations
from mtcnn_rt.evaluation.average_precision import average_precision, judged_image
from mtcnn_rt.training.holdout import is_held_out, name_seed, split_images

NAMES = [f"{number}.jpg" for number in range(4000)]


def test_the_name_alone_decides():
    digest = hashlib.sha256(b"7.jpg").hexdigest()
    share = int(digest[:16], 16) / 2**64
    assert not is_held_out("7.jpg", share)
    assert is_held_out("7.jpg", share + 1e-9)


@pytest.mark.parametrize("name", [os.fsdecode(b"caf\xe9.jpg"), "\ud83d.jpg"])
def test_names_that_are_no_unicode_are_split_too(drawn, name):
    """A file's name may be any bytes; JSON may have half a character."""
    usual = read_annotations(drawn).images
    odd = replace(usual[0], name=name)
    assert split_images([odd, *usual], 0) == ([odd, *usual], [])
    train, held_out = split_images([odd, *usual], 0.3)
    assert (odd in held_out) == is_held_out(name, 0.3)
    assert [image for image in train if image is not odd] == split_images(usual, 0.3)[0]


def test_the_split_of_usual_names_stays():
    assert name_seed("7.jpg") == 9703224499093606626
    assert name_seed("é.jpg") == 13276552614817644284


def test_about_the_share_is_held_out_and_more_with_a_larger_share():
    few, many = ({name for name in NAMES if is_held_out(name, share)} for share in (0.12, 0.3))
    assert 0.1 < len(few) / len(NAMES) < 0.14
    assert few < many
    assert not any(is_held_out(name, 0) for name in NAMES)


def test_images_are_split_and_keep_their_order(drawn):
    images = read_annotations(drawn).images
    train, held_out = split_images(images, 0.3)
    assert sorted(train + held_out, key=images.index) == images
    assert split_images(images[::-1], 0.3)[1] == held_out[::-1]
    assert split_images(images, 0) == (images, [])


def test_precision_is_measured_on_each_data_set(drawn):
    pytest.importorskip("torch", reason="PyTorch is not installed")
    from mtcnn_rt.training.watch import choose_images, held_out_precision

    images = read_annotations(drawn).images
    named = [replace(image, data_set="ab"[number % 2]) for number, image in enumerate(images)]
    nothing = np.full((2, 4), np.nan, np.float32)
    chosen = choose_images([*named, replace(named[0], boxes=nothing)], 3)
    assert {name: len(some) for name, some in chosen.items()} == {"a": 3, "b": 3}
    again = choose_images(named[::-1], 3)
    names = [[image.name for some in each.values() for image in some] for each in (chosen, again)]
    assert names[0] == names[1]
    detector = MTCNN(thresholds=(0.1, 0.1, 0.05), threads=1, model="published")
    found = held_out_precision(detector, chosen)
    for name, some in chosen.items():
        photos = [
            judged_image(image, faces.boxes, faces.scores)
            for image in some
            for faces in [detector.detect(image.read())]
        ]
        assert found[name] == pytest.approx(average_precision(photos)[0], abs=1e-5)
    empty = replace(named[0], ignored=np.ones(2, bool))
    assert held_out_precision(detector, {"x": [empty]}) == {"x": None}
