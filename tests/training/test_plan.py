import shutil

import pytest

from mtcnn_rt.model import ModelError
from mtcnn_rt.training.plan import Plan, read_plan

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
    with pytest.raises(ValueError, match="has no image of split 'dev'"):
        Plan(("pnet",), (str(other),), split="dev").read_images()


def test_the_initial_model(tmp_path):
    assert Plan(("pnet",), ()).initial_model() is None
    assert PLAN.initial_model().name == "published"
    with pytest.raises(ModelError, match=r"model\.json"):
        Plan(("pnet",), (), init=str(tmp_path)).initial_model()


def test_the_source_names_data_and_initial_model():
    assert PLAN.source() == "rnet, onet trained by mtcnn-rt on b.jsonl, c, starting from published"
