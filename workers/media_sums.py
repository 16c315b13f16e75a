"""Where the sound of a room went, in ms: the sums that are exported, saved and told."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class MediaSums:
    """One moment of an account; whoever reads it in another thread sees all parts of one moment."""

    received_ms: int = 0
    """Sound that the source delivered; holes that it left are none."""
    transcribed_ms: int = 0
    silent_ms: int = 0
    dropped_by_ms: Mapping[str, int] = field(default_factory=dict)
    """By reason: what the guards said, `overload`, `late`, `refused`, `failed`, `unaccounted`."""
    pending_ms: int = 0
    """Received, and not yet said where it went."""

    @property
    def dropped_ms(self) -> int:
        """Sound that became neither words nor silence."""
        return sum(self.dropped_by_ms.values())

    @property
    def settled_ms(self) -> int:
        """Sound of which it was said where it went."""
        return self.transcribed_ms + self.silent_ms + self.dropped_ms

    @property
    def is_closed(self) -> bool:
        """Whether what was received is what was transcribed, silent, dropped or is pending."""
        return self.received_ms == self.settled_ms + self.pending_ms

    def __add__(self, other: "MediaSums") -> "MediaSums":
        """Return both together."""
        return self._with(other, 1)

    def __sub__(self, other: "MediaSums") -> "MediaSums":
        """Return what came since an earlier moment of the same account."""
        return self._with(other, -1)

    def _with(self, other: "MediaSums", sign: int) -> "MediaSums":
        reasons = [*self.dropped_by_ms, *other.dropped_by_ms]
        return MediaSums(
            received_ms=self.received_ms + sign * other.received_ms,
            transcribed_ms=self.transcribed_ms + sign * other.transcribed_ms,
            silent_ms=self.silent_ms + sign * other.silent_ms,
            dropped_by_ms={
                reason: self.dropped_by_ms.get(reason, 0)
                + sign * other.dropped_by_ms.get(reason, 0)
                for reason in dict.fromkeys(reasons)
            },
            pending_ms=self.pending_ms + sign * other.pending_ms,
        )

    def text(self) -> str:
        """Return the account in words, in seconds."""
        reasons = ", ".join(
            f"{reason} {_s(ms)}" for reason, ms in sorted(self.dropped_by_ms.items()) if ms
        )
        pending = f" + {_s(self.pending_ms)} pending" if self.pending_ms else ""
        return (
            f"{_s(self.received_ms)} s received = {_s(self.transcribed_ms)} transcribed + "
            f"{_s(self.silent_ms)} silent + {_s(self.dropped_ms)} dropped"
            f"{f' ({reasons})' if reasons else ''}{pending}"
        )


def _s(ms: int) -> str:
    return f"{ms / 1_000:.3f}".rstrip("0").rstrip(".")
