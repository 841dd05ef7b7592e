"""Which code of a file is which of ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ascn_nlp.codebook.descriptions import parts
from ascn_nlp.codebook.entries import Entry
from ascn_nlp.codebook.qdc import Code

_Test = Callable[[Entry, int, Code], bool]


def match(entries: Sequence[Entry], codes: Sequence[Code]) -> dict[int, Entry]:
    """{place of a code in ``codes``: what it stands for}; no entry and no code is there twice.

    By GUID; then by the id that its description names, as QualCoder makes new GUIDs; then by name or id. Where two
    codes could be the same entry neither is taken for it, except that of two with its GUID the first counts.
    """
    parents = {code.parent for code in codes}
    described = [parts(code.description) for code in codes]

    def has_guid(entry: Entry, _: int, code: Code) -> bool:
        return code.guid == entry.guid

    def has_name(entry: Entry, _: int, code: Code) -> bool:
        return code.name.casefold() in (entry.name.casefold(), entry.id.casefold())

    def has_place(entry: Entry, at: int, code: Code) -> bool:  # a theme and a concern may have one name
        holds_others = at in parents or not code.is_codable
        return has_name(entry, at, code) and holds_others is not entry.is_codable

    def has_id(entry: Entry, at: int, _: Code) -> bool:
        return described[at].get(entry.kind) == entry.id

    def has_both(entry: Entry, at: int, code: Code) -> bool:
        return has_id(entry, at, code) and has_name(entry, at, code)

    tests: tuple[_Test, ...] = (has_guid, has_both, has_id, has_place, has_name)
    found: dict[int, Entry] = {}
    for n, test in enumerate(tests):
        taken = {entry.guid for entry in found.values()}
        left = [entry for entry in entries if entry.guid not in taken]
        fits = {
            entry.guid: [at for at, code in enumerate(codes) if at not in found and test(entry, at, code)]
            for entry in left
        }
        claims = [at for places in fits.values() for at in places]
        for entry in left:
            places = fits[entry.guid][:1] if n == 0 else fits[entry.guid]
            if len(places) == 1 and (claims.count(places[0]) == 1 or n == 0):
                found[places[0]] = entry
    return found
