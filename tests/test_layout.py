"""House rules about files that no other tool checks, and that this checkout is what is tested."""

import ast
import importlib.metadata
import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FOLDERS = {".ci", "compose", "models", "stream", "tests", "workers"}
FILES = {
    ".dockerignore", ".gitattributes", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md",
    "LICENSE", "Makefile", "NOTICE", "README.md", "constraints.txt", "pyproject.toml",
}  # fmt: skip
PACKAGES = ("stream", "models", "workers")

MOST_LINES = 300
LONGER: dict[str, str] = {
    "workers/events.py": "the one schema is read as a whole, and split it would be two",
}
"""Files that may be longer, and why."""

MOST_BYTES = 500_000
LARGE = ("models/checkpoints/", "stream/demo/")

VAGUE = {"utils", "util", "common", "helpers", "helper", "misc"}
BROAD_EXCEPT_HOME = "stream/dead_letter.py"


def tracked() -> list[str]:
    """Files that are in git or would be after `git add`; those of an unpacked archive otherwise."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
        names = [str(path.relative_to(ROOT)) for path in found if "__pycache__" not in path.parts]
    else:
        names = done.stdout.splitlines()
    return sorted(name for name in names if (ROOT / name).is_file())


TRACKED = tracked()
PYTHON = [name for name in TRACKED if name.endswith(".py")]
SOURCES = [name for name in PYTHON if name.split("/")[0] in PACKAGES]


def nodes_of(name: str) -> list[ast.AST]:
    return list(ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))))


def is_broad(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler):
        return False
    if any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node)):
        return False  # tidies up and passes it on
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    names = {kind.id for kind in kinds if isinstance(kind, ast.Name)}
    return node.type is None or bool(names & {"Exception", "BaseException"})


def test_files_were_found() -> None:
    assert "workers/events.py" in SOURCES
    assert "tests/test_layout.py" in PYTHON


def test_top_level_holds_only_what_the_design_names() -> None:
    assert {name.split("/")[0] for name in TRACKED if "/" in name} <= FOLDERS
    assert {name for name in TRACKED if "/" not in name} <= FILES


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_that_of_this_checkout(package: str) -> None:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin == str(ROOT / package / "__init__.py")


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_owns_a_package(package: str) -> None:
    owners = set(importlib.metadata.packages_distributions().get(package, ()))
    assert owners <= {"liveshelf"}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_typed_and_its_init_files_hold_no_code(package: str) -> None:
    assert f"{package}/py.typed" in TRACKED
    inits = [name for name in SOURCES if name.startswith(f"{package}/") and "__init__" in name]
    assert inits
    for name in inits:
        body = ast.parse((ROOT / name).read_text(encoding="utf-8")).body
        assert [type(node) for node in body] in ([], [ast.Expr]), name


def test_files_are_short_unless_there_is_a_reason() -> None:
    lengths = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in PYTHON}
    long = {name for name, length in lengths.items() if length > MOST_LINES}
    assert long == set(LONGER)


def test_large_files_lie_only_where_they_belong() -> None:
    large = [name for name in TRACKED if (ROOT / name).stat().st_size > MOST_BYTES]
    assert [name for name in large if not name.startswith(LARGE)] == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [name for name in PYTHON if VAGUE & set(Path(name).with_suffix("").parts)] == []


def test_assert_is_for_tests() -> None:
    found = [name for name in SOURCES if any(isinstance(n, ast.Assert) for n in nodes_of(name))]
    assert found == []


def test_there_is_one_broad_except_at_most_and_it_has_a_home() -> None:
    found = [name for name in SOURCES for node in nodes_of(name) if is_broad(node)]
    assert found in ([], [BROAD_EXCEPT_HOME])


def test_a_broad_except_would_be_noticed() -> None:
    texts = ("except:", "except Exception:", "except (OSError, BaseException):")
    for text in texts:
        tree = ast.parse(f"try:\n    pass\n{text}\n    pass\n")
        assert any(is_broad(node) for node in ast.walk(tree)), text
    for text in ("except OSError:\n    pass", "except BaseException:\n    raise"):
        tree = ast.parse(f"try:\n    pass\n{text}\n")
        assert not any(is_broad(node) for node in ast.walk(tree)), text


def test_only_settings_reads_the_environment() -> None:
    reads = re.compile(r"\bos\.(environ|getenv)\b|\bfrom os import .*\b(environ|getenv)\b")
    found = {name for name in SOURCES if reads.search((ROOT / name).read_text(encoding="utf-8"))}
    # A child process is handed the environment of its parent; it is passed on, not read.
    passed_on = {name for name in found if _only_passes_on(name)}
    assert found - passed_on == {"stream/settings.py"}


def _only_passes_on(name: str) -> bool:
    """Whether the environment is only ever copied whole, as in `{**os.environ, …}`."""
    text = (ROOT / name).read_text(encoding="utf-8")
    whole = re.findall(r"\*\*os\.environ\b|\bos\.environ \||\bdict\(os\.environ\)", text)
    return len(whole) == len(re.findall(r"\bos\.(?:environ|getenv)\b", text)) and bool(whole)


def test_version_is_that_of_the_changelog_head() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    head = re.search(r"^## \[(.+?)\]", changelog, re.MULTILINE)
    assert head is not None
    assert head[1] == project["version"]


def test_hooks_call_programs_that_the_development_group_or_the_project_brings() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)
    group = " ".join(project["dependency-groups"]["dev"])
    programs = {"lint-imports": "import-linter"} | dict.fromkeys(project["project"]["scripts"], "")
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    for hook in config["repos"][0]["hooks"]:
        program = hook["entry"].split()[0]
        assert programs.get(program, program) in group, hook["id"]


def test_every_test_folder_is_a_package() -> None:
    folders = {str(Path(name).parent) for name in PYTHON if name.startswith("tests/")}
    assert [folder for folder in folders if f"{folder}/__init__.py" not in TRACKED] == []
