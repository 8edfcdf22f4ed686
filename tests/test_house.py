"""The house: layering, lazy imports, texts in every language."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rca
from rca.texts import catalogue, languages

ROOT = Path(__file__).resolve().parent.parent


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_each_room_imports_only_rooms_above_it():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_importing_rca_loads_no_third_party_module():
    code = (
        "import sys; import rca; "
        "print(sorted(m for m in ('pandas', 'pyarrow', 'polars', 'numpy', 'networkx', 'plotly', 'typer', 'rich')"
        " if m in sys.modules))"
    )
    assert python(code) == "[]"


def test_every_public_name_is_there_and_an_unknown_one_gets_advice():
    for name in rca.__all__:
        assert getattr(rca, name) is not None
    with pytest.raises(AttributeError, match='Did you mean "Timeline"'):
        _ = rca.Timelin


def test_every_language_has_the_same_texts_with_the_same_placeholders():
    texts = {language: catalogue(language) for language in languages()}
    first = texts[languages()[0]]
    for language, entries in texts.items():
        assert sorted(entries) == sorted(first), language
        for key, text in entries.items():
            assert set(re.findall(r"{(\w+)", text)) == set(re.findall(r"{(\w+)", first[key])), (language, key)


def test_every_text_that_the_code_asks_for_exists():
    known = catalogue("en")
    asked = set()
    for path in sorted((ROOT / "rca").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args:
                key = node.args[0]
                if isinstance(key, ast.Constant) and "." in str(key.value):
                    asked.add(key.value)
    assert asked - set(known) == set()


def test_the_top_level_holds_only_what_a_newcomer_looks_for():
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    allowed = {
        ".ci", ".gitattributes", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "README.md",
        "data", "notebooks", "pyproject.toml", "rca", "tests", "timelines",
    }  # fmt: skip
    assert {line.split("/")[0] for line in done.stdout.splitlines()} <= allowed


def test_no_notebook_is_committed_with_outputs():
    import json

    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells), path.name
