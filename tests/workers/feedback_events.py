"""Tags and corrections as a room gives them, for tests."""

from typing import Any

from workers.events import Correction, Evidence, FrameRef, Tag


def tag(
    tag_id: str = "t1", status: str = "started", slot: int = 3, room: str = "monday", **more: Any
) -> Tag:
    """Return a tag of product `a` whose clip has two frames, the second 500 ms after the first."""
    product_id = more.pop("product_id", "a")
    frames = more.pop("frames", (slot * 5, slot * 5 + 1))
    evidence = Evidence(
        frames=tuple(FrameRef(slot=one, at_ms=one * 500) for one in frames),
        words=more.pop("words", f"so here is {product_id} {slot}"),
        product_name=more.pop("summary", f"the {product_id}"),
        threshold=0.5,
    )
    return Tag.model_validate(
        {
            "stream_id": room,
            "tag_id": tag_id,
            "status": status,
            "slot": slot,
            "product_id": product_id,
            "start_ms": slot * 2_500,
            "decided_ms": slot * 2_500 + 5_000,
            "score": more.pop("score", 0.8),
            "evidence": evidence,
            **more,
        }
    )


def said(verdict: str, tag_id: str = "t1", room: str = "monday", **more: Any) -> Correction:
    """Return what Ada said about a tag."""
    told = {"stream_id": room, "tag_id": tag_id, "verdict": verdict, "by": "ada", **more}
    return Correction.model_validate(told)
