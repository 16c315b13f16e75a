"""Rows become training samples: which pictures, which text, what is missing, drawn by a generator.

A clip of a sale may come with its title (as a good summary gives it), with what was heard, with
chatter, with another product's name, or without words; its picture may be missing, or show the
empty table. So each sample says three times what it is of: as a whole, by picture, by text.
"""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar, overload

import numpy as np
from PIL import Image

from models.augment import AugmentOptions, Stray, augment, draw_stray
from models.batch import Domain, Sample
from models.config import ImageConfig
from models.errors import InputError
from models.manifest import Heard, Manifest, Row
from models.readable_pictures import readable
from models.sampler import Step

Item = TypeVar("Item")


@dataclass(frozen=True)
class DrawOptions:
    """How often clips and pages lack what."""

    title: float = 0.45
    """Share of clips that come with their product's title."""
    heard: float = 0.25
    """Share that come with a transcript; with the title where there is none."""
    chatter: float = 0.15
    """Share that come with words about no product; without words where there are none."""
    wrong: float = 0.08
    """Share that come with another product's title. The rest has no text."""
    no_picture: float = 0.12
    """Share of clips and pages whose picture is missing; they keep their product's words."""
    empty_table: float = 0.08
    """Share of clips whose picture is one of no product; they keep their product's words."""
    frames: int = 1
    """Pictures of a clip that a step looks at."""
    augment: AugmentOptions = field(default_factory=AugmentOptions)
    """How pictures are varied."""

    def __post_init__(self) -> None:
        shares = (self.title, self.heard, self.chatter, self.wrong)
        if min(shares) < 0.0 or sum(shares) > 1.0 + 1e-9:
            message = "shares title, heard, chatter and wrong should sum to at most 1, but are "
            raise InputError(message + ", ".join(f"{one:g}" for one in shares))


@dataclass(frozen=True)
class Drawn:
    """One training sample and what it is of; none: no product."""

    sample: Sample
    whole: str | None
    by_picture: str | None
    by_text: str | None


@dataclass(frozen=True)
class Unopened(Sequence[Image.Image]):
    """Pictures that are opened and varied when they are looked at, each time alike."""

    known: tuple[tuple[Path, Stray], ...]
    side_px: int
    read: Callable[[Path], Image.Image]

    def __len__(self) -> int:
        return len(self.known)

    @overload
    def __getitem__(self, at: int) -> Image.Image: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Image.Image]: ...
    def __getitem__(self, at: int | slice) -> Image.Image | Sequence[Image.Image]:
        """Open one; a slice stays unopened."""
        if isinstance(at, slice):
            return replace(self, known=self.known[at])
        path, stray = self.known[at]
        return augment(self.read(path), self.side_px, stray)


