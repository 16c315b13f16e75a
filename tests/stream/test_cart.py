"""Carts as people write them."""

from pathlib import Path

import pytest

from models.errors import InputError
from stream.cart import Cart, CartChange, read_cart


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "cart.json"
    path.write_text(text)
    return path


def test_bare_list_and_object_mean_the_same(tmp_path: Path) -> None:
    assert read_cart(written(tmp_path, '["a", "b", "a"]')) == Cart(("a", "b"))
    said = '{"cart": ["a", "b"], "shop": "s", "titles": {"a": "A"}}'
    assert read_cart(written(tmp_path, said)) == Cart(("a", "b"), "s", {"a": "A"})


def test_titles_of_the_file_win_over_those_of_the_catalogue() -> None:
    cart = Cart(("a", "b"), titles={"a": "mine"})
    assert cart.with_titles({"a": "theirs", "b": "B", "c": "C"}).titles == {"a": "mine", "b": "B"}


def test_no_cart_is_an_empty_one() -> None:
    assert read_cart(None) == Cart()


def test_later_carts_stand_beside_the_first_and_have_titles_too(tmp_path: Path) -> None:
    later = '[{"from_ms": 5, "cart": ["a", "b"]}, {"from_ms": 9, "cart": []}]'
    said = f'{{"cart": ["a"], "changes": {later}}}'
    cart = read_cart(written(tmp_path, said))
    assert cart.product_ids == ("a",)
    assert cart.changes == (CartChange(5, ("a", "b")), CartChange(9, ()))
    assert cart.every_id == ("a", "b")
    titled = cart.with_titles({"a": "A", "b": "B", "c": "C"})
    assert (titled.titles, titled.changes) == ({"a": "A", "b": "B"}, cart.changes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"cart": [], "changes": [{"cart": ["a"]}]}', "media time"),
        ('{"cart": [], "changes": [{"from_ms": 0, "cart": ["a"]}]}', "above 0"),
        ('{"cart": [], "changes": [{"from_ms": true, "cart": ["a"]}]}', "media time"),
        ('{"cart": [], "changes": {"from_ms": 5}}', "want"),
        (
            '{"cart": [], "changes": [{"from_ms": 5, "cart": []}, {"from_ms": 5, "cart": []}]}',
            "later",
        ),
        ("{", "not JSON"),
        ('{"cart": "a"}', "want"),
        ("[1]", "want"),
        ("3", "want"),
        ('{"cart": ["a"], "titles": []}', "titles"),
    ],
)
def test_what_is_no_cart_is_refused_with_what_is_wanted(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        read_cart(written(tmp_path, text))


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json"):
        read_cart(tmp_path / "none.json")
