"""What a person reads while a room plays: words as they are heard, tags as they appear."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.control import Control
from rich.markup import escape
from rich.segment import ControlType
from rich.table import Table
from rich.text import Text

from stream.show_load import WORDS, LoadTold
from workers.events import Event, Match, Partial, Summary, Tag, Transcript
from workers.media_sums import MediaSums

_STYLES = {"started": "bold green", "updated": "green", "corrected": "yellow", "ended": "cyan"}
_WRAP_WORDS = 14
_CLEARED = Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))
_JOINED = (".", ",", ":", ";", "!", "?", "%", "'", "’", "-")
"""What a word that belongs to the one before it starts with."""


def clock(media_ms: int) -> str:
    """Return media time as minutes and seconds."""
    return f"{media_ms // 60_000:02d}:{media_ms // 1_000 % 60:02d}"


def tag_line(tag: Tag) -> str:
    """Return one line of rich markup that tells a tag."""
    name = escape(tag.title or tag.product_id)
    style = _STYLES[tag.status]
    when = clock(tag.start_ms) + (f"-{clock(tag.end_ms)}" if tag.end_ms is not None else "")
    by = "+".join(tag.evidence.present) or "nothing"
    told = f"[{style}]{tag.status:>8}[/] [bold]{name}[/] {when}  score {tag.score:.2f} from {by}"
    if _remarks(tag):
        told += f"  [dim]({', '.join(_remarks(tag))})[/]"
    if tag.load_rung != "full":
        told += f"  [yellow]{tag.load_rung}[/]"
    if tag.status == "started" and tag.evidence.words:
        told += f'  [dim]"{escape(_shortened(tag.evidence.words))}"[/]'
    return told


def _remarks(tag: Tag) -> list[str]:
    """Return what is particular about a tag."""
    return [
        *(["withdrawn"] if tag.withdrawn else []),
        *([] if tag.primary else ["beside another"]),
        *(["shown before"] if tag.previous_tag_id else []),
    ]


def sentence(words: Sequence[str]) -> str:
    """Return words as one writes them: Whisper's words may be `$1` and `.79`."""
    text = ""
    for word in words:
        text += word if not text or word.startswith(_JOINED) else f" {word}"
    return text


def _shortened(text: str, words: int = 10) -> str:
    parts = text.split()
    return " ".join(parts[:words]) + (" …" if len(parts) > words else "")


@dataclass
class Told:
    """What was shown so far, for the closing account."""

    tags: dict[str, Tag] = field(default_factory=dict)
    """Newest event of each tag."""
    rungs: Counter[str] = field(default_factory=Counter)
    windows: int = 0
    windows_with_words: int = 0
    fell_back: int = 0
    clips: int = 0
    words: int = 0
    load: LoadTold = field(default_factory=LoadTold)
    sound: MediaSums | None = None
    """Where the sound went, once the stage that hears it has said so."""
    seen: set[str] = field(default_factory=set)
    slots: set[int] = field(default_factory=set)
    """Of the clips that were counted."""


class Screen:
    """Prints events in the order in which they arrive."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._line: list[str] = []
        self._line_ms = 0
        self._has_partial = False
        self.told = Told()

    def show(self, event: Event) -> None:
        """Print one event, once."""
        if event.event_id in self.told.seen:
            return
        self.told.seen.add(event.event_id)
        if isinstance(event, Partial):
            self._partial(event)
        elif isinstance(event, Transcript):
            self._words(event)
        elif isinstance(event, Summary):
            self._summary(event)
        elif isinstance(event, Match):
            self._match(event)
        elif isinstance(event, Tag):
            self.flush()
            self.told.tags[event.tag_id] = event
            self._print(f"[dim]{clock(event.decided_ms)}[/]  tag   {tag_line(event)}")

    def flush(self) -> None:
        """Print the words that wait for a full line."""
        self._clear()
        if self._line:
            said = escape(sentence(self._line))
            self._print(f"[dim]{clock(self._line_ms)}[/]  said  {said}")
            self._line.clear()

    def _partial(self, event: Partial) -> None:
        """Show the end of what is not certain yet on a line that the next one replaces."""
        if self._quiet or not self._console.is_terminal:
            return
        self._clear()
        said = sentence([*self._line, *event.text.split()])
        line = Text(f"{clock(event.at_ms)}  ...   {said}", style="dim")
        over = line.cell_len - (self._console.width - 1)
        if over > 0:
            line = Text(f"{clock(event.at_ms)}  ...   …{said[over + 1 :]}", style="dim")
        self._console.print(line, end="\r", no_wrap=True, overflow="crop", highlight=False)
        self._has_partial = True

    def _clear(self) -> None:
        if self._has_partial:
            self._console.control(_CLEARED)
            self._has_partial = False

    def _words(self, event: Transcript) -> None:
        for word in event.words:
            if not self._line:
                self._line_ms = word.start_ms
            self._line.append(word.text.strip())
            self.told.words += 1
            if len(self._line) >= _WRAP_WORDS or word.text.rstrip().endswith((".", "?", "!")):
                self.flush()

    def _summary(self, event: Summary) -> None:
        self.told.windows += 1
        self.told.rungs[event.rung] += 1
        self.told.windows_with_words += bool(event.raw_text)
        self.told.fell_back += event.fell_back
        if event.product_name:
            self.flush()
            self._print(
                f"[dim]{clock(event.end_ms)}[/]  about [magenta]{escape(event.product_name)}[/] "
                f"[dim]({event.rung})[/]"
            )

    def _match(self, event: Match) -> None:
        if event.early:
            return  # comes again whole, and tells then what was left out of it
        self.told.clips += event.slot not in self.told.slots
        self.told.slots.add(event.slot)
        if self.told.load.take(event):
            self.flush()
            rung = event.load_rung
            self._print(
                f"[dim]{clock(event.start_ms)}[/]  load  [yellow]{rung}[/] [dim]({WORDS[rung]})[/]"
            )

    def _print(self, line: str) -> None:
        if not self._quiet:
            self._clear()
            self._console.print(line, highlight=False, soft_wrap=True)


def tags_table(tags: list[Tag]) -> Table:
    """Return the closing table: one row per tag."""
    table = Table(title="Tags", title_justify="left")
    for heading in ("from", "to", "product", "score", "clips", "tag id", ""):
        table.add_column(heading)
    for tag in sorted(tags, key=lambda tag: tag.start_ms):
        table.add_row(
            clock(tag.start_ms),
            clock(tag.end_ms) if tag.end_ms is not None else "open",
            escape(tag.title or tag.product_id),
            f"{tag.score:.2f}",
            str(tag.evidence.windows),
            tag.tag_id[:12],
            ", ".join(_remarks(tag)),
        )
    return table
