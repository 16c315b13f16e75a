"""Windows of speech of many rooms → summaries: what each window is selling, or nothing.

The worker asks a back end for a product name per window and does the rest by code: schema, support
spans, faithfulness, and the fall-back where a back end's output is broken. Must not know which
back end it drives. `rolling_text` cuts the windows.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.errors import BadEventError
from workers.events import StreamEvent, Summary
from workers.machine import Outcome
from workers.summarizers.extractive import Extractive
from workers.summarizers.hearing import share_heard, support
from workers.summarizers.protocol import Broken, Draft, SummaryWriter, WindowText

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SummarizerOptions:
    """What is believed of a back end."""

    least_share_heard: float = 0.5
    """A product name that is no title of the cart is refused unless this share of its words was
    said, from 0 to 1."""
    least_likeness: float = 0.5
    """How like a spoken word must be to count as said, from 0 to 1."""


class Summarizer:
    """The worker: windows of many rooms → one summary each.

    Args:
        writer: the back end.
        on_fall_back: called with the reason each time its output was broken or unfaithful.
        options: what is believed of it.
    """

    def __init__(
        self,
        writer: SummaryWriter,
        on_fall_back: Callable[[str], None] | None = None,
        options: SummarizerOptions | None = None,
    ) -> None:
        self._writer = writer
        self._on_fall_back = on_fall_back
        self._options = options or SummarizerOptions()
        self._extractive = Extractive()
        self.fallen_back = 0
        """Windows so far whose summary the back end did not write."""

    def process(self, jobs: Sequence[WindowText]) -> list[Outcome]:
        """Sum up every window; those without words are answered without the back end."""
        spoken = [job for job in jobs if job.words]
        written = iter(self._writer.write(spoken) if spoken else [])
        return [
            [self._answer(job, next(written)) if job.words else self._silent(job)] for job in jobs
        ]

    def empty(self, job: WindowText, error: BadEventError) -> list[StreamEvent]:
        """A summary that says nothing, so that the grid stays whole."""
        logger.warning("window %d of room %s is left empty: %s", job.slot, job.stream_id, error)
        return [self._silent(job)]

    def _answer(self, job: WindowText, written: Draft | Broken) -> Summary:
        refused = written if isinstance(written, Broken) else self._unfaithful(job, written)
        if isinstance(written, Draft) and refused is None:
            return self._summary(job, written, self._writer, fell_back=False)
        self.fallen_back += 1
        if self._on_fall_back is not None and refused is not None:
            self._on_fall_back(refused.reason)
        draft = self._extractive.choose(job)
        return self._summary(job, draft, self._extractive, fell_back=True)

    def _unfaithful(self, job: WindowText, draft: Draft) -> Broken | None:
        """Return why a name is not believed: it is neither on sale nor was it said."""
        if draft.product_id is not None:
            if draft.product_id in {product_id for product_id, _ in job.titles}:
                return None
            return Broken(draft.raw_text, "product is not in the cart")
        if draft.product_name is None:
            return None
        share = share_heard(draft.product_name, job.words, self._options.least_likeness)
        if share >= self._options.least_share_heard:
            return None
        return Broken(draft.raw_text, "product name was not said")

    def _summary(
        self, job: WindowText, draft: Draft, writer: SummaryWriter, *, fell_back: bool
    ) -> Summary:
        said = tuple(
            attribute
            for attribute in draft.attributes
            if share_heard(attribute, job.words, self._options.least_likeness)
            >= self._options.least_share_heard
        )
        name = draft.product_name
        return Summary(
            stream_id=job.stream_id,
            slot=job.slot,
            start_ms=job.start_ms,
            end_ms=job.end_ms,
            watermark_ms=job.end_ms,
            last=job.last,
            product_name=name,
            product_id=draft.product_id,
            attributes=said if name is not None else (),
            support=support(name, job.words) if name is not None else (),
            raw_text=draft.raw_text,
            rung=writer.rung,
            fell_back=fell_back,
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
