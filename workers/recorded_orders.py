"""Recorded orders at a counter, heard as a live room would be.

In: a folder with `labels.json`, a list of `{"file": name, "slots": {slot: words}}`, and the sound
files in `flac/`. The sound takes the way of a live room: the media child, one-second slots,
utterances, the speech worker.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from models.errors import BadEventError, InputError
from workers.asr import SpeechModel, Transcriber
from workers.events import AudioChunk, Transcript
from workers.media import open_source
from workers.utterances import UtteranceOptions, Utterances

_MENU_SLOTS = ("coffeeDrink", "roast")


@dataclass(frozen=True)
class Order:
    """One recording."""

    file: str
    slots: dict[str, str]


def menu_of(orders: Sequence[Order]) -> list[str]:
    """Return the names of drinks and roasts, sorted."""
    slots = (order.slots for order in orders)
    return sorted({one[name] for one in slots for name in _MENU_SLOTS if name in one})


def read_orders(folder: Path) -> list[Order]:
    """Return the orders that a folder lists.

    Raises:
        InputError: the list is not of the kind described above, or no order has a slot.
    """
    path = folder / "labels.json"
    try:
        orders = TypeAdapter(list[Order]).validate_python(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        message = f"{path} cannot be used: {' '.join(str(error).split())}"
        raise InputError(message) from error
    if not any(order.slots for order in orders):
        message = f"{path} names no order with slots"
        raise InputError(message)
    return orders


def sound_of(folder: Path, order: Order) -> list[AudioChunk]:
    """Return an order's sound in slots of a second.

    Raises:
        InputError: the recording cannot be read.
    """
    with open_source(str(folder / "flac" / order.file)) as source:
        return [event for event in source.read("order") if isinstance(event, AudioChunk)]


class OrderHearing:
    """Hears orders one at a time.

    Args:
        model: hears.
        options: where utterances are cut.
    """

    def __init__(self, model: SpeechModel, options: UtteranceOptions) -> None:
        self._worker = Transcriber(model)
        self._options = options

    def text(self, sound: list[AudioChunk], hotwords: str = "") -> str:
        """Return what is heard.

        Raises:
            InputError: the speech model refuses the sound.
        """
        machine = Utterances("order", self._options, lambda *_: hotwords, lambda _: "en")
        jobs = [job for chunk in sound for job in machine.push(chunk)] + list(machine.close())
        texts: list[str] = []
        for outcome in self._worker.process(jobs):
            if isinstance(outcome, BadEventError):
                raise InputError(str(outcome)) from outcome
            texts += [event.text for event in outcome if isinstance(event, Transcript)]
        return " ".join(texts)
