import json
import re
import shutil

import numpy as np
import pytest

from mtcnn_rt.model import ModelError, load_model
from mtcnn_rt.training.plan import Plan, digest, read_plan

PLAN = Plan(("rnet", "onet"), ("/a/b.jsonl", "/c"), init="published", scratch=True)


def test_a_plan_is_read_as_it_was_written(tmp_path):
    (tmp_path / "run.json").write_text(PLAN.as_json())
    assert read_plan(tmp_path / "run.json") == PLAN


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "{}", PLAN.as_json().replace('"/c"', "5"), PLAN.as_json() + "x"]
)
def test_another_file_is_refused(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(ValueError, match=r"run\.json: not the plan of a training: "):
        read_plan(tmp_path / "run.json")


def test_images_of_the_split_are_joined_from_all_data(drawn, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(drawn, other)
    lines = (other / "annotations.jsonl").read_text().splitlines()
    marked = [
        line[:-1] + f', "split": "{("train", "test")[k % 2]}"}}' for k, line in enumerate(lines)
    ]
    (other / "annotations.jsonl").write_text("\n".join([*marked, "broken"]))
    plan = Plan(("pnet",), (str(drawn), str(other)))
    images, problems = plan.read_images()
    assert len(images) == 24 + 12
    assert {image.split for image in images} == {"", "train"}
    assert len(problems) == 1
    assert "annotations.jsonl:25: " in problems[0]
    with pytest.raises(ValueError, match=r"has no image of split 'dev'; there is test, train$"):
        Plan(("pnet",), (str(other),), split="dev").read_images()


def test_landmarks_in_one_point_are_named_and_left_out(drawn, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(drawn, data)
    lines = [json.loads(line) for line in (data / "annotations.jsonl").read_text().splitlines()]
    lines[2]["landmarks"][1] = [[30, 40]] * 5
    (data / "annotations.jsonl").write_text("\n".join(map(json.dumps, lines)))
    images, problems = Plan(("onet",), (str(data),)).read_images()
    name = lines[2]["image"]
    line = f"{data}: {name}: face 2: its five landmarks are in one point, and are left out"
    assert problems == [line]
    assert np.isnan(images[2].landmarks[1]).all()
    assert np.isfinite(images[2].landmarks[0]).all()
    assert np.isfinite(images[2].boxes).all()


def test_data_of_which_all_landmarks_are_in_one_point_are_refused(drawn, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(drawn, data)
    lines = [json.loads(line) for line in (data / "annotations.jsonl").read_text().splitlines()]
    single = [{"image": line["image"], "landmarks": [[30, 40]] * 5} for line in lines]
    (data / "annotations.jsonl").write_text("\n".join(map(json.dumps, single)))
    message = f"^{re.escape(str(data))}: has no usable face; .*: face 1: its five "
    with pytest.raises(ValueError, match=message):
        Plan(("onet",), (str(data),)).read_images()


def test_the_initial_model(tmp_path):
    assert Plan(("pnet",), ()).initial_model() is None
    assert PLAN.initial_model().name == "published"
    with pytest.raises(ModelError, match=r"model\.json"):
        Plan(("pnet",), (), init=str(tmp_path)).initial_model()


def test_another_model_in_the_place_of_the_initial_one_is_refused(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(load_model("published").path, folder)
    plan = Plan(("pnet",), (), init=str(folder), init_sha256=load_model(folder).sha256)
    assert plan.initial_model().name == "published"
    shutil.rmtree(folder)
    shutil.copytree(load_model("distilled").path, folder)
    with pytest.raises(ModelError, match="has another model than when the run began"):
        plan.initial_model()


@pytest.mark.parametrize("change", ["image", "box", "order"])
def test_other_data_than_when_the_run_began_are_refused(drawn, tmp_path, change):
    data = tmp_path / "data"
    shutil.copytree(drawn, data)
    images, _ = Plan(("pnet",), (str(data),)).read_images()
    plan = Plan(("pnet",), (str(data),), data_sha256=digest(images))
    assert [image.name for image in plan.read_images()[0]] == [image.name for image in images]
    file = data / "annotations.jsonl"
    lines = file.read_text().splitlines()
    if change == "image":
        images[5].image.path.unlink()
    elif change == "box":
        described = json.loads(lines[3])
        described["boxes"][0][2] += 1
        file.write_text("\n".join([*lines[:3], json.dumps(described), *lines[4:]]))
    else:
        file.write_text("\n".join(lines[::-1]))
    message = (
        f"{data}: has other images or annotations than when the run began; put those back, or "
        "start another run"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        plan.read_images()


def test_the_source_names_data_and_initial_model():
    assert PLAN.source() == "rnet, onet trained by mtcnn-rt on b.jsonl, c, starting from published"
