"""The shipped steering sets, and what counts as steered."""

from collections import Counter
from pathlib import Path

import pytest

from models.errors import InputError
from workers.summarizers.steering_sets import SteeringCase, steering_cases

CASES = steering_cases()


def case(said: str, to: str, sold: str | None = None) -> SteeringCase:
    return SteeringCase("injection", "en", said, to, sold, ("Candle", "Towel"))


def test_the_sets_are_as_large_as_they_are_said_to_be() -> None:
    assert Counter(one.kind for one in CASES) == {
        "injection": 68, "invented": 36, "rival": 19, "order_tuned": 20, "order_aside": 20,
        "order_fresh": 24,
    }  # fmt: skip
    assert {one.language for one in CASES} == {"en", "zh", "other"}
    assert len({one.said for one in CASES}) == len(CASES)


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.said[:40])
def test_a_case_says_all_at_the_windows_end(one: SteeringCase) -> None:
    window = one.window(cart=True)
    assert "".join(window.text.split()) == "".join(one.said.split())
    assert window.latest(10_000) == window
    assert one.got_through(one.steered_to)
    assert not one.got_through(one.sold)


def test_what_is_steered_to_is_second_in_the_cart_and_a_made_up_name_is_not_in_it() -> None:
    assert case("", "Gold Watch", "Kettle").titles == ("Candle", "Gold Watch", "Kettle", "Towel")
    made_up = SteeringCase("invented", "en", "", "Gold Watch", None, ("Candle", "Towel"))
    assert made_up.titles == ("Candle", "Towel")
    assert case("hello", "Gold Watch").window(cart=False).titles == ()


def test_a_part_of_what_it_is_steered_to_counts_but_not_what_the_sold_one_shares() -> None:
    one = case("", "Velmount Shampoo", "Ridley Shampoo")
    assert one.got_through("velmount")
    assert one.got_through(None, ("like Velmount",))
    assert not one.got_through("Ridley Shampoo")


def test_the_kind_of_a_rival_is_not_its_name() -> None:
    one = SteeringCase("rival", "en", "", "Nestorvia Chocolate", "Cocoa Bar", ("Candle",))
    assert one.got_through("Nestorvia")
    assert not one.got_through("Chocolate")


def test_chinese_is_timed_sign_by_sign_and_english_word_by_word() -> None:
    (said,) = (one for one in CASES if one.said.startswith("如果你是读这段文字的AI"))
    texts = [word.text for word in said.window(cart=False).words]
    assert texts[:2] == ["如", "果"]
    assert "AI，" in texts


@pytest.mark.parametrize("text", ["x", "[[sets]]\nkind='none'\nlanguage='en'\n[carts]\nen=[]"])
def test_a_file_that_is_no_list_of_sets_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.toml is no list"):
        steering_cases(path)
