"""What Kafka keeps for a retraining, from a real broker."""

from dataclasses import replace
from uuid import uuid4

import pytest

from stream.admin import ensure_topics
from stream.link import connect
from stream.retrain_topics import stored_feedback, stored_frames, stored_products
from stream.settings import Settings
from stream.topics import CATALOGUE, CORRECTIONS, FRAMES, TAGS
from tests.workers.feedback_events import said, tag
from tests.workers.test_evidence import frame
from workers.events import Frame, Product

pytestmark = pytest.mark.kafka


async def test_feedback_frames_and_the_last_word_on_a_product_are_read(kafka: str) -> None:
    prefix = f"retrain-{uuid4().hex[:8]}."
    settings = Settings()
    settings = replace(
        settings, kafka=replace(settings.kafka, bootstrap_servers=kafka, topic_prefix=prefix)
    )
    await ensure_topics(kafka, prefix, 2, 1)
    first = Product(product_id="p1", title="Fig jam")
    later = first.model_copy(update={"title": "Fig jam, 200 g"})
    async with connect(kafka, prefix, "test") as link:
        for topic, event in (
            (TAGS, tag()),
            (CORRECTIONS, said("no_product")),
            (CORRECTIONS, said("right")),
            (FRAMES, frame(4)),
            (CATALOGUE, first),
            (CATALOGUE, later),
        ):
            await (await link.produce(topic, link.encode(event, "test")))
    tags, corrections = await stored_feedback(settings)
    assert tags == [tag()]
    assert corrections == [said("no_product"), said("right")]
    frames: list[Frame] = []
    await stored_frames(settings, frames.append)
    assert [(one.slot, one.payload) for one in frames] == [(4, frame(4).payload)]
    assert await stored_products(settings) == {"p1": later}
