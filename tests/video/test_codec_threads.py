"""Codecs where the system starts no more threads, and the line about it."""

import av
import cv2
import pytest
from av.codec.codec import UnknownCodecError

from mtcnn_rt._errors import NO_FILES, NO_MEMORY, NO_THREADS, text_of
from mtcnn_rt.video.codec_threads import open_codec


class Scarce:
    """A codec that opens with few threads only."""

    codec = av.Codec("ffv1", "r")

    def __init__(self, error, most):
        self.error, self.most, self.thread_count, self.tries = error, most, 0, 0

    def open(self):
        self.tries += 1
        if not 0 < self.thread_count <= self.most:
            raise self.error


AGAIN = av.error.BlockingIOError(11, "Resource temporarily unavailable", "avcodec_open2")
LIBRARY = av.error.ExternalError(-542398533, "Generic error in an external library")
INVALID = av.error.InvalidDataError(-1094995529, "Invalid data found when processing input")


@pytest.mark.parametrize("error", [AGAIN, LIBRARY])
def test_a_codec_without_threads_opens_with_one(error):
    codec = Scarce(error, most=1)
    open_codec(codec)
    assert (codec.thread_count, codec.tries) == (1, 2)


def test_other_errors_are_those_of_the_codec():
    for error, tries in ((AGAIN, 2), (LIBRARY, 2), (INVALID, 1)):
        codec = Scarce(error, most=0)
        with pytest.raises(type(error)):
            open_codec(codec)
        assert codec.tries == tries


class Forgetful(Scarce):
    """A codec as of FFmpeg 9, which is gone once it did not open: another attempt would crash."""

    @property
    def codec(self):
        raise UnknownCodecError(None)


@pytest.mark.parametrize("error", [AGAIN, LIBRARY])
def test_a_codec_that_is_gone_is_not_opened_again(error):
    codec = Forgetful(error, most=1)
    with pytest.raises(type(error)):
        open_codec(codec)
    assert (codec.thread_count, codec.tries) == (0, 1)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (RuntimeError("can't start new thread"), NO_THREADS),
        (MemoryError("std::bad_alloc"), NO_MEMORY),
        (cv2.error("std::bad_alloc"), NO_MEMORY),
        (cv2.error("OpenCV: error: (-4:Insufficient memory) Failed to allocate"), NO_MEMORY),
        (AGAIN, NO_THREADS),
        (BlockingIOError(11, "Resource temporarily unavailable"), NO_THREADS),
        (OSError(28, "No space left on device", "a.png"), "a.png: No space left on device"),
        (OSError(24, "Too many open files"), NO_FILES),
        (OSError(12, "Cannot allocate memory"), NO_MEMORY),
        (OSError(24, "Too many open files", "a.png"), "a.png: Too many open files"),
        (ValueError("a reason"), "a reason"),
        (ValueError(), "ValueError"),
    ],
)
def test_the_line_of_an_error_has_its_file_or_its_reason(error, text):
    assert text_of(error) == text
