"""A source onto Kafka: the room is opened, everything is sent in order, the room is closed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import pytest

from models.errors import InputError
from stream.admin import ensure_topics
from stream.cart import CartChange
from stream.change_cart import change_cart
from stream.follow import Follower
from stream.ingest import IngestOrder, IngestReport, ingest, lacking, refuse_failed
from stream.link import Link, connect
from stream.setting_groups import KafkaSettings
from stream.settings import Settings
from stream.topics import AUDIO, FRAMES, STREAMS
from tests.media_files import Film, make_film
from workers.events import AudioChunk, Event, Frame, Room
from workers.media import MediaReport, open_source

kafka_test = pytest.mark.kafka


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    return make_film(folder / "film.mp4", Film(seconds=2.6, scenes_s=(1.1,)))


@pytest.fixture
async def link(kafka: str) -> AsyncIterator[Link]:
    prefix = f"ingest-{uuid4().hex[:8]}."
    await ensure_topics(kafka, prefix, 2, 1)
    async with connect(kafka, prefix, "test") as made:
        yield made


@dataclass
class Sent:
    """One sending and what was told while it lasted."""

    report: IngestReport
    told: list[MediaReport] = field(default_factory=list)
    progress_ms: list[int] = field(default_factory=list)


async def send(film: Path, link: Link, order: IngestOrder) -> Sent:
    sent = Sent(IngestReport())
    with open_source(str(film)) as source:
        sent.report = await ingest(source, order, link, sent.told.append, sent.progress_ms.append)
    return sent


async def stored(link: Link) -> list[Event]:
    follower = Follower(link.bootstrap_servers, link.prefix, [STREAMS, AUDIO, FRAMES])
    await follower.start()
    try:
        return [seen.event async for seen in follower.stored() if isinstance(seen.event, Event)]
    finally:
        await follower.stop()


@kafka_test
async def test_room_is_opened_with_its_cart_sent_and_closed(film: Path, link: Link) -> None:
    order = IngestOrder("a", speed=0, cart=("x",), titles={"x": "X"}, shop="s", language="en")
    sent = await send(film, link, order)
    events = await stored(link)
    opened, closed = sorted(
        (event for event in events if isinstance(event, Room)), key=lambda room: room.version
    )
    assert (opened.state, opened.cart, opened.titles) == ("open", ("x",), {"x": "X"})
    assert (opened.shop, opened.language, opened.tracks) == ("s", "en", ("audio", "video"))
    assert (closed.state, closed.reason) == ("closed", "the source ended")
    chunks = [event for event in events if isinstance(event, AudioChunk)]
    assert [chunk.last for chunk in chunks] == [False, False, True]
    assert sent.report.audio_chunks == len(chunks)
    frames = [event for event in events if isinstance(event, Frame)]
    assert sum(sent.report.frames[choice] for choice in {f.choice for f in frames}) == len(frames)
    assert sent.report.frames["seen"] == 65
    assert sent.progress_ms == sorted(sent.progress_ms)
    assert sent.progress_ms[-1] == sent.report.duration_ms == pytest.approx(2_600, abs=60)


@kafka_test
@pytest.mark.parametrize(("speed", "live"), [(0.0, False), (20.0, False), (1.0, True)])
async def test_only_what_comes_as_it_happens_is_live(
    film: Path, link: Link, speed: float, live: bool
) -> None:
    await send(film, link, IngestOrder("a", speed=speed))
    assert link.rooms.is_live("a") == live
    assert not link.rooms.is_live("unknown")


@kafka_test
async def test_later_carts_hold_from_their_times_with_titles_of_their_own(
    film: Path, link: Link
) -> None:
    changes = (CartChange(500, ("x", "y")), CartChange(1_500, ("y",)))
    titles = {"x": "X", "y": "Y"}
    await send(film, link, IngestOrder("a", speed=0, cart=("x",), titles=titles, changes=changes))
    at = {ms: link.rooms.at("a", ms) for ms in (0, 499, 500, 1_499, 1_500, 2_600)}
    carts = {ms: (room.cart, room.titles) for ms, room in at.items() if room is not None}
    first, second, third = (("x",), {"x": "X"}), (("x", "y"), titles), (("y",), {"y": "Y"})
    assert list(carts.values()) == [first, first, second, second, third, third]
    rooms = [event for event in await stored(link) if isinstance(event, Room)]
    assert sorted((room.version, room.state) for room in rooms) == [
        (0, "open"), (1, "open"), (2, "open"), (3, "closed"),
    ]  # fmt: skip


@kafka_test
async def test_a_cart_that_somebody_changed_meanwhile_is_not_written_over(
    film: Path, link: Link, tmp_path: Path
) -> None:
    file = tmp_path / "cart.json"
    file.write_text('{"cart": ["y"], "titles": {"y": "Y"}}')
    settings = replace(
        Settings(),
        kafka=KafkaSettings(bootstrap_servers=link.bootstrap_servers, topic_prefix=link.prefix),
    )
    changed: list[asyncio.Task[Room]] = []

    def change_once(_done_ms: int) -> None:
        if not changed:
            changed.append(asyncio.ensure_future(change_cart(settings, "a", file, 2.0)))

    with open_source(str(film)) as source:
        order = IngestOrder("a", speed=1.0, cart=("x",), shop="s")
        await ingest(source, order, link, lambda _: None, change_once)
    room = await changed[0]
    assert (room.version, room.cart, room.shop, room.effective_from_ms) == (1, ("y",), "s", 2_000)
    rooms = sorted(
        (event for event in await stored(link) if isinstance(event, Room)),
        key=lambda one: one.version,
    )
    told = [(one.version, one.state, one.cart) for one in rooms]
    assert told == [(0, "open", ("x",)), (1, "open", ("y",)), (2, "closed", ("y",))]
    with pytest.raises(InputError, match="room 'a' has ended"):
        await change_cart(settings, "a", file, 2.0)
    with pytest.raises(InputError, match="room 'b' was never opened"):
        await change_cart(settings, "b", file, 2.0)


@kafka_test
async def test_room_that_ended_is_refused_and_again_repeats_its_ids(film: Path, link: Link) -> None:
    await send(film, link, IngestOrder("a", speed=0))
    before = await stored(link)
    with pytest.raises(InputError, match=r"'a' was played to its end before.*replay a"):
        await send(film, link, IngestOrder("a", speed=0))
    assert len(await stored(link)) == len(before)
    await send(film, link, IngestOrder("a", speed=0, again=True))
    media = [event for event in await stored(link) if not isinstance(event, Room)]
    ids = [event.event_id for event in media]
    assert len(ids) == 2 * len(set(ids))


@kafka_test
async def test_refused_room_lets_go_of_its_decoder(film: Path, link: Link) -> None:
    await send(film, link, IngestOrder("a", speed=0))
    source = open_source(str(film))
    with pytest.raises(InputError):
        await ingest(source, IngestOrder("a"), link, lambda _: None, lambda _: None)
    with pytest.raises(ValueError, match="closed file"):
        list(source.read("a"))


@pytest.mark.parametrize("name", ["", "a b", "-a", "ä", "a/b", "x" * 201])
def test_name_that_no_event_may_bear_is_refused_at_once(name: str) -> None:
    with pytest.raises(InputError, match="want a name of 1 to 200 letters"):
        IngestOrder(name)


@pytest.mark.parametrize(
    ("film", "words"),
    [
        (Film(seconds=1), []),
        (Film(seconds=1, with_audio=False), ["it has no sound"]),
        (Film(seconds=1, with_video=False), ["it has no pictures"]),
    ],
)
def test_what_a_source_lacks_is_said(tmp_path: Path, film: Film, words: list[str]) -> None:
    with open_source(str(make_film(tmp_path / "film.mkv", film))) as source:
        assert [line.split(":")[0] for line in lacking(source.probe)] == words


def test_source_that_broke_off_is_an_error_and_one_that_ended_is_none() -> None:
    broken = IngestReport(reports=[MediaReport("failed", "the decoder died of SIGSEGV", 1_500)])
    with pytest.raises(InputError, match=r"x\.mp4: failed at 1\.5 s: the decoder died of SIGSEGV"):
        refuse_failed("x.mp4", broken)
    refuse_failed("x.mp4", IngestReport(reports=[MediaReport("ended", "the source ended", 9)]))
    refuse_failed("x.mp4", IngestReport())
