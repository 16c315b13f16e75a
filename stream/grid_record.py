"""A record as a lane reads it: the grid event in it, with times that make sense."""

from models.errors import BadEventError
from stream.codec import decode
from stream.dead_letter import Original
from stream.topics import Topic
from workers.events import GridEvent


def grid_event(topic: Topic, original: Original) -> GridEvent:
    """Return the event that a record carries.

    Raises:
        BadEventError: it is none, or ends before it begins; names topic, partition and offset.
    """
    kind = topic.event
    if kind is None or not issubclass(kind, GridEvent):
        message = f"{original.position}: topic {topic.name} carries no grid events"
        raise BadEventError(message)
    event = decode(kind, original.position, original.value, original.headers)
    if event.end_ms < event.start_ms:
        message = (
            f"{original.position}: field end_ms: {event.end_ms} is before start_ms {event.start_ms}"
        )
        raise BadEventError(message)
    return event
