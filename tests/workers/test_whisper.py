"""The real Whisper: what it hears, what it does not believe, and how it fails."""

import json
import re
from pathlib import Path

import av
import numpy as np
import pytest

from models.errors import SettingsError, WeightsError
from models.registry import Registry, default_cache_dir
from tests.media_files import tone
from workers.asr import Heard
from workers.audio_grid import Samples
from workers.guards import GuardOptions
from workers.utterances import HeardSlot, Utterance
from workers.voice_spans import VoiceOptions
from workers.whisper import WhisperSpeech
from workers.whisper_model import WhisperOptions

DATA = Path(__file__).parents[2].parent / "shared" / "data"
DEMO = Path(__file__).parents[2] / "stream" / "demo"
JFK = DATA / "asr_refs" / "jfk.flac"
COFFEE = DATA / "coffee_speech"
MENU = (
    "americano, cappuccino, coffee, drip coffee, espresso, house coffee, iced coffee, iced mocha, "
    "latte, mocha, dark roast, light roast, medium roast"
)


@pytest.fixture(scope="module")
def folder() -> Path:
    """Whisper base, pulled if it is not there yet."""
    return Registry.load().pull("whisper-base", default_cache_dir())


@pytest.fixture(scope="module")
def whisper(folder: Path) -> WhisperSpeech:
    return WhisperSpeech(str(folder), "whisper-base", WhisperOptions(device="cpu"))


def sound_of(path: Path) -> Samples:
    if not path.exists():
        pytest.skip(f"{path} is absent: the shared test data are not beside this checkout")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=16_000)
    with av.open(str(path)) as container:
        parts = [p for frame in container.decode(audio=0) for p in resampler.resample(frame)]
    parts += resampler.resample(None)
    return np.concatenate([part.to_ndarray().reshape(-1) for part in parts]).astype(np.int16)


def utterance(
    samples: Samples, start_ms: int = 0, hotwords: str = "", language: str | None = "en"
) -> Utterance:
    end_ms = start_ms + len(samples) // 16
    return Utterance(
        stream_id="room",
        start_ms=start_ms,
        end_ms=end_ms,
        samples=samples,
        slots=(HeardSlot(0, start_ms, end_ms),),
        last=False,
        language=language,
        hotwords=hotwords,
    )


def text(heard: Heard) -> str:
    return " ".join(word.text for word in heard.words)


def plain(words: str) -> str:
    return " ".join(re.sub(r"[^a-z ]", " ", words.lower()).split())


@pytest.mark.weights
def test_a_known_speech_is_heard_with_its_times(whisper: WhisperSpeech) -> None:
    samples = sound_of(JFK)
    (heard,) = whisper.transcribe([utterance(samples, start_ms=60_000)])
    assert plain(text(heard)) == (
        "and so my fellow americans ask not what your country can do for you "
        "ask what you can do for your country"
    )
    starts = [word.start_ms for word in heard.words]
    assert starts == sorted(starts)
    # He pauses before "ask", from 2.2 to 3.3 s.
    ask = next(word for word in heard.words if plain(word.text) == "ask")
    assert ask.start_ms == pytest.approx(63_400, abs=400)
    assert heard.words[-1].end_ms == pytest.approx(70_500, abs=500)
    assert all(0.2 < word.probability <= 1 for word in heard.words)
    assert heard.language == "en"
    assert heard.verdicts == ()
    assert all(60_000 <= start < end <= 71_000 for start, end in heard.speech)


@pytest.mark.weights
def test_price_is_one_word(whisper: WhisperSpeech) -> None:
    room = sound_of(DEMO / "room.mp4")
    truth = json.loads((DEMO / "truth.json").read_text())["sentences"]
    said = next(one for one in truth if "thirteen dollars fifty" in one["text"])
    (heard,) = whisper.transcribe(
        [utterance(room[16 * (said["start_ms"] - 200) : 16 * (said["end_ms"] + 200)])]
    )
    assert "$13.50" in [word.text.strip(".,") for word in heard.words]


