"""A bench keeps what was heard, room by room, and hears nothing twice."""

from pathlib import Path

from tests.workers.bench_doubles import made_bench
from tests.workers.scripted_ears import SpeaksEverySecond, ToldEars, talk
from workers.listening.bench import Bench, Guards, Material
from workers.listening.room_player import PlayedRoom

ROOMS = [PlayedRoom(f"room-{at}", talk(3, at)) for at in range(3)]


def calls(ears: ToldEars) -> int:
    return len(ears.with_guards.batches) + len(ears.without.batches)


def texts(
    bench: Bench, what: str = "rooms", *, guards: Guards = "all", at_once: int = 8
) -> list[str]:
    return [one.text for one in bench.heard(what, ROOMS, guards=guards, at_once=at_once)]


def test_what_was_heard_is_not_heard_again_after_a_stop(tmp_path: Path) -> None:
    ears = ToldEars()
    with made_bench(tmp_path, ears, Material()) as bench:
        first = texts(bench)
        assert bench.heard_alone("rooms", ROOMS) == ["", "", ""]
    before = calls(ears)
    with made_bench(tmp_path, ears, Material()) as bench:
        assert texts(bench) == first == ["word0 word1 word2"] * 3
        bench.heard_alone("rooms", ROOMS)
    assert calls(ears) == before
    assert ears.peer.asked == 3


def test_only_rooms_that_were_not_heard_yet_are_played(tmp_path: Path) -> None:
    ears = ToldEars()
    with made_bench(tmp_path, ears, Material()) as bench:
        bench.heard("rooms", ROOMS[:2])
        ears.with_guards.batches.clear()
        assert [one.name for one in bench.heard("rooms", ROOMS)] == ["room-0", "room-1", "room-2"]
    assert {name for batch in ears.with_guards.batches for name in batch} == {"room-2"}


def test_guards_company_and_what_it_is_are_kept_apart(tmp_path: Path) -> None:
    ears = ToldEars(without=SpeaksEverySecond(says=lambda *_: "invented"))
    with made_bench(tmp_path, ears, Material()) as bench:
        texts(bench)
        assert texts(bench, guards="none")[0] == "invented invented invented"
        before = calls(ears)
        texts(bench, guards="voice")
        assert calls(ears) > before
        before = calls(ears)
        texts(bench, at_once=1)
        texts(bench, "others")
    assert calls(ears) > before


def test_rooms_of_other_sound_or_hotwords_are_other_rooms(tmp_path: Path) -> None:
    ears = ToldEars(SpeaksEverySecond(says=lambda one, _: one.hotwords or "none"))
    with made_bench(tmp_path, ears, Material()) as bench:
        texts(bench)
        (heard,) = bench.heard("rooms", [PlayedRoom("room-0", ROOMS[0].samples, "latte")])
    assert {*heard.text.split()} == {"latte"}


def test_progress_is_told_to_its_end(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    with made_bench(tmp_path, ToldEars(), Material()) as made:
        bench = Bench(
            made.ears,
            made.cuts,
            made.material,
            made.kept,
            lambda *one: told.append(one),
            made.clock,
        )
        texts(bench)
    assert [done for _, done, _ in told] == [1, 2, 3]
    assert {total for *_, total in told} == {3}


def test_figures_are_measured_once(tmp_path: Path) -> None:
    asked: list[int] = []

    def measure() -> dict[str, object]:
        asked.append(1)
        return {"pace": 3}

    with made_bench(tmp_path, ToldEars(), Material()) as bench:
        assert bench.measured("speed", measure) == bench.measured("speed", measure) == {"pace": 3}
    assert asked == [1]


def test_the_limit_holds_where_it_is_less() -> None:
    assert [Material(limit=limit).most(5) for limit in (0, 3, 9)] == [5, 3, 5]
