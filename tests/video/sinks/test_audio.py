"""Audio that the output cannot hold as it is, encoded again."""

import av
import numpy as np
import pytest
from helpers.clips import copy, encode, join, packets, pattern, write_steady, write_tone


@pytest.fixture
def clip(tmp_path):
    return write_steady(tmp_path / "silent.mp4", 12)


@pytest.mark.parametrize(
    ("codec", "extension", "written"),
    [
        ("aac", ".webm", "libopus"),
        ("flac", ".mov", "aac"),
        ("pcm_s16le", ".mp4", "aac"),
        ("libopus", ".mov", "aac"),
        ("pcm_s16le", ".webm", "libopus"),
    ],
)
def test_audio_that_does_not_fit_is_encoded_again(tmp_path, clip, codec, extension, written):
    tone = write_tone(tmp_path / "tone.mkv", codec)
    source = join(tmp_path / "in.mkv", clip, (tone, {"language": "fra"}))
    sink = copy(source, tmp_path / f"copy{extension}")
    name = codec.removeprefix("lib")
    (note,) = sink.notes
    assert note == (f"audio ({name}) encoded again as {written}: {extension[1:]} cannot hold it")
    with av.open(tmp_path / f"copy{extension}") as container:
        assert container.streams.audio[0].language == "fra"
    assert frequency(tmp_path / f"copy{extension}") == pytest.approx(440, abs=3)
    length = sound_length(tmp_path / f"copy{extension}")
    assert length == pytest.approx(sound_length(source), abs=0.03)


@pytest.mark.parametrize(
    ("rate", "layout"), [(44100, "mono"), (8000, "mono"), (22050, "5.1"), (96000, "stereo")]
)
def test_audio_is_resampled_if_the_encoder_needs_it(tmp_path, clip, rate, layout):
    tone = write_tone(tmp_path / "tone.mkv", "flac", rate=rate, layout=layout)
    source = join(tmp_path / "in.mkv", clip, tone)
    for extension in (".webm", ".mov"):
        copy(source, tmp_path / f"copy{extension}")
        assert frequency(tmp_path / f"copy{extension}") == pytest.approx(440, abs=3)
        with av.open(tmp_path / f"copy{extension}") as container:
            channels = container.streams.audio[0].layout.nb_channels
        assert channels == {"mono": 1, "stereo": 2, "5.1": 6}[layout]


@pytest.mark.parametrize(
    ("codec", "layout", "extension", "kept"),
    [
        ("eac3", "5.1(side)", ".webm", "5.1"),
        ("wavpack", "4.0", ".webm", "quad"),
        ("pcm_s16le", "5.1", ".mp4", "5.1"),  # of which Matroska tells the number alone
        ("pcm_s16le", "mono", ".mp4", "mono"),
    ],
)
def test_no_channel_is_lost(tmp_path, clip, codec, layout, extension, kept):
    tone = write_tone(tmp_path / "tone.mkv", codec, layout=layout)
    output = tmp_path / f"copy{extension}"
    (note,) = copy(join(tmp_path / "in.mkv", clip, tone), output).notes
    assert "channels" not in note
    with av.open(output) as container:
        assert container.streams.audio[0].layout.name == kept
    assert frequency(output) == pytest.approx(440, abs=3)


def test_channels_that_are_lost_are_told(tmp_path, clip):
    tone = write_tone(tmp_path / "tone.mkv", "pcm_s16le", layout="hexadecagonal")
    output = tmp_path / "copy.mp4"
    assert copy(join(tmp_path / "in.mkv", clip, tone), output).notes == [
        "audio (pcm_s16le) encoded again in 2 of 16 channels as aac: mp4 cannot hold it"
    ]
    with av.open(output) as container:
        assert container.streams.audio[0].layout.name == "stereo"


def test_audio_of_a_transport_stream_fits_into_mp4(tmp_path, clip):
    """Its packets have a header that MP4 must not have."""
    tone = write_tone(tmp_path / "tone.ts", "aac")
    source = join(
        tmp_path / "in.ts", encode(tmp_path / "silent.ts", [pattern(n) for n in range(12)]), tone
    )
    for extension in (".mp4", ".mkv"):
        sink = copy(source, tmp_path / f"copy{extension}")
        assert sink.notes == []
        assert frequency(tmp_path / f"copy{extension}") == pytest.approx(440, abs=3)


def test_damaged_audio_packets_are_counted(tmp_path, clip):
    source = join(tmp_path / "in.mkv", clip, write_tone(tmp_path / "tone.mkv", "flac"))
    content = bytearray(source.read_bytes())
    for damaged in packets(source, "audio")[2:4]:
        place = content.index(damaged[0])
        content[place : place + 16] = bytes(16)
    source.write_bytes(content)
    sink = copy(source, tmp_path / "copy.mov")
    assert sink.notes[1:] == ["audio (flac): 2 damaged packets left out"]
    assert 0.3 < sound_length(tmp_path / "copy.mov") < 0.52


def sound(path):
    """Returns the samples of the first channel and their rate."""
    with av.open(path) as container:
        stream = container.streams.audio[0]
        one_kind = av.AudioResampler("fltp", stream.layout)
        parts = [
            part.to_ndarray()[0]
            for frame in container.decode(stream)
            for part in one_kind.resample(frame)
        ]
        return np.concatenate(parts), stream.rate


def frequency(path):
    """Returns the loudest frequency in the middle of the audio, in Hz."""
    samples, rate = sound(path)
    samples = samples[len(samples) // 5 : -len(samples) // 5]
    spectrum = abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 18))
    return spectrum.argmax() * rate / (1 << 18)


def sound_length(path):
    """Returns the duration of the audio, in seconds."""
    samples, rate = sound(path)
    return len(samples) / rate
