"""The overload ladder: backlog in seconds of media → how much work is left out. Pure.

    rung           full → fewer_frames → larger_hop → extractive → vision_only
    entered above         1 × step_down_s   2 ×          3 ×          4 ×
    left below            climb_s, for calm_s, one rung at a time

A backlog that falls fast enough is left to recover at the present rung, as after a start. A rung
that had to be entered again soon after it was left is held longer the next time, so that work just
above what the machine can do does not swing. Time comes in with the readings.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from models.errors import SettingsError
from workers.events import LoadRung

RUNGS: tuple[LoadRung, ...] = get_args(LoadRung)
"""From nothing left out to most."""
RungOf = Callable[[str], LoadRung]
"""Room → the rung that is now in force for it. Safe from any thread."""


def never_hurried(stream_id: str) -> LoadRung:
    """Answer for rooms that nobody waits for: nothing is left out."""
    del stream_id
    return "full"


def lowest(*rungs: LoadRung) -> LoadRung:
    """Return the rung that leaves out most; `full` of none."""
    return RUNGS[max((RUNGS.index(rung) for rung in rungs), default=0)]


def is_down_to(rung: LoadRung, limit: LoadRung) -> bool:
    """Whether a rung leaves out what another one does."""
    return RUNGS.index(rung) >= RUNGS.index(limit)


@dataclass(frozen=True)
class OverloadOptions:
    """When work is left out so that live rooms stay in time."""

    enabled: bool = True
    """Whether anything is ever left out."""
    step_down_s: float = 10.0
    """The first rung is entered when a live room is more than this many seconds of media behind,
    the second at twice as many, and so on."""
    patience_s: float = 5.0
    """How long it must be so, and how long each rung is tried at least, in seconds."""
    recovers_s_per_s: float = 0.2
    """A backlog that falls by so many seconds of media a second is left to recover by itself."""
    climb_s: float = 5.0
    """A rung is left when no live room is as many seconds of media behind ..."""
    calm_s: float = 20.0
    """... for this long, in seconds; twice as long each time that it did not last."""
    longest_calm_s: float = 300.0
    """The longest such wait, in seconds."""

    def __post_init__(self) -> None:
        """Refuse thresholds between which the ladder would swing."""
        if not 0 < self.climb_s < self.step_down_s:
            message = (
                f"overload.climb_s is {self.climb_s:g}: want more than 0 and less than "
                f"overload.step_down_s, {self.step_down_s:g}"
            )
            raise SettingsError(message)
        if not 0 <= self.patience_s <= self.calm_s <= self.longest_calm_s:
            message = (
                f"overload.patience_s {self.patience_s:g}, calm_s {self.calm_s:g} and "
                f"longest_calm_s {self.longest_calm_s:g}: want 0 or more, and none below the last"
            )
            raise SettingsError(message)


@dataclass(frozen=True)
class _Since:
    """When a stretch of like readings began, and with which backlog."""

    at_s: float
    backlog_s: float


class Ladder:
    """Where one stage of one process stands."""

    def __init__(self, options: OverloadOptions) -> None:
        self._options = options
        self._place = 0
        self._above: _Since | None = None
        self._below: _Since | None = None
        self._climbed_at_s: float | None = None
        self._calm_s = options.calm_s

    @property
    def rung(self) -> LoadRung:
        """What is left out now."""
        return RUNGS[self._place]

    def read(self, now_s: float, backlog_s: float) -> LoadRung:
        """Take a reading and return the rung from now on, at most one from the last.

        Args:
            now_s: Seconds on any clock that never goes back.
            backlog_s: Seconds of media by which the worst live room is behind; from 0.
        """
        if not self._options.enabled:
            return "full"
        now = _Since(now_s, backlog_s)
        self._above = self._step_down(now) if self._is_above(backlog_s) else None
        self._below = self._climb(now) if self._is_below(backlog_s) else None
        return self.rung

    def _is_above(self, backlog_s: float) -> bool:
        can = self._place + 1 < len(RUNGS)
        return can and backlog_s > self._options.step_down_s * (self._place + 1)

    def _is_below(self, backlog_s: float) -> bool:
        return self._place > 0 and backlog_s < self._options.climb_s

    def _step_down(self, now: _Since) -> _Since | None:
        """Return since when the backlog is too large for the rung, having left it if for long."""
        since = self._above
        if since is None:
            return now
        waited_s = now.at_s - since.at_s
        if waited_s < self._options.patience_s:
            return since
        if since.backlog_s - now.backlog_s >= self._options.recovers_s_per_s * waited_s > 0:
            return now
        self._place += 1
        self._remember_swing(now.at_s)
        return now if self._is_above(now.backlog_s) else None

    def _climb(self, now: _Since) -> _Since | None:
        """Return since when all is calm, having left the rung if for long."""
        since = self._below
        if since is None:
            return now
        if now.at_s - since.at_s < self._calm_s:
            return since
        self._place -= 1
        self._climbed_at_s = now.at_s
        return now if self._place else None

    def _remember_swing(self, now_s: float) -> None:
        if self._climbed_at_s is None:
            return
        soon = now_s - self._climbed_at_s <= self._calm_s
        longer_s = min(2 * self._calm_s, self._options.longest_calm_s)
        self._calm_s = longer_s if soon else self._options.calm_s
        self._climbed_at_s = None
