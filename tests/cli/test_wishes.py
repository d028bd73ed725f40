"""Options of several commands: rotations, covers, spared faces, the largest face."""

import json
import socket
import threading
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from helpers.command_results import assert_one_line_error

from mtcnn_rt import MTCNN
from mtcnn_rt.cli.face_choice import drawing_largest
from mtcnn_rt.cli.span_options import as_seconds
from mtcnn_rt.drawing.painter import CoveringPainter, DrawingPainter, Found
from mtcnn_rt.video.sources.file import FileSource


def inner(image: np.ndarray, box) -> np.ndarray:
    """Returns the middle of a box, which an ellipse covers as well."""
    x1, y1, x2, y2 = box
    across, down = (x2 - x1) / 4, (y2 - y1) / 4
    return image[round(y1 + down) : round(y2 - down), round(x1 + across) : round(x2 - across)]


@pytest.fixture
def short(tmp_path) -> Path:
    """The first 12 frames of the packaged clip."""
    from importlib.resources import files

    from mtcnn_rt.video.sinks.file import FileSink

    path = tmp_path / "short.mkv"
    with (
        FileSource(str(files("mtcnn_rt") / "sample.mp4")) as source,
        FileSink(path, source.format, quality=10) as sink,
    ):
        for frame in source:
            if frame.index < 12:
                sink.write(frame)
    return path


def records(path: str) -> list[dict]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def test_rotations_find_faces_upside_down(run, save, photo):
    save("photo.png", np.ascontiguousarray(np.rot90(photo, 2)))
    words = ("image", "photo.png", "--no-images", "--min-face-size", 40, "--json")
    assert run(*words, "one.json").exit_code == 0
    assert run(*words, "all.json", "--rotations", "0,90,180,270").exit_code == 0
    one, every = (json.loads(Path(name).read_text())[0] for name in ("one.json", "all.json"))
    assert len(one["faces"]) < len(every["faces"]) == 4
    expected = MTCNN(40, rotations=(0, 90, 180, 270)).detect(np.rot90(photo, 2)).to_dicts()
    assert every["faces"] == expected


@pytest.mark.parametrize("value", ["45", "", "0,0", "0;90", "90.0"])
def test_other_rotations_are_refused(run, save, photo, value):
    save("photo.png", photo)
    result = run("image", "photo.png", "--rotations", value)
    assert_one_line_error(result)
    assert "is not a list of some of 0, 90, 180, 270, each once" in result.stderr


def test_rotations_search_every_frame_of_a_video(run, short):
    result = run("process", short, "--no-video", "--jsonl", "a.jsonl", "--rotations", "0,180",
                 "--min-face-size", 60)  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert {face["id"] for one in records("a.jsonl") for face in one["faces"]} >= {1, 2, 3, 4}
    refused = run("process", short, "--rotations", "0,180", "--detect-every", 5)
    assert_one_line_error(refused)
    assert not Path("faces/short.mkv").exists()


