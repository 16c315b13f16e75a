"""Clips to vector events: what is missing is missing, and a bad picture costs only itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models import sounds
from models.encoder import Encoder, load_encoder
from models.errors import BadEventError
from tests.tiny_vision import (
    ColourAndWords,
    image_bytes,
    picture,
    products,
    save_branches,
    save_clip,
    save_siglip,
)
from tests.workers.huge_png import huge_png
from tests.workers.served_index import ServedIndex, served_index
from workers.clip import Clip
from workers.encode import ClipEncoder, clip_text
from workers.encoding import Encodes
from workers.events import ClipText, FrameRef, Match, Vector
from workers.index_build import IndexBuilder
from workers.match import Matcher

ENCODERS: dict[str, Callable[[Path], str]] = {
    "siglip": lambda folder: f"zero-shot:{save_siglip(folder)}",
    "clip": lambda folder: f"zero-shot:{save_clip(folder)}",
    "branches": lambda folder: str(save_branches(folder)),
}


@pytest.fixture(scope="module")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Encoder]:
    folder = tmp_path_factory.mktemp("encoders")
    names = {kind: make(folder / kind) for kind, make in ENCODERS.items()}
    return {kind: load_encoder(name, folder, "cpu") for kind, name in names.items()}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedIndex]:
    with served_index(tmp_path_factory.mktemp("milvus")) as made:
        yield made


def clip(*pictures: bytes, slot: int = 0, **text: object) -> Clip:
    frames = tuple(
        (FrameRef(slot=2 * slot + place, at_ms=2_500 * slot + 500 * place), data)
        for place, data in enumerate(pictures)
    )
    words = ClipText.model_validate(text)
    start_ms = 2_500 * slot
    return Clip("room", slot, start_ms, start_ms + 5_000, start_ms + 4_000, False, frames, words)


def jpeg(colour: str) -> bytes:
    return image_bytes(picture(colour))


def encoded(encoder: Encodes, clips: Sequence[Clip]) -> list[Vector]:
    events = []
    for outcome in ClipEncoder(encoder).process(clips):
        assert not isinstance(outcome, BadEventError)
        (event,) = outcome
        assert isinstance(event, Vector)
        events.append(event)
    return events


def numbers(event: Vector) -> "np.typing.NDArray[np.float32]":
    """The clip's own vector."""
    return np.frombuffer(event.payload, dtype="<f4")[: event.dim]


def test_a_vector_tells_its_clip_its_frames_and_its_encoder() -> None:
    encoder = ColourAndWords()
    job = replace(clip(jpeg("red"), jpeg("blue"), slot=3, transcript="oat milk"), last=True)
    (event,) = encoded(encoder, [job])
    assert (event.stream_id, event.slot, event.start_ms, event.end_ms) == ("room", 3, 7_500, 12_500)
    assert (event.watermark_ms, event.last) == (11_500, True)
    assert event.frames == tuple(ref for ref, _ in job.frames)
    assert event.text == job.text
    assert event.fingerprint == encoder.fingerprint
    assert event.dim == len(numbers(event)) == encoder.layout.dim
    assert np.linalg.norm(numbers(event)) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("job", "present"),
    [
        (clip(jpeg("red"), transcript="oat milk"), ("frames", "transcript")),
        (clip(jpeg("red"), product_name="Oat milk"), ("frames", "summary")),
        (clip(jpeg("red")), ("frames",)),
        (clip(transcript="oat milk"), ("transcript",)),
        (clip(product_name="oat milk", transcript="so this one"), ("summary",)),
    ],
)
def test_pictures_or_words_may_be_missing(job: Clip, present: tuple[str, ...]) -> None:
    (event,) = encoded(ColourAndWords(), [job])
    assert event.present == present
    image, text = numbers(event)[:12], numbers(event)[12:]
    assert bool(np.any(image)) == ("frames" in present)
    assert bool(np.any(text)) == (present != ("frames",))


@pytest.mark.parametrize(
    "job", [clip(), clip(transcript=" \n"), clip(b"no jpeg"), clip(product_name=" ")]
)
def test_a_clip_of_nothing_gets_an_empty_vector(job: Clip) -> None:
    (event,) = encoded(ColourAndWords(), [job])
    assert (event.present, event.dim, event.payload, event.frames) == ((), 0, b"", ())


def test_a_summary_with_a_name_is_read_before_the_words_that_were_heard() -> None:
    heard = ClipText(transcript=" oat milk ")
    assert clip_text(heard) == ("oat milk", "transcript")
    named = ClipText(product_name="Oat milk", attributes=("vegan", "cold"), transcript="so")
    assert clip_text(named) == ("Oat milk vegan cold", "summary")
    assert clip_text(ClipText(product_name=" ", transcript="so")) == ("so", "transcript")


def test_sounds_are_those_of_the_words_and_not_of_their_summary() -> None:
    both, heard, named = encoded(
        ColourAndWords(),
        [
            clip(product_name="oat", attributes=("cold",), transcript="roast"),
            clip(transcript="roast"),
            clip(product_name="oat", attributes=("cold",)),
        ],
    )
    assert both.terms == heard.terms == sounds.heard("roast")
    assert named.terms == {}


