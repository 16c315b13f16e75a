"""Stages for trials of made rooms: real machines, workers and Milvus; models are doubles.

The speech model is told what was said in the small sample room, and the encoder reads words.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.tiny_vision import ColourAndWords
from workers.align import Aligner, AlignOptions
from workers.asr import Heard, Transcriber
from workers.decision import Threshold
from workers.encode import ClipEncoder
from workers.events import Room, Scope, Word
from workers.index import ProductIndex
from workers.match import Matcher, MatchOptions
from workers.match_machine import MatchMachine
from workers.media_wire import MediaOptions
from workers.rolling_text import RollingText, RollingTextOptions
from workers.rooms.drive import Part
from workers.rooms.scoring import read_truth
from workers.rooms.variants import AS_SET, StageName, Variant
from workers.summarize import Summarizer
from workers.summarizers.extractive import Extractive
from workers.tag import Tagger, TagOptions, TagWorker
from workers.utterances import Utterance, UtteranceOptions, Utterances

MINI = Path(__file__).parents[1] / "data" / "mini_room"
TRUTH = read_truth(MINI / "truth.json")
OTHERS = {
    "notebook": "Quillaby Forest Green Notebook, A5",
    "beans": "Brindlemoor Dark Coffee Beans",
}
TITLES = {**TRUTH.titles, **OTHERS}
SAID = tuple(
    (start_ms, f"look at this {TRUTH.titles[one.product_id]}")
    for one in TRUTH.segments
    for start_ms in (one.start_ms + 350, (one.start_ms + one.end_ms) // 2)
)
"""Each product is named twice while it is sold."""


class Prompter:
    """Hears what it was told, whatever the sound; words take 250 ms each."""

    name = "prompter"

    def describe(self) -> str:
        return self.name

    def transcribe(self, utterances: Sequence[Utterance]) -> list[Heard]:
        return [Heard(tuple(self._words(one))) for one in utterances]

    def _words(self, utterance: Utterance) -> Iterator[Word]:
        for start_ms, text in SAID:
            for number, word in enumerate(text.split()):
                at_ms = start_ms + 250 * number
                if utterance.start_ms <= at_ms < utterance.end_ms:
                    end_ms = min(at_ms + 250, utterance.end_ms)
                    yield Word(text=word, start_ms=at_ms, end_ms=end_ms, probability=0.9)


@dataclass
class TinyStages:
    """The real machines and workers around models that cost nothing."""

    index: ProductIndex
    encoder: ColourAndWords
    media: MediaOptions = field(default_factory=MediaOptions)
    entered: list[Room] = field(default_factory=list)
    driven: list[StageName] = field(default_factory=list)
    keys: dict[StageName, str] = field(default_factory=dict)
    weights: list[float] = field(default_factory=list)

    def enter(self, *versions: Room) -> None:
        self.entered += versions

    def key(self, stage: StageName) -> str:
        return self.keys.get(stage, "as ever")

    def part(self, stage: StageName, variant: Variant = AS_SET) -> Part:
        self.driven.append(stage)
        machine, worker = getattr(self, f"_{stage}")(variant)
        return Part(stage, machine, worker, max_batch=4)

    def _asr(self, variant: Variant) -> tuple[Any, Any]:
        def machine(stream_id: str, _: object) -> Utterances:
            return Utterances(stream_id, UtteranceOptions(), lambda *_: "", lambda _: "en", None)

        return machine, Transcriber(Prompter())

    def _summarize(self, variant: Variant) -> tuple[Any, Any]:
        room = self.entered[-1]

        def titles(*_: object) -> tuple[tuple[str, str], ...]:
            return tuple((key, room.titles[key]) for key in room.cart)

        def machine(stream_id: str, _: object) -> RollingText:
            return RollingText(stream_id, RollingTextOptions(), titles, None)

        return machine, Summarizer(Extractive())

    def _embed(self, variant: Variant) -> tuple[Any, Any]:
        def machine(stream_id: str, _: object) -> Aligner:
            return Aligner(stream_id, self.entered[-1].tracks, AlignOptions())

        return machine, ClipEncoder(self.encoder)

    def _match(self, variant: Variant) -> tuple[Any, Any]:
        room, weight = self.entered[-1], 0.5 if variant.sounds else 0.0
        self.weights.append(weight)
        options = MatchOptions(sounds_weight=weight)
        cart = (1, room.cart, room.shop)
        return lambda name, _: MatchMachine(name), Matcher(self.index, lambda *_: cart, options)

    def _tag(self, variant: Variant) -> tuple[Any, Any]:
        scopes: tuple[Scope, ...] = ("cart", "shop", "catalogue")
        rules: Mapping[Scope, Threshold] = {scope: Threshold(0.6, "test") for scope in scopes}
        return lambda name, _: Tagger(name, rules, TagOptions()), TagWorker()
