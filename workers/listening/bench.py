"""What each part of `liveshelf bench asr` is given, and how it hears rooms so that nothing is lost.

In: who hears, what there is to hear, where answers are kept. Out: what was heard in rooms, kept one
by one: a stopped run goes on.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

from workers.asr import SpeechModel
from workers.kept_answers import KeptAnswers
from workers.listening.alone import ListensAlone
from workers.listening.room_player import HeardRoom, PlayedRoom, PlayOptions, RoomPlayer
from workers.utterances import UtteranceOptions

Figures = dict[str, Any]
Guards = Literal["all", "voice", "none"]
"""All of them; the detector of voices alone, as faster-whisper's batches have it; none."""
_TOLD: dict[Guards, str] = {"all": "", "voice": ", voice alone", "none": ", no guards"}


class Ears(Protocol):
    """Who hears; each is loaded once."""

    def ours(self, batch: int = 8, guards: Guards = "all") -> SpeechModel:
        """Return the speech model of the stages.

        Args:
            batch: utterances in one call.
            guards: against invented text.
        """

    def alone(self) -> ListensAlone:
        """Return the peer, with the same weights and threads."""


@dataclass(frozen=True)
class Material:
    """What there is to hear."""

    orders: Path | None = None
    """Folder of `workers.recorded_orders`, with `noise_kitchen.flac`; none: parts go without."""
    scripts: Path | None = None
    """Folder of `liveshelf rooms scripts`; none: parts go without."""
    limit: int = 0
    """Most orders, scripts, sounds of a kind, and rooms at once; 0: all."""

    def most(self, count: int) -> int:
        """Return a count, or the limit where that is less."""
        return min(count, self.limit) if self.limit else count


@dataclass(frozen=True)
class Bench:
    """Ears, material, and where answers are kept."""

    ears: Ears
    cuts: UtteranceOptions
    """With the hop that is asked for."""
    material: Material
    kept: KeptAnswers
    tell: Callable[[str, int, int], None]
    """Hears what is done, how many of it, of how many."""
    clock: Callable[[], float]
    """Real seconds."""

    @property
    def whole(self) -> UtteranceOptions:
        """Cuts without a hop: every utterance is heard once, when it is cut."""
        return replace(self.cuts, hop_ms=0)

    def heard(
        self,
        what: str,
        rooms: Sequence[PlayedRoom],
        *,
        guards: Guards = "all",
        at_once: int = 8,
    ) -> list[HeardRoom]:
        """Return what the stages hear in each room.

        Args:
            what: is heard, in a word or two.
            rooms: whose names differ.
            guards: against invented text.
            at_once: rooms that play at the same time, and utterances in a batch.

        Raises:
            InputError: a sound is refused.
        """
        what = f"{what}, {at_once} at once{_TOLD[guards]}"
        keys = {room.name: f"{what}/{room.fingerprint}" for room in rooms}
        left = [room for room in rooms if self.kept.answer(keys[room.name]) is None]
        if left:
            model = self.ears.ours(at_once, guards)
            player = RoomPlayer(model, self.cuts, PlayOptions(at_once, at_once))
            for done, heard in enumerate(player.play(left), len(rooms) - len(left) + 1):
                self.kept.keep([(keys[heard.name], asdict(heard))])
                self.tell(what, done, len(rooms))
        return [HeardRoom(**{**self._answer(keys[room.name]), "name": room.name}) for room in rooms]

    def heard_alone(self, what: str, rooms: Sequence[PlayedRoom]) -> list[str]:
        """Return what the peer hears in each room's whole sound."""
        what = f"{what}, alone"
        texts: list[str] = []
        for done, room in enumerate(rooms, 1):
            key = f"{what}/{room.fingerprint}"
            if self.kept.answer(key) is None:
                text = self.ears.alone().text(room.samples, room.hotwords)
                self.kept.keep([(key, {"text": text})])
                self.tell(what, done, len(rooms))
            texts.append(str(self._answer(key)["text"]))
        return texts

    def measured(self, what: str, measure: Callable[[], Figures]) -> Figures:
        """Return figures that were kept, or measure and keep them."""
        found = self.kept.answer(what)
        if found is None:
            found = measure()
            self.kept.keep([(what, found)])
        return found

    def _answer(self, key: str) -> Figures:
        found = self.kept.answer(key)
        return {} if found is None else found


@dataclass(frozen=True)
class Skipped:
    """Why a part was not measured."""

    reason: str
