"""Threads that cannot start, forked processes, closed detectors and the end of the interpreter."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import mtcnn_rt
from mtcnn_rt import MTCNN
from mtcnn_rt._stage_timer import untimed
from mtcnn_rt.engines.sessions import Gate, check_threads
from mtcnn_rt.images import as_image

ENGINES = ("native", "onnxruntime")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="reads /proc")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="limits the address space")


def run(script, *arguments, timeout=120):
    """Runs a script in a new process; returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, *arguments],
        timeout=timeout,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


COUNT_THREADS = """
import os, time

def count():
    return len(os.listdir("/proc/self/task"))

def left_since(before):
    until = time.monotonic() + 10
    while count() > before and time.monotonic() < until:  # a thread is gone soon after its end
        time.sleep(0.01)
    return count() - before
"""

THREADS = """
import resource, sys
from mtcnn_rt import MTCNN
MTCNN(threads=2, engine=sys.argv[1], model="published")  # loads everything
before = count()
pages = int(open("/proc/self/statm").read().split()[0])
soft, hard = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (700 << 20), hard))
try:
    MTCNN(threads=1024, engine=sys.argv[1], model="published")
except RuntimeError as error:
    print(error)
print(left_since(before))
resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
"""


@needs_proc
@needs_linux
@pytest.mark.parametrize(
    ("engine", "wanted"), [("native", "1024"), ("onnxruntime", "the 3069 threads")]
)
def test_threads_that_cannot_be_started_are_an_error_with_their_number(engine, wanted):
    message, left = run(COUNT_THREADS + THREADS, engine).splitlines()
    start = "threads: the system started only "
    assert message.startswith(start)
    started, _, rest = message.removeprefix(start).partition(" of ")
    assert 10 < int(started) < 700
    assert rest.startswith(wanted)
    assert message.endswith("); ask for fewer threads")
    assert left == "0"


LIMITED = """
import resource, sys
from pathlib import Path
from mtcnn_rt import MTCNN
from mtcnn_rt.cli import main

def of_this_user():
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            count += len(list((folder / "task").iterdir())) * (folder.stat().st_uid == os.getuid())
        except OSError:
            pass
    return count

def command(threads, output):
    try:
        main(["image", sys.argv[2], "--no-images", "--json", output, "--overwrite",
              "--threads", threads, "--engine", sys.argv[1]])
    except SystemExit as end:
        return end.code

assert command("2", sys.argv[3]) == 0  # loads everything, which another user may not read
before = count()
if os.getuid() == 0:
    os.setuid(54321)  # the limit does not hold for root
allowed = of_this_user() + 30
resource.setrlimit(resource.RLIMIT_NPROC, (allowed, allowed))
try:
    MTCNN(threads=1000, engine=sys.argv[1], model="published")
except RuntimeError as error:
    print(error)
print(left_since(before))
assert len(MTCNN(threads=2, engine=sys.argv[1], model="published").detect(sys.argv[2])) >= 4
print(command("1000", "-"), flush=True)
os._exit(0)
"""


@needs_proc
@needs_linux
@pytest.mark.parametrize("engine", ENGINES)
def test_a_limit_of_processes_is_an_error_with_the_number_of_threads(
    engine, sample_frame, tmp_path
):
    """As `ulimit -u` and the limit of a container do, which count the threads of a user."""
    package = Path(mtcnn_rt.__file__).resolve()
    if os.getuid() == 0 and not all(each.stat().st_mode & 0o001 for each in package.parents):
        pytest.skip("the tests run as root, and the package lies where other users may not read")
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), sample_frame)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.name.startswith(("test", "popen", "pytest")):  # not the folder of all users
            folder.chmod(0o755)  # another user reads the photo
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            COUNT_THREADS + LIMITED,
            engine,
            str(photo),
            str(tmp_path / "out.json"),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    _, message, left, status = done.stdout.splitlines()
    start = "threads: the system started only "
    started, _, _ = message.removeprefix(start).partition(" of ")
    assert message.startswith(start)
    assert 5 < int(started) <= 31
    assert (left, status) == ("0", "2")
    [line] = done.stderr.splitlines()
    assert line.startswith(f"mtcnn-rt: error: {start}")


def test_threads_are_checked_without_leaving_any():
    check_threads(0, 1)
    check_threads(20, 8)


FORKS = """
import os, sys, threading, time
import numpy as np
from mtcnn_rt import MTCNN

forks, engine, threads = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
image = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
detector = MTCNN(threads=threads, engine=engine, thresholds=(0.1, 0.1, 0.1), model="published")
expected = detector.detect(image).boxes.tobytes()

def detect():
    while True:
        detector.detect(image)

for _ in range(3):
    threading.Thread(target=detect, daemon=True).start()
wrong, hung = 0, 0
for _ in range(forks):
    child = os.fork()
    if child == 0:
        same = detector.detect(image).boxes.tobytes() == expected
        os._exit(0 if same else 1)
    end = time.monotonic() + 30
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > end:
            os.kill(child, 9)
            ended = os.waitpid(child, 0)
            hung += 1
            break
        time.sleep(0.001)
    wrong += ended[1] != 0
print(wrong, hung, flush=True)
os._exit(0)
"""


