"""What the worker makes of a back end's drafts."""

from collections.abc import Sequence
from typing import Literal

import pytest

from models.errors import BadEventError
from tests.workers.windows import window
from workers.events import Summary
from workers.summarize import Summarizer
from workers.summarizers.protocol import NO_PRODUCT, Broken, Draft, WindowText


class Scripted:
    """A back end that answers what it is told to."""

    rung: Literal["llm", "server", "extractive"] = "llm"
    model = "scripted/1"

    def __init__(self, *answers: Draft | Broken) -> None:
        self.answers = list(answers)
        self.asked: list[WindowText] = []

    def write(self, windows: Sequence[WindowText]) -> list[Draft | Broken]:
        self.asked += windows
        return [self.answers.pop(0) for _ in windows]


def summed_up(job: WindowText, answer: Draft | Broken) -> tuple[Summary, list[str]]:
    reasons: list[str] = []
    (outcome,) = Summarizer(Scripted(answer), reasons.append).process([job])
    assert not isinstance(outcome, BadEventError)
    (summary,) = outcome
    assert isinstance(summary, Summary)
    return summary, reasons


def test_a_title_of_the_cart_is_believed_and_its_words_are_found() -> None:
    job = window("hello now the vel mora milk is here", "Velmora Oat Milk")
    draft = Draft("Velmora Oat Milk", product_id="p0", score=2.0, raw_text="Velmora Oat Milk")
    summary, reasons = summed_up(job, draft)
    assert (summary.product_name, summary.product_id) == ("Velmora Oat Milk", "p0")
    assert (summary.rung, summary.fell_back, summary.score) == ("llm", False, 2.0)
    assert [span.text for span in summary.support] == ["vel mora milk"]
    assert (summary.support[0].start_ms, summary.support[0].end_ms) == (28_000, 29_200)
    assert summary.watermark_ms == job.end_ms
    assert reasons == []


def test_attributes_that_were_not_said_are_left_out() -> None:
    job = window("this lipstick is matte and red", "Nobre Lipstick")
    draft = Draft("Nobre Lipstick", ("matte", "vegan"), product_id="p0")
    assert summed_up(job, draft)[0].attributes == ("matte",)


def test_a_name_that_is_neither_in_the_cart_nor_said_is_refused_and_counted() -> None:
    summary, reasons = summed_up(window("hello to everybody tonight"), Draft("Golden Watch"))
    assert (summary.product_name, summary.rung, summary.fell_back) == (None, "extractive", True)
    assert summary.raw_text == NO_PRODUCT
    assert reasons == ["product name was not said"]


def test_a_name_that_was_said_is_believed_without_a_cart() -> None:
    summary, _ = summed_up(window("this is the corvain olive oil"), Draft("Corvane Olive Oil"))
    assert summary.product_name == "Corvane Olive Oil"
    assert not summary.fell_back


def test_a_product_id_that_is_not_in_the_cart_is_refused() -> None:
    job = window("the kettle boils fast", "Perrin Kettle")
    summary, reasons = summed_up(job, Draft("Kettle", product_id="p9"))
    assert summary.fell_back
    assert reasons == ["product is not in the cart"]


def test_broken_output_falls_back_on_what_was_heard() -> None:
    job = window("so this is the perrin kettle in steel", "Perrin Electric Kettle", "Wool Scarf")
    summary, reasons = summed_up(job, Broken("%%%", "not one short line"))
    assert (summary.product_id, summary.rung, summary.fell_back) == ("p0", "extractive", True)
    assert reasons == ["not one short line"]


def test_a_window_without_words_never_reaches_the_back_end() -> None:
    writer = Scripted(Draft(None, raw_text=NO_PRODUCT))
    worker = Summarizer(writer)
    jobs = [window("", slot=1), window("hello", slot=2), window("", slot=3)]
    summaries = [event for outcome in worker.process(jobs) for event in _events(outcome)]
    assert [summary.rung for summary in summaries] == ["none", "llm", "none"]
    assert [job.slot for job in writer.asked] == [2]
    assert worker.fallen_back == 0


def test_the_id_does_not_depend_on_what_was_written() -> None:
    job = window("so this is the perrin kettle", "Perrin Kettle")
    answers: list[Draft | Broken] = [Draft(None), Broken("?", "?"), Draft("x", product_id="p0")]
    assert len({summed_up(job, answer)[0].event_id for answer in answers}) == 1


def test_a_failed_window_keeps_the_grid_whole() -> None:
    (event,) = Summarizer(Scripted()).empty(window("hello", slot=7), BadEventError("no"))
    assert isinstance(event, Summary)
    assert (event.slot, event.rung, event.product_name) == (7, "none", None)


def _events(outcome: object) -> list[Summary]:
    if not isinstance(outcome, list):
        pytest.fail(f"not answered: {outcome}")
    return [event for event in outcome if isinstance(event, Summary)]
