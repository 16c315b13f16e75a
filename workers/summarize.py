"""Windows of speech of many rooms → summaries: what each window is selling, or nothing.

The worker asks a back end for a product name per window and does the rest by code: what it may see
of the window, whether its answer is believed (`summarizers.guard`), schema, support spans, and the
fall-back where the output is broken or not believed. Then the title that was heard best stands in,
or no product, and the match goes by the raw text. Must not know which back end it drives.
`rolling_text` cuts the windows.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence

from models.errors import BadEventError
from workers.events import StreamEvent, Summary
from workers.machine import Outcome
from workers.summarizers.extractive import Extractive
from workers.summarizers.guard import Guarded, GuardOptions, attributes_said, guard, refusal
from workers.summarizers.hearing import support
from workers.summarizers.protocol import NO_PRODUCT, Broken, Draft, SummaryWriter, WindowText

logger = logging.getLogger(__name__)


class Summarizer:
    """The worker: windows of many rooms → one summary each.

    Args:
        writer: the back end.
        on_fall_back: called with the reason each time its output was broken or not believed.
        options: what is believed of it.
    """

    def __init__(
        self,
        writer: SummaryWriter,
        on_fall_back: Callable[[str], None] | None = None,
        options: GuardOptions | None = None,
    ) -> None:
        self._writer = writer
        self._on_fall_back = on_fall_back
        self._options = options or GuardOptions()
        self._extractive = Extractive()
        self.fallen_back = 0
        """Windows so far whose summary the back end did not write."""
        self.verdicts: Counter[str] = Counter()
        """What the guards have said so far, and how often."""

    def process(self, jobs: Sequence[WindowText]) -> list[Outcome]:
        """Sum up every window; those without words are answered without the back end."""
        guarded = [guard(job) for job in jobs]
        spoken = [one.shown for one in guarded if one.shown.words]
        written = iter(self._writer.write(spoken) if spoken else [])
        return [
            [self._answer(one, next(written)) if one.shown.words else self._unasked(one)]
            for one in guarded
        ]

    def empty(self, job: WindowText, error: BadEventError) -> list[StreamEvent]:
        """A summary that says nothing, so that the grid stays whole."""
        logger.warning("window %d of room %s is left empty: %s", job.slot, job.stream_id, error)
        return [self._silent(job)]

    def _unasked(self, guarded: Guarded) -> Summary:
        if not guarded.whole.words:
            return self._silent(guarded.whole)
        return self._answer(guarded, Broken("", "nothing but orders was said", "order"))

    def _answer(self, guarded: Guarded, written: Draft | Broken) -> Summary:
        refused = (
            written if isinstance(written, Broken) else refusal(guarded, written, self._options)
        )
        if isinstance(written, Draft) and refused is None:
            return self._summary(guarded, written, self._writer)
        self.fallen_back += 1
        if self._on_fall_back is not None and refused is not None:
            self._on_fall_back(refused.reason)
        draft = self._extractive.choose(guarded.shown)
        if refusal(guarded, draft, self._options) is not None:
            draft = Draft(None, raw_text=NO_PRODUCT)
        return self._summary(guarded, draft, self._extractive, refused)

    def _summary(
        self,
        guarded: Guarded,
        draft: Draft,
        writer: SummaryWriter,
        refused: Broken | None = None,
    ) -> Summary:
        job = guarded.whole
        name = draft.product_name
        verdicts = guarded.verdicts + (() if refused is None else (refused.verdict,))
        self.verdicts.update(verdicts)
        return Summary(
            stream_id=job.stream_id,
            slot=job.slot,
            start_ms=job.start_ms,
            end_ms=job.end_ms,
            watermark_ms=job.end_ms,
            last=job.last,
            product_name=name,
            product_id=draft.product_id,
            attributes=()
            if name is None
            else attributes_said(guarded, draft.attributes, self._options),
            support=support(name, guarded.shown.words) if name is not None else (),
            raw_text=draft.raw_text,
            rung=writer.rung,
            fell_back=refused is not None,
            verdicts=verdicts,
            score=draft.score,
            # The back end that was asked, also where another answered: the id must not depend on
            # what a model happened to write.
            model=self._writer.model,
        )

    def _silent(self, job: WindowText) -> Summary:
        return Summary(
            stream_id=job.stream_id,
            slot=job.slot,
            start_ms=job.start_ms,
            end_ms=job.end_ms,
            watermark_ms=job.end_ms,
            last=job.last,
            model=self._writer.model,
        )