def test_a_cover_replaces_black(run, save, photo, faces):
    save("photo.png", photo)
    cover = np.zeros((40, 40, 4), np.uint8)
    cover[:, 20:] = (10, 200, 30, 255)
    save("cover.png", cover)
    result = run("image", "photo.png", "--anonymize", "solid", "--cover", "cover.png")
    assert result.exit_code == 0, result.stderr
    copy = cv2.imread("faces/photo.png")
    for box in faces.boxes:
        area = inner(copy, box)
        width = area.shape[1]
        assert (area[:, : width // 3] == 255).all()
        assert (area[:, -(width // 3) :] == (10, 200, 30)).all()


def test_a_cover_works_in_an_animation(run, save, photo):
    with av.open("in.gif", "w") as output:
        stream = output.add_stream("gif", rate=10)
        stream.height, stream.width = photo.shape[:2]
        stream.pix_fmt = "rgb8"
        for _ in range(3):
            frame = av.VideoFrame.from_ndarray(photo, format="bgr24").reformat(format="rgb8")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    save("cover.png", np.full((9, 9, 3), (0, 0, 255), np.uint8))
    words = ("--anonymize", "solid", "--cover", "cover.png", "--jsonl", "faces.jsonl")
    assert run("process", "in.gif", *words, "--min-face-size", 40).exit_code == 0
    with FileSource("faces/in.gif") as source:
        images = [frame.image.astype(int) for frame in source]
    assert len(images) == 3
    for image, record in zip(images, records("faces.jsonl"), strict=True):
        assert len(record["faces"]) >= 3
        for face in record["faces"]:
            assert np.abs(inner(image, face["box"]) - (0, 0, 255)).max() < 12


def test_a_cover_is_an_input(run, save, photo):
    save("photo.png", photo)
    save("cover.png", np.zeros((4, 4, 3), np.uint8))
    before = Path("cover.png").read_bytes()
    words = ("--anonymize", "solid", "--cover", "cover.png", "--json", "cover.png", "--overwrite")
    result = run("image", "photo.png", *words)
    assert_one_line_error(result)
    assert "is an input" in result.stderr
    assert Path("cover.png").read_bytes() == before


@pytest.mark.parametrize("command", ["image", "process"])
@pytest.mark.parametrize("content", [None, b"no image"])
def test_a_cover_that_cannot_be_read_ends_the_command(run, save, photo, short, command, content):
    save("photo.png", photo)
    if content:
        Path("cover.png").write_bytes(content)
    file = "photo.png" if command == "image" else short
    result = run(command, file, "--anonymize", "solid", "--cover", "cover.png")
    assert_one_line_error(result)
    assert "cover.png" in result.stderr
    assert not Path("faces/photo.png").exists()
    assert not Path("faces/short.mkv").exists()


@pytest.mark.parametrize("command", ["image", "process", "webcam"])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--blur-strength", "2"], "--blur-strength needs --anonymize blur"),
        (["--blur-strength", "2", "--anonymize", "solid"], "needs --anonymize blur"),
        (["--block-size", "20", "--anonymize", "blur"], "--block-size needs --anonymize pixelate"),
        (["--cover", "a.png", "--anonymize", "blur"], "--cover needs --anonymize solid"),
        (["--blur-strength", "0.5", "--anonymize", "blur"], "with less than 1 faces may be reco"),
        (["--block-size", "0", "--anonymize", "pixelate"], "a number of pixels from 1 on, not 0"),
        (["--largest", "--anonymize", "blur"], "all other faces would stay visible"),
    ],
)
def test_options_of_covering_that_do_not_fit_are_refused(run, command, words, message):
    video = [] if command == "webcam" else ["missing.mp4"]
    result = run(command, *video, *words)
    assert_one_line_error(result)
    assert message in result.stderr


def test_strength_and_size_reach_the_copies(run, save, photo, faces):
    save("photo.png", photo)
    spread = {}
    for name, words in {
        "blur": ["blur"],
        "strong": ["blur", "--blur-strength", 4],
        "pixelate": ["pixelate"],
        "large": ["pixelate", "--block-size", 60],
    }.items():
        assert run("image", "photo.png", "--out", name, "--anonymize", *words).exit_code == 0
        copy = cv2.imread(f"{name}/photo.png")
        spread[name] = np.mean([inner(copy, box).std() for box in faces.boxes])
    assert spread["strong"] < 0.7 * spread["blur"]
    assert spread["large"] < 0.7 * spread["pixelate"]


def test_a_face_in_a_spared_region_stays(run, save, photo, faces):
    save("photo.png", photo)
    x1, y1, x2, y2 = faces.boxes[0]
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    region = f"{x - 2},{y - 2},{x + 2},{y + 2}"
    words = ("--anonymize", "solid", "--spare-region", region)
    assert run("image", "photo.png", *words).exit_code == 0
    copy = cv2.imread("faces/photo.png")
    assert (inner(copy, faces.boxes[0]) == inner(photo, faces.boxes[0])).all()
    for box in faces.boxes[1:]:
        assert (inner(copy, box) == 0).all()


def test_a_face_is_spared_by_its_id_in_every_frame(run, short):
    options = ("--min-face-size", 60, "--no-smooth")
    found = run("process", short, "--no-video", "--jsonl", "ids.jsonl", "--detect-every", 1,
                *options)  # fmt: skip
    assert found.exit_code == 0
    covered = run("process", short, "-o", "out.mkv", "--anonymize", "solid", "--spare-id", 2,
                  "--quality", 5, *options)  # fmt: skip
    assert covered.exit_code == 0
    with FileSource(short) as source, FileSource("out.mkv") as output:
        for before, after, one in zip(source, output, records("ids.jsonl"), strict=True):
            assert {face["id"] for face in one["faces"]} >= {1, 2, 3}
            for face in one["faces"]:
                old, new = (inner(f.image, face["box"]).astype(int) for f in (before, after))
                if face["id"] == 2:
                    assert np.abs(old - new).mean() < 6
                else:
                    assert new.max() < 20 < old.mean()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--spare-id", "1"], "--spare-id needs --anonymize"),
        (["--spare-region", "0,0,9,9"], "--spare-region needs --anonymize"),
        (["--spare-id", "1", "--anonymize", "blur", "--no-track"], "--spare-id needs ids"),
        (["--spare-id", "0", "--anonymize", "blur"], "--spare-id"),
        (["--spare-region", "9,0,0,9", "--anonymize", "blur"], "is not a region X1,Y1,X2,Y2"),
        (["--spare-region", "1,2,3", "--anonymize", "blur"], "is not a region X1,Y1,X2,Y2"),
        (["--spare-region", "0,0,nan,9", "--anonymize", "blur"], "is not a region X1,Y1,X2,Y2"),
    ],
)
def test_spared_faces_that_make_no_sense_are_refused(run, words, message):
    result = run("process", "missing.mp4", *words)
    assert_one_line_error(result)
    assert message in result.stderr


def test_images_have_no_ids_to_spare(run):
    assert "No such option" in run("image", "a.png", "--spare-id", "1").stderr


def test_the_largest_face_alone(run, save, photo, faces):
    save("photo.png", photo)
    assert run("image", "photo.png", "--largest", "--json", "one.json").exit_code == 0
    [record] = json.loads(Path("one.json").read_text())
    assert record["faces"] == faces.largest().to_dicts()
    assert run("crops", "photo.png", "--largest").exit_code == 0
    assert [path.name for path in Path("crops").iterdir()] == ["photo-1.png"]


def test_the_largest_face_of_each_frame(run, short):
    words = ("process", short, "--no-video", "--min-face-size", 60, "--jsonl")
    assert run(*words, "all.jsonl").exit_code == 0
    assert run(*words, "one.jsonl", "--largest").exit_code == 0
    for every, one in zip(records("all.jsonl"), records("one.jsonl"), strict=True):
        sides = [
            (face["box"][2] - face["box"][0]) * (face["box"][3] - face["box"][1])
            for face in every["faces"]
        ]
        assert one["faces"] == [every["faces"][int(np.argmax(sides))]]


def test_no_face_has_no_largest_one(run, save):
    save("plain.png", np.zeros((60, 60, 3), np.uint8))
    assert run("image", "plain.png", "--largest", "--json", "one.json").exit_code == 0
    assert json.loads(Path("one.json").read_text())[0]["faces"] == []


def test_a_part_of_a_video(run, short):
    words = ("process", short, "-o", "out.mp4", "--start", "0.2", "--end", "0:00.4")
    result = run(*words, "--jsonl", "out.jsonl", "--min-face-size", 80)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("5 frames, ")
    assert [one["time"] for one in records("out.jsonl")] == [0, 0.04, 0.08, 0.12, 0.16]
    assert [one["frame"] for one in records("out.jsonl")] == list(range(5))
    with FileSource("out.mp4") as output, FileSource(short) as source:
        expected = [frame.time for frame in source][5:10]
        assert [round(f.time + 0.2, 3) for f in output] == [round(t, 3) for t in expected]


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ([], ["video", "audio", "subtitle"]),
        (["--no-audio"], ["video", "subtitle"]),
        (["--no-subtitles"], ["video", "audio"]),
        (["--no-audio", "--no-subtitles"], ["video"]),
    ],
)
@pytest.mark.parametrize("extension", ["mp4", "mkv"])
def test_sound_and_subtitles_are_left_out_on_demand(run, tmp_path, extension, words, kinds):
    """Drones write the place of every second as subtitles."""
    from helpers.clips import SRT, join, write_steady, write_text, write_tone

    silent = write_steady(tmp_path / "silent.mp4", 10)
    tone = write_tone(tmp_path / "tone.mp4", "aac")
    text = write_text(tmp_path / "text.srt", SRT.replace("Hello", "GPS 12.9716, 77.5946"))
    clip = join(tmp_path / "loud.mkv", silent, tone, text)
    output = tmp_path / f"out.{extension}"
    assert run("process", clip, "-o", output, "--anonymize", "solid", *words).exit_code == 0
    with av.open(output) as container:
        assert [stream.type for stream in container.streams] == kinds
    assert (b"12.9716" in output.read_bytes()) == ("subtitle" in kinds)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("1:30", 90), ("01:02:03.5", 3723.5), ("0.04", 0.04), ("100:00", 6000)],
)
def test_times_have_seconds_minutes_and_hours(text, seconds):
    assert float(as_seconds(text)) == seconds


