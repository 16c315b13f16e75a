"""A report as people open it."""

import base64
import io
import re
from pathlib import Path

import pytest
from PIL import Image

from models.errors import InputError
from models.evaluation import EvaluationOptions, evaluate
from models.exam import Exam
from models.exam_report import write_report
from tests.models.made_exam import made_encoder, made_rows, made_shop


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the report of a shop where a clip of rose shows and says red."""
    folder = tmp_path_factory.mktemp("shop")
    rows = made_rows(folder)
    for row in rows:
        if row["domain"] == "live" and row["product_id"] == "p-rose":
            row |= {"frames": ["red.png"], "transcript": "red look here"}
    exam = Exam(made_encoder("<colours>"), made_shop(folder, rows))
    done = {"test": evaluate(exam, "test", EvaluationOptions(prefixes=(8,), draws=2))}
    told = {"encoder": "<colours>", "fingerprint": exam.encoder.fingerprint}
    write_report(folder / "report", exam, told, done)
    return folder / "report"


def test_the_page_needs_no_other_file(report: Path) -> None:
    page = (report / "report.html").read_text()
    sources = re.findall(r'src="([^"]+)"', page)
    assert all(source.startswith("data:image/") for source in sources)
    assert "http" not in page
    files = [base64.b64decode(source.split(",", 1)[1]) for source in sources]
    kinds = [Image.open(io.BytesIO(file)).format for file in files]
    # Two confusions of three pictures each.
    assert (kinds.count("PNG"), kinds.count("JPEG")) == (4, 6)
    assert "&lt;colours&gt; examined" in page
    assert "<colours>" not in page


def test_markdown_names_files_that_are_there(report: Path) -> None:
    text = (report / "report.md").read_text()
    named = re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)
    assert len(named) == 10
    assert all((report / name).is_file() for name in named)
    assert "### Worst confusions, L2P" in text
    assert "“red look here”" in text
    assert re.search(r"rose jam \|.* red jam 0\.850 \|.* rose jam 0\.498 \|", text)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    exam = Exam(made_encoder(), made_shop(tmp_path))
    told = {"encoder": "colours", "fingerprint": "colours"}
    with pytest.raises(InputError, match="no report can be written"):
        write_report(tmp_path / "manifest.jsonl", exam, told, {})
