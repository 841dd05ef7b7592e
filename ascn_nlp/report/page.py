"""The report as one HTML file: the finding, the matrix, the figures, and behind each cell its passages.

The file asks for nothing from outside and may lie on a memory stick. Text of documents travels as data and is shown as
text only; a content security policy lets nothing run but the script that is named in it by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ascn_nlp.report.finding import rank
from ascn_nlp.report.page_data import Cell, PageData, ShownPlace
from ascn_nlp.report.sensitivity import NESTED
from ascn_nlp.report.states import STATES, no_finding
from ascn_nlp.resources import packaged

if TYPE_CHECKING:
    from jinja2 import Template

_SURROGATE = re.compile("[\ud800-\udfff]")
# What might end a data block, begin a comment in one, or end a line of script, as JSON can also write it.
_UNSAFE = re.compile("[<>&\u2028\u2029]")
FINDINGS_SHOWN = 12
# Between one column of a journal and two, in points.
WIDE = 360


def page(data: PageData) -> Iterator[str]:
    """The parts of one HTML file, in order; joined and written as UTF-8 they are the whole report."""
    from markupsafe import Markup

    template, style, script = _files()
    findings = _findings(data)
    parts = template.generate(
        data=data,
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        states=STATES,
        state_counts=Counter(cell.state for cell in _whole_window(data)),
        no_finding=no_finding(cell.state for cell in _whole_window(data)),
        sure=sum((one["cell"].gap_low or 0) > 0 for one in findings),
        findings=[findings[:FINDINGS_SHOWN], findings[FINDINGS_SHOWN:]],
        has_variants=any(one["cell"].of_variants for one in findings),
        nested=NESTED,
        figures=[(one, _as_address(one.svg), _shape(one.svg)) for one in data.figures],
        json=(Markup(part) for part in _json_parts(data)),
    )
    # A lone surrogate cannot be written as UTF-8; it takes one place, as the sign that stands for it.
    yield from (_SURROGATE.sub("\ufffd", part) for part in parts)


@cache
def _files() -> tuple[Template, str, str]:
    """The template, the style and the script."""
    from jinja2 import Environment, StrictUndefined

    names = ("page.html.jinja", "page.css", "page.js")
    template, style, script = ((packaged("report") / name).read_text(encoding="utf-8") for name in names)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template), style, script


def _policy(style: str, script: str) -> str:
    """A content security policy (CSP level 3) that allows this style, this script, and pictures inside the file."""
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script))
    of_style, of_script = (f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {of_script}; style-src {of_style}; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _as_address(svg: str) -> str:
    """A picture as a data address: what is drawn as an image runs no script and asks for nothing."""
    return "data:image/svg+xml;base64," + base64.b64encode(_SURROGATE.sub("\ufffd", svg).encode()).decode()


def _shape(svg: str) -> str:
    """The classes of a picture: wide if it is drawn wider than a column of a journal (in points), high if also higher.

    One that does not say is wide.
    """
    size = re.search(r'viewBox="\S+ \S+ ([0-9.]+) ([0-9.]+)"', svg)
    if size is None:
        return "wide"
    width, height = map(float, size.groups())
    return "" if width <= WIDE else "wide high" if height > width else "wide"


def _whole_window(data: PageData) -> list[Cell]:
    return [cell for cell in data.cells if cell.year is None and cell.place is not None]


def _findings(data: PageData) -> list[dict[str, Any]]:
    """Cells of the whole window that are raised and by nobody addressed, in the order of ``finding.rank``."""
    found = [cell for cell in _whole_window(data) if cell.state == "unanswered"]
    found.sort(
        key=lambda one: rank(
            one.raised_independent, one.raised_stories, one.share_raised_low, one.concern, one.place or ""
        )
    )
    concerns = {one.id: one.name for one in data.concerns}
    places = {one.id: one for one in data.places}
    return [
        {
            "cell": cell,
            "concern": concerns[cell.concern],
            "place": places[cell.place],
            "href": "#" + _address(cell.concern, places[cell.place]),
            "share": _percent(cell.share_raised, cell.share_raised_low, cell.share_raised_high),
            "at_most": f"{math.ceil(cell.share_addressed_high * 100)} %" if cell.share_addressed_high else "–",
            "at_least": "–" if cell.gap_low is None else f"{cell.gap_low:.2f}".replace("-", "−"),
        }
        for cell in found
        if cell.place is not None
    ]


def _address(concern: str, place: ShownPlace) -> str:
    where = "country" if place.id == place.country else "city"
    return urlencode(
        {name: _SURROGATE.sub("\ufffd", value) for name, value in (("concern", concern), (where, place.id))}
    )


def _percent(share: float | None, low: float | None, high: float | None) -> str:
    if share is None:
        return "–"
    return f"{share * 100:.0f} %" + ("" if low is None or high is None else f" ({low * 100:.0f} to {high * 100:.0f})")


def _json_parts(data: PageData) -> Iterator[str]:
    """The data of the page as JSON, in parts that no text in them can break out of."""
    names = [field.name for field in fields(Cell)]
    head = {
        "title": data.title,
        "made": data.made,
        "concerns": [one._asdict() for one in data.concerns],
        "places": [one._asdict() for one in data.places],
        "years": data.years,
        "states": {state: {"letter": letter, "name": name} for state, (letter, name, _) in STATES.items()},
        "columns": names,
        "cells": [[getattr(cell, name) for name in names] for cell in data.cells],
        "documents": [one._asdict() for one in data.documents],
        "sampled": data.sampled and data.sampled[:2],
        "uncounted": data.uncounted,
        "stances": data.stances,
    }
    yield _json(head)[:-1] + ',"passages":['
    for number, passage in enumerate(data.passages):
        row = passage._asdict() | {
            "evidence": [(*_utf16(passage.text, one.start, one.end), one.why) for one in passage.evidence],
            "tags": [tag._asdict() for tag in passage.tags],
        }
        yield ("," if number else "") + _json(row)
    yield "]}"


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def _utf16(text: str, *offsets: int) -> tuple[int, ...]:
    """Offsets as browsers count: characters beyond the basic plane take two places."""
    if not text or max(text) <= "\uffff":
        return offsets
    return tuple(offset + sum(sign > "\uffff" for sign in text[:offset]) for offset in offsets)
