"""One room in a lane: its machine, its account, and what of both is to be saved."""

import logging
from collections.abc import Sequence
from typing import Any

from models.errors import BadEventError
from stream.ledger import NEVER_NEEDED
from stream.room_progress import RoomProgress
from stream.stage import Stage
from stream.state_store import ACCOUNT, Snapshot
from workers.events import AudioChunk, GridEvent, StreamEvent, Transcript
from workers.machine import Machine
from workers.media_account import MediaAccount

logger = logging.getLogger(__name__)


class LaneRoom:
    """One room; its state is that of the last step whose events were acknowledged."""

    def __init__(
        self, stage: Stage, stream_id: str, now_s: float, restored: tuple[Snapshot, int] | None
    ) -> None:
        saved, needed_from_ms = restored or (None, NEVER_NEEDED)
        account = _account(stage, saved)
        self.stream_id = stream_id
        self.machine: Machine[Any] = stage.machine(stream_id, saved)
        self.progress = RoomProgress(account)
        self.heard_s = now_s
        self.needed_from_ms = needed_from_ms
        self.settled_done = False
        self._account = account
        self._snapshot = saved
        self._changes = 0
        self._handed = 0
        self._safe = 0

    def push(self, event: GridEvent, now_s: float) -> Sequence[Any]:
        """Take an input; return the jobs that it completes.

        Raises:
            BadEventError: it can never be used; its sound is entered as refused.
        """
        self.heard_s = now_s
        if self.machine.done:
            return []
        try:
            jobs = self.machine.push(event)
        except BadEventError:
            if self._account is not None and isinstance(event, AudioChunk):
                self._account.refuse(event)
            raise
        if self._account is not None and isinstance(event, AudioChunk):
            self._account.take(event)
        self.progress.take(event, now_s)
        return jobs

    def settle(
        self, snapshot: Snapshot, needed_from_ms: int, events: Sequence[StreamEvent], *, done: bool
    ) -> None:
        """Enter a step whose events were all acknowledged."""
        for event in events:
            if self._account is not None and isinstance(event, Transcript):
                self._account.settle(event)
        if done and not self.settled_done and self._account is not None:
            self._account.close()
            logger.info("%s: %s", self.stream_id, self._account.sums.text())
        if (snapshot, needed_from_ms) != (self._snapshot, self.needed_from_ms):
            self._changes += 1
        self._snapshot, self.needed_from_ms, self.settled_done = snapshot, needed_from_ms, done

    @property
    def is_dirty(self) -> bool:
        """Whether there is a state that is not safe yet."""
        return self._snapshot is not None and self._mark != self._safe

    def state(self) -> Snapshot:
        """Return the state to be saved: the machine's of the last step, and the account's of now.

        The account may be ahead: what it holds of later records is not entered again when they are
        replayed.
        """
        self._handed = self._mark
        account = {} if self._account is None else {ACCOUNT: self._account.snapshot()}
        return {**(self._snapshot or {}), **account}

    def state_is_safe(self) -> None:
        """Say that what `state` returned last is durable."""
        self._safe = self._handed

    @property
    def _mark(self) -> int:
        return self._changes + (self._account.version if self._account is not None else 0)


def _account(stage: Stage, saved: Snapshot | None) -> MediaAccount | None:
    if not stage.accounts_sound:
        return None
    found = (saved or {}).get(ACCOUNT)
    return MediaAccount(found if isinstance(found, dict) else None)
