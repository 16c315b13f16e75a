"""A job that has waited is worked on as one that is made now."""

from collections.abc import Sequence

from models.errors import BadEventError
from workers.events import StreamEvent
from workers.hurried import Hurried
from workers.machine import Outcome


class Noting:
    """Notes what it gets and makes nothing of it."""

    def __init__(self) -> None:
        self.got: list[str] = []

    def process(self, jobs: Sequence[str]) -> list[Outcome]:
        self.got += jobs
        return [[] for _ in jobs]

    def empty(self, job: str, error: BadEventError) -> list[StreamEvent]:
        self.got.append(f"{job}: {error}")
        return []


def test_rung_of_the_moment_counts_when_the_turn_comes() -> None:
    noting = Noting()
    rung = "full"
    worker = Hurried(noting, lambda job: f"{job} at {rung}")
    worker.process(["first", "second"])
    rung = "vision_only"
    worker.process(["third"])
    worker.empty("fourth", BadEventError("unworkable"))
    assert noting.got == [
        "first at full",
        "second at full",
        "third at vision_only",
        "fourth: unworkable",
    ]
