"""What language models are told and shown, by domain and language."""

from itertools import product

import pytest

from workers.summarizers.causal_lm import read_line
from workers.summarizers.examples import DOMAINS, Domain, languages, lesson
from workers.summarizers.guard import guard, refusal
from workers.summarizers.prompt import line_of
from workers.summarizers.protocol import Draft, WindowText
from workers.summarizers.steering_sets import SteeringCase

ROOMS = list(product(DOMAINS, ("en", "zh")))


def heard(said: str) -> WindowText:
    return SteeringCase("invented", "en", said, "-", None, ("-",)).window(cart=False)


@pytest.mark.parametrize(("domain", "language"), ROOMS)
def test_every_lesson_shows_a_window_without_a_product_and_two_with_one(
    domain: Domain, language: str
) -> None:
    told = lesson(domain, language)
    assert told.language == language
    assert "{said}" in told.question
    assert sum(one.name is None for one in told.examples) == 1
    assert sum(one.name is not None for one in told.examples) >= 2


@pytest.mark.parametrize(("domain", "language"), ROOMS)
def test_every_answer_that_is_shown_reads_back_and_is_believed(
    domain: Domain, language: str
) -> None:
    for one in lesson(domain, language).examples:
        read = read_line(line_of(one.name, one.attributes))
        assert isinstance(read, Draft)
        assert (read.product_name, read.attributes) == (one.name, one.attributes)
        assert refusal(guard(heard(one.said)), read) is None, one.said


def test_a_language_without_texts_of_its_own_is_taught_in_english() -> None:
    assert set(languages()) == {"en", "zh"}
    assert lesson("food", None) == lesson("food", "de") == lesson("food", "en")
    assert lesson("food", "zh-TW") == lesson("food", "zh")