@pytest.mark.weights
def test_hotwords_help_customers_to_be_understood(whisper: WhisperSpeech) -> None:
    if not COFFEE.exists():
        pytest.skip(f"{COFFEE} is absent: the shared test data are not beside this checkout")
    orders = json.loads((COFFEE / "labels.json").read_text())[:8]
    sounds = [sound_of(COFFEE / "flac" / order["file"]) for order in orders]
    told = {"drink", "roast"}

    def recalled(hotwords: str) -> float:
        heard = whisper.transcribe([utterance(sound, hotwords=hotwords) for sound in sounds])
        said = [plain(text(one)) for one in heard]
        wanted = [
            (words, slot)
            for words, order in zip(said, orders, strict=True)
            for name, slot in order["slots"].items()
            if any(part in name.lower() for part in told)
        ]
        return sum(plain(slot) in words for words, slot in wanted) / len(wanted)

    with_menu = recalled(MENU)
    assert with_menu >= 0.9
    assert with_menu >= recalled("")


@pytest.mark.weights
@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(80_000, dtype=np.int16),
        tone(5.0, 16_000),
        np.random.default_rng(1).normal(0, 500, 80_000).astype(np.int16),
    ],
    ids=["silence", "tone", "noise"],
)
def test_nothing_is_heard_where_nobody_speaks(whisper: WhisperSpeech, samples: Samples) -> None:
    (heard,) = whisper.transcribe([utterance(samples, hotwords=MENU)])
    assert heard.words == ()


@pytest.mark.weights
def test_hotwords_over_noise_alone_are_never_transcribed(whisper: WhisperSpeech) -> None:
    kitchen = sound_of(COFFEE / "noise_kitchen.flac")
    cuts = [kitchen[start : start + 16_000 * 9] for start in range(0, 16_000 * 108, 16_000 * 9)]
    brands = "Velmora, Zenhali, Corvain oat milk, Marner candle"
    jobs = [utterance(cut, hotwords=cart) for cut in cuts for cart in (MENU, brands)]
    names = set(plain(f"{MENU} {brands}").split())
    for heard in whisper.transcribe(jobs):
        assert not names & set(plain(text(heard)).split())


@pytest.mark.weights
def test_guards_keep_out_what_is_invented_over_noise(whisper: WhisperSpeech, folder: Path) -> None:
    kitchen = sound_of(COFFEE / "noise_kitchen.flac")
    jobs = [utterance(kitchen[at : at + 16_000 * 8]) for at in range(0, 16_000 * 64, 16_000 * 8)]
    bare = WhisperOptions(
        device="cpu", voice=VoiceOptions(threshold=0.0), guards=GuardOptions(names=())
    )
    invented = WhisperSpeech(str(folder), "w", bare).transcribe(jobs)
    assert sum(bool(heard.words) for heard in invented) > len(jobs) // 2
    guarded = whisper.transcribe(jobs)
    assert [text(heard) for heard in guarded] == [""] * len(jobs)
    # Nothing is dropped in silence: where a voice was taken for one, a guard says why.
    assert all(heard.verdicts for heard in guarded if heard.speech and heard.is_rejected)


@pytest.mark.weights
def test_rooms_with_other_carts_and_languages_keep_their_own(
    whisper: WhisperSpeech, folder: Path
) -> None:
    if not COFFEE.exists():
        pytest.skip(f"{COFFEE} is absent: the shared test data are not beside this checkout")
    orders = json.loads((COFFEE / "labels.json").read_text())[:8]
    carts = [MENU, "Oatly, Barista, Velmora lipstick, soy milk", ""]
    jobs = [
        utterance(
            sound_of(COFFEE / "flac" / order["file"]),
            hotwords=carts[index % len(carts)],
            language=("en", None)[index % 2],
        )
        for index, order in enumerate(orders)
    ]
    jobs += [utterance(sound_of(JFK)[: 16_000 * 7], hotwords=MENU, language="de")]
    one = WhisperSpeech(str(folder), "whisper-base", WhisperOptions(device="cpu", batch=1))
    alone = [one.transcribe([job])[0] for job in jobs]
    together = whisper.transcribe(jobs)
    assert [text(heard) for heard in together] == [text(heard) for heard in alone]
    assert [heard.language for heard in together] == [*["en"] * 8, "de"]