@needs_fork
@pytest.mark.parametrize(
    ("forks", "engine", "threads"),
    [(300, "native", 2), (60, "native", 1), (20, "onnxruntime", 2)],
)
def test_children_that_are_forked_while_threads_detect(forks, engine, threads):
    assert run(FORKS, str(forks), engine, str(threads), timeout=400) == "0 0\n"


CHILD = """
import os, sys, threading
import numpy as np
from mtcnn_rt import MTCNN
image = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
detector = MTCNN(threads=4, engine=sys.argv[1], model="published")
closed = MTCNN(threads=2, engine=sys.argv[1], model="published")
detector.detect(image)
closed.close()
if os.fork() == 0:
    threads = [count()]
    detector.detect(image)
    threads.append(count())
    if os.fork() == 0:
        detector.detect(image)
        detector.close()
        sys.exit()
    assert os.wait()[1] == 0
    detector.close()
    threads.append(count())
    print(*threads)
    for one in detector, closed:
        try:
            one.detect(image)
        except RuntimeError as error:
            print(error)
    sys.exit()  # runs all destructors
assert os.wait()[1] == 0
print(len(detector.detect(image)))
"""


@needs_fork
@needs_proc
@pytest.mark.parametrize(("engine", "threads"), [("native", 4), ("onnxruntime", 10)])
def test_a_child_has_threads_of_its_own_until_it_closes_the_detector(engine, threads):
    counts, *rest = run(COUNT_THREADS + CHILD, engine).splitlines()
    assert counts == f"1 {threads} 1"
    assert rest == ["the detector is closed", "the detector is closed", "0"]


@needs_proc
@pytest.mark.parametrize("engine", ENGINES)
def test_closing_ends_the_threads(engine):
    script = """
import sys
import numpy as np
from mtcnn_rt import MTCNN
MTCNN(threads=1, engine=sys.argv[1], model="published").detect(np.zeros((50, 50, 3), np.uint8))
before = count()
detector = MTCNN(threads=4, engine=sys.argv[1], model="published")
print(count() > before)
detector.close()
print(count() - before)
"""
    assert run(COUNT_THREADS + script, engine).split() == ["True", "0"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("side", [5, 100])
def test_a_closed_detector_is_refused_whatever_the_image(engine, side):
    detector = MTCNN(threads=2, engine=engine, model="published")
    detector.close()
    detector.close()
    timed = detector._cascade.engine.timed_by(untimed)
    image = np.zeros((side, side, 3), np.uint8)
    with pytest.raises(RuntimeError, match=r"^the detector is closed$"):
        detector.detect(image)
    with pytest.raises(RuntimeError, match=r"^the detector is closed$"):
        timed.propose(as_image(image), [(20, 20)], 0.5)


END = """
import sys, threading, time
import numpy as np
from mtcnn_rt import MTCNN
detector = MTCNN(threads=2, engine=sys.argv[1], model="published")
image = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)

def detect():
    while True:
        detector.detect(image)

for _ in range(3):
    threading.Thread(target=detect, daemon=True).start()
time.sleep(float(sys.argv[2]))
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_the_interpreter_ends_while_daemon_threads_detect(engine):
    for delay in (0.02, 0.05, 0.051, 0.1, 0.13):
        assert run(END, engine, str(delay), timeout=30) == ""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_detection_during_the_end_of_the_interpreter(engine):
    """A function that runs at exit detects, in the thread that ends the interpreter."""
    script = """
import atexit, sys
import numpy as np
from mtcnn_rt import MTCNN
image = np.zeros((50, 50, 3), np.uint8)
atexit.register(lambda: print(len(detector.detect(image))))
detector = MTCNN(threads=2, engine=sys.argv[1], model="published")
"""
    assert run(script, engine, timeout=30) == "0\n"


def test_the_gate_lets_calls_through_one_within_another():
    gate = Gate()
    with gate.passing(), gate.passing():
        assert gate._inside == 2
    assert gate._inside == 0


TOO_LITTLE_MEMORY = """
import resource, sys
import numpy as np
from mtcnn_rt import MTCNN
image = np.load(sys.argv[1])
detector = MTCNN(threads=int(sys.argv[2]), engine="native", min_face_size=40)
before = detector.detect(image)
pages = int(open("/proc/self/statm").read().split()[0])
_, hard = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (700 << 20), hard))
huge = np.broadcast_to(np.zeros((1, 50000, 3), np.uint8), (40000, 50000, 3))
for image in (huge, huge, image):
    try:
        after = detector.detect(image)
    except MemoryError as error:
        print(type(error).__name__)
print(len(after), np.array_equal(after.boxes, before.boxes))
"""


@needs_linux
@pytest.mark.parametrize("threads", [1, 2])
def test_a_detection_after_one_for_which_there_was_too_little_memory(
    threads, sample_frame, tmp_path
):
    np.save(tmp_path / "frame.npy", sample_frame)
    printed = run(TOO_LITTLE_MEMORY, str(tmp_path / "frame.npy"), str(threads)).splitlines()
    assert printed == ["MemoryError", "MemoryError", "4 True"]