class Drawer:
    """Draws samples of rows. Safe to use from several threads."""

    def __init__(
        self,
        manifest: Manifest,
        options: DrawOptions,
        image: ImageConfig,
        read: Callable[[Path], Image.Image],
    ) -> None:
        self._manifest = manifest
        self._options = options
        # After `preprocess` has cut the middle, the network sees every pixel once.
        crop = image.crop if image.fit == "centre" else 1.0
        self._side_px = round(max(image.height_px, image.width_px) / crop)
        self._read = read
        self._titles: dict[str, str] = {}
        trained: set[str] = set()
        for row in manifest.pages:
            if row.title is not None:
                self._titles[str(row.product_id)] = row.title
            if row.split == "train":
                trained.add(str(row.product_id))
        # Rows that show no product may be millions: kept is where they are.
        self._live = live = manifest.live("train")
        self._empty, self._idle_talk = array("q"), array("q")
        for at, row in enumerate(live):
            trained.add(str(row.product_id))
            if row.product_id is None and row.frames:
                self._empty.append(at)
            if row.product_id is None and row.transcript:
                self._idle_talk.append(at)
        train = [heard for heard in manifest.texts if heard.split == "train"]
        self._chatter = [heard.text for heard in train if heard.kind == "chatter"]
        self._heard: dict[str, list[str]] = {}
        self._summed: dict[str, list[str]] = {}
        for heard in train:
            if heard.product_id is not None:
                kept = self._heard if heard.kind == "transcript" else self._summed
                kept.setdefault(heard.product_id, []).append(heard.text)
        # Names of products that no test holds back.
        self._others = sorted(trained & self._titles.keys())

    def page(self, row: Row, draw: np.random.Generator) -> Drawn:
        """Return a page: its title always, its picture mostly."""
        missing = row.title is not None and draw.random() < self._options.no_picture
        paths = [] if missing else self._manifest.paths(row)[:1]
        frames = self._pictures(paths, self._options.augment.gentle(), draw)
        sample = Sample("page", frames, row.title)
        return Drawn(sample, row.product_id, row.product_id, row.product_id)

    def pair(self, heard: Heard) -> tuple[Drawn, Drawn]:
        """Return a text as a clip, and its product's title as a page; neither has a picture."""
        name = heard.product_id
        clip, page = Sample("live", (), heard.text), Sample("page", (), heard.title)
        return Drawn(clip, name, None, name), Drawn(page, name, None, name)

    def step(self, step: Step, draw: np.random.Generator) -> list[Drawn]:
        """Return all samples of a step: clips, pages, pairs, short videos."""
        drawn = [self.live(row, draw) for row in step.live]
        drawn += [self.page(row, draw) for row in step.pages]
        drawn += [one for heard in step.pairs for one in self.pair(heard)]
        return drawn + [self.live(row, draw) for row in step.videos]

    def live(self, row: Row, draw: np.random.Generator) -> Drawn:
        """Return a live clip, or a short video likewise; never one without picture and text."""
        if row.product_id is None:
            return self._nothing(row, draw)
        options = self._options
        fate = draw.random()
        unseen = not row.frames or fate < options.no_picture
        shown: Row | None = None if unseen else row
        swapped = row.domain == "live" and fate < options.no_picture + options.empty_table
        if not unseen and self._empty and swapped:
            shown = self._live[_any(self._empty, draw)]
        text, about = self._words(row, draw, needed=shown is not row)
        if text is None and shown is None:
            shown = row
        frames: Sequence[Image.Image] = ()
        if shown is not None:
            paths = self._manifest.paths(shown)
            picked = draw.permutation(len(paths))[: options.frames]
            frames = self._pictures([paths[at] for at in sorted(picked)], options.augment, draw)
        by_picture = row.product_id if shown is row else None
        return Drawn(Sample(row.domain, frames, text), row.product_id, by_picture, about)

    def _nothing(self, row: Row, draw: np.random.Generator) -> Drawn:
        paths = self._manifest.paths(row)
        picked = draw.permutation(len(paths))[: self._options.frames]
        frames = self._pictures([paths[at] for at in picked], self._options.augment, draw)
        text = row.transcript
        if text is None and self._has_chatter and (not paths or draw.random() < 0.6):
            text = self._any_chatter(draw)
        return Drawn(Sample("live", frames, text), None, None, None)

    def _words(
        self, row: Row, draw: np.random.Generator, *, needed: bool
    ) -> tuple[str | None, str | None]:
        """Return a text, and the product that it is about."""
        options, name = self._options, str(row.product_id)
        helpful = options.title + options.heard
        fate = draw.random() * (helpful if needed else 1.0)
        if fate < helpful:
            kept = self._summed if fate < options.title else self._heard
            said = row.summary if fate < options.title and row.summary else row.transcript
            known = [*kept.get(name, [])] or ([said] if said else [])
            title = self._titles.get(name)
            # A good summary is the title; another wording of it comes half of the time.
            if title and (not known or (fate < options.title and draw.random() < 0.5)):
                known = [title]
            return (_any(known, draw), name) if known else (None, None)
        if fate < helpful + options.chatter:
            return (self._any_chatter(draw), None) if self._has_chatter else (None, None)
        if self._others and fate < helpful + options.chatter + options.wrong:
            other = _any(self._others, draw)
            return self._titles[other], other
        return None, None

    @property
    def _has_chatter(self) -> bool:
        return bool(self._chatter or self._idle_talk)

    def _any_chatter(self, draw: np.random.Generator) -> str | None:
        at = int(draw.integers(len(self._chatter) + len(self._idle_talk))) - len(self._chatter)
        return self._chatter[at] if at < 0 else self._live[self._idle_talk[at]].transcript

    def _pictures(
        self, paths: Sequence[Path], options: AugmentOptions, draw: np.random.Generator
    ) -> Sequence[Image.Image]:
        strays = [draw_stray(self._side_px, options, draw) for _ in paths]
        return Unopened(tuple(zip(paths, strays, strict=True)), self._side_px, self._read)


def _any(items: Sequence[Item], draw: np.random.Generator) -> Item:
    return items[int(draw.integers(len(items)))]


def plain(
    manifest: Manifest, row: Row, read: Callable[[Path], Image.Image], text: str | None
) -> Sample:
    """Return a row as it is, for evaluation: all its pictures, and the given text."""
    domain: Domain = row.domain
    return Sample(domain, readable(manifest.paths(row), read), text)
