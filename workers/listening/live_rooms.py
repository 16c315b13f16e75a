"""Rooms at real time without waiting for it: media has a clock of its own, work the real one.

In: sounds, a speech model, a clock. Out: how long after it was said each word was committed, and
how busy the machine was. Every room sends a chunk each second, the rooms one after the other within
it. The simulated time jumps to the next chunk when there is nothing to do, and goes on by what each
piece of work really took. Utterances are gathered as the batcher of the stages does it: until there
are `max_batch`, or `max_wait_ms` after the first.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.errors import BadEventError, InputError
from workers.asr import SpeechModel, Transcriber
from workers.audio_grid import PER_MS, SLOT_MS
from workers.clip_sound import chunks_of
from workers.events import AudioChunk, Transcript
from workers.listening.delays import Delays, delays_of
from workers.listening.room_player import PlayedRoom, machine_of
from workers.utterances import Utterance, UtteranceOptions

HELD_P90_S = 3.3
"""Rooms are held up to this delay at the ninetieth percentile; whisper_streaming states as much."""


@dataclass(frozen=True)
class LiveOptions:
    """How the rooms play."""

    length_s: int = 120
    """Seconds of each room, at most its own length."""
    max_batch: int = 8
    """Most utterances in one call of the speech model."""
    max_wait_ms: float = 20.0
    """Longest wait for company, from the first utterance."""
    longest_backlog_ms: float = 20_000.0
    """A machine that falls further behind is stopped: it will not catch up."""


@dataclass(frozen=True)
class LiveRooms:
    """What became of some rooms at real time."""

    rooms: int
    words: int
    load: float
    """Seconds of work for a second of media of all rooms together; below 1 some time is left."""
    delays: Delays | None
    """From the end of a word to the moment it is committed; none where no word was heard."""
    delays_without_work: Delays | None
    """The same on a machine without limits: what chunks, hops and cuts cost alone."""
    fell_behind: bool
    """Whether the backlog grew over its limit."""

    @property
    def is_held(self) -> bool:
        """Whether the machine kept up, and words came in time."""
        in_time = self.delays is not None and self.delays.p90_s <= HELD_P90_S
        return in_time and self.load < 1 and not self.fell_behind


@dataclass(frozen=True)
class _Arrival:
    at_ms: float
    room: int
    chunk: AudioChunk


@dataclass(frozen=True)
class _Job:
    utterance: Utterance
    arrived_ms: float
    began_ms: float
    """When its room's media time was 0."""


class _Machine:
    """One machine with simulated time."""

    def __init__(
        self,
        model: SpeechModel,
        cuts: UtteranceOptions,
        rooms: Sequence[PlayedRoom],
        options: LiveOptions,
        clock: Callable[[], float],
    ) -> None:
        self._worker, self._options, self._clock = Transcriber(model), options, clock
        self._machines = [machine_of(room, cuts) for room in rooms]
        self._arrivals = deque(_arrivals(rooms, options.length_s))
        self._jobs: deque[_Job] = deque()
        self._now_ms = self._busy_ms = self._heard_until_ms = 0.0
        self._step_ms = SLOT_MS / len(rooms)
        self._waits_ms: list[float] = []
        self._bare_ms: list[float] = []

    def run(self) -> LiveRooms:
        fell_behind = False
        while (self._arrivals or self._jobs) and not fell_behind:
            if not self._jobs:
                self._now_ms = max(self._now_ms, self._arrivals[0].at_ms)
            self._take_arrived()
            if self._jobs:
                self._gather()
                self._work()
            oldest_ms = self._jobs[0].arrived_ms if self._jobs else self._now_ms
            fell_behind = self._now_ms - oldest_ms > self._options.longest_backlog_ms
        return LiveRooms(
            rooms=len(self._machines),
            words=len(self._waits_ms),
            load=self._busy_ms / max(self._heard_until_ms, SLOT_MS),
            delays=delays_of(self._waits_ms) if self._waits_ms else None,
            delays_without_work=delays_of(self._bare_ms) if self._bare_ms else None,
            fell_behind=fell_behind,
        )

    def _take_arrived(self) -> None:
        while self._arrivals and self._arrivals[0].at_ms <= self._now_ms:
            one = self._arrivals.popleft()
            began_s = self._clock()
            utterances = self._machines[one.room].push(one.chunk)
            self._spend(began_s)
            began_ms = self._step_ms * one.room
            self._jobs.extend(_Job(job, one.at_ms, began_ms) for job in utterances)

    def _gather(self) -> None:
        """Wait for company as the batcher does."""
        until_ms = self._now_ms + self._options.max_wait_ms
        while len(self._jobs) < self._options.max_batch:
            if not self._arrivals or self._arrivals[0].at_ms > until_ms:
                self._now_ms = max(self._now_ms, until_ms)
                return
            self._now_ms = max(self._now_ms, self._arrivals[0].at_ms)
            self._take_arrived()

    def _work(self) -> None:
        count = min(len(self._jobs), self._options.max_batch)
        batch = [self._jobs.popleft() for _ in range(count)]
        began_s = self._clock()
        outcomes = self._worker.process([job.utterance for job in batch])
        self._spend(began_s)
        self._heard_until_ms = batch[-1].arrived_ms
        for job, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, BadEventError):
                raise InputError(str(outcome)) from outcome
            for event in outcome:
                if isinstance(event, Transcript):
                    self._commit(event, job)

    def _commit(self, event: Transcript, job: _Job) -> None:
        for word in event.words:
            said_ms = job.began_ms + word.end_ms
            self._waits_ms.append(self._now_ms - said_ms)
            self._bare_ms.append(job.arrived_ms - said_ms)

    def _spend(self, began_s: float) -> None:
        took_ms = 1_000 * (self._clock() - began_s)
        self._now_ms += took_ms
        self._busy_ms += took_ms


def play_live(
    model: SpeechModel,
    cuts: UtteranceOptions,
    rooms: Sequence[PlayedRoom],
    options: LiveOptions,
    clock: Callable[[], float],
) -> LiveRooms:
    """Return what becomes of rooms at real time.

    Args:
        model: hears.
        cuts: where utterances are cut, and the hop.
        rooms: that play at once.
        options: for how long, and how work is gathered.
        clock: real seconds, as `time.perf_counter` gives them.

    Raises:
        InputError: there is no room, or the speech model refuses a sound.
    """
    if not rooms:
        message = "no room plays; want at least one"
        raise InputError(message)
    return _Machine(model, cuts, rooms, options, clock).run()


def _arrivals(rooms: Sequence[PlayedRoom], length_s: int) -> list[_Arrival]:
    """Return the chunks in the order in which they arrive: each when its last sample is there."""
    step_ms = SLOT_MS / len(rooms)
    found = [
        _Arrival(step_ms * number + chunk.end_ms, number, chunk)
        for number, room in enumerate(rooms)
        for chunk in chunks_of(room.samples[: length_s * SLOT_MS * PER_MS], room.name)
    ]
    return sorted(found, key=lambda one: (one.at_ms, one.room))
