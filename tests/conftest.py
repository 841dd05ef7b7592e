"""What tests share: golden records, kept as JSON beside their samples and rewritten on demand."""

import json
from pathlib import Path

import pytest


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden records; review the difference")


@pytest.fixture
def golden(request):
    """``golden(path, value)`` fails unless the JSON at ``path`` is ``value``; --update-golden writes it first."""

    def check(path: Path, value) -> None:
        if request.config.getoption("--update-golden"):
            path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        assert path.is_file(), f"{path} is missing: run pytest --update-golden and review what it writes"
        assert value == json.loads(path.read_text(encoding="utf-8"))

    return check
