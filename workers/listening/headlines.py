"""The figures of a report that matter most, as lines of a table."""

from collections.abc import Iterator
from typing import Any

Parts = dict[str, Any]
_WAYS = ("with_guards", "voice_detector_alone", "without_guards", "alone")


def headlines(parts: Parts) -> list[tuple[str, str]]:
    """Return what was measured and its figure, line by line; what was skipped says why.

    Args:
        parts: of a report of `liveshelf bench asr`, through JSON or not.
    """
    makers = {
        "speed": _speed, "wer": _words, "slots": _slots, "nonspeech": _nonspeech,
        "hotwords": _hotwords, "live": _live, "pipeline": _pipeline,
    }  # fmt: skip
    lines: list[tuple[str, str]] = []
    for name, make in makers.items():
        if name in parts and "skipped" in parts[name]:
            lines.append((name, f"skipped: {parts[name]['skipped']}"))
        elif name in parts:
            lines += make(parts[name])
    return lines


def _speed(part: Parts) -> Iterator[tuple[str, str]]:
    for sound in ("orders", "scripts"):
        for way, pace in part.get(sound, {}).get("sound_s_per_s", {}).items():
            times = part[sound]["times_alone"][way]
            yield f"speed, {sound}, {way}", f"{pace:.1f} s of sound/s, {times:.2f} × alone"


def _words(part: Parts) -> Iterator[tuple[str, str]]:
    yield "word errors, ours", f"{part['ours']:.4f}"
    yield "word errors, alone", f"{part['alone']:.4f}"
    yield "word errors, ours less alone", _signed(part["ours_less_alone"])


def _slots(part: Parts) -> Iterator[tuple[str, str]]:
    for name, found in part.items():
        for whose, figures in found.items() if isinstance(found, dict) else ():
            for who in ("ours", "alone"):
                one = figures[who]
                yield (
                    f"slots / whole orders / false, {name}, {whose}, {who}",
                    " / ".join(
                        f"{one[share]:.3f}"
                        for share in ("slots_heard", "whole_orders", "false_slots")
                    ),
                )


def _nonspeech(part: Parts) -> Iterator[tuple[str, str]]:
    for kind, one in part.items():
        if kind == "speech" and "with_less_without" in one:
            yield "word errors that guards cost", _signed(one["with_less_without"])
        elif isinstance(one, dict) and "sounds" in one:
            yield (
                f"text invented on {kind}: guards / voice / none / alone",
                " / ".join(f"{one[way]:.3f}" for way in _WAYS),
            )


def _hotwords(part: Parts) -> Iterator[tuple[str, str]]:
    mixed, brands = part["mixed"], part["brands"]
    if "rooms" in mixed:
        yield (
            "mixed carts, rooms with the same words",
            f"{mixed['same_words_as_one_at_a_time']:.3f}",
        )
        yield "mixed carts, brands of other carts", str(mixed["brands_of_other_carts"])
    heard = [(one["with_a_hotword"], one["sounds"]) for one in part["noise"].values()]
    told = f"{sum(count for count, _ in heard)} of {sum(of for _, of in heard)}"
    yield "sounds without speech in which a hotword was heard", told
    if "voices" in brands:
        for way in ("with_hotwords", "without_hotwords"):
            one = brands[way]
            told = f"{one['recall']:.3f} of {one['said']}, {one['false']} false"
            yield f"names of brands, {way.replace('_', ' ')}", told


def _live(part: Parts) -> Iterator[tuple[str, str]]:
    yield from _held(part, "speech alone")


def _pipeline(part: Parts) -> Iterator[tuple[str, str]]:
    yield from _held(part, "all stages")


def _held(part: Parts, what: str) -> Iterator[tuple[str, str]]:
    for hop, found in part.items():
        if not isinstance(found, dict):
            continue
        more = " or more" if found["all_tried_held"] else ""
        yield f"rooms held, {what}, {hop}", f"{found['rooms_held']}{more}"
        for one in found["tried"]:
            delays = one["delays"]
            if delays is not None:
                waits = " / ".join(f"{delays[name]:.2f}" for name in ("p50_s", "p90_s", "p99_s"))
                yield (
                    f"commit delay p50 / p90 / p99, {what}, {hop}, rooms: {one['rooms']}",
                    f"{waits} s, load {one['load']:.2f}",
                )


def _signed(difference: Parts) -> str:
    low, high = difference["interval"]
    return f"{difference['mean']:+.4f} ({low:+.4f} to {high:+.4f})"
