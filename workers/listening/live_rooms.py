"""Rooms at real time: how long after it was said each word is committed, and how busy a machine is.

In: sounds and a speech model, or the events of rooms and stages. Every room sends its media as it
goes on, the rooms one after the other within a second. Time is simulated, work is not; see
`simulated_machine.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from models.errors import InputError
from workers.asr import SpeechModel, Transcriber
from workers.audio_grid import RATE_HZ, SLOT_MS
from workers.clip_sound import chunks_of
from workers.events import AudioChunk, GridEvent, Tag, Transcript
from workers.listening.delays import Delays, delays_of
from workers.listening.room_player import PlayedRoom, machine_of
from workers.listening.simulated_machine import (
    Arrival,
    LiveOptions,
    LiveStage,
    Played,
    SimulatedMachine,
)
from workers.rooms.drive import Part
from workers.utterances import UtteranceOptions

PEERS_P90_S = 3.3
"""A delay at the ninetieth percentile that is good: whisper_streaming states as much."""
HELD_ADDED_S = 1.0
"""Rooms are held while work adds no more than this to the delay at the ninetieth percentile."""


@dataclass(frozen=True)
class LiveRooms:
    """What became of some rooms at real time."""

    rooms: int
    words: int
    load: float
    """Seconds of work for a second of media of all rooms together; below 1 some time is left."""
    load_by_stage: dict[str, float]
    """The same of each stage."""
    delays: Delays | None
    """From the end of a word to the moment it is committed; none where no word was heard."""
    delays_without_work: Delays | None
    """The same on a machine without limits: what chunks, hops and cuts cost alone."""
    tag_delays: Delays | None
    """From the media time at which a tag was decided to the moment it is told; none: no tags."""
    fell_behind: bool
    """Whether the backlog grew over its limit."""

    @property
    def is_held(self) -> bool:
        """Whether the machine kept up: what words wait for is sound, not work."""
        if self.delays is None or self.delays_without_work is None:
            return False
        added_s = self.delays.p90_s - self.delays_without_work.p90_s
        return added_s <= HELD_ADDED_S and self.load < 1 and not self.fell_behind


def play_live(
    model: SpeechModel,
    cuts: UtteranceOptions,
    rooms: Sequence[PlayedRoom],
    options: LiveOptions,
    clock: Callable[[], float],
    max_batch: int = 8,
) -> LiveRooms:
    """Return what becomes of rooms in the speech stage alone.

    Args:
        model: hears.
        cuts: where utterances are cut, and the hop.
        rooms: that play at once.
        options: for how long, and how work is gathered.
        clock: real seconds, as `time.perf_counter` gives them.
        max_batch: most utterances in one call of the speech model.

    Raises:
        InputError: there is no room, or the speech model refuses a sound.
    """
    by_name = {room.name: room for room in rooms}
    part = Part(
        "asr", lambda name, _: machine_of(by_name[name], cuts), Transcriber(model), max_batch
    )
    size = options.length_s * RATE_HZ
    media = {room.name: chunks_of(room.samples[:size], room.name) for room in rooms}
    return play_stages([LiveStage(part, (AudioChunk,))], media, options, clock)


def play_stages(
    stages: Sequence[LiveStage],
    media: Mapping[str, Sequence[GridEvent]],
    options: LiveOptions,
    clock: Callable[[], float],
) -> LiveRooms:
    """Return what becomes of rooms in some stages.

    Args:
        stages: the speech stage, and others or none.
        media: sound and frames, by room.
        options: for how long, and how work is gathered.
        clock: real seconds.

    Raises:
        InputError: there is no room, or a stage refuses what it is given.
    """
    if not media:
        message = "no room plays; want at least one"
        raise InputError(message)
    step_ms = SLOT_MS / len(media)
    began_ms = {name: step_ms * number for number, name in enumerate(media)}
    arrivals = [
        Arrival(began_ms[name] + event.watermark_ms, name, event)
        for name, events in media.items()
        for event in events
        if event.watermark_ms <= options.length_s * SLOT_MS
    ]
    arrivals.sort(key=lambda one: one.at_ms)
    return _figures(SimulatedMachine(stages, arrivals, options, clock).run(), began_ms)


def _figures(played: Played, began_ms: Mapping[str, float]) -> LiveRooms:
    waits_ms: list[float] = []
    bare_ms: list[float] = []
    tags_ms: list[float] = []
    for one in played.said:
        if isinstance(one.event, Transcript):
            ends_ms = [began_ms[one.room] + word.end_ms for word in one.event.words]
            waits_ms += [one.at_ms - end_ms for end_ms in ends_ms]
            bare_ms += [one.arrived_ms - end_ms for end_ms in ends_ms]
        elif isinstance(one.event, Tag):
            tags_ms.append(one.at_ms - began_ms[one.room] - one.event.decided_ms)
    until_ms = max(played.until_ms, SLOT_MS)
    return LiveRooms(
        rooms=len(began_ms),
        words=len(waits_ms),
        load=played.load,
        load_by_stage={name: busy / until_ms for name, busy in played.busy_ms.items()},
        delays=delays_of(waits_ms) if waits_ms else None,
        delays_without_work=delays_of(bare_ms) if bare_ms else None,
        tag_delays=delays_of(tags_ms) if tags_ms else None,
        fell_behind=played.fell_behind,
    )
