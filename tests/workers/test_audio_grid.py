"""The audio grid: slots without holes, whatever the timestamps do."""

import io

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadEventError
from tests.media_files import tone
from workers.audio_grid import RATE_HZ, AudioGrid, AudioSlot, samples_of
from workers.events import AudioChunk


def ones(ms: int) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    return np.ones(ms * 16, dtype=np.int16)


def sound(slots: list[AudioSlot]) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    return np.frombuffer(b"".join(slot.pcm for slot in slots), dtype="<i2").astype(np.int16)


def chunk(payload: bytes, encoding: str = "pcm_s16le", rate_hz: int = RATE_HZ) -> AudioChunk:
    fields = {"encoding": encoding, "rate_hz": rate_hz, "payload": payload}
    times = {"slot": 3, "start_ms": 3_000, "end_ms": 4_000, "watermark_ms": 4_000}
    return AudioChunk.model_validate({"stream_id": "room"} | times | fields)


@given(st.lists(st.integers(1, 1_500), min_size=1, max_size=12))
def test_contiguous_sound_comes_out_as_it_went_in(lengths_ms: list[int]) -> None:
    grid, slots, whole, at_ms = AudioGrid(), [], [], 0
    for index, ms in enumerate(lengths_ms):
        piece = np.full(ms * 16, index + 1, dtype=np.int16)
        slots += grid.add(at_ms, piece)
        whole.append(piece)
        at_ms += ms
    slots += grid.flush(at_ms)
    assert np.array_equal(sound(slots), np.concatenate(whole))
    assert [slot.slot for slot in slots] == list(range(-(-at_ms // 1_000)))
    assert [slot.last for slot in slots] == [False] * (len(slots) - 1) + [True]
    assert slots[-1].end_ms == at_ms
    assert sum(slot.gap_ms for slot in slots) == 0


def test_a_hole_is_silence_and_counted_in_its_slots() -> None:
    #   |--0.8 s--|....1.4 s hole....|--0.5 s--|
    grid = AudioGrid()
    slots = grid.add(0, ones(800)) + grid.add(2_200, ones(500)) + grid.flush(2_700)
    assert [slot.gap_ms for slot in slots] == [200, 1_000, 200]
    assert np.flatnonzero(sound(slots) == 0).tolist() == list(range(800 * 16, 2_200 * 16))


def test_repeated_sound_is_trimmed() -> None:
    grid = AudioGrid()
    slots = grid.add(0, ones(800)) + grid.add(500, ones(500)) + grid.flush(1_000)
    assert len(sound(slots)) == 1_000 * 16
    assert grid.trimmed_ms == 300


def test_a_rounded_timestamp_is_no_hole() -> None:
    grid = AudioGrid()
    slots = grid.add(0, ones(500)) + grid.add(523, ones(500)) + grid.flush(1_000)
    assert [slot.gap_ms for slot in slots] == [0]


def test_a_silent_track_is_filled_up_and_ends_where_the_room_does() -> None:
    grid = AudioGrid()
    slots = grid.fill_to(2_500) + grid.flush(3_200)
    assert [(slot.start_ms, slot.end_ms, slot.gap_ms, slot.last) for slot in slots] == [
        (0, 1_000, 1_000, False),
        (1_000, 2_000, 1_000, False),
        (2_000, 3_000, 1_000, False),
        (3_000, 3_200, 200, True),
    ]


def test_a_track_without_any_sound_still_says_last() -> None:
    (slot,) = AudioGrid().flush(0)
    assert (slot.last, slot.pcm, slot.end_ms) == (True, b"", 0)


@pytest.mark.parametrize(("encoding", "codec"), [("flac", "flac"), ("opus", "libopus")])
def test_a_compressed_payload_is_read_as_the_samples_it_holds(encoding: str, codec: str) -> None:
    rate_hz = 48_000 if encoding == "opus" else RATE_HZ
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="ogg" if encoding == "opus" else "flac") as container:
        stream = container.add_stream(codec, rate=rate_hz, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            tone(1.0, rate_hz).reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate = rate_hz
        for part in [frame, None]:
            container.mux(stream.encode(part))
    samples = samples_of(chunk(buffer.getvalue(), encoding))
    assert samples.shape == (RATE_HZ,)
    spectrum = np.abs(np.fft.rfft(samples))
    assert int(np.argmax(spectrum)) == 440


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (chunk(b"abc"), "3 bytes are no 16-bit samples"),
        (chunk(b"ab", rate_hz=8_000), "8000 Hz PCM, only 16000 Hz"),
        (chunk(b"no flac at all", "flac"), "flac payload does not decode"),
    ],
)
def test_a_payload_that_is_not_what_it_says_is_refused(bad: AudioChunk, words: str) -> None:
    with pytest.raises(BadEventError, match=f"slot 3: .*{words}"):
        samples_of(bad)


def test_a_short_payload_is_filled_with_silence() -> None:
    assert samples_of(chunk(ones(250).tobytes())).sum() == 250 * 16
