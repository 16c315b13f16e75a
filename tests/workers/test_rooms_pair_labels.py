"""The right answer for a stretch of speech, on made timelines."""

import random
from dataclasses import replace

import pytest

from tests.workers.windows import spoken
from workers.rooms.inventions import invent_family
from workers.rooms.pair_labels import (
    NONE,
    Label,
    Part,
    brand_as_heard,
    is_told_apart,
    label,
    spoken_words,
)
from workers.rooms.products import Item
from workers.rooms.timeline import Sentence, Timeline

_PLAIN = invent_family(random.Random(1), "train", 1)[0]  # noqa: S311 (not for secrets)


def item(brand: str, variant: str, name: str, size: str = "500 g") -> Item:
    return replace(
        _PLAIN, product_id=f"{brand}-{variant}", brand=brand, variant=variant, name=name, size=size
    )


OAT = item("Oatelia", "Vanilla", "oat drink", "1 litre")
OAT_PEACH = item("Oatelia", "Peach", "oat drink", "1 litre")
BEANS = item("Brindmoor", "Dark Roast", "coffee beans")
ITEMS = {one.product_id: one for one in (OAT, OAT_PEACH, BEANS)}


def told(
    *lines: tuple[str, Item | None], heard: str | None = None, window: tuple[int, int] | None = None
) -> Label | None:
    """The label of lines of three seconds each; heard as they are, or all as `heard` says."""
    sentences = [
        Sentence(text, 3_000 * at, 3_000 * at + 2_900, one.product_id if one else None, "pitch")
        for at, (text, one) in enumerate(lines)
    ]
    end_ms = 3_000 * len(lines)
    timeline = Timeline(end_ms, tuple(sentences))
    if heard is None:
        words = [
            word
            for one in sentences
            for word in spoken(
                one.text, one.start_ms, (one.end_ms - one.start_ms) // len(one.text.split())
            )
        ]
    else:
        words = list(spoken(heard, 0, end_ms // len(heard.split())))
    return label(timeline, ITEMS, words, *(window or (0, end_ms)))


def test_a_line_has_brand_variant_and_kind_as_the_shop_writes_them() -> None:
    found = told(("Here we have the Oatelia Vanilla oat drink", OAT))
    told_all: frozenset[Part] = frozenset({"brand", "variant", "name"})
    assert found == Label("Oatelia Vanilla Oat Drink", OAT, told_all, "Oatelia")


def test_the_brand_is_copied_as_it_was_heard_and_common_words_are_mended() -> None:
    found = told(
        ("Here we have the Brindmoor Dark Roast coffee beans", BEANS),
        heard="Here we have the Brint more dark rose coffee beans",
    )
    assert found is not None
    assert found.answer == "Brint more Dark Roast Coffee Beans"


def test_only_what_was_said_is_in_the_answer() -> None:
    found = told(("And it is the vanilla one, mind you, one litre", OAT))
    assert found is not None
    assert found.answer == "Vanilla, 1 litre"
    assert found.told == {"variant", "size"}


def test_words_without_any_trace_in_the_transcript_are_left_out() -> None:
    found = told(
        ("Here we have the Oatelia Vanilla oat drink", OAT),
        heard="Here we have the Otelia bubble oat drink",
    )
    assert found is not None
    assert found.answer == "Otelia Oat Drink"
    assert "variant" in found.told


def test_what_is_sold_at_the_end_counts() -> None:
    found = told(
        ("Here we have the Brindmoor Dark Roast coffee beans", BEANS),
        ("Now the Oatelia Vanilla oat drink", OAT),
    )
    assert found is not None
    assert found.item == OAT


def test_a_product_counts_for_a_moment_after_its_last_word() -> None:
    lines = [("Now the Oatelia Vanilla oat drink", OAT), ("So, hello to all of you", None)]
    soon = told(*lines, window=(0, 5_000))
    assert soon is not None
    assert soon.item == OAT
    assert told(*lines) is None, "between the two nobody could say"
    later = told(*lines, ("And hello Robert in the train", None))
    assert later == Label(NONE)


def test_talk_and_nameless_praise_have_no_answer() -> None:
    assert told(("Hello everybody", None), ("how are you", None)) == Label(NONE)
    praise = told(("This one is lovely", OAT))
    assert praise == Label(NONE, OAT)


def test_a_nameless_product_after_a_named_one_is_no_example() -> None:
    lines = [("The Oatelia Vanilla oat drink", OAT), ("And this one is lovely", BEANS)]
    assert told(*lines) is None


def test_of_several_hearings_the_commonest_wins_and_else_the_last() -> None:
    words = spoken("Oatella yes Otelia no otelia so Oatmelia", 0, 2_000)
    middles = [1_000, 5_000, 9_000, 13_000]
    assert brand_as_heard("Oatelia", middles, words) == "otelia"
    assert brand_as_heard("Oatelia", [1_000, 13_000], words) == "Oatmelia"
    assert brand_as_heard("Oatelia", [], words) is None
    assert brand_as_heard("Oatelia", [200], spoken("hello there friends")) is None


def test_brand_and_variant_tell_apart_and_one_word_alone_never() -> None:
    rivals = (OAT, OAT_PEACH, BEANS)
    assert is_told_apart(frozenset({"brand", "variant"}), OAT, rivals)
    assert not is_told_apart(frozenset({"brand", "name"}), OAT, rivals)
    assert not is_told_apart(frozenset({"variant"}), OAT, rivals)


@pytest.mark.parametrize("text", ["", "one", "It's the Oatelia, twenty-one dollars!"])
def test_words_of_a_sentence_are_in_order_and_within_it(text: str) -> None:
    said = spoken_words(Sentence(text, 1_000, 3_000, None, "pitch"))
    middles = [one.middle_ms for one in said]
    assert middles == sorted(middles)
    assert all(1_000 <= middle < 3_000 for middle in middles)
