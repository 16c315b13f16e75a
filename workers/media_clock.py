"""Raw timestamps of several tracks → one media clock that starts at 0 and never jumps.

Small gaps and overlaps are left to the grids: they are real pauses or repeated samples. A larger
step is a clock that was set anew; its track is moved so that it goes on where it was, and the other
track follows onto the same new base, so that picture and sound stay together.
"""


class MediaClock:
    """Places timestamps; knows nothing of samples or pictures."""

    def __init__(self, start_ms: float | None, max_gap_ms: int, max_back_ms: int) -> None:
        """Start a clock.

        Args:
            start_ms: Raw time of the source's first sample; none: the first timestamp seen.
            max_gap_ms: A longer step forward is a jump.
            max_back_ms: A longer step backward is a jump.
        """
        self._newest = None if start_ms is None else -start_ms
        self._offsets: dict[str, float] = {}
        self._max_gap_ms = max_gap_ms
        self._max_back_ms = max_back_ms
        self.jumps = 0

    def restart(self) -> None:
        """Forget the raw base, for instance after a new connection: go on without a pause."""
        self._newest = None
        self._offsets.clear()

    def place(self, track: str, raw_ms: float, expected_ms: float) -> float:
        """Return the media time of a raw timestamp.

        Args:
            track: Any name, the same for all samples of one track.
            raw_ms: What the source says.
            expected_ms: Media time at which this track stands.
        """
        if self._newest is None:
            self._newest = expected_ms - raw_ms
        offset = self._offsets.setdefault(track, self._newest)
        if not self._is_near(raw_ms + offset, expected_ms):
            # The other track may have crossed the same jump already: then its base fits here too.
            if not self._is_near(raw_ms + self._newest, expected_ms):
                self._newest = expected_ms - raw_ms
                self.jumps += 1
            self._offsets[track] = self._newest
        return raw_ms + self._offsets[track]

    def _is_near(self, at_ms: float, expected_ms: float) -> bool:
        return -self._max_back_ms <= at_ms - expected_ms <= self._max_gap_ms
