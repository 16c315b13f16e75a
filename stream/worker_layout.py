"""Which stages share a process where `run`, `demo` and `replay` start the workers."""

from models.errors import SettingsError
from stream.settings import Settings
from workers.rapid_ocr import MISSING, is_installed

Layout = tuple[tuple[str, ...], ...]
"""Stages of each process."""

_ALWAYS: Layout = (("asr",), ("summarize", "embed", "match", "tag"))
"""Speech apart, what shares torch together."""


def layout_of(settings: Settings, text: str | None = None) -> Layout:
    """Return the stages of each process, as `asr/summarize,embed,match,tag` says them.

    Args:
        settings: whether text on screen is read, too: by a process of its own.
        text: commas within a process, a slash between two; none: the usual layout.

    Raises:
        SettingsError: a stage is missing, unknown, or named twice, or its package is missing.
    """
    if settings.ocr.enabled and not is_installed():
        message = f"ocr.enabled: {MISSING}"
        raise SettingsError(message)
    usual: Layout = (*_ALWAYS, ("ocr",)) if settings.ocr.enabled else _ALWAYS
    if text is None:
        return usual
    layout = tuple(tuple(stage.strip() for stage in part.split(",")) for part in text.split("/"))
    wanted = sorted(stage for stages in usual for stage in stages)
    if sorted(stage for stages in layout for stage in stages) != wanted:
        message = f"--workers {text!r}: want each of {', '.join(wanted)} once"
        raise SettingsError(message)
    return layout
