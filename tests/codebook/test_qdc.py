import re
import uuid
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from ascn_nlp.codebook.changes import compare
from ascn_nlp.codebook.descriptions import describe, parts, plain
from ascn_nlp.codebook.entries import entries, guid_of
from ascn_nlp.codebook.qdc import MAX_BYTES, NAMESPACE, read_qdc, write_qdc
from ascn_nlp.errors import TableError
from ascn_nlp.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()
ENTRIES = entries(TAXONOMY)
FILE = write_qdc(ENTRIES, "ascn-nlp 1, taxonomy 1")
# Of Codebook.xsd, REFI-QDA 1.5: attributes of a Code and what they look like; the first three must be there.
ATTRIBUTES = {
    "guid": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "name": r".+",
    "isCodable": r"true|false",
    "color": r"#[A-Fa-f0-9]{6}",
}
SMALL = (
    '<?xml version="1.0" encoding="UTF-8"?><CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="other"><Codes>'
    '<Code guid="{A0000000-0000-0000-0000-00000000000A}" name=" One  more " isCodable="false">'
    "<Description>first&#13;&#10;second</Description>"
    '<Code guid="b0000000-0000-0000-0000-000000000001" name="Below" isCodable="true"/></Code>'
    "</Codes></CodeBook>"
)


def local(element):
    return etree.QName(element).localname


def test_the_file_is_built_as_the_schema_says():
    root = etree.fromstring(FILE)
    assert root.tag == f"{{{NAMESPACE}}}CodeBook"
    assert dict(root.attrib) == {"origin": "ascn-nlp 1, taxonomy 1"}
    assert [local(child) for child in root] == ["Codes"]
    assert {etree.QName(element).namespace for element in root.iter()} == {NAMESPACE}
    assert [local(child) for child in root[0]] == ["Code"] * (len(TAXONOMY.themes) + 1)
    for code in root.iter(f"{{{NAMESPACE}}}Code"):
        assert set(code.attrib) == set(ATTRIBUTES)
        for name, pattern in ATTRIBUTES.items():
            assert re.fullmatch(pattern, code.get(name)), (name, code.get(name))
        names = [local(child) for child in code]
        assert names == sorted(names, reverse=True) and names.count("Description") <= 1, "Description, then Codes"


def test_concerns_stand_under_their_theme_which_is_not_codable():
    codes = read_qdc(FILE, "f")
    by_name = {code.name: code for code in codes}
    for concern in TAXONOMY.concerns:
        code = by_name[concern.name]
        assert code.is_codable
        assert codes[code.parent].guid == guid_of("theme", concern.theme)
        assert not codes[code.parent].is_codable and codes[code.parent].parent == -1


def test_stances_are_codes_of_a_group_of_their_own():
    codes = read_qdc(FILE, "f")
    [group] = [at for at, code in enumerate(codes) if code.name == "Stances"]
    assert not codes[group].is_codable
    assert [code.name for code in codes if code.parent == group] == ["Raised", "Addressed", "Described"]
    assert all(code.is_codable for code in codes if code.parent == group)


def test_a_description_says_what_belongs_what_does_not_and_shows_examples():
    concern = TAXONOMY.concern("surveillance")
    [code] = [code for code in read_qdc(FILE, "f") if code.name == concern.name]
    lines = code.description.split("\n")
    assert lines[:3] == ["Concern: surveillance", f"Include: {concern.include}", f"Exclude: {concern.exclude}"]
    for one in concern.examples:
        assert f"- ({one.stance}) {one.text}" in lines
    assert [f"- {text}" for text in concern.counterexamples] == lines[-len(concern.counterexamples) :]


def test_guids_stay_as_they_were_when_programs_first_met_them():
    assert guid_of("concern", "surveillance") == "b0c6ab1e-0886-570a-8fd6-8f1ce7feeb42"
    assert uuid.UUID(guid_of("theme", "security")).version == 5
    assert len({entry.guid for entry in ENTRIES}) == len(ENTRIES)


def test_a_second_export_is_the_same_to_the_byte():
    assert write_qdc(entries(load_taxonomy()), "ascn-nlp 1, taxonomy 1") == FILE


def test_each_theme_has_a_colour_that_its_concerns_share():
    by_theme = {entry.guid: entry.colour for entry in ENTRIES if entry.kind == "theme"}
    assert len(set(by_theme.values())) == len(by_theme)
    for entry in ENTRIES:
        if entry.kind == "concern":
            assert entry.colour == by_theme[entry.parent]


def test_codes_are_read_with_what_is_above_them():
    first, second = read_qdc(SMALL.encode(), "f")
    assert (first.guid, first.name) == ("a0000000-0000-0000-0000-00000000000a", "One more")
    assert plain(first.description) == "first second"
    assert (first.is_codable, first.parent, second.is_codable, second.parent) == (False, -1, True, 0)