@pytest.mark.parametrize(
    "poison",
    [jpeg("red")[:400], b"GIF89a", b"", huge_png(), image_bytes(Image.new("RGB", (4, 4)))],
    ids=["truncated", "another kind", "nothing", "huge", "a speck"],
)
def test_a_picture_that_cannot_be_decoded_costs_only_itself(poison: bytes) -> None:
    worker = ClipEncoder(ColourAndWords())
    mixed = clip(jpeg("red"), poison, jpeg("blue"), transcript="jam")
    clean = clip(jpeg("red"), jpeg("blue"), transcript="jam")
    spoilt, only, whole = (
        outcome[0]
        for outcome in worker.process([mixed, clip(poison, transcript="jam"), clean])
        if not isinstance(outcome, BadEventError)
    )
    assert isinstance(spoilt, Vector)
    assert isinstance(only, Vector)
    assert isinstance(whole, Vector)
    assert [ref.slot for ref in spoilt.frames] == [0, 2]
    assert spoilt.payload == whole.payload
    assert only.present == ("transcript",)
    assert worker.damaged == 2


def test_a_picture_that_stands_for_several_slots_is_decoded_once() -> None:
    encoder = ColourAndWords()
    (event,) = encoded(encoder, [clip(jpeg("red"), jpeg("red"), jpeg("blue"))])
    first, second, third = encoder.seen[0].frames
    assert first is second
    assert first is not third
    assert len(event.frames) == 3


def test_a_clip_that_failed_for_good_gets_an_empty_vector() -> None:
    encoder = ColourAndWords()
    job = replace(clip(jpeg("red"), transcript="jam"), last=True)
    (event,) = ClipEncoder(encoder).empty(job, BadEventError("poison"))
    assert isinstance(event, Vector)
    assert (event.slot, event.present, event.payload, event.last) == (0, (), b"", True)
    assert event.fingerprint == encoder.fingerprint


@pytest.mark.parametrize("kind", list(ENCODERS))
def test_a_clip_has_the_same_vector_alone_and_in_company(
    encoders: dict[str, Encoder], kind: str, tmp_path: Path
) -> None:
    clips = [
        clip(jpeg("red"), jpeg("blue"), transcript="oat milk", slot=0),
        clip(transcript="dark roast coffee with honey", slot=1),
        clip(jpeg("green"), slot=2),
        clip(slot=3),
        clip(jpeg("blue"), product_name="jam", slot=4),
    ]
    together = encoded(encoders[kind], clips)
    # A second encoder, since the first remembers what it has seen.
    fresh = load_encoder(ENCODERS[kind](tmp_path), tmp_path, "cpu")
    assert fresh.fingerprint == encoders[kind].fingerprint
    for one, event in zip(clips, together, strict=True):
        (alone,) = encoded(fresh, [one])
        assert alone.present == event.present
        assert numbers(alone) == pytest.approx(numbers(event), abs=1e-6)
        assert event.dim == (encoders[kind].dim if event.present else 0)


@pytest.mark.milvus
@pytest.mark.parametrize("kind", list(ENCODERS))
def test_an_encoder_without_training_builds_an_index_and_matches_clips(
    encoders: dict[str, Encoder], served: ServedIndex, kind: str, tmp_path: Path
) -> None:
    encoder, index = encoders[kind], served.connect()
    *_, report = IndexBuilder(index, encoder).build(products(tmp_path))
    assert report.indexed == 3
    pages = {"red": "apricot jam", "green": "oat milk", "blue": "dark roast coffee"}
    clips = [
        clip(image_bytes(picture(colour), "PNG"), transcript=title, slot=slot)
        for slot, (colour, title) in enumerate(pages.items())
    ]
    outcomes = Matcher(index).process(encoded(encoder, clips))
    for colour, outcome in zip(pages, outcomes, strict=True):
        assert not isinstance(outcome, BadEventError)
        (match,) = outcome
        assert isinstance(match, Match)
        assert match.candidates[0].product_id == f"p-{colour}"
        assert match.candidates[0].score == pytest.approx(1, abs=1e-3)
        assert len(match.candidates) == 3
        assert match.build_id == report.build_id
        assert match.fingerprint == encoder.fingerprint


def test_clip_of_pictures_alone_is_left_out_where_the_stage_is_behind() -> None:
    red = image_bytes(picture("red"))
    early = replace(clip(red), early=True)
    whole = replace(clip(red, transcript="a red mug", slot=1), revision=1)
    worker = ClipEncoder(ColourAndWords("shelf"))
    for rung in ("fewer_frames", "vision_only"):
        jobs = [one.lowered(rung, frames=4) for one in (early, whole, early)]
        first, second, third = worker.process(jobs)
        assert (first, third) == ([], [])
        assert isinstance(second, list)
        (vector,) = second
        assert isinstance(vector, Vector)
        assert (vector.slot, vector.revision, vector.early) == (1, 1, False)
    assert worker.process([early.lowered("fewer_frames", frames=4)]) == [[]]
    (outcome,) = worker.process([early])
    assert isinstance(outcome, list)
    (made,) = outcome
    assert isinstance(made, Vector)
    assert (made.early, made.present, made.revision) == (True, ("frames",), 0)