@pytest.mark.parametrize("text", ["", "-1", "1:60", "1:60:00", "1e3", "a", "1:2:3:4", "nan", ":5"])
def test_other_times_are_refused(run, text):
    result = run("process", "missing.mp4", f"--start={text}")
    assert_one_line_error(result)
    assert "is not a time such as 90, 1:30 or 00:01:30.5" in result.stderr


def test_an_end_before_the_start_is_refused(run):
    result = run("process", "missing.mp4", "--start", "1:00", "--end", "59")
    assert_one_line_error(result)
    assert "--end: 59 s is not after --start 60 s" in result.stderr


def test_a_start_after_the_end_leaves_no_output(run, short):
    result = run("process", short, "--start", "1:00", "--jsonl", "a.jsonl")
    assert_one_line_error(result)
    assert "short.mkv: no frame from 60 s on" in result.stderr
    assert not Path("faces/short.mkv").exists()
    assert not Path("a.jsonl").exists()


@pytest.mark.parametrize("command", ["process", "webcam"])
def test_an_address_that_takes_no_video_is_one_line(run, clip, command):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"rtsp://me:secret@127.0.0.1:{free.getsockname()[1]}/live"
    words = [clip] if command == "process" else ["--camera", clip, "--web", "127.0.0.1:0"]
    result = run(command, *words, "-o", url)
    assert_one_line_error(result)
    assert "/live: cannot be opened: " in result.stderr
    assert "secret" not in result.output


