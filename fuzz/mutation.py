"""Mutates seeds and hands them to a target, which has to accept them or raise what it documents.

A target is a function of bytes. It returns for whatever it accepts or refuses properly, and raises
for anything else. Here inputs are random changes of the seeds, which needs no other package; see
`fuzz.__main__` for inputs that follow the code that they reach.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Target = Callable[[bytes], None]

PIECES = (
    *(b"\0", b"\xff", b"\x80\x00\x00\x00", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\n", b" "),
    *(b"-1", b"NaN", b"1e400", b"9" * 5000, b"[" * 3000, b'{"a":' * 500, b"\\ud800", b"\xc3\x28"),
    *(
        b"../",
        b"/etc/hostname",
        b"null",
        b"true",
        b'""',
        b"[]",
        b"{}",
        b"%",
        b"'",
        b'"',
        b"\xe2\x80",
    ),
)


def mutated(content: bytes, others: Sequence[bytes], generator: random.Random) -> bytes:
    """Returns the content with a few random changes."""
    changed = bytearray(content)
    for _ in range(generator.choice((1, 1, 1, 2, 3, 8, 30))):
        at = generator.randrange(len(changed) + 1)
        if generator.random() < 0.5:
            at = min(at, generator.randrange(400))  # headers have the most to break
        to = min(len(changed), at + generator.choice((0, 0, 1, 1, 4, 40)))
        other = generator.choice(others)
        start = generator.randrange(len(other) + 1)
        changed[at:to] = generator.choice(
            (
                bytes([generator.randrange(256)]),
                generator.choice(PIECES),
                other[start : start + generator.randrange(60)],
                bytes(changed[at:to]) * generator.randrange(4),
            )
        )
    if generator.random() < 0.2:
        del changed[generator.randrange(len(changed) + 1) :]
    return bytes(changed)


def run(target: Target, seeds: Sequence[bytes], seconds: float, seed: int = 1) -> int:
    """Runs a target with mutated seeds for a time, without Atheris.

    Returns:
        The number of inputs.

    Raises:
        AssertionError: The target failed; the message has the start of the input.
    """
    generator = random.Random(seed)
    end, count = time.monotonic() + seconds, 0
    for content in seeds:
        target(content)
    while time.monotonic() < end:
        content = mutated(generator.choice(seeds), seeds, generator)
        try:
            target(content)
        except Exception as error:
            kept = Path(tempfile.gettempdir()) / f"fuzz-{target.__module__}-{seed}-{count}"
            kept.write_bytes(content)
            raise AssertionError(f"{type(error).__name__}: {error}; input: {kept}") from error
        count += 1
    return count
