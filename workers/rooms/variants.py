"""What trials of made rooms vary: what clips may show, what may be found, what is left out.

A variant changes one thing of the serving code and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from workers.events import LoadRung
from workers.ladder import is_down_to

Gallery = Literal["cart", "catalogue"]
Modality = Literal["both", "vision", "speech"]
StageName = Literal["asr", "summarize", "embed", "match", "tag"]

GALLERIES: tuple[Gallery, ...] = get_args(Gallery)
MODALITIES: tuple[Modality, ...] = get_args(Modality)
_FELT: dict[StageName, tuple[LoadRung, ...]] = {
    "asr": ("full", "larger_hop", "vision_only"),
    "summarize": ("full", "extractive", "vision_only"),
    "embed": ("full", "fewer_frames", "vision_only"),
}
"""The rungs at which a stage leaves out more than before."""


@dataclass(frozen=True)
class Variant:
    """What is tried."""

    gallery: Gallery = "cart"
    """`catalogue`: neither summary nor match know the cart. Words are those that were heard with
    its titles as hotwords, so that all variants hear the same."""
    modality: Modality = "both"
    """`vision`: as if the room had no sound; `speech`: as if it had no pictures. Clips wait for
    nothing else, so that their tags are also there as soon as they would be."""
    sounds: bool = True
    """Whether the sound-alike score counts as set; vision has none."""
    rung: LoadRung = "full"
    """What every stage leaves out, all the time."""
    sets: tuple[str, ...] = ()
    """Settings of match and tag that differ, each GROUP.KEY=VALUE."""

    @property
    def name(self) -> str:
        """For files and tables."""
        plain = () if self.sounds or self.modality == "vision" else ("no-sounds",)
        rung = () if self.rung == "full" else (self.rung,)
        return "-".join((self.gallery, self.modality, *plain, *rung, *self.sets))


AS_SET = Variant()


def all_variants(galleries: Sequence[Gallery] = GALLERIES) -> tuple[Variant, ...]:
    """Return every variant that differs from the others with nothing left out."""
    return tuple(
        Variant(gallery, modality, sounds)
        for gallery in galleries
        for modality in MODALITIES
        for sounds in ((True,) if modality == "vision" else (True, False))
    )


def felt(stage: StageName, rung: LoadRung) -> LoadRung:
    """Return the highest rung at which a stage leaves out as much as at this one."""
    return [one for one in _FELT.get(stage, ("full",)) if is_down_to(rung, one)][-1]


def steps_of(variants: Sequence[Variant]) -> int:
    """Return how many steps a trial of one room takes."""
    rungs = {variant.rung for variant in variants}
    galleries = {(variant.rung, variant.gallery) for variant in variants}
    clips = {(variant.rung, variant.gallery, variant.modality) for variant in variants}
    return 1 + len(rungs) + len(galleries) + len(clips) + len(variants)
