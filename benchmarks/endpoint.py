"""Loads the HTTP endpoint of the examples: requests a second, latencies, and its event loop.

    python -m benchmarks.endpoint --image ../shared/media/test1.jpg --clients 4 --seconds 10

Starts examples/fastapi_endpoint.py with uvicorn as a process of its own, and prints a Markdown
table. Each client sends one image after another. Meanwhile a probe asks every 20 ms for a page that
takes no work: its latency is the time for which the event loop was blocked, and what the scheduler
of the system adds. Needs FastAPI and uvicorn.
"""

from __future__ import annotations

import argparse
import http.client
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PROBE_EVERY = 0.02  # seconds
NO_WORK = "/no-such-page"


def main(arguments: Sequence[str] | None = None) -> None:
    """Parses the arguments, loads the endpoint, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image", type=Path, required=True, help="image file to send")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--seconds", type=float, default=10, help="length of each load")
    options = parser.parse_args(arguments)
    body = options.image.read_bytes()
    print("| clients | requests a second | p50 | p99 | probe p50 | probe p99 | longest probe |")
    print("|---|---|---|---|---|---|---|")
    with server() as port:
        send(port, body)  # the first request loads the decoder
        for clients in options.clients:
            requests, probes = load(port, body, clients, options.seconds)
            rate = len(requests) / options.seconds
            columns = [*in_ms(requests, 50, 99), *in_ms(probes, 50, 99, 100)]
            print(f"| {clients} | {rate:.1f} | {' | '.join(columns)} |", flush=True)


@contextmanager
def server() -> Iterator[int]:
    """Runs the endpoint for the block, and gives its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["-m", "uvicorn", "--app-dir", str(EXAMPLES), "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, *words, "--log-level", "error", "fastapi_endpoint:app"]
    )
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Waits until the server answers.

    Raises:
        RuntimeError: It has ended, or does not answer for a minute.
    """
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with connected(port) as connection:
                ask(connection, "GET", NO_WORK)
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the endpoint does not start; it needs FastAPI and uvicorn")


def load(port: int, body: bytes, clients: int, seconds: float) -> tuple[list[float], list[float]]:
    """Sends images for some seconds; returns the latencies of requests and probes in seconds."""
    end = time.perf_counter() + seconds
    requests: list[float] = []
    probes: list[float] = []

    def repeat(
        latencies: list[float], method: str, path: str, content: bytes, pause: float
    ) -> None:
        with connected(port) as connection:
            while time.perf_counter() < end:
                latencies.append(ask(connection, method, path, content))
                time.sleep(pause)

    senders = [(requests, "POST", "/faces", body, 0.0)] * clients
    threads = [
        threading.Thread(target=repeat, args=arguments)
        for arguments in (*senders, (probes, "GET", NO_WORK, b"", PROBE_EVERY))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return requests, probes


def send(port: int, body: bytes) -> float:
    """Sends one image; returns the seconds until the answer."""
    with connected(port) as connection:
        return ask(connection, "POST", "/faces", body)


def connected(port: int) -> closing[http.client.HTTPConnection]:
    """Returns a connection to the endpoint, which a `with` block closes."""
    return closing(http.client.HTTPConnection("127.0.0.1", port))


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: bytes = b"") -> float:
    """Sends a request, and returns the seconds until its whole answer.

    Raises:
        RuntimeError: The answer is an error of the server, or refuses the image.
    """
    start = time.perf_counter()
    connection.request(method, path, body)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200 and path != NO_WORK:
        raise RuntimeError(f"status {answer.status}: {text.decode()[:200]}")
    return time.perf_counter() - start


def in_ms(seconds: Sequence[float], *percentiles: float) -> list[str]:
    """Returns percentiles as texts in milliseconds."""
    return [f"{1000 * value:.1f} ms" for value in np.percentile(seconds, percentiles)]


if __name__ == "__main__":
    main()
