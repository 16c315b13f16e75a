"""What a clip's vector event tells of pictures and words alone, written and read."""

from pathlib import Path

import numpy as np
import pytest

from models.batch import Sample
from models.errors import BadEventError
from models.fusion import Floats, Layout, unit
from tests.tiny_vision import ColourAndWords, picture
from tests.workers.clip_vectors import vectors
from workers.clip_vectors import ClipVectors, read_vectors
from workers.events import ClipText, FrameRef, Sense, Vector
from workers.rooms.event_file import read_events, write_events
from workers.rooms.timed import Timed

ONE_SPACE = Layout("mean", 3, 3)
SIDE_BY_SIDE = Layout("concat", 2, 1)


def row(*numbers: float) -> Floats:
    made: Floats = unit(np.array([numbers], dtype=np.float32))[0]
    return made


def event(*rows: Floats, alone: tuple[Sense, ...] = (), seen: bool = True) -> Vector:
    return Vector(
        stream_id="room", slot=1, start_ms=0, end_ms=1, watermark_ms=1, fingerprint="f1" * 32,
        present=("frames", "transcript") if seen else ("transcript",), alone=alone,
        dim=len(rows[0]), payload=b"".join(one.astype("<f4").tobytes() for one in rows),
    )  # fmt: skip


def test_a_clip_of_pictures_and_words_also_says_what_each_is_alone() -> None:
    encoder = ColourAndWords()
    (job,) = vectors(encoder, ("red", "oat milk"))
    assert job.alone == ("vision", "speech")
    assert len(job.payload) == 3 * 4 * job.dim
    read = read_vectors(job)
    fused, seen, heard = encoder.encode(
        [
            Sample("live", (picture("red"),), "oat milk"),
            Sample("live", (picture("red"),)),
            Sample("live", (), "oat milk"),
        ]
    )
    assert np.array_equal(read.fused, fused)
    assert np.array_equal(read.alone["vision"], seen)
    assert np.array_equal(read.alone["speech"], heard)
    assert np.linalg.norm(heard) == pytest.approx(1)


@pytest.mark.parametrize(
    ("colour", "words", "sense"), [("red", "", "vision"), (None, "oat milk", "speech")]
)
def test_a_clip_of_one_modality_is_that_modality(
    colour: str | None, words: str, sense: Sense
) -> None:
    (job,) = vectors(ColourAndWords(), (colour, words))
    assert (job.alone, len(job.payload)) == ((), 4 * job.dim)
    read = read_vectors(job)
    assert list(read.alone) == [sense]
    assert np.array_equal(read.alone[sense], read.fused)


def test_a_part_that_counts_nothing_is_not_told() -> None:
    encoder = ColourAndWords()
    encoder.layout = Layout("concat", 12, 32, image_weight=1.0)
    (job,) = vectors(encoder, ("red", "oat milk"))
    assert (job.present, job.alone) == (("frames", "transcript"), ("vision",))
    assert list(read_vectors(job).alone) == ["vision"]


def test_in_one_space_each_modality_is_compared_with_the_whole_page() -> None:
    page = row(1, 1, 0)
    job = event(row(0, 1, 1), row(1, 0, 0), row(0, 0, 1), alone=("vision", "speech"))
    near = read_vectors(job).near(ONE_SPACE, page)
    assert near == {"vision": pytest.approx(0.5**0.5), "speech": pytest.approx(0.0)}


def test_a_page_that_lacks_what_a_modality_is_compared_with_has_no_score_of_it() -> None:
    clip = ClipVectors(row(1, 0, 1), {"vision": row(1, 0, 0), "speech": row(0, 0, 1)})
    words_only = row(0, 0, 1)
    assert clip.near(SIDE_BY_SIDE, words_only) == {"speech": pytest.approx(1.0)}


def test_a_vector_of_an_older_version_tells_what_its_layout_tells() -> None:
    old = read_vectors(event(row(3, 0, 4)))
    assert dict(old.alone) == {}
    near = old.near(SIDE_BY_SIDE, row(1, 0, 1))
    assert near == {"vision": pytest.approx(1.0), "speech": pytest.approx(1.0)}
    assert old.near(ONE_SPACE, row(1, 0, 1)) == {}
    heard = read_vectors(event(row(3, 0, 4), seen=False))
    assert heard.near(ONE_SPACE, row(3, 0, 4)) == {"speech": pytest.approx(1.0)}


@pytest.mark.parametrize(
    ("rows", "alone"),
    [
        ([row(1, 0), row(0, 1)], ()),
        ([row(1, 0)], ("vision",)),
        ([row(1, 0), row(0, 1)], ("vision", "speech")),
        ([row(1, 0), row(0, 1), row(0, 1)], ("speech", "speech")),
        ([row(1, 0), row(0, 1), 2 * row(0, 1)], ("vision", "speech")),
        ([row(1, 0), row(0, 1), 0 * row(0, 1)], ("vision", "speech")),
    ],
    ids=["one too many", "one missing", "a third missing", "one twice", "too long", "empty"],
)
def test_rows_that_are_not_what_the_event_says_are_refused(
    rows: list[Floats], alone: tuple[Sense, ...]
) -> None:
    with pytest.raises(BadEventError, match=r"vector room/1 says 2 numbers of length 1.* holds"):
        read_vectors(event(*rows, alone=alone))


def test_rows_alone_survive_a_file_of_events(tmp_path: Path) -> None:
    job = event(row(0, 1), row(1, 0), row(1, 1), alone=("vision", "speech"))
    told = job.model_copy(
        update={"frames": (FrameRef(slot=1, at_ms=5),), "text": ClipText(transcript="jam")}
    )
    write_events(tmp_path / "vectors.jsonl", [Timed(told, 7, 2)])
    assert read_events(tmp_path / "vectors.jsonl") == [Timed(told, 7, 2)]
