"""Orders of look-alikes: nothing is lost, and who belongs together stands together."""

from hypothesis import given
from hypothesis import strategies as st

from models.look_alikes import in_groups, in_neighbourhoods

NEAR = {"a": ("b", "c"), "b": ("a",), "d": ("e", "a")}
NAMES = st.lists(st.sampled_from("abcdef"), max_size=20)


@given(names=NAMES, most=st.integers(1, 3))
def test_every_unit_comes_once_in_its_neighbourhood(names: list[str], most: int) -> None:
    assert sorted(in_neighbourhoods(names, NEAR, most)) == list(range(len(names)))


def test_neighbours_follow_a_product_nearest_first() -> None:
    names = ["f", "a", "c", "d", "b", "a", "e"]
    order = in_neighbourhoods(names, NEAR, 2)
    assert [names[at] for at in order] == ["f", "a", "b", "c", "d", "e", "a"]
    assert [names[at] for at in in_neighbourhoods(names, NEAR, 1)] == list("fabcdea")


@given(names=NAMES)
def test_every_unit_comes_once_in_its_group(names: list[str]) -> None:
    assert sorted(in_groups(names, [name < "c" for name in names])) == list(range(len(names)))


def test_groups_stand_together_and_no_product_comes_twice_before_all_came() -> None:
    names = ["f", "a", "b", "a", "c", "b"]
    order = in_groups(names, ["x", "y", "x", "y", "y", "x"])
    assert [names[at] for at in order] == ["f", "b", "a", "c", "b", "a"]
