"""What the documents say of the code is true of it."""

import re
from pathlib import Path

import pytest

from ascn_nlp.workspace import SETTINGS

ROOT = Path(__file__).parents[1]
PAGES = sorted(p for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("flows/*.md")])
KEYS = [f"{section}.{key}" for section, keys in SETTINGS.items() for key in keys]


@pytest.mark.parametrize("key", KEYS)
def test_every_setting_is_in_the_readme(key):
    assert f"`{key}`" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    lost = [t for t in targets if not t.startswith("http") and not (page.parent / t).exists()]
    assert not lost


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_files_that_are_named_exist(page):
    named = re.findall(r"`([a-z_]+(?:/[a-z_<>.]+)*/?)`", (ROOT / page).read_text(encoding="utf-8"))
    made = ("data", "ascn_nlp/_data")  # by a run, and by building a wheel
    paths = [n for n in named if "/" in n and "<" not in n and not n.startswith(made)]
    lost = [n for n in paths if not any((base / n).exists() for base in (ROOT, ROOT / "ascn_nlp"))]
    assert paths and not lost


def test_no_page_is_left_with_a_gap():
    for page in PAGES:
        assert not re.search(r"\b[A-Z]+_TABLE\b", page.read_text(encoding="utf-8")), page


SOURCES = sorted(p for folder in ("ascn_nlp", "flows", "benchmarks") for p in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_that_code_and_comments_name_exist(path):
    named = re.findall(
        r"\b(?:benchmarks|tests|docs|flows)/[a-z_/]+\.(?:py|md|toml)\b", path.read_text(encoding="utf-8")
    )
    assert not [name for name in named if not (ROOT / name).exists()]
