"""Renders everything the rooms and the training need of the catalogue, in order of use.

Pages come first, then the sets, then natural views in passes: a few of each product before more, so
that work can begin while the rest is rendered. What exists is kept, so a stopped run goes on.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workers.rooms.products import Item
from workers.rooms.render import (
    HELD_OUT_SEED,
    TRAINING_SEED,
    TUNING_SEED,
    VIEW_COUNTS,
    Json,
    RenderOptions,
    page_jobs,
    run_jobs,
    save_page,
    view_jobs,
)
from workers.rooms.stage import stage_job

STAGES = 6
"""Sets that there are, `stage-0.png` and on."""
_PASSES = (
    (TRAINING_SEED, 4),
    (HELD_OUT_SEED, 2),
    (TRAINING_SEED, 8),
    (HELD_OUT_SEED, 5),
    (TRAINING_SEED, 12),
    (TUNING_SEED, 3),
)
"""Seed and number of views of each pass."""


@dataclass(frozen=True)
class Rendered:
    """How far one step has come."""

    step: str
    done: int
    total: int


def stage_jobs(folder: Path, samples: int = 8) -> list[Json]:
    """Return the jobs of the sets that are not there yet; they are blurred, so few samples do."""
    outs = [(folder / f"stage-{seed}.png").resolve() for seed in range(STAGES)]
    return [stage_job(seed, out, samples) for seed, out in enumerate(outs) if not out.exists()]


def render_all(
    items: Sequence[Item],
    folder: Path,
    python: Path,
    options: RenderOptions,
    only: Sequence[Item] | None = None,
    seeds: Sequence[int] = (),
) -> Iterator[Rendered]:
    """Render pages, sets and the natural views of every seed; yield how far each step has come.

    Args:
        items: the products; all of them get a page.
        folder: where `PRODUCT_ID/page.png`, `PRODUCT_ID/sS-NN-….png` and `stage-N.png` go.
        python: of an environment that has `bpy`.
        options: sizes and samples; `views` and `seed` are those of the passes.
        only: the products that get natural views; none: all.
        seeds: of the natural views that are rendered; empty: all.

    Raises:
        ServiceError: Blender could not be started or ended early.
    """
    folder.mkdir(parents=True, exist_ok=True)
    viewed = items if only is None else only
    # Each list is made when its turn comes: a pass renders what the ones before left out.
    steps: list[tuple[str, Callable[[], list[Json]]]] = [
        ("pages", lambda: page_jobs(items, folder, options)),
        ("sets", lambda: stage_jobs(folder)),
        *(
            _pass(viewed, folder, options, seed, views)
            for seed, views in _PASSES
            if seed in (seeds or VIEW_COUNTS)
        ),
    ]
    for name, jobs_of in steps:
        jobs = jobs_of()
        yield Rendered(name, 0, len(jobs))
        lines = run_jobs(jobs, python, folder, options.device)
        pictures = (line for line in lines if line.startswith("done "))
        for done, _ in enumerate(pictures, 1):
            yield Rendered(name, done, len(jobs))


def _pass(
    items: Sequence[Item], folder: Path, options: RenderOptions, seed: int, views: int
) -> tuple[str, Callable[[], list[Json]]]:
    chosen = replace(options, seed=seed, views=views)
    return f"views, seed {seed}, {views} each", lambda: view_jobs(items, folder, chosen)


def write_catalogue(items: Sequence[Item], folder: Path, out: Path) -> tuple[int, int]:
    """Write `catalogue.jsonl` and the page images; return their number and bytes.

    Images of products that the catalogue has no more are removed.

    Args:
        items: the products.
        folder: of the renders.
        out: of the catalogue.

    Raises:
        InputError: a page is not rendered yet.
    """
    for item in items:
        save_page(folder / item.product_id / "page.png", out / item.page_image)
    rows = [item.product().model_dump_json() for item in items]
    (out / "catalogue.jsonl").write_text("\n".join([*rows, ""]), encoding="utf-8")
    kept = {out / item.page_image for item in items}
    images = sorted((out / items[0].page_image).parent.glob("*.webp"))
    for orphan in set(images) - kept:
        orphan.unlink()
    return len(kept), sum(image.stat().st_size for image in kept)
