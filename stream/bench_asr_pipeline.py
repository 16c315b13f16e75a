"""The whole pipeline for `liveshelf bench asr --part pipeline`: the stages, and the demo's room.

The stages are those of the settings, over an index of the demo's products in OUT. Every room plays
the bundled sample room, decoded once.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from stream.cart import read_cart
from stream.count_bar import count_bar
from stream.demo_room import FOLDER, demo_settings
from stream.settings import Settings
from stream.trial_stages import SettingsStages, index_catalogue, with_own_index
from workers.catalogue import read_catalogue
from workers.events import AudioChunk, Frame, GridEvent, Match, Room, Summary, Transcript, Vector
from workers.listening.simulated_machine import LiveStage
from workers.media import open_source
from workers.rooms.variants import StageName

_TAKES: dict[StageName, tuple[type[GridEvent], ...]] = {
    "asr": (AudioChunk,),
    "summarize": (Transcript,),
    "embed": (Frame, Transcript, Summary),
    "match": (Vector,),
    "tag": (Match,),
}


class DemoPipeline:
    """Loads the stages anew for each hop.

    Args:
        settings: models, and how stages work.
        model: of speech, by its name in the registry.
        out: gets the index.
    """

    def __init__(self, settings: Settings, model: str, out: Path) -> None:
        settings = demo_settings(settings)
        settings = replace(settings, models=replace(settings.models, asr=model))
        self._settings = with_own_index(settings, out / "cache", FOLDER / "catalogue.jsonl")
        self._media: list[GridEvent] = []
        self._loaded: dict[int, SettingsStages] = {}

    def stages(self, hop_ms: int, rooms: Sequence[str]) -> Sequence[LiveStage]:
        """Return the stages with rooms that they know.

        Raises:
            WeightsError: a model was not pulled.
        """
        if hop_ms not in self._loaded:
            asr = replace(self._settings.asr, hop_ms=hop_ms)
            with count_bar() as bar:
                index_catalogue(self._settings, FOLDER / "catalogue.jsonl", bar)
            # One set of models at a time fits into memory.
            self._loaded = {hop_ms: SettingsStages(replace(self._settings, asr=asr))}
        loaded = self._loaded[hop_ms]
        for room in rooms:
            loaded.enter(self._room(room))
        return [LiveStage(loaded.part(name), takes) for name, takes in _TAKES.items()]

    def media(self, room: str) -> Sequence[GridEvent]:
        """Return sound and frames of the sample room, as a room of this name sends them."""
        if not self._media:
            with open_source(str(FOLDER / "room.mp4"), self._settings.ingest) as source:
                events = list(source.read(room))
            self._media = [one for one in events if isinstance(one, AudioChunk | Frame)]
        return [one.model_copy(update={"stream_id": room}) for one in self._media]

    def _room(self, name: str) -> Room:
        products = read_catalogue(FOLDER / "catalogue.jsonl").products
        titles = {one.product_id: one.title for one in products}
        cart = read_cart(FOLDER / "cart.json").with_titles(titles)
        return Room(
            stream_id=name,
            version=0,
            cart=cart.product_ids,
            titles=cart.titles,
            shop=cart.shop,
            language=cart.language or "en",
        )
