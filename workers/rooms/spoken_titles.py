"""Titles of any catalogue, said by a host and heard by Whisper: texts for an encoder.

In: titles, voices, a speech worker. Out: for each product some transcripts of a few sentences that
name it. Nothing but the title is known of these products, so nothing else is said about them.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from models.errors import InputError
from workers.asr import Transcriber
from workers.rooms.grown_lines import append, read_grown
from workers.rooms.phrases import Phrases
from workers.rooms.script import Bed, Segment
from workers.rooms.talk import SpeechOptions, hear, say
from workers.rooms.voices import Use, VoiceSpec

_BEDS: tuple[Bed, ...] = ("", "", "pad", "kitchen", "hiss")
_POOLS = ("first", "this", "full", "this")


@dataclass(frozen=True)
class TitleOptions:
    """How titles are said."""

    seed: int = 1
    use: Use = "train"
    """Whose voices and phrases."""
    speech: SpeechOptions = field(default_factory=SpeechOptions)


class TitleSpeaker:
    """Says titles; a transcript depends on seed, product and turn alone.

    Raises:
        InputError: there is no voice for this use.
    """

    def __init__(
        self, voices: Sequence[VoiceSpec], worker: Transcriber, options: TitleOptions
    ) -> None:
        self._voices = [voice for voice in voices if voice.use == options.use]
        if not self._voices:
            message = f"no voice has use = {options.use!r}; it is needed here"
            raise InputError(message)
        self._worker, self._options = worker, options

    def heard(self, product_id: str, title: str, turn: int) -> str:
        """Return what Whisper heard; empty where it heard nothing.

        Raises:
            InputError: Whisper could not read the sound.
            ServiceError: the voice failed.
        """
        key = f"titles/{self._options.use}/{self._options.seed}/{product_id}/{turn}"
        draw = random.Random(key)  # noqa: S311 (not for secrets)
        phrases = Phrases(draw, self._options.use)
        # The size on a page's title is not what a host calls the product.
        name = title.rpartition(",")[0] or title
        lines = [line for pool in _POOLS if (line := phrases.next(pool, {"full": name}))]
        segment = Segment(tuple(lines), product_id, bed=draw.choice(_BEDS))
        sound, _ = say([segment], draw.choice(self._voices), draw, self._options.speech)
        return " ".join(word.text.strip() for word in hear(sound, self._worker))


class SaysTitles(Protocol):
    """A `TitleSpeaker`, or what stands in for one."""

    def heard(self, product_id: str, title: str, turn: int) -> str:
        """Return what was heard; empty for nothing."""


def write_heard(
    speaker: SaysTitles, titles: Sequence[tuple[str, str]], out: Path, split: str, times: int
) -> Iterator[int]:
    """Append what is heard of each title to a file; yield how many were tried, after each.

    Args:
        speaker: says and hears.
        titles: product ids with titles.
        out: JSON Lines of texts for `models.manifest`; what is in it already is kept.
        split: that the lines are of.
        times: lines for each title.

    Raises:
        InputError: the file is of something else.
    """
    known, done = _known(out), 0
    for turn in range(times):
        for product_id, title in titles:
            name = f"{split}/{product_id}/{turn}"
            text = "" if name in known else speaker.heard(product_id, title, turn)
            if text:
                row = {"id": name, "product_id": product_id, "text": text, "kind": "transcript"}
                append(out, [{**row, "split": split}])
            done += 1
            yield done


def _known(out: Path) -> set[str]:
    try:
        return {str(row["id"]) for row in read_grown(out)} if out.exists() else set()
    except (InputError, KeyError) as error:
        message = f"{out} is no file of said titles: {error!r}; name another, or remove it"
        raise InputError(message) from error
