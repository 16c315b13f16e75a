"""Audio → transcripts and partials: the hotwords and the language come from the room."""

from dataclasses import replace

from pydantic import JsonValue

from models.hub import is_hub_name
from stream.batcher import BatchOptions
from stream.load import StageLoad
from stream.rooms import Rooms
from stream.settings import Settings
from stream.stage import Stage
from stream.topics import AUDIO, PARTIALS, TRANSCRIPTS
from stream.weights import registry_of, weights_dir
from workers.asr import SpeechModel, Transcriber
from workers.hurried import Hurried
from workers.ladder import lowest
from workers.utterances import Utterance, UtteranceOptions, Utterances
from workers.whisper import WhisperSpeech
from workers.whisper_model import WhisperOptions


def load_speech(settings: Settings, threads: int = 0) -> WhisperSpeech:
    """Load the speech model that the settings name.

    Args:
        settings: name and device.
        threads: of the CPU; 0: as many as the model chooses.

    Raises:
        WeightsError: it was not pulled or does not load.
    """
    name = settings.models.asr
    registry = registry_of(settings)
    known = {entry.name for entry in registry.entries}
    # Any other name is one that faster-whisper knows and looks for in a cache of its own.
    found = name in known or is_hub_name(name)
    source = str(registry.resolve(name, weights_dir(settings))) if found else name
    options = WhisperOptions(
        device=settings.models.device,
        compute_type=settings.models.compute_type,
        cpu_threads=threads,
        beam=settings.asr.beam,
    )
    return WhisperSpeech(source, name, options)


def utterance_options(settings: Settings, *, live: bool = True) -> UtteranceOptions:
    """Return how the settings want speech to be cut.

    Args:
        settings: lengths and hop.
        live: whether somebody waits for the words; otherwise utterances are heard once, whole.
    """
    return UtteranceOptions(
        min_ms=settings.asr.min_utterance_ms,
        max_ms=settings.asr.max_utterance_ms,
        hop_ms=settings.asr.hop_ms if live else 0,
        lateness_ms=settings.asr.lateness_ms,
        correct_ms=settings.asr.correct_ms,
    )


def make_asr(settings: Settings, rooms: Rooms) -> Stage:
    """Load the speech model and return the stage."""
    load = StageLoad("asr", settings.overload, rooms.is_live)
    return speech_stage(settings, rooms, load_speech(settings), load)


def speech_stage(settings: Settings, rooms: Rooms, model: SpeechModel, load: StageLoad) -> Stage:
    """Return the stage around a speech model, with what decides how much work is left out."""
    cuts = utterance_options(settings)

    def language(stream_id: str) -> str | None:
        room = rooms.latest(stream_id)
        return (room.language if room else None) or settings.asr.language or None

    def hotwords(stream_id: str, media_ms: int) -> str:
        room = rooms.at(stream_id, media_ms)
        return hotwords_of(list(room.titles.values())) if room else ""

    def machine(stream_id: str, snapshot: dict[str, JsonValue] | None) -> Utterances:
        return Utterances(stream_id, cuts, hotwords, language, snapshot, load.rung)

    def hurried(utterance: Utterance) -> Utterance:
        return replace(utterance, rung=lowest(utterance.rung, load.rung(utterance.stream_id)))

    return Stage(
        name="asr",
        inputs=(AUDIO,),
        output=TRANSCRIPTS,
        also=(PARTIALS,),
        machine=machine,
        worker=Hurried(Transcriber(model), hurried),
        batch=BatchOptions(max_batch=settings.asr.max_batch),
        closes_idle_rooms=True,
        load=load,
        accounts_sound=True,
        describe=model.describe(),
    )


def hotwords_of(titles: list[str]) -> str:
    """Return each word of the titles once, in order; what is no word says nothing to a listener."""
    words: dict[str, str] = {}
    for title in titles:
        for part in title.replace("/", " ").split():
            word = part.strip(",.;:()[]&+-–")
            if len(word) > 1 and not word[0].isdigit():
                words.setdefault(word.lower(), word)
    return ", ".join(words.values())
