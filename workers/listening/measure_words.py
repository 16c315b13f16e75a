"""Word error rate on spoken scripts: the whole streaming path beside the peer."""

from dataclasses import asdict

from workers.listening.bench import Bench, Figures, Guards, Skipped
from workers.listening.material import script_rooms, scripts_of
from workers.listening.plain_english import plain_english
from workers.listening.room_player import PlayedRoom
from workers.listening.word_errors import WordErrors, error_rate, rate_difference, word_errors

_ON_AND_OFF: tuple[Guards, Guards] = ("all", "none")
NO_SCRIPTS = "--scripts is not given; speak some with `liveshelf rooms scripts`"


def measure_words(bench: Bench) -> Figures | Skipped:
    """Return both rates, their difference, and each voice's."""
    scripts, rooms = scripts_of(bench.material), script_rooms(bench.material, bench.tell)
    if not scripts:
        return Skipped(NO_SCRIPTS)
    said = [plain_english(one.text) for one in scripts]
    heard = bench.heard("scripts", rooms)
    ours = _errors(said, [one.text for one in heard])
    alone = _errors(said, bench.heard_alone("scripts", rooms))
    voices = sorted({one.voice for one in scripts})
    of_voice = {v: [at for at, one in enumerate(scripts) if one.voice == v] for v in voices}
    return {
        "minutes": sum(room.length_s for room in rooms) / 60,
        "words": sum(len(one) for one in said),
        "ours": error_rate(ours),
        "alone": error_rate(alone),
        "ours_less_alone": asdict(rate_difference(ours, alone)),
        "by_voice": {
            voice: {
                "ours": error_rate([ours[at] for at in some]),
                "alone": error_rate([alone[at] for at in some]),
            }
            for voice, some in of_voice.items()
        },
        "dropped_s": sum(one.dropped_ms for one in heard) / 1_000,
        "speech_without_words_s": sum(one.wordless_ms for one in heard) / 1_000,
    }


def guards_cost(bench: Bench) -> Figures | Skipped:
    """Return what the guards cost on speech: the error rate with them less that without."""
    scripts, rooms = scripts_of(bench.material), script_rooms(bench.material, bench.tell)
    if not scripts:
        return Skipped(NO_SCRIPTS)
    said = [plain_english(one.text) for one in scripts]
    on, off = (_errors(said, _texts(bench, rooms, guards)) for guards in _ON_AND_OFF)
    return {
        "with_guards": error_rate(on),
        "without_guards": error_rate(off),
        "with_less_without": asdict(rate_difference(on, off)),
    }


def _texts(bench: Bench, rooms: list[PlayedRoom], guards: Guards) -> list[str]:
    return [one.text for one in bench.heard("scripts", rooms, guards=guards)]


def _errors(said: list[list[str]], heard: list[str]) -> list[WordErrors]:
    return [word_errors(one, plain_english(text)) for one, text in zip(said, heard, strict=True)]
