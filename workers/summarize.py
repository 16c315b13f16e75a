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
from workers.ladder import is_down_to
from workers.machine import Outcome
from workers.summarizers.extractive import Extractive
from workers.summarizers.guard import Guarded, GuardOptions, attributes_said, believed, guard
from workers.summarizers.hearing import support
from workers.summarizers.protocol import NO_PRODUCT, Broken, Draft, SummaryWriter, WindowText

logger = logging.getLogger(__name__)


def _is_for_back_end(guarded: Guarded) -> bool:
    is_hurried = is_down_to(guarded.whole.load_rung, "extractive")
    return bool(guarded.shown.words) and not is_hurried


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
        """Sum up every window; those without words, or time, are answered without the back end."""
        guarded = [guard(job) for job in jobs]
        asked = [one.shown for one in guarded if _is_for_back_end(one)]
        written = iter(self._writer.write(asked) if asked else [])
        return [
            [self._answer(one, next(written)) if _is_for_back_end(one) else self._unasked(one)]
            for one in guarded
        ]

    def empty(self, job: WindowText, error: BadEventError) -> list[StreamEvent]:
        """A summary that says nothing, so that the grid stays whole."""
        logger.warning("window %d of room %s is left empty: %s", job.slot, job.stream_id, error)
        return [self._silent(job)]

    def _unasked(self, guarded: Guarded) -> Summary:
        job = guarded.whole
        if not job.words or is_down_to(job.load_rung, "vision_only"):
            return self._silent(job)
        if not guarded.shown.words:
            return self._answer(guarded, Broken("", "nothing but orders was said", "order"))
        return self._summary(guarded, self._heard_best(guarded), self._extractive, ())

    def _answer(self, guarded: Guarded, written: Draft | Broken) -> Summary:
        answer = (
            written if isinstance(written, Broken) else believed(guarded, written, self._options)
        )
        if isinstance(answer, Draft):
            trimmed = () if answer == written else ("trimmed",)
            return self._summary(guarded, answer, self._writer, trimmed)
        self.fallen_back += 1
        if self._on_fall_back is not None:
            self._on_fall_back(answer.reason)
        best = self._heard_best(guarded)
        return self._summary(guarded, best, self._extractive, (answer.verdict,), fell_back=True)

    def _heard_best(self, guarded: Guarded) -> Draft:
        """Return the title that was heard best, or no product; it is guarded like any answer."""
        draft = self._extractive.choose(guarded.shown)
        answer = believed(guarded, draft, self._options)
        return answer if isinstance(answer, Draft) else Draft(None, raw_text=NO_PRODUCT)

    def _summary(
        self,
        guarded: Guarded,
        draft: Draft,
        writer: SummaryWriter,
        said: tuple[str, ...],
        *,
        fell_back: bool = False,
    ) -> Summary:
        job = guarded.whole
        name = draft.product_name
        verdicts = guarded.verdicts + said
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
            fell_back=fell_back,
            verdicts=verdicts,
            score=draft.score,
            load_rung=job.load_rung,
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
            load_rung=job.load_rung,
            model=self._writer.model,
        )
