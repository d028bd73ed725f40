"""`mtcnn-rt batch --ray`, on a local cluster of several processes."""

import os
import pickle
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from helpers.archives import encoded, write_archive

from mtcnn_rt import MTCNN
from mtcnn_rt._cores import usable_cores
from mtcnn_rt.batch import on_ray
from mtcnn_rt.batch.items import Bytes, Item
from mtcnn_rt.batch.notices import noticed_after
from mtcnn_rt.batch.on_ray import ClusterError, RayWorkers
from mtcnn_rt.batch.search import Search
from mtcnn_rt.batch.sent_detector import SentDetector, WorkerError

MISSING = "Ray is not installed: pip install 'mtcnn-rt[ray]'"
MOST = 1_000_000
OPTIONS = ["--min-face-size", "60"]
BATCH = [sys.executable, "-m", "mtcnn_rt", "batch"]
NICENESS = "RAY_worker_niceness"
os.environ.setdefault(NICENESS, "0")  # of 15, which starves beside other work
linux = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")


@pytest.fixture
def cluster():
    pytest.importorskip("ray.data", reason=MISSING)


@pytest.fixture(scope="module")
def detector():
    return MTCNN(min_face_size=60, threads=1)


@pytest.fixture(scope="module")
def archive(tmp_path_factory, sample_frame) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    assert write_archive(folder / "all", sample_frame, 12) == 53
    return folder


@pytest.fixture(scope="module")
def undisturbed(archive) -> bytes:
    """The results of worker processes, as JSON lines."""
    out = archive / "undisturbed.jsonl"
    words = [*BATCH, str(archive / "all"), "--out", str(out), "--workers", "1", *OPTIONS]
    assert subprocess.run(words, capture_output=True).returncode == 1
    return out.read_bytes()


def actors_below(process: int) -> list[int]:
    """Returns the processes of Ray's actors below a process that is the ancestor of a cluster."""
    parents, found = {}, []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "status").read_text()
            line = (folder / "cmdline").read_bytes()
        except OSError:  # it has ended
            continue
        parents[int(folder.name)] = int(re.search(r"PPid:\t(\d+)", status)[1])
        if line.startswith(b"ray::") and b"_Actor" in line:
            found.append(int(folder.name))

    def is_below(one: int) -> bool:
        while one and one != process:
            one = parents.get(one, 0)
        return one == process

    return [one for one in found if is_below(one)]


