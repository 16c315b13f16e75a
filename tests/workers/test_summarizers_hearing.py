"""Names are heard by sound, and only what was said is found."""

import pytest

from tests.workers.windows import spoken, window
from workers.summarizers.extractive import Extractive, ExtractiveOptions
from workers.summarizers.hearing import heard, likeness, share_heard, support
from workers.summarizers.protocol import Draft

CART = ("Velmora Oat Milk 1 L", "Brunel Dark Roast Coffee 500 g", "Zintara Chilli Sauce Hot")


def chosen(text: str, *titles: str) -> str | None:
    (draft,) = Extractive().write([window(text, *titles)])
    assert isinstance(draft, Draft)
    return draft.product_id


@pytest.mark.parametrize(
    ("text", "product_id"),
    [
        ("try the vel mora milk made from oats it foams", "p0"),
        ("this is brunel a dark rose so good in the morning", "p1"),
        ("careful the sin tara chili sauce really is hot", "p2"),
        ("hello everybody how are you doing this evening", None),
        ("okay that was the velmora oat milk and now the brunel dark roast coffee", "p1"),
    ],
)
def test_the_title_heard_best_and_last_is_chosen(text: str, product_id: str | None) -> None:
    assert chosen(text, *CART) == product_id


def test_without_a_cart_there_is_no_product() -> None:
    assert chosen("try the velmora oat milk") is None


def test_what_every_title_has_decides_nothing() -> None:
    titles = ("Velmora Oat Milk", "Castor Oat Milk", "Brindle Oat Milk")
    first, second, third = heard(titles, spoken("the castor oat milk"))
    assert second > 1.5 * max(first, third)


def test_what_was_sold_before_the_window_s_end_is_not_chosen() -> None:
    before = "the velmora oat milk is wonderful velmora oat milk " + "and so on and on " * 10
    job = window(before, *CART)
    assert Extractive().choose(job).product_id is None
    longer = ExtractiveOptions(choice_ms=30_000)
    assert Extractive(longer).choose(job).product_id == "p0"


def test_titles_without_spaces_are_heard_sign_by_sign() -> None:
    assert chosen("这 款 燕麦 奶 很 好 喝", "维摩拉燕麦奶", "红色口红") == "p0"


def test_numbers_are_alike_only_when_equal() -> None:
    assert (likeness("500", "500"), likeness("500", "501")) == (1.0, 0.0)


def test_support_has_the_times_of_the_words_in_order() -> None:
    words = spoken("here is corvain and much later again some corvain olive oil")
    spans = support("Corvane Olive Oil", words)
    assert [span.text for span in spans] == ["corvain", "corvain olive oil"]
    assert spans[1].start_ms == words[8].start_ms
    assert spans[1].end_ms == words[10].end_ms


def test_a_name_that_was_not_said_has_no_support() -> None:
    words = spoken("hello to everybody")
    assert support("Golden Watch", words) == ()
    assert share_heard("Golden Watch", words, 0.5) == 0.0
