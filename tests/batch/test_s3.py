"""Reads an archive from S3 and writes the results there, with the server of moto."""

import subprocess
import sys

import pytest
from helpers.archives import encoded

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
moto_server = pytest.importorskip("moto.server", reason="moto is not installed")
parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

pytestmark = pytest.mark.filterwarnings("ignore")
"""moto and boto3 have warnings of their own."""


@pytest.fixture(scope="module")
def server():
    running = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server, sample_frame, monkeypatch):
    """A bucket with eight images and a file that is none."""
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="photos")
    content = encoded(sample_frame)
    for number in range(8):
        client.put_object(Bucket="photos", Key=f"in/{number} ü.jpg", Body=content)
    client.put_object(Bucket="photos", Key="in/broken.jpg", Body=b"no image")
    return client


def run(folder, *words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "mtcnn_rt", "batch", *words, "--workers", "1"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_an_archive_on_s3_is_searched_killed_and_resumed(bucket, tmp_path):
    out = "s3://photos/out/faces.parquet"
    words = ["s3://photos/in", "--out", out, "--part", "2", "--min-face-size", "60"]
    killed = (
        "import sys, os; from mtcnn_rt.batch.parts import Parts; write = Parts.write\n"
        "def until(self, key, record):\n"
        "    write(self, key, record)\n"
        "    if self.totals.images == 5: os._exit(9)\n"
        "Parts.write = until\n"
        "from mtcnn_rt.cli import main; main(sys.argv[1:])\n"
    )
    command = [sys.executable, "-c", killed, "batch", *words, "--workers", "1"]
    assert subprocess.run(command, cwd=tmp_path).returncode == 9
    assert len(list((tmp_path / "faces.parquet.partial").glob("part-*"))) == 2
    done = run(tmp_path, *words, "--resume")
    assert done.returncode == 1  # the broken one
    assert done.stdout.startswith("9 images, 32 faces, ")
    assert not list(tmp_path.iterdir())

    content = bucket.get_object(Bucket="photos", Key="out/faces.parquet")["Body"].read()
    (tmp_path / "faces.parquet").write_bytes(content)
    rows = parquet.read_table(tmp_path / "faces.parquet").to_pylist()
    assert [row["image"] for row in rows[:2]] == [
        "s3://photos/in/0 ü.jpg",
        "s3://photos/in/1 ü.jpg",
    ]
    assert [len(row["faces"]) for row in rows] == [4] * 8 + [0]
    assert "not an image" in rows[8]["error"]
    assert parquet.ParquetFile(tmp_path / "faces.parquet").metadata.num_row_groups == 5
    again = run(tmp_path, *words, "--resume")
    assert again.stdout == f"{out} is complete\n"


def test_a_pattern_gives_what_it_matches(bucket, tmp_path):
    done = run(tmp_path, "s3://photos/in/[01]*.jpg", "--out", "faces.csv", "--min-face-size", "60")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 images, 8 faces, ")


def test_a_bucket_that_is_not_there_is_an_error_at_once(bucket, tmp_path):
    done = run(tmp_path, "s3://photos/in", "--out", "s3://missing/faces.csv")
    assert done.returncode == 2
    assert done.stderr == "mtcnn-rt: error: s3://missing/faces.csv: there is no bucket missing\n"
    assert not list(tmp_path.iterdir())
