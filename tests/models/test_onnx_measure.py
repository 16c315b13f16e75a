"""Made samples and the spread of cosines; cosines and times themselves: test_onnx_export.py."""

import numpy as np
import pytest

from models.onnx_measure import made_samples, spread


def test_made_samples_are_the_same_each_time_and_texts_are_short_and_long() -> None:
    first, again = made_samples(6, 40), made_samples(6, 40)
    frames = [np.asarray(sample.frames[0]) for sample in first]
    assert all(
        np.array_equal(one, np.asarray(sample.frames[0]))
        for one, sample in zip(frames, again, strict=True)
    )
    assert not np.array_equal(frames[0], frames[1])
    assert min(min(one.shape[:2]) for one in frames) >= 40
    lengths = [len(str(sample.text)) for sample in first]
    assert max(lengths) > 3 * min(lengths)


def test_the_spread_of_cosines_is_least_quantile_median_and_mean() -> None:
    values = np.array([0.5, 1.0, 0.75], dtype=np.float32)
    told = spread({"image": values, "text": np.zeros(0, dtype=np.float32)})
    assert told == {
        "image": {
            "count": 3,
            "min": 0.5,
            "p05": pytest.approx(0.525),
            "median": 0.75,
            "mean": 0.75,
        }
    }
