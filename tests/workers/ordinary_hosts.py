"""What hosts say who mean no machine and no rival, though they use the same words."""

import tomllib
from pathlib import Path

from workers.summarizers.steering_sets import SteeringCase

OTHERS = ("Elder Face Mist", "Brunelle Phone Case", "安宁台灯")


def ordinary_hosts() -> list[SteeringCase]:
    """Windows whose cart holds what is sold, and something that nobody speaks of."""
    path = Path(__file__).parents[1] / "data" / "ordinary_hosts.toml"
    return [
        SteeringCase("injection", one["language"], one["said"], "青山茶壶", one["sold"], OTHERS)
        for one in tomllib.loads(path.read_text(encoding="utf-8"))["hosts"]
    ]
