"""Text on pictures by RapidOCR: PP-OCR's detector and recogniser on ONNX Runtime.

The models (Chinese, Latin and Japanese letters in one; Apache-2.0) lie in the package's own wheel
and are named by path, so that nothing is ever downloaded. What the library raises leaves this file
as one of our errors, and no picture takes much longer than others.
"""

import importlib.metadata
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from models.errors import BadEventError, SettingsError, WeightsError
from workers.read_screen import Line

MISSING = "text on screen is read by rapidocr, which is not installed: pip install 'liveshelf[ocr]'"
_DETECTOR = "PP-OCRv6_det_small"
_RECOGNISER = "PP-OCRv6_rec_small"
_LONGEST_SIDE = 1_280
_SLIMMEST = 3
"""Long side over short side. The library brings the short side to 736 px whatever becomes of the
long one: a strip of 8 × 2,000 px took it four minutes."""
_MOST_BOXES = 100
"""Places where text may stand; each costs a few ms, and a picture of noise has a thousand."""


def is_installed() -> bool:
    """Whether the extra `ocr` is there, without importing it."""
    return importlib.util.find_spec("rapidocr") is not None


class RapidReader:
    """A `TextReader`; loads the models when it is made. Not for several threads at once.

    Args:
        threads: of the CPU; more than there are cores are as many as there are.

    Raises:
        SettingsError: the package is not installed.
        WeightsError: it came without the models that are named here.
    """

    def __init__(self, threads: int = 1) -> None:
        if not is_installed():
            raise SettingsError(MISSING)
        import cv2
        from rapidocr import RapidOCR
        from rapidocr.ch_ppocr_det.utils import ResizeImgError as DetectorResizeError
        from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError
        from rapidocr.utils.process_img import ResizeImgError

        self._errors: tuple[type[Exception], ...] = (
            cv2.error,
            ValueError,
            DetectorResizeError,
            ONNXRuntimeError,
            ResizeImgError,
        )
        # The library takes more threads than cores for no limit at all; OpenCV's are the process's.
        threads = min(threads, os.cpu_count() or 1)
        cv2.setNumThreads(threads)
        self._engine = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,  # text on a screen is upright
                "Global.text_score": 0.0,  # what is believed is not decided here
                "Det.model_path": _model(_DETECTOR),
                "Det.max_candidates": _MOST_BOXES,
                "Rec.model_path": _model(_RECOGNISER),
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        version = importlib.metadata.version("rapidocr")
        self.model = f"rapidocr-{version}/{_DETECTOR}+{_RECOGNISER}"
        # The library loads with the first picture; what is amiss must end the start, not a room.
        self.read(Image.new("RGB", (64, 64), "white"))

    def read(self, picture: Image.Image) -> Sequence[Line]:
        """Return the lines of an RGB picture, from the top left to the bottom right.

        Raises:
            BadEventError: the library fails on this picture.
        """
        blue_first = np.ascontiguousarray(np.asarray(_shaped(picture))[:, :, ::-1])
        try:
            found = self._engine(blue_first)
        except self._errors as error:
            message = f"a picture of {picture.size} cannot be read: {error}"
            raise BadEventError(message) from error
        texts, scores = found.txts or (), found.scores or ()
        return [Line(text, float(score)) for text, score in zip(texts, scores, strict=True)]


def _shaped(picture: Image.Image) -> Image.Image:
    """Return the picture, not too large, with black beside it where it is a strip."""
    shown = picture.copy()
    shown.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    least = -(-max(shown.size) // _SLIMMEST)
    size = (max(shown.width, least), max(shown.height, least))
    if size == shown.size:
        return shown
    padded = Image.new("RGB", size)
    padded.paste(shown)
    return padded


def _model(name: str) -> str:
    spec = importlib.util.find_spec("rapidocr")
    folders = (spec.submodule_search_locations or ()) if spec is not None else ()
    for folder in folders:
        path = Path(folder) / "models" / f"{name}.onnx"
        if path.is_file():
            return str(path)
    message = f"the installed rapidocr has no {name}.onnx: pip install 'liveshelf[ocr]'"
    raise WeightsError(message)
