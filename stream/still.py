"""A recorded `liveshelf demo` → an SVG picture of it, for README.

    FORCE_COLOR=1 COLUMNS=116 liveshelf demo | tee demo.log
    python -m stream.still demo.log stream/demo/still.svg

The start is kept up to some tags, and the closing account; how many lines were left out between
them is said in the picture. The home folder is written `~`, and what the terminal wrote over is
left out; nothing else of the log is changed.
"""

import argparse
import io
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from models.errors import InputError

_ACCOUNT = "What was sold"
_FURTHER = "Where to look further"
_TAG = "  tag  "
_ERASED = "\x1b[2K"
_THEME = TerminalTheme(
    (22, 27, 34),
    (230, 237, 243),
    [(72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34),
     (88, 166, 255), (188, 140, 255), (57, 197, 207), (177, 186, 196)],
)  # fmt: skip
# rich's own picture fetches a font from the network; this one takes what the reader has.
_SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def chosen(lines: list[str], tags: int) -> list[str]:
    """Return the lines that the picture shows.

    Args:
        lines: Of the log, colours and all.
        tags: After how many tag lines the first part ends.

    Raises:
        InputError: it is no log of a whole demo.
    """
    plain = [Text.from_ansi(line).plain for line in lines]
    tagged = [index for index, line in enumerate(plain) if _TAG in line]
    account = next((i for i, line in enumerate(plain) if line.startswith(_ACCOUNT)), None)
    if account is None or len(tagged) < tags:
        message = f"the log has {len(tagged)} tags and must have {tags}, and the closing account"
        raise InputError(message)
    further = next((i for i, line in enumerate(plain) if line.startswith(_FURTHER)), len(plain))
    first = tagged[tags - 1] + 1
    left_out = account - first
    return [*lines[:first], f"\x1b[2m  … {left_out} lines …\x1b[0m", *lines[account:further]]


def shown(log: str) -> list[str]:
    """Return the lines that stay on a terminal: what is erased to be written anew does not."""
    return [line.rpartition(_ERASED)[2] for line in log.replace("\r\n", "\n").split("\n")]


def picture(lines: list[str], columns: int, title: str) -> str:
    """Return an SVG of lines with ANSI colours."""
    console = Console(
        record=True, width=columns, file=io.StringIO(), force_terminal=True, legacy_windows=False
    )
    for line in lines:
        console.print(Text.from_ansi(line), highlight=False)
    svg = console.export_svg(title=title, theme=_THEME, code_format=_SVG, unique_id="still")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def main() -> None:
    """Read a log and write its picture."""
    parser = argparse.ArgumentParser(prog="python -m stream.still", description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("svg", type=Path)
    parser.add_argument("--columns", type=int, default=116, help="as wide as the recording")
    parser.add_argument("--tags", type=int, default=4, help="tag lines before the cut")
    given = parser.parse_args()
    log = given.log.read_bytes().decode().replace(str(Path.home()), "~")
    lines = chosen(shown(log), given.tags)
    given.svg.write_text(picture(lines, given.columns, "liveshelf demo"), encoding="utf-8")


if __name__ == "__main__":
    main()
