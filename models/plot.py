"""Figures of matplotlib, drawn without a screen."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 110


def new_figure(width_in: float, height_in: float, extra: str) -> "Figure":
    """Return an empty figure.

    Args:
        width_in: in inches.
        height_in: in inches.
        extra: of this package, that brings matplotlib.

    Raises:
        InputError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        message = f"the picture needs matplotlib: pip install 'liveshelf[{extra}]' ({error})"
        raise InputError(message) from error
    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def png_of(figure: "Figure") -> bytes:
    """Return a figure as PNG: without date and version, the same figure gives the same bytes."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_DPI, metadata={"Software": None})
    return file.getvalue()


def write_figure(figure: "Figure", out: Path) -> None:
    """Write a figure as PNG, SVG or PDF, by the name's ending.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        figure.savefig(out, dpi=_DPI)
    except (OSError, ValueError) as error:
        message = f"the picture cannot be written to {out}: {error}"
        raise InputError(message) from error