@pytest.mark.weights
def test_rooms_in_one_batch_are_heard_as_if_alone(whisper: WhisperSpeech) -> None:
    samples = sound_of(JFK)
    jobs = [
        utterance(samples[: 16_000 * 8]),
        utterance(np.zeros(16_000, dtype=np.int16)),
        utterance(samples[16_000 * 3 :], start_ms=3_000),
        utterance(samples[: 16_000 * 6], hotwords="country"),
    ]
    alone = [text(whisper.transcribe([job])[0]) for job in jobs]
    together = whisper.transcribe(jobs)
    assert [plain(text(heard)) for heard in together] == [plain(words) for words in alone]
    assert together[1] == Heard()
    assert together[2].words[0].start_ms >= 3_000


@pytest.mark.weights
def test_calls_at_the_same_time_hear_what_one_after_another_hears(folder: Path) -> None:
    samples = sound_of(JFK)
    jobs = [
        utterance(samples[16_000 * first : 16_000 * (first + seconds)], hotwords=hotwords)
        for first, seconds, hotwords in
        ((0, 8, ""), (1, 7, ""), (3, 8, "country"), (0, 11, ""), (2, 6, ""), (0, 3, "americans"))
    ]  # fmt: skip
    one, three = (
        WhisperSpeech(str(folder), "w", WhisperOptions(device="cpu", cpu_threads=threads))
        for threads in (1, 3)
    )
    heard = [[plain(text(one)) for one in w.transcribe(jobs)] for w in (one, three)]
    assert heard[0] == heard[1]
    assert "ask not what your country can do" in heard[0][3]


@pytest.mark.weights
@pytest.mark.parametrize("language", [None, "en-US", "no such language"])
def test_a_language_is_found_out_where_the_room_does_not_say(
    whisper: WhisperSpeech, language: str | None
) -> None:
    (heard,) = whisper.transcribe([utterance(sound_of(JFK), language=language)])
    assert heard.language == "en"
    assert "fellow americans" in plain(text(heard))


@pytest.mark.weights
def test_what_was_chosen_is_said(whisper: WhisperSpeech) -> None:
    assert whisper.name == "whisper-base/int8/beam-5"
    assert "whisper-base/int8/beam-5 on cpu" in whisper.describe()


@pytest.mark.weights
def test_a_beam_of_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="beam is 0; it is at least 1"):
        WhisperOptions(beam=0)


def test_an_unlikely_text_is_said_to_be_one(folder: Path) -> None:
    samples = sound_of(JFK)
    limits = GuardOptions(log_probability=0.0, no_speech=0.0)
    strict = WhisperOptions(device="cpu", guards=limits)
    (heard,) = WhisperSpeech(str(folder), "w", strict).transcribe([utterance(samples)])
    assert heard.verdicts == ("low_log_probability", "no_speech")
    assert heard.is_rejected
    assert heard.words == ()


def test_a_folder_that_is_no_model_is_refused_by_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(WeightsError, match=r"model\.bin, tokenizer\.json missing"):
        WhisperSpeech(str(tmp_path), "w")


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "model.bin").write_bytes(b"damaged")
    with pytest.raises(WeightsError, match="does not load on cpu"):
        WhisperSpeech(str(tmp_path), "w", WhisperOptions(device="cpu"))


def test_a_name_that_is_neither_folder_nor_cached_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="does not load"):
        WhisperSpeech(str(tmp_path / "absent"), "w", WhisperOptions(device="cpu"))


def test_a_compute_type_that_is_not_to_be_had_is_refused(tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json", "model.bin"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(SettingsError, match="compute type int3 is not to be had on cpu"):
        WhisperSpeech(str(tmp_path), "w", WhisperOptions(device="cpu", compute_type="int3"))