@linux
def test_results_are_those_of_worker_processes_though_an_actor_is_killed(
    cluster, archive, undisturbed, tmp_path
):
    out = tmp_path / "out.jsonl"
    words = [*BATCH, str(archive / "all"), "--out", str(out), "--ray", "local", "--workers", "2"]
    command = subprocess.Popen(
        [*words, *OPTIONS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    killed = 0
    while not killed and command.poll() is None:
        for actor in actors_below(command.pid)[:1]:
            os.kill(actor, signal.SIGKILL)
            killed = actor
        time.sleep(0.01)
    printed, errors = command.communicate(timeout=200)
    assert command.returncode == 1, errors
    assert killed
    assert printed.startswith("53 images, ")
    assert "5 failed" in printed
    assert errors.count("\n") == 5, errors  # the failures, and nothing of Ray
    assert out.read_bytes() == undisturbed


@pytest.mark.filterwarnings("ignore")  # those of Ray
def test_an_image_that_ends_its_actors_is_a_failure(cluster, detector, sample_frame, monkeypatch):
    items = [Item(f"{index}.jpg", Bytes(encoded(sample_frame))) for index in range(12)]
    expected = [(item.key, Search(detector, MOST, False).record(item)) for item in items]
    items[7] = Item("deadly.jpg", SimpleNamespace(read=os._exit))
    monkeypatch.setattr(on_ray, "CHUNK", 9)  # two chunks
    with RayWorkers("local", 2, (detector, MOST, False)) as workers:
        found = list(workers.records(iter(items)))
    key, record = found.pop(7)
    del expected[7]
    assert found == expected
    assert (key, record["error"]) == (
        "deadly.jpg",
        "cannot search deadly.jpg: its Ray workers ended, 3 times",
    )


def test_an_actor_with_another_model_ends_the_job(detector, sample_frame):
    """As on a machine that has another model at the same path; needs no cluster."""
    sent = SentDetector.of(detector)
    item = Item("a.jpg", Bytes(encoded(sample_frame)))
    batch = {"number": np.arange(1), "item": np.array([pickle.dumps(item)], object)}
    found = on_ray._Actor(sent, MOST, False)(batch)
    assert on_ray._read(found["record"][0]) == Search(detector, MOST, False).record(item)
    found = on_ray._Actor(replace(sent, sha256="another"), MOST, False)(batch)
    with pytest.raises(WorkerError, match="the model has changed since the job began"):
        on_ray._read(found["record"][0])


@pytest.mark.parametrize("address", ["", "here", "http://127.0.0.1:1", "127.0.0.1:x", "ray://a"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ClusterError, match="expected HOST:PORT, ray://HOST:PORT, auto or local"):
        on_ray._refuse_silence(address)


def test_an_address_that_does_not_answer_is_one_line(cluster, archive, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    words = [*BATCH, str(archive / "all"), "--out", "out.jsonl"]
    for address in (f"127.0.0.1:{port}", f"ray://127.0.0.1:{port}"):
        done = subprocess.run(
            [*words, "--ray", address], cwd=tmp_path, capture_output=True, text=True
        )
        assert (done.returncode, done.stdout) == (2, "")
        expected = f"mtcnn-rt: error: --ray: nothing answers at {address}: "
        assert done.stderr.startswith(expected)
        assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())  # so that the next run needs no decision


def test_a_cluster_here_has_a_core_for_each_actor_and_workers_that_do_not_starve(monkeypatch):
    monkeypatch.delenv(NICENESS, raising=False)
    assert RayWorkers("auto", 64, ())._local() == {}
    assert NICENESS not in os.environ
    assert RayWorkers("local", 64, ())._local() == {"include_dashboard": False, "num_cpus": 64}
    assert RayWorkers("local", None, ())._local()["num_cpus"] == usable_cores()
    assert os.environ[NICENESS] == "0"


@pytest.mark.parametrize(("address", "tries"), [("local", 3), ("auto", 1)])
def test_a_cluster_here_that_does_not_start_is_tried_again(address, tries):
    """Ray gives a cluster up after 30 s, which is not enough on a machine with other work."""
    calls = []

    def init(*_, **__):
        calls.append("init")
        raise RuntimeError("The current node\ntimed out during startup.")

    ray = SimpleNamespace(init=init, shutdown=lambda: calls.append("shutdown"))
    with pytest.raises(ClusterError) as raised:
        RayWorkers(address, 1, ())._connect(ray)
    assert calls == ["init", "shutdown"] * tries
    cure = "; without --ray, --workers needs no cluster" if address == "local" else ""
    assert str(raised.value) == (
        f"--ray: {address} cannot be used: The current node timed out during startup.{cure}"
    )


def test_a_long_wait_is_said_once(capsys):
    printed = threading.Event()

    def line():
        printed.set()
        return "waiting"

    with noticed_after(0, line):
        assert printed.wait(20)
        time.sleep(0.1)
    with noticed_after(0.05, line) as begun:
        begun()
        time.sleep(0.1)
    assert capsys.readouterr().err == "mtcnn-rt: waiting\n"


@pytest.mark.filterwarnings("ignore")  # those of Ray
def test_a_cluster_without_free_cores_is_waited_for_with_a_line(
    cluster, detector, sample_frame, monkeypatch, capfd
):
    class Holder:  # here, so that Ray sends it and workers need not import this module
        def here(self):
            return True

    monkeypatch.setattr(on_ray, "FIRST", 0.5)
    items = [Item(f"{index}.jpg", Bytes(encoded(sample_frame))) for index in range(3)]
    with RayWorkers("local", 2, (detector, MOST, False)) as workers:
        cores = int(workers._cores()[1])
        holder = workers._ray.remote(Holder).options(num_cpus=cores).remote()
        workers._ray.get(holder.here.remote())
        threading.Timer(3, workers._ray.kill, [holder]).start()
        found = list(workers.records(iter(items)))
    assert [key for key, _ in found] == ["0.jpg", "1.jpg", "2.jpg"]
    line = f"--ray: no image searched in 0 s; 0 of the cluster's {cores} cores were free"
    assert line in capfd.readouterr().err


def test_without_ray_there_is_one_line(archive, tmp_path):
    code = "import sys; sys.modules['ray'] = None; from mtcnn_rt.cli import main; main()"
    words = ["batch", str(archive / "all"), "--out", "out.jsonl", "--ray", "auto"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("mtcnn-rt: error: --ray needs Ray")
    assert ": pip install 'ray[data]'" in done.stderr
    assert not list(tmp_path.iterdir())
