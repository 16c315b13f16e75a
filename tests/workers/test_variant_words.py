"""What was said speaks against look-alikes of what was named, and for nothing that was not."""

from collections.abc import Mapping

from workers.events import Candidate
from workers.variant_words import with_variants

CART = {
    "pine": "Driftloom Pine Green T-Shirt, medium",
    "white": "Driftloom Off White T-Shirt, medium",
}
NOTEBOOK, SAGE = "Quillaby Forest Green Notebook", "Fluffton Sage Tissues"


def one(name: str, title: str, sounds: float | None) -> Candidate:
    by = {"vision": 0.8} if sounds is None else {"vision": 0.8, "sounds": sounds}
    return Candidate(product_id=name, title=title, score=0.8, by=by)


def variants(said: str, sounds: Mapping[str, float | None]) -> dict[str, float | None]:
    kept = tuple(one(name, title, sounds[name]) for name, title in CART.items())
    beside = (one("notebook", NOTEBOOK, sounds["notebook"]), one("sage", SAGE, sounds["sage"]))
    told = with_variants(said, kept, beside, lambda found: found.product_id in CART)
    return {found.product_id: found.by.get("variant") for some in told for found in some}


def test_what_is_outside_and_was_not_named_bears_what_look_alikes_of_the_named_bear() -> None:
    sounds = {"pine": 0.2, "white": 0.4, "notebook": 0.0, "sage": 0.0}
    told = variants("look at the Driftloom off white t-shirt", sounds)
    assert told == {"pine": -1.0, "white": 0.0, "notebook": -1.0, "sage": -1.0}


def test_what_is_outside_and_was_named_bears_only_its_own() -> None:
    sounds = {"pine": 0.2, "white": 0.1, "notebook": 0.0, "sage": 0.5}
    told = variants("off white? no, the Fluffton sage tissues", sounds)
    assert (told["sage"], told["notebook"]) == (0.0, -1.0)


def test_where_nothing_was_told_apart_nothing_is_spoken_against() -> None:
    sounds = {"pine": 0.2, "white": 0.2, "notebook": 0.0, "sage": 0.0}
    assert set(variants("a Driftloom t-shirt in medium", sounds).values()) == {0.0}


def test_without_words_nothing_is_added() -> None:
    silent = dict.fromkeys(("pine", "white", "notebook", "sage"))
    assert set(variants("", silent).values()) == {None}
