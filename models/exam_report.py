"""An evaluation as a folder that people read: report.html, report.md, plots, small pictures.

In: an examined encoder, its figures and the answers behind them. Out: files; report.html needs no
other file beside it. Computes no figure.
"""

import base64
import io
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image

from models.confusions import Confusion, worst_confusions
from models.errors import InputError
from models.evaluation import Evaluation
from models.exam import Exam
from models.exam_plots import plots
from models.exam_tables import TextTable, tables
from models.manifest import Manifest, Row
from models.pictures import open_picture

_TEMPLATE = Path(__file__).with_suffix(".html.jinja")
_SIDE_PX = 160
_LONG = 120
"""Characters of a query's words that are shown."""


@dataclass(frozen=True)
class CardSide:
    """One picture of a confusion, with its name and score."""

    kind: str
    name: str
    score: str
    file: str
    """In the report's folder; empty without a picture."""
    jpeg: bytes

    @property
    def data(self) -> str:
        """The picture as HTML takes it."""
        return base64.b64encode(self.jpeg).decode()


@dataclass(frozen=True)
class Card:
    """One confusion."""

    sides: tuple[CardSide, ...]
    said: str
    place: int


@dataclass(frozen=True)
class Plot:
    """One plot."""

    name: str
    file: str
    png: bytes

    @property
    def data(self) -> str:
        """The picture as HTML takes it."""
        return base64.b64encode(self.png).decode()


@dataclass(frozen=True)
class Section:
    """All of one split."""

    split: str
    plots: list[Plot]
    tables: list[TextTable]
    way: str = ""
    cards: list[Card] = field(default_factory=list)


def write_report(
    folder: Path, exam: Exam, told: dict[str, Any], evaluations: dict[Any, Evaluation]
) -> None:
    """Write the report; files of an earlier one in this folder are replaced.

    Args:
        folder: made if it is not there.
        exam: of the encoder and the data.
        told: what `liveshelf evaluate --json` prints.
        evaluations: by split.

    Raises:
        InputError: the folder cannot be made, or matplotlib or Jinja2 is not installed.
    """
    dim = exam.encoder.layout.dim
    try:
        # Before anything is drawn, which takes a while.
        (folder / "pictures").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"no report can be written to {folder}: {error}"
        raise InputError(message) from error
    sections = [_section(split, one, exam.manifest, dim) for split, one in evaluations.items()]
    title = f"{told['encoder']} examined"
    about = (
        f"Encoder {told['encoder']}, fingerprint {told['fingerprint'][:16]}, vectors of {dim}"
        f" numbers; data {exam.manifest.fingerprint[:16] or 'without fingerprint'},"
        f" {len(exam.manifest.pages)} pages. Written by `liveshelf evaluate --report`."
    )
    page = _html(title, about, sections)
    for section in sections:
        for plot in section.plots:
            (folder / plot.file).write_bytes(plot.png)
        for side in [side for card in section.cards for side in card.sides if side.file]:
            (folder / side.file).write_bytes(side.jpeg)
    (folder / "report.md").write_text(_markdown(title, about, sections), encoding="utf-8")
    (folder / "report.html").write_text(page, encoding="utf-8")


def _section(split: str, evaluation: Evaluation, manifest: Manifest, dim: int) -> Section:
    figures, main = evaluation.figures, evaluation.main
    drawn = [
        Plot(name, f"{split}-{name}.png", png) for name, png in plots(figures, main, dim).items()
    ]
    if main is None:
        return Section(split, drawn, tables(figures))
    found = enumerate(worst_confusions(main), start=1)
    cards = [_card(manifest, one, f"pictures/{split}-{at:02}") for at, one in found]
    return Section(split, drawn, tables(figures), main.direction, cards)


def _card(manifest: Manifest, one: Confusion, stem: str) -> Card:
    wrong, right = f"{one.wrong_score:.3f}", f"{one.right_score:.3f}"
    said = " ".join((one.text or "").split())
    said = said if len(said) <= _LONG else f"{said[: _LONG - 1]}…"
    # Clips have no title of their own, but their product's page has.
    name = one.query.title or one.right.title
    return Card(
        (
            _side(manifest, replace(one.query, title=name), "query", "", stem),
            _side(manifest, one.wrong, "wrong", wrong, stem),
            _side(manifest, one.right, "right", right, stem),
        ),
        f"“{said}”" if said else "no words",
        one.place,
    )


def _side(manifest: Manifest, row: Row, kind: str, score: str, stem: str) -> CardSide:
    name = row.title or row.product_id or "no product"
    paths = manifest.paths(row)
    if not paths:
        return CardSide(kind, name, score, "", b"")
    picture = open_picture(paths[len(paths) // 2])
    picture.thumbnail((_SIDE_PX, _SIDE_PX), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return CardSide(kind, name, score, f"{stem}-{kind}.jpg", file.getvalue())


def _html(title: str, about: str, sections: list[Section]) -> str:
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as error:
        message = f"the report needs Jinja2: pip install 'liveshelf[train]' ({error})"
        raise InputError(message) from error
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return template.render(title=title, about=about, sections=sections) + "\n"


def _markdown(title: str, about: str, sections: list[Section]) -> str:
    lines = [f"# {title}", "", about]
    for section in sections:
        lines += ["", f"## {section.split}"]
        for plot in section.plots:
            lines += ["", f"![{plot.name}]({plot.file})"]
        for table in section.tables:
            lines += ["", f"### {table.title}", "", table.note, "", *_rows(table)]
        if section.cards:
            lines += ["", f"### Worst confusions, {section.way}", "", *_gallery(section.cards)]
    return "\n".join(lines) + "\n"


def _rows(table: TextTable) -> list[str]:
    return [
        _line(table.heads),
        "|" + "---|" * len(table.heads),
        *(_line(row) for row in table.rows),
    ]


def _gallery(cards: list[Card]) -> list[str]:
    lines = ["| query | found | right | words | place of the right one |", "|" + "---|" * 5]
    for card in cards:
        cells = [
            f"{f'![]({side.file}) ' if side.file else ''}{side.name} {side.score}".strip()
            for side in card.sides
        ]
        lines.append(_line([*cells, card.said, str(card.place)]))
    return lines


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(' '.join(cell.replace('|', '/').split()) for cell in cells)} |"
