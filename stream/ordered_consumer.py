"""What Faust may commit when every agent acknowledges in offset order: all up to the newest.

Faust's own bookkeeping is for any order and has two faults: it passes a record at the head that was
never acknowledged, and takes the record after a hole (compaction, a transaction's marker) for part
of the hole, counts it twice, and so gets over one hole for each commit: over a compacted catalogue
it lags for hours, and a restart does all of that again.
"""

import faust
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP


class OrderedConsumer(Consumer):  # type: ignore[misc]
    """Faust's consumer for an app whose agents are all made by `stream.ordered_agent`."""

    def _new_offset(self, tp: TP) -> int | None:
        acked = self._acked[tp]
        if not acked:
            return None
        newest = max(acked)
        acked.clear()
        self._acked_index[tp].clear()
        return int(newest) + 1

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Forget holes: in order, nothing behind the newest acknowledgement can be missing."""


def commit_in_order(app: faust.App) -> None:
    """Make an app, not yet started, commit up to the newest record acknowledged."""
    app.transport.Consumer = OrderedConsumer
