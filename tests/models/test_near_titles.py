"""Near titles against a comparison of all pairs."""

from hypothesis import given, settings
from hypothesis import strategies as st

from models import sounds
from models.near_titles import near_titles

WORDS = ["oat", "drink", "barista", "1 l", "500 ml", "soy", "Otley", "oatly", "coffee", ""]


@settings(max_examples=40)
@given(
    titles=st.lists(st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join), max_size=8),
    most=st.integers(1, 4),
    least=st.sampled_from([0.1, 0.3, 0.6]),
)
def test_they_are_what_all_pairs_say(titles: list[str], most: int, least: float) -> None:
    named = {f"p{at}": title for at, title in enumerate(titles)}
    found = near_titles(named, most, least)
    grams = {name: sounds.terms(title) for name, title in named.items()}
    for name, near in found.items():
        cosines = {
            other: sounds.overlap(grams[name], grams[other]) for other in named if other != name
        }
        wanted = sorted(-cosine for cosine in cosines.values() if cosine >= least + 1e-9)[:most]
        told = [-cosines[other] for other in near]
        assert len(told) >= len(wanted)
        assert all(abs(a - b) < 1e-9 for a, b in zip(told, wanted, strict=False))
        assert all(-cosine >= least - 1e-9 for cosine in told)
    assert found.keys() == named.keys()


def test_variants_of_a_product_are_near_and_other_products_are_not() -> None:
    found = near_titles(
        {
            "plain": "Oatrelle Oat Drink, 1 litre",
            "barista": "Oatrelle Barista Oat Drink, 1 litre",
            "swapped": "Oat Drink Oatrelle, 1 litre",
            "soap": "Handelia Black Pepper Hand Soap, 300 ml",
        },
        most=2,
    )
    assert found["plain"] == ("swapped", "barista")
    assert found["soap"] == ()
