"""A report of `liveshelf bench asr` as one picture: a panel for each part that was measured.

Colours are told apart by people who cannot tell red from green (Okabe and Ito 2008).
"""

from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING, Any

from models.plot import new_figure, png_of
from workers.listening.live_rooms import PEERS_P90_S

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Part = dict[str, Any]
_OURS, _ALONE, _OTHER, _LINE = "#0072B2", "#8c8c8c", "#E69F00", "#333333"
_SKY = "#56B4E9"


def draw_report(report: dict[str, Any]) -> bytes | None:
    """Return a PNG file; none where nothing was measured that can be drawn.

    Args:
        report: through JSON or not.

    Raises:
        InputError: matplotlib is not installed.
    """
    parts = {name: part for name, part in report.get("parts", {}).items() if "skipped" not in part}
    drawers: dict[str, Callable[[Axes, Part], None]] = {
        "speed": _speed, "wer": _words, "slots": _slots, "nonspeech": _nonspeech,
        "hotwords": _brands, "live": _live, "pipeline": _pipeline,
    }  # fmt: skip
    drawn = [(name, draw) for name, draw in drawers.items() if name in parts]
    if not drawn:
        return None
    columns = min(2, len(drawn))
    rows = -(-len(drawn) // columns)
    figure = new_figure(6.5 * columns, 3.6 * rows, "bench")
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    for axes, (name, draw) in zip(panels, drawn, strict=False):
        draw(axes, parts[name])
        axes.spines[["top", "right"]].set_visible(False)
    for axes in panels[len(drawn) :]:
        axes.set_visible(False)
    about = report.get("measured", {})
    figure.suptitle(
        f"{about.get('model')}, hop {about.get('hop_ms')} ms, threads: {about.get('threads')}"
    )
    return png_of(figure)


def _speed(axes: "Axes", part: Part) -> None:
    bars = [
        (f"{sound}, {way}", pace, _ALONE if way == "alone" else _OURS)
        for sound in ("scripts", "orders")
        for way, pace in reversed(part.get(sound, {}).get("sound_s_per_s", {}).items())
    ]
    names, paces, colours = zip(*bars, strict=True)
    axes.barh(names, paces, color=colours)
    axes.set(title="Speed", xlabel="seconds of sound in a second")


def _words(axes: "Axes", part: Part) -> None:
    groups = {"all": part, **part["by_voice"]}
    _pairs(axes, {name: (one["ours"], one["alone"]) for name, one in groups.items()})
    low, high = part["ours_less_alone"]["interval"]
    title = f"Word error rate; ours less alone {low:+.4f} to {high:+.4f}"
    axes.set(title=title, ylabel="errors over words")


def _slots(axes: "Axes", part: Part) -> None:
    sounds = {name: found["all"] for name, found in part.items() if isinstance(found, dict)}
    _pairs(
        axes,
        {
            name.replace(", ", "\n"): (one["ours"]["whole_orders"], one["alone"]["whole_orders"])
            for name, one in sounds.items()
        },
    )
    axes.set(title="Orders of which every slot is heard", ylabel="share", ylim=(0, 1.02))


def _nonspeech(axes: "Axes", part: Part) -> None:
    kinds = [kind for kind, one in part.items() if isinstance(one, dict) and "sounds" in one]
    ways = (
        ("with_guards", _OURS), ("voice_detector_alone", _SKY), ("without_guards", _OTHER),
        ("alone", _ALONE),
    )  # fmt: skip
    for at, (way, colour) in enumerate(ways):
        places = [place + (at - 1.5) * 0.21 for place in range(len(kinds))]
        values = [part[kind][way] for kind in kinds]
        axes.bar(places, values, 0.2, color=colour, label=way.replace("_", " "))
    axes.set_xticks(range(len(kinds)), kinds)
    axes.set(title="Sounds without speech in which words were heard", ylabel="share")
    axes.set_ylim(0, 1.02)
    axes.legend(fontsize="small", loc="lower left", bbox_to_anchor=(1.0, 0.0))


def _brands(axes: "Axes", part: Part) -> None:
    brands = part["brands"]
    groups = {} if "skipped" in brands else {"all": brands, **brands["by_voice"]}
    pairs = {
        name: (one["with_hotwords"]["recall"], one["without_hotwords"]["recall"])
        for name, one in groups.items()
    }
    _pairs(axes, pairs, ("with hotwords", "without"))
    axes.set(title="Names of brands that are heard", ylabel="share", ylim=(0, 1.02))


def _live(axes: "Axes", part: Part) -> None:
    _delays(axes, part, "speech alone")


def _pipeline(axes: "Axes", part: Part) -> None:
    _delays(axes, part, "all stages")


def _delays(axes: "Axes", part: Part, what: str) -> None:
    styles = product((_OURS, _OTHER, _SKY), ("-", "--"))
    hops = [(hop, found) for hop, found in part.items() if isinstance(found, dict)]
    for (hop, found), (colour, style) in zip(hops, styles, strict=False):
        tried = [one for one in found["tried"] if one["delays"] is not None]
        for name, width, label in (("p50_s", 1.0, None), ("p90_s", 2.0, hop)):
            axes.plot(
                [one["rooms"] for one in tried],
                [one["delays"][name] for one in tried],
                style,
                color=colour,
                linewidth=width,
                marker="o",
                markersize=3,
                label=label,
            )
    axes.set_xticks(sorted({one["rooms"] for _, found in hops for one in found["tried"]}))
    axes.axhline(PEERS_P90_S, color=_LINE, linewidth=0.8)
    axes.set(
        title=f"From a word's end to its commit, {what}",
        xlabel="rooms at once (thin: p50, thick: p90)",
        ylabel="seconds",
    )
    axes.set_ylim(0, 3 * PEERS_P90_S)
    # Beneath: as many curves leave no room among them.
    axes.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)


def _pairs(
    axes: "Axes",
    values: dict[str, tuple[float, float]],
    names: tuple[str, str] = ("ours", "alone"),
) -> None:
    """Draw two bars side by side for each name."""
    for at, colour in enumerate((_OURS, _ALONE)):
        places = [place + (at - 0.5) * 0.4 for place in range(len(values))]
        axes.bar(places, [two[at] for two in values.values()], 0.38, color=colour, label=names[at])
    axes.set_xticks(range(len(values)), list(values))
    axes.margins(x=0.15)
    axes.legend(fontsize="small", loc="lower left", bbox_to_anchor=(1.0, 0.0))
