"""Reads what `batch` and `image` write: the same from every file format."""

import csv
import json

import pytest
from helpers.found_faces import face, record, write_results

from mtcnn_rt.batch.formats import FORMATS
from mtcnn_rt.exports.results import read_results
from mtcnn_rt.faces import LANDMARKS

POINTS = [[30.25, 28], [50, 28], [40, 36.01], [32, 44], [48, 44]]
MISSING = {"frame": None, "time": None, "note": None, "error": None}
RECORDS = [
    record(
        "a.jpg",
        [face([1, 1, 9.13, 9], POINTS, 0.98765), face([0, 0, 314.14, 5], POINTS)],
        **MISSING,
    ),
    record("no face\udcff.jpg", [], **MISSING),
    record("a.jpg", [face([1, 2, 3, 4], POINTS, 0.5)], **MISSING),
    {**record("b.jpg", [], **MISSING), "width": None, "height": None, "error": "not, an image"},
    record("c.mp4", [], **{**MISSING, "frame": 7, "time": 0.28}),
]


@pytest.mark.parametrize("extension", FORMATS)
def test_every_format_of_batch_gives_the_same(tmp_path, extension):
    if extension == ".parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"results{extension}"
    kind = FORMATS[extension]()
    kind.join([kind.encode(RECORDS[:2]), kind.encode(RECORDS[2:])], path)
    found = list(read_results(path))
    assert [image.name for image in found] == [
        *("a.jpg", "no face\udcff.jpg", "a.jpg", "b.jpg", "c.mp4")
    ]
    assert [image.error for image in found] == ["", "", "", "not, an image", ""]
    assert [image.frame for image in found] == [None, None, None, None, 7]
    for image, written in zip(found, RECORDS, strict=True):
        assert (image.width, image.height) == (written["width"] or 0, written["height"] or 0)
        assert image.faces == written["faces"]


@pytest.mark.parametrize("extension", [".csv", ".jsonl"])
def test_a_byte_order_mark_is_passed_over(tmp_path, extension):
    path = tmp_path / f"results{extension}"
    kind = FORMATS[extension]()
    kind.join([kind.encode(RECORDS)], path)
    expected = list(read_results(path))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert list(read_results(path)) == expected
    assert len(expected) == 5


def test_the_json_of_image(tmp_path):
    path = tmp_path / "faces.json"
    path.write_text(json.dumps([record("a.jpg", [face([1, 1, 9, 9], POINTS)])]))
    [image] = read_results(path)
    assert list(image.faces[0]["landmarks"]) == list(LANDMARKS)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"frame": 0, "time": 0.0, "faces": []}', "1: a frame of a video"),
        ('{"image": "a", "boxes": [[1, 2, 3, 4]]}', "1: annotations, not results"),
        ("[1, 2]", " image 1: not a record of `mtcnn-rt batch`"),
        ("[", " not JSON"),
        ("\xff", " not results of `mtcnn-rt batch`: not UTF-8"),
        ('{"image": "a"}', "1: not a record of .* without 'width'"),
        (json.dumps(record("a", [{"box": [1, 2, 3]}])), "1: not a record of"),
        (json.dumps(record("a", [face([1, 2, 3, 1e300])])), "1: a face has a number that is none"),
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path, text, reason):
    path = tmp_path / "x.jsonl"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=rf"x\.jsonl:{reason}") as error:
        list(read_results(path))
    assert "\n" not in str(error.value)


def test_a_table_of_image_has_no_sizes(tmp_path):
    path = tmp_path / "faces.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerow(["image", "face", "x1"])
    with pytest.raises(ValueError, match="no column frame; of `mtcnn-rt image`, give the file of"):
        list(read_results(path))


def test_a_broken_row_is_named(tmp_path):
    kind = FORMATS[".csv"]()
    path = tmp_path / "r.csv"
    kind.join([kind.encode(RECORDS[:1])], path)
    path.write_text(path.read_text().replace("9.13", "wide"))
    with pytest.raises(ValueError, match=r"r\.csv:3: could not convert .*wide"):
        list(read_results(path))


def test_parquet_of_something_else(tmp_path):
    pyarrow = pytest.importorskip("pyarrow.parquet")
    import pyarrow as arrow

    path = tmp_path / "r.parquet"
    for content in (b"PAR1", b""):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"r\.parquet: not results of `mtcnn-rt batch`"):
            list(read_results(path))
    pyarrow.write_table(arrow.table({"x": [1]}), path)
    why = r"r\.parquet: not results of `mtcnn-rt batch`: it has no column faces$"
    with pytest.raises(ValueError, match=why):
        list(read_results(path))


def test_damaged_parquet_is_named(tmp_path):
    pytest.importorskip("pyarrow")
    kind = FORMATS[".parquet"]()
    path = tmp_path / "r.parquet"
    kind.join([kind.encode(RECORDS)], path)
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(100) + content[104:])
    with pytest.raises(ValueError, match=r"r\.parquet: not results of `mtcnn-rt batch`: [^\n]+$"):
        list(read_results(path))


@pytest.mark.parametrize("extension", [".parquet", ".jsonl"])
def test_sizes_with_a_point_are_read(tmp_path, extension):
    given = [{**one, "width": float(one["width"] or 0)} for one in RECORDS]
    path = tmp_path / f"r{extension}"
    if extension == ".jsonl":
        path.write_text("".join(f"{json.dumps(one)}\n" for one in given))
    else:
        parquet = pytest.importorskip("pyarrow.parquet")
        import pyarrow as arrow

        kind = FORMATS[extension]()
        kind.join([kind.encode(RECORDS)], path)
        table = parquet.read_table(path)
        parquet.write_table(
            table.set_column(
                table.schema.get_field_index("width"), "width", table["width"].cast("double")
            ),
            path,
        )
        assert parquet.read_schema(path).field("width").type == arrow.float64()
    sizes = [image.width for image in read_results(path)]
    assert sizes == [0 if one["error"] else one["width"] for one in RECORDS]
    assert all(isinstance(size, int) for size in sizes)


def test_results_that_were_written_by_hand(tmp_path):
    path = write_results(tmp_path / "r.jsonl", record("a.jpg", [face([1, 1, 9, 9])]))
    path.write_text(f"\n{path.read_text()}\n\n")
    assert [image.name for image in read_results(path)] == ["a.jpg"]


@pytest.mark.parametrize("extension", [".csv", ".jsonl", ".json"])
def test_results_with_a_byte_order_mark(tmp_path, extension):
    path = tmp_path / f"results{extension}"
    if extension == ".json":
        path.write_text(json.dumps(RECORDS[:1]))
    else:
        kind = FORMATS[extension]()
        kind.join([kind.encode(RECORDS[:1])], path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    [image] = read_results(path)
    assert (image.name, image.faces) == ("a.jpg", RECORDS[0]["faces"])
