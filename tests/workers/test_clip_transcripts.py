"""A manifest's clips are heard as the live path hears rooms."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import BadEventError
from models.manifest import Row
from tests.media_files import Film, make_film, tone
from workers.asr import Heard, Transcriber
from workers.audio_grid import Samples
from workers.clip_noise import Noise, NoiseOptions
from workers.clip_sound import decoded
from workers.clip_transcripts import ClipHearingOptions, ClipTranscriber, TranscribesRows, text_of
from workers.events import AudioChunk, Transcript, Word
from workers.kept_answers import KeptAnswers, Question
from workers.media import open_source
from workers.room_titles import RoomTitles
from workers.rooms.drive import Part, drive
from workers.row_work import work_through
from workers.utterances import Utterance, UtteranceOptions, Utterances


class TellsTheSound:
    """Hears the length, the loudest sample and the hotwords of each utterance; notes batches."""

    name = "double/int8"

    def __init__(self, refuses_ms: int | None = None) -> None:
        self.batches: list[int] = []
        self._refuses_ms = refuses_ms

    def describe(self) -> str:
        return self.name

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        self.batches.append(len(utterances))
        if any(one.end_ms - one.start_ms == self._refuses_ms for one in utterances):
            message = "this length is refused"
            raise BadEventError(message)
        return [self._heard(one) for one in utterances]

    def _heard(self, one: Utterance) -> Heard:
        loudest = int(np.max(np.abs(one.samples.astype(int)), initial=0))
        if not loudest:
            return Heard()
        text = f"{one.end_ms - one.start_ms}/{loudest}/{one.language}/{one.hotwords or '-'}"
        words = Word(text=text, start_ms=one.start_ms, end_ms=one.end_ms, probability=1)
        return Heard((words,), ((one.start_ms, one.end_ms),))


def hearing(model: TellsTheSound, max_batch: int = 8) -> ClipTranscriber:
    return ClipTranscriber(model, ClipHearingOptions("en", max_batch=max_batch))


def hotwords_of(titles: list[str]) -> str:
    return "+".join(titles)


def task_of(
    folder: Path, titles: RoomTitles | None = None, noise: Noise | None = None
) -> TranscribesRows:
    titles = titles or RoomTitles("none")
    return TranscribesRows(folder, hearing(TellsTheSound()), titles, hotwords_of, noise)


def ran(task: TranscribesRows, rows: list[Row], kept_at: Path) -> list[Row]:
    written: list[Row] = []
    with KeptAnswers(kept_at, task.settings) as kept:
        for _ in work_through(task, lambda: rows, kept, written.extend):
            pass
    return written


def key_of(task: TranscribesRows, row: Row) -> str:
    asked = task.question(row)
    assert isinstance(asked, Question)
    return asked.key


def clip(media: str, start_ms: int | None = None, end_ms: int | None = None) -> Row:
    return Row("p", "live", (), "test", media=media, start_ms=start_ms, end_ms=end_ms)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("media")
    make_film(made / "long.flac", Film(seconds=17.3, with_video=False))
    make_film(made / "short.wav", Film(seconds=1.0, with_video=False))
    return made


def test_a_file_is_heard_as_the_live_stage_hears_whole_utterances(folder: Path) -> None:
    model, cuts = TellsTheSound(), UtteranceOptions(hop_ms=0)
    stage = Part(
        "asr",
        lambda name, _: Utterances(name, cuts, lambda *_: "words", lambda _: "en"),
        Transcriber(model),
        max_batch=8,
    )
    with open_source(str(folder / "long.flac")) as source:
        events = [event for event in source.read("room") if isinstance(event, AudioChunk)]
    live = [one for one in drive(stage, "room", events) if isinstance(one, Transcript)]
    (ours,) = hearing(model).transcripts([(decoded(folder / "long.flac"), "words")])
    assert [(one.slot, one.words, one.verdicts, one.accounting) for one in ours] == [
        (one.slot, one.words, one.verdicts, one.accounting) for one in live
    ]
    assert len(str(text_of(ours)).split()) > 1, "of more than one utterance"


def test_clips_are_heard_in_batches_and_each_gets_its_own_words() -> None:
    model = TellsTheSound()
    lengths = (1.0, 2.0, 12.0, 3.0)
    clips: list[tuple[Samples, str]] = [(tone(one, 16_000), f"of {one}") for one in lengths]
    together = [text_of(one) for one in hearing(model, max_batch=3).transcripts(clips)]
    assert max(model.batches) == 3
    alone = [text_of(hearing(model).transcripts([one])[0]) for one in clips]
    assert together == alone
    assert all(f"of {one}" in str(text) for one, text in zip(lengths, together, strict=True))


def test_sound_that_is_refused_costs_only_itself() -> None:
    clips: list[tuple[Samples, str]] = [(tone(one, 16_000), "") for one in (1.0, 2.0)]
    refused, heard = hearing(TellsTheSound(refuses_ms=1_000)).transcripts(clips)
    assert (text_of(refused), refused[0].verdicts) == (None, ("failed",))
    assert str(text_of(heard)).startswith("2000/")


def test_rows_get_their_words_and_unreadable_ones_none(folder: Path, tmp_path: Path) -> None:
    rows = [
        Row("p", "page", ("p.jpg",), "train", "Page", transcript="stays", summary="stays"),
        replace(clip("absent.wav"), transcript="of before"),
        clip("long.flac", 1_000, 3_000),
        replace(clip("short.wav"), transcript="of before", summary="of before"),
        clip("long.flac", 0, 1_500),
        clip("long.flac", 70_000, 80_000),
    ]
    task = task_of(folder)
    page, absent, first, short, second, beyond = ran(task, rows, tmp_path / "kept")
    assert page == rows[0]
    assert (absent.transcript, beyond.transcript) == (None, None)
    assert str(first.transcript).startswith("2000/")
    assert str(second.transcript).startswith("1500/")
    assert str(short.transcript).startswith("1000/")
    assert short.summary is None, "it was of other words"
    assert task.told == {"heard": 3, "silent": 0, "unreadable": 2}


def test_a_room_s_titles_are_expected_in_its_clips_only(folder: Path, tmp_path: Path) -> None:
    pages = [Row(name, "page", ("x.jpg",), "train", f"Title-{name}") for name in ("p", "q")]
    clips = [replace(clip("short.wav"), stream_id="r"), clip("short.wav")]
    rows = [*pages, *clips]
    heard = ran(task_of(folder, RoomTitles("room", rows)), rows, tmp_path / "kept")[2:]
    assert [str(row.transcript).split("/")[-1] for row in heard] == ["Title-p", "-"]
    catalogue = task_of(folder, RoomTitles("catalogue", rows))
    heard = ran(catalogue, rows, tmp_path / "other")[2:]
    assert {str(row.transcript).split("/")[-1] for row in heard} == {"Title-p+Title-q"}


def test_noise_is_heard_and_is_the_same_in_another_run(folder: Path, tmp_path: Path) -> None:
    recording: Samples = np.random.default_rng(0).integers(-99, 99, 9_999).astype(np.int16)
    rows = [clip("short.wav"), clip("long.flac", 0, 1_000)]
    plain = ran(task_of(folder), rows, tmp_path / "plain")
    noisy = [
        ran(task_of(folder, noise=Noise(recording, NoiseOptions(3.0))), rows, tmp_path / name)
        for name in ("one", "two")
    ]
    assert noisy[0] == noisy[1]
    assert noisy[0][0].transcript != plain[0].transcript


def test_a_question_changes_with_what_is_heard_only(folder: Path, tmp_path: Path) -> None:
    task, row = task_of(tmp_path), clip("a.wav", 0, 500)
    (tmp_path / "a.wav").write_bytes((folder / "short.wav").read_bytes())
    key = key_of(task, row)
    assert key_of(task, replace(row, transcript="x", split="train")) == key
    assert key_of(task, replace(row, end_ms=600)) != key
    (tmp_path / "a.wav").write_bytes((folder / "short.wav").read_bytes() + b"more")
    assert key_of(task, row) != key, "the file was replaced"
    assert task.question(replace(row, media=None)) is None


def test_settings_name_what_the_words_depend_on(folder: Path) -> None:
    noise = Noise(tone(1.0, 16_000), NoiseOptions(5.0, seed=2))
    told = task_of(folder, noise=noise).settings
    assert told["model"] == "double/int8"
    assert (told["language"], told["hotwords"]) == ("en", "none")
    assert (told["snr_db"], told["noise_seed"], told["noise"]) == (5.0, 2, noise.fingerprint)