@pytest.mark.parametrize("command", ["process", "webcam"])
def test_a_video_is_sent_over_tcp(run, clip, command):
    received = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"tcp://127.0.0.1:{server.getsockname()[1]}"

        def receive() -> None:
            connection, _ = server.accept()
            with connection:
                while data := connection.recv(1 << 16):
                    received.append(data)

        thread = threading.Thread(target=receive)
        thread.start()
        words = [clip] if command == "process" else ["--camera", clip, "--web", "127.0.0.1:0"]
        result = run(command, *words, "-o", url)
        thread.join(20)
    assert result.exit_code == 0, result.stderr
    Path("received.ts").write_bytes(b"".join(received))
    with FileSource("received.ts") as source:
        assert source.size == (64, 48)
        frames = len(list(source))
    if command == "process":
        assert result.stdout.startswith("10 frames, 0 faces, ")
        assert result.stdout.endswith(f": {url}\n")
        assert frames == 10
    else:
        assert 1 <= frames <= 10  # a live view drops frames where it is slow


def test_a_live_view_sends_to_no_file(run):
    result = run("webcam", "-o", "out.mp4")
    assert_one_line_error(result)
    assert "is no address such as rtsp://host/live or a virtual camera" in result.stderr


def test_a_live_view_draws_the_largest_face_and_covers_all(faces, photo):
    painters = drawing_largest(
        {"off": DrawingPainter(), "solid": CoveringPainter("solid", shape="box")}
    )
    drawn, covered = photo.copy(), photo.copy()
    painters["off"].paint(drawn, Found(faces, [1, 2, 3, 4], faces.boxes))
    painters["solid"].paint(covered, Found(faces))
    expected = photo.copy()
    index = faces.largest_index()
    DrawingPainter().paint(expected, Found(faces.largest(), [index + 1]))
    assert (drawn == expected).all()
    assert all((inner(covered, box) == 0).all() for box in faces.boxes)
    painters["off"].paint(drawn, Found(faces[:0]))
