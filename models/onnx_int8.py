"""Graphs of fp32 made into int8, by onnxruntime's quantization.

In: a graph, and pictures to calibrate a picture tower on. Out: a smaller graph beside it. With
pictures a tower is static: 8-bit weights by channel, and activations in ranges that the pictures
span. Without, only products of matrices and tables of words become int8, and ranges are found at
every call; convolutions stay as they are, since with such ranges EfficientNet-lite0 took 65 ms
instead of 12 and its vectors had a cosine of .91 at the least.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.errors import InputError


def quantize_static_graph(
    source: Path, target: Path, batches: list[dict[str, npt.NDArray[np.float32]]]
) -> None:
    """Write a graph with ranges of activations that are known beforehand.

    Args:
        source: the fp32 graph.
        target: the int8 graph.
        batches: inputs by name, to calibrate on; at least one.

    Raises:
        InputError: onnxruntime cannot quantize it.
    """
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quantize_static,
    )

    class Reader(CalibrationDataReader):  # type: ignore[misc]  # the library is untyped
        def __init__(self) -> None:
            self._left = iter(batches)

        def get_next(self) -> dict[str, npt.NDArray[np.float32]] | None:
            return next(self._left, None)

    with _prepared(source) as plain:
        quantize_static(
            plain,
            target,
            Reader(),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
        )


def quantize_dynamic_graph(source: Path, target: Path) -> None:
    """Write a graph whose products of matrices find their ranges at every call.

    Raises:
        InputError: onnxruntime cannot quantize it.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with _prepared(source) as plain:
        quantize_dynamic(
            plain,
            target,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["MatMul", "Gather"],
        )


@contextmanager
def _prepared(source: Path) -> Iterator[Path]:
    """Yield the graph with shapes written out and what is constant folded, as a file."""
    import onnx
    from onnxruntime.capi.onnxruntime_pybind11_state import Fail
    from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as Missing
    from onnxruntime.quantization.shape_inference import quant_pre_process

    plain = source.with_suffix(".plain.onnx")
    root = logging.getLogger()
    level = root.level
    # The library tells at length, on the root logger, of layers that have no channels.
    root.setLevel(logging.ERROR)
    try:
        quant_pre_process(str(source), str(plain), skip_symbolic_shape=True)
        model = onnx.load(plain)
        # Shapes told of weights go stale when the library turns a weight, and then it refuses them.
        weights = {one.name for one in model.graph.initializer}
        shapes = [one for one in model.graph.value_info if one.name not in weights]
        del model.graph.value_info[:]
        model.graph.value_info.extend(shapes)
        onnx.save(model, plain)
        yield plain
    except (ValueError, RuntimeError, Fail, Missing, onnx.checker.ValidationError) as error:
        message = f"{source.name} cannot be made int8: {error}"
        raise InputError(message) from error
    finally:
        root.setLevel(level)
        plain.unlink(missing_ok=True)