@pytest.mark.parametrize(
    "content",
    [
        SMALL.encode("utf-8-sig"),
        SMALL.replace("UTF-8", "UTF-16").encode("utf-16"),
        SMALL.replace("codebook:1.0", "codebook:1:0").encode(),  # NVivo 12 for Mac
        SMALL.replace("codebook:1.0", "codebook:0:4").encode(),
        SMALL.replace(' xmlns="urn:QDA-XML:codebook:1.0"', "").encode(),
        re.sub(r"<(/?)(\w)", r"<\1qda:\2", SMALL).replace("xmlns=", "xmlns:qda=").encode(),
        SMALL.replace("<CodeBook", "<!-- made by a person --><CodeBook").replace("\n", "\r\n").encode(),
        SMALL.replace("<CodeBook", '<Project xmlns="urn:QDA-XML:project:1.0"><CodeBook').encode() + b"</Project>",
        SMALL.replace('isCodable="false"', 'isCodable="0"').encode(),
    ],
    ids=("bom", "utf-16", "colon", "0:4", "no namespace", "prefix", "comment", "project", "0 for false"),
)
def test_variants_that_programs_write_are_read_alike(content):
    wanted = [code._replace(line=0) for code in read_qdc(SMALL.encode(), "f")]
    assert [code._replace(line=0) for code in read_qdc(content, "f")] == wanted


BOMB = "<!DOCTYPE a [" + '<!ENTITY a0 "lol">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
) + "]>"  # fmt: skip
INNER = '<CodeBook><Codes><Code name="{0}" guid="1"><Description>{0}</Description></Code></Codes></CodeBook>'


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "not well-formed"),
        (b"just a note", "not well-formed"),
        (FILE[: len(FILE) // 2], "not well-formed"),
        (b"<CodeBook>&undefined;</CodeBook>", "not well-formed"),
        (b"<?xml version='1.0' encoding='nope'?><CodeBook/>", "not well-formed"),
        (b"<CodeBook><Codes>" + b"<Code>" * 5000 + b"</Code>" * 5000 + b"</Codes></CodeBook>", "not well-formed"),
        (b"<html><body/></html>", "no list of codes"),
        (BOMB.encode() + INNER.format("&a9;").encode(), "declares a document type"),
        ((BOMB + INNER.format("&a9;")).encode("utf-16"), "declares a document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + INNER.format("x").encode(), "declares a document type"),
        (
            b'<?xml version="1.0" encoding="UTF-7"?>'
            + ('<!DOCTYPE a [<!ENTITY x "y">]>' + INNER.format("&x;")).replace("<!", "+ADwAIQ-").encode(),
            "declares a document type",
        ),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + INNER.format("&x;").encode(), "document type"),
        (b"PK\x03\x04" + bytes(100), "ZIP file"),
        (b" " * (MAX_BYTES + 1), "larger than"),
    ],
)
def test_what_is_no_codebook_is_refused_with_a_remedy(content, what):
    with pytest.raises(TableError, match=what) as caught:
        read_qdc(content, "book.qdc")
    assert caught.value.where.startswith("book.qdc") and caught.value.remedy
    assert "\n" not in str(caught.value)


def test_a_fault_is_named_with_its_line():
    with pytest.raises(TableError) as caught:
        read_qdc(b"<CodeBook>\n<Codes>\n</CodeBook>", "book.qdc")
    assert caught.value.where == "book.qdc:3"


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(FILE)), st.binary(max_size=12), st.integers(0, 40))
def test_a_damaged_file_is_read_or_refused_and_nothing_else(at, inserted, cut):
    try:
        codes = read_qdc(FILE[:at] + inserted + FILE[at + cut :], "f")
    except TableError:
        return
    compare(TAXONOMY, codes)


TEXTS = st.text(min_size=1, max_size=60).filter(lambda text: plain(text))


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS, TEXTS, TEXTS)
@example("Include: a", "Exclude:\nInclude: b", "x\nExamples: - y", "a\x00\x1f\ufffe\x85b\ud7ff</Description>")
def test_no_text_changes_on_its_way_out_and_in(name, include, exclude, counterexample):
    first, *others = TAXONOMY.concerns
    counterexamples = (counterexample, "no")
    odd = replace(first, name=name, include=include, exclude=exclude, counterexamples=counterexamples)
    taxonomy = replace(
        TAXONOMY,
        themes={**TAXONOMY.themes, "external": include},
        concerns=(odd, *others),
        stances=(replace(TAXONOMY.stances[0], definition=exclude), *TAXONOMY.stances[1:]),
    )
    found = compare(taxonomy, read_qdc(write_qdc(entries(taxonomy), name), "f"))
    assert (found.changes, found.new, found.missing, found.left) == ((), (), (), ())


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_the_parts_of_a_description_are_what_it_was_made_of(include, exclude):
    [entry] = [entry for entry in entries(TAXONOMY) if entry.id == "surveillance"]
    fields = {
        "Include": entry.fields["Include"]._replace(text=include),
        "Exclude": entry.fields["Exclude"]._replace(text=exclude),
    }
    found = parts(describe(entry._replace(fields=fields)))
    assert (found[""], found["concern"]) == ("", "surveillance")
    assert (found["include"], found["exclude"]) == (plain(include), plain(exclude))


def test_a_label_counts_where_it_stands_first():
    assert parts("so:\r\n include : a\nand b\nExclude: c\nInclude: d") == {
        "": "so:", "include": "a and b", "exclude": "c Include: d",
    }  # fmt: skip
