"""When tags of a trial are there: the times of a whole machine that runs every stage at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tiny_vision import ColourAndWords, image_bytes, picture
from tests.workers.tiny_stages import MINI, TITLES, TRUTH, TinyStages
from workers.events import (
    AudioChunk,
    Frame,
    GridEvent,
    Match,
    Product,
    Room,
    Summary,
    Tag,
    Transcript,
    Vector,
)
from workers.index import ProductIndex
from workers.index_build import IndexBuilder
from workers.listening.simulated_machine import Arrival, LiveOptions, LiveStage, SimulatedMachine
from workers.media import open_source
from workers.milvus import MilvusOptions
from workers.rooms.trial import Trial, TrialRoom
from workers.rooms.variants import StageName, Variant

pytestmark = [pytest.mark.milvus]
ROOM = Room(stream_id="mini", version=0, cart=tuple(TITLES), titles=TITLES, language="en")
TAKES: dict[StageName, tuple[type[GridEvent], ...]] = {
    "asr": (AudioChunk,),
    "summarize": (Transcript,),
    "embed": (Frame, Transcript, Summary),
    "match": (Vector,),
    "tag": (Match,),
}


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyStages]:
    folder = tmp_path_factory.mktemp("lite")
    page = folder / "page.png"
    page.write_bytes(image_bytes(picture("red"), "PNG"))
    encoder = ColourAndWords("times")
    index = ProductIndex(MilvusOptions(str(folder / "index.db")))
    list(
        IndexBuilder(index, encoder).build(
            [Product(product_id=key, title=title, images=(str(page),))
             for key, title in TITLES.items()]
        )
    )  # fmt: skip
    yield TinyStages(index, encoder)
    index.close()


def test_tags_are_there_when_a_machine_that_takes_no_time_has_them(
    stages: TinyStages, tmp_path: Path
) -> None:
    trial = Trial(stages, tmp_path, lambda: 0.0)
    steps = list(trial.run(TrialRoom(MINI / "room.mp4", TRUTH, ROOM), [Variant()]))
    tried = steps[-1].tried
    assert tried is not None
    with open_source(str(MINI / "room.mp4"), stages.media) as source:
        media = [one for one in source.read("mini") if isinstance(one, GridEvent)]
    arrivals = [Arrival(one.watermark_ms, "mini", one) for one in media]
    live = [LiveStage(stages.part(name), takes) for name, takes in TAKES.items()]
    machine = SimulatedMachine(
        live,
        sorted(arrivals, key=lambda one: one.at_ms),
        LiveOptions(max_wait_ms=0, longest_backlog_ms=1e9),
        lambda: 0.0,
    )
    told = [(one.event, one.arrived_ms) for one in machine.run().said if isinstance(one.event, Tag)]
    assert [(one.event, one.at_ms) for one in tried.said] == told
    assert {one.event.status for one in tried.said} >= {"started", "ended"}
    # A clip waits for the words of its moment, and those for a pause: longer than the clip is long.
    assert max(one.at_ms - one.event.decided_ms for one in tried.said) > 1_000
