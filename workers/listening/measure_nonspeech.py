"""Text invented where nobody speaks, by how many guards there are; and what they cost."""

import re
from collections.abc import Sequence

from workers.listening.bench import Bench, Figures, Guards
from workers.listening.material import kitchen
from workers.listening.measure_words import guards_cost
from workers.listening.nonspeech_sounds import KINDS, nonspeech
from workers.listening.room_player import PlayedRoom

_CLIPS = 40
_WAYS: dict[str, Guards] = {
    "with_guards": "all", "voice_detector_alone": "voice", "without_guards": "none",
}  # fmt: skip


def measure_nonspeech(bench: Bench) -> Figures:
    """Return the share of sounds of each kind in which a word was heard, and WER lost on speech."""
    rooms = nonspeech_rooms(bench)
    found: Figures = {}
    for kind, some in rooms.items():
        ways = {
            name: [one.text for one in bench.heard("nonspeech", some, guards=guards)]
            for name, guards in _WAYS.items()
        }
        ways["alone"] = bench.heard_alone("nonspeech", some)
        shares = {way: sum(map(has_words, texts)) / len(texts) for way, texts in ways.items()}
        invented = sorted({text for text in ways["with_guards"] if has_words(text)})
        found[kind] = {"sounds": len(some), **shares, "invented": invented}
    cost = guards_cost(bench)
    found["speech"] = cost if isinstance(cost, dict) else {"skipped": cost.reason}
    return found


def nonspeech_rooms(bench: Bench, hotwords: str = "") -> dict[str, Sequence[PlayedRoom]]:
    """Return rooms in which nobody speaks, by kind.

    Args:
        bench: has the recording of a kitchen, or not.
        hotwords: to expect in all of them.
    """
    recording = kitchen(bench.material)
    count = bench.material.most(_CLIPS)
    return {
        kind: [
            PlayedRoom(f"{kind}-{number}", nonspeech(kind, number, recording), hotwords)
            for number in range(count)
        ]
        for kind in KINDS
    }


def has_words(text: str) -> bool:
    """Whether there is anything but signs in a text."""
    return re.search(r"\w", text) is not None
