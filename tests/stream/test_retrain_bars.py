"""Where a training stands, in lines where nobody watches a bar."""

from models.train_options import Told
from stream.retrain_bars import training


def test_a_log_gets_a_line_now_and_then_and_at_every_validation() -> None:
    said: list[str] = []
    with training(said.append) as tell:
        for step, elapsed_s, validation in (
            (1, 1.0, None),
            (2, 2.0, None),
            (3, 3.0, 0.5),
            (4, 32.0, None),
            (5, 40.0, None),
        ):
            tell(Told(step, step / 5, 10 * step, elapsed_s, 2.5, validation))
    assert [line.split(",")[1] for line in said] == [" step 1", " step 3", " step 5"]
