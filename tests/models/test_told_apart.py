"""The words that look-alikes do not share, heard or not."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.told_apart import against

SAGE = "Fluffton Sage Tissues, 80 sheets"
SKY = "Fluffton Sky Tissues, 80 sheets"
LARGE = "Wickhollow Green Fig Glass Candle, 220 g"
SMALL = "Wickhollow Green Fig Glass Candle, 90 g"
BEER = "Hopsley Rhubarb Ginger Beer, 330 ml"


@pytest.mark.parametrize(
    ("titles", "said", "told"),
    [
        ((SAGE, SKY), "tonight I brought you the Fluffton, sage, tissues", (0, -1)),
        ((SAGE, SKY), "tonight I brought you the Fluffton tissues", (0, 0)),
        ((SAGE, SKY), "next to the sky ones, the sage", (0, 0)),
        ((SAGE, SKY), "", (0, 0)),
        # Sizes are number and unit, in whatever way a host says the unit.
        ((LARGE, SMALL), "mind you, this is the one in 220 grams", (0, -1)),
        ((LARGE, SMALL), "mind you, this is the one in 90g", (-1, 0)),
        ((LARGE, SMALL), "it makes 90 dollars, and 220 people have it", (0, 0)),
        # Words that sound alike are one, and a name that was heard as two is whole.
        ((BEER, "Hopsley Mild Ginger Beer, 330 ml"), "this one with rhubarbs", (0, -0.56)),
        ((BEER, "Hopsley Mild Ginger Beer, 330 ml"), "this one with rhu barb", (0, -1)),
        # Names that have little in common are told apart by other means.
        ((SAGE, LARGE), "the sage tissues", (0, 0)),
        # What is in every talk tells nothing.
        (("Orchardine Apple Juice with Elderberry", "Orchardine Apple Juice"), "with me", (0, 0)),
        # A third one is held against each of the others.
        ((SAGE, SKY, "Fluffton Rose Tissues, 80 sheets"), "the rose tissues", (-1, -1, 0)),
        ((SAGE, SAGE, SKY), "the sky ones", (-1, -1, 0)),
    ],
)  # fmt: skip
def test_own_words_of_a_look_alike_speak_against_a_title(
    titles: tuple[str, ...], said: str, told: tuple[float, ...]
) -> None:
    assert against(titles, said) == pytest.approx(list(told), abs=0.02)


WORDS = st.lists(st.text(string.ascii_lowercase[:6], min_size=3, max_size=5), max_size=6)


@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=5), WORDS.map(" ".join))
def test_somebody_is_never_behind_and_order_changes_nothing(titles: list[str], said: str) -> None:
    told = against(titles, said)
    assert all(-1 <= one <= 0 for one in told)
    assert against(titles[::-1], said) == told[::-1]
    alone = [against([one], said)[0] for one in titles]
    assert alone == [0.0] * len(titles)
