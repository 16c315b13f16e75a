"""What room is made, and which rooms nobody may learn from."""

from dataclasses import dataclass
from pathlib import Path

from models.errors import InputError
from workers.rooms.hardships import Hardship
from workers.rooms.render import HELD_OUT_SEED
from workers.rooms.voices import Use

RESERVED = range(201, 231)
"""Seeds of the rooms that results are reported on: they show and say only what is held out."""


@dataclass(frozen=True)
class RoomOptions:
    """What room is made."""

    voices: Path
    """TOML file of voices; see `voices.example.toml`."""
    views: Path
    """Folder of rendered views and sets; what voices said is kept in its folder `said`."""
    out: Path
    """Folder for the room's three files."""
    seed: int = 0
    duration_min: float = 3.5
    """About how long the room is, in minutes."""
    cart_size: int = 20
    """How many products the cart has, those sold among them."""
    view_seed: int = HELD_OUT_SEED
    """Which views are shown: 0 those for training, 1 those held out, 2 those for tuning."""
    use: Use = "held-out"
    """Which voices and phrases are used: those for training or those held out."""
    sold: tuple[str, ...] = ()
    """Product ids for sale, in order; empty for what the seed draws."""
    short: bool = False
    """A few seconds of each product, for tests."""
    hardships: tuple[Hardship, ...] = ()
    """What makes the room hard; each comes once in nine products or so."""
    nothing_sold: bool = False
    """Talk only: the cart's goods stand about, and none of them is for sale."""
    quick: bool = False
    """Fewer pictures a second and a quicker encoder: about half the work."""

    def __post_init__(self) -> None:
        """Check that what belongs together is together."""
        learnt = self.use != "held-out" or self.view_seed != HELD_OUT_SEED
        if self.seed in RESERVED and learnt:
            message = (
                f"seed {self.seed} is one of {RESERVED.start} to {RESERVED.stop - 1}, which "
                f"measure: want held-out voices and views of seed {HELD_OUT_SEED}, not {self.use} "
                f"and {self.view_seed}; take another seed"
            )
            raise InputError(message)
        if self.nothing_sold and (self.sold or self.short):
            message = "a room in which nothing is sold has no product for sale and is not short"
            raise InputError(message)
