"""The media clock: pauses stay, jumps vanish, picture and sound stay together."""

from workers.media_clock import MediaClock


def clock(start_ms: float | None = 0) -> MediaClock:
    return MediaClock(start_ms, max_gap_ms=10_000, max_back_ms=1_000)


def test_the_clock_starts_at_the_source_s_first_sample() -> None:
    assert clock(5_000).place("audio", 5_020, 0) == 20
    assert clock(None).place("audio", 77_000, 0) == 0


def test_a_pause_stays_a_pause_and_a_jump_goes_on_at_once() -> None:
    one = clock()
    assert one.place("audio", 9_000, 1_000) == 9_000
    assert one.jumps == 0
    assert one.place("audio", 900_000, 9_020) == 9_020
    assert one.place("audio", 900_020, 9_040) == 9_040
    assert one.place("audio", 100, 9_060) == 9_060
    assert one.jumps == 2


def test_both_tracks_follow_one_jump_and_stay_together() -> None:
    one = clock()
    assert one.place("audio", 0, 0) == 0
    assert one.place("video", 500_000, 4_000) == 4_000
    # The audio packets before the jump come later, as interleaving has it.
    assert one.place("audio", 3_900, 3_900) == 3_900
    assert one.place("audio", 500_040, 3_920) == 4_040
    assert one.jumps == 1


def test_a_new_connection_goes_on_without_a_pause() -> None:
    one = clock()
    one.place("video", 700, 0)
    one.restart()
    assert one.place("video", 0, 740) == 740
    assert one.place("audio", 40, 720) == 780
