"""`liveshelf rooms trial`: the stages of the settings, driven over made rooms without Kafka."""

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from models.errors import InputError
from models.segment_scores import Spread
from stream.cart import later_versions, read_cart, titles_of
from stream.count_bar import count_bar
from stream.ingest import IngestOrder
from stream.settings import Settings
from stream.stages.loading import thresholds_of
from stream.trial_stages import SettingsStages, index_catalogue, with_own_index
from workers.catalogue import read_catalogue
from workers.events import Room
from workers.rooms.scoring import Truth, points_of_matches, read_truth
from workers.rooms.timeline_picture import TimelinePicture, draw_timeline
from workers.rooms.trial import (
    Step,
    Trial,
    TrialRoom,
    Tried,
)
from workers.rooms.trial_report import as_json, as_markdown, summed_up
from workers.rooms.variants import Variant, steps_of

HEARD = (
    "what was heard was heard with the cart's titles as hotwords in every variant; with gallery "
    "`catalogue` neither summary nor match know the cart"
)


def read_rooms(folders: Sequence[Path], catalogue: Path) -> list[TrialRoom]:
    """Return made rooms, named after their folders.

    Raises:
        InputError: a folder is no made room, two have one name, or a product is not in the
            catalogue.
    """
    titles = {one.product_id: one.title for one in read_catalogue(catalogue).products}
    rooms: dict[str, TrialRoom] = {}
    for folder in folders:
        name = folder.resolve().name
        if name in rooms:
            message = f"two rooms are named {name!r}; give the folders different names"
            raise InputError(message)
        if not (folder / "room.mp4").is_file():
            message = f"{folder} is no made room: it has no room.mp4"
            raise InputError(message)
        truth = read_truth(folder / "truth.json")
        cart = read_cart(folder / "cart.json").with_titles(titles)
        unknown = sorted({one.product_id for one in truth.segments} - titles.keys())
        if unknown:
            message = f"{folder}: {unknown[0]!r} is sold but not in catalogue {catalogue}"
            raise InputError(message)
        order = IngestOrder(name)  # refuses a name that no room may bear
        opened = Room(
            stream_id=order.stream_id,
            version=0,
            cart=cart.product_ids,
            titles=titles_of(cart.titles, cart.product_ids),
            shop=cart.shop,
            language=cart.language,
        )
        later = tuple(later_versions(opened, cart.changes, cart.titles))
        rooms[name] = TrialRoom(folder / "room.mp4", truth, opened, later)
    return list(rooms.values())


def about_rooms(settings: Settings, truths: Sequence[Truth], indexed: int) -> list[str]:
    """Return what a report over rooms says of them and of the models, in lines for people.

    Args:
        settings: whose models played them.
        truths: of the rooms.
        indexed: products in the catalogue.
    """
    minutes = sum(truth.duration_ms for truth in truths) / 60_000
    models = settings.models
    return [
        f"{len(truths)} rooms, {minutes:.1f} minutes; {indexed} products in the catalogue",
        f"encoder `{models.encoder}`, speech `{models.asr}`",
        f"summarizer {settings.summarize.backend}: `{models.llm}`, adapter {models.llm_adapter!r}",
        HEARD,
    ]


def told_settings(settings: Settings) -> dict[str, str]:
    """Return the settings that tags over rooms depend on, for a report."""
    groups = ("models", "ingest", "asr", "summarize", "align", "match", "tag")
    return {group: repr(getattr(settings, group)) for group in groups}


def play_rooms(
    trial: Trial, rooms: Sequence[TrialRoom], variants: Sequence[Variant], bar: Progress
) -> Iterator[Step]:
    """Yield every step of every room, counted on a bar.

    Raises:
        LiveShelfError: a room, model or index cannot be used.
    """
    task = bar.add_task("rooms", total=len(rooms) * steps_of(variants))
    for room in rooms:
        bar.update(task, description=room.room.stream_id)
        for step in trial.run(room, variants):
            yield step
            bar.advance(task)


def run_trial(
    settings: Settings,
    folders: Sequence[Path],
    catalogue: Path,
    out: Path,
    variants: Sequence[Variant],
) -> list[Tried]:
    """Try variants on rooms; writes tables, tags and timelines into a folder, and shows progress.

    Raises:
        LiveShelfError: a room, model or index cannot be used.
    """
    rooms = read_rooms(folders, catalogue)
    out.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    settings = with_own_index(settings, out / "cache", catalogue)
    began_s = time.monotonic()
    tried: list[Tried] = []
    with count_bar(console) as bar:
        indexed = index_catalogue(settings, catalogue, bar)
        trial = Trial(SettingsStages(settings), out / "cache")
        for step in play_rooms(trial, rooms, variants, bar):
            if step.tried is not None:
                tried.append(step.tried)
                _write_one(step.tried, out, settings)
            how = "was kept" if step.kept else f"{step.wall_s:.1f} s"
            bar.console.print(f"{step.room}: {step.what} ({how})", highlight=False)
    about = about_rooms(settings, [room.truth for room in rooms], indexed)
    _write_all(tried, out, settings, about)
    console.print(f"{time.monotonic() - began_s:.0f} s; tables, tags and timelines in {out}")
    return tried


def trial_table(tried: Sequence[Tried]) -> Table:
    """Return the table over rooms for a terminal: what fits; the rest is in the files."""
    headings = ("variant", "F1", "95 %", "first", "false/h", "start", "end")
    table = Table(
        *headings,
        title="Means over rooms; first tag, start and end: seconds of media time",
        title_justify="left",
        box=box.SIMPLE,
        pad_edge=False,
    )
    for column in table.columns:
        column.no_wrap = True
    for one in summed_up(tried):
        pooled = one.pooled
        table.add_row(
            one.variant.name,
            f"{one.mean_f1:.3f}",
            f"{one.low_f1:.2f}–{one.high_f1:.2f}",
            _mean(pooled.first_tag),
            f"{pooled.false_tags_per_h:.1f}",
            _mean(pooled.start_error),
            _mean(pooled.end_error),
        )
    return table


def _mean(spread: Spread | None) -> str:
    return "–" if spread is None else f"{spread.mean_ms / 1e3:.1f}"


def _write_one(one: Tried, out: Path, settings: Settings) -> None:
    folder = out / one.room.room.stream_id
    folder.mkdir(parents=True, exist_ok=True)
    lines = [tag.model_dump_json() for tag in one.tags]
    (folder / f"{one.variant.name}.jsonl").write_text("\n".join([*lines, ""]), encoding="utf-8")
    rules = thresholds_of(settings)
    picture = TimelinePicture(
        heading=f"{one.room.room.stream_id}: {one.variant.name}",
        truth=one.room.truth,
        tags=one.told,
        scores=one.scores,
        titles={c.product_id: c.title for match in one.matches for c in match.candidates},
        points=points_of_matches(one.matches, rules[one.variant.gallery].score),
    )
    draw_timeline(picture, folder / f"{one.variant.name}.png")


def _write_all(tried: Sequence[Tried], out: Path, settings: Settings, about: Sequence[str]) -> None:
    text = json.dumps(as_json(tried, told_settings(settings)), indent=1)
    (out / "scores.json").write_text(text + "\n", encoding="utf-8")
    (out / "scores.md").write_text(as_markdown(tried, about), encoding="utf-8")
