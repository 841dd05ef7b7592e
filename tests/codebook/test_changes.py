import re
import tomllib
from dataclasses import replace

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from ascn_nlp.codebook.changes import Change, compare, edit
from ascn_nlp.codebook.descriptions import plain
from ascn_nlp.codebook.entries import entries, guid_of
from ascn_nlp.codebook.qdc import NAMESPACE, read_qdc, write_qdc
from ascn_nlp.errors import TableError
from ascn_nlp.resources import packaged
from ascn_nlp.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()
TEXT = packaged("taxonomy.toml").read_text("utf-8")
FILE = write_qdc(entries(TAXONOMY), "ascn-nlp")
SURVEILLANCE = TAXONOMY.concern("surveillance")


class Book:
    """An exported file that a person edits in another program."""

    def __init__(self, taxonomy=TAXONOMY):
        self.taxonomy = taxonomy
        self.root = etree.fromstring(write_qdc(entries(taxonomy), "ascn-nlp"))

    def code(self, kind, name):
        [code] = [code for code in self.codes() if code.get("guid") == guid_of(kind, name)]
        return code

    def codes(self):
        return list(self.root.iter(f"{{{NAMESPACE}}}Code"))

    def description(self, code):
        return code.find(f"{{{NAMESPACE}}}Description")

    def replace(self, kind, name, old, new):
        element = self.description(self.code(kind, name))
        assert old in element.text
        element.text = element.text.replace(old, new)

    def add(self, above, name, description="", is_codable=True):
        values = {"guid": guid_of("test", name), "name": name, "isCodable": str(is_codable).lower()}
        code = etree.SubElement(above, f"{{{NAMESPACE}}}Code", values)
        if description:
            etree.SubElement(code, f"{{{NAMESPACE}}}Description").text = description
        return code

    @property
    def found(self):
        return compare(self.taxonomy, read_qdc(etree.tostring(self.root), "f"))


@pytest.fixture
def book():
    return Book()


def test_an_unedited_file_says_nothing_new(book):
    found = book.found
    assert (found.changes, found.new, found.missing, found.left) == ((), (), (), ())


@pytest.mark.parametrize("field", ["include", "exclude"])
def test_an_edited_definition_is_one_change(book, field):
    before = getattr(SURVEILLANCE, field)
    book.replace("concern", "surveillance", before, "what is\n  new")
    assert book.found.changes == (Change(("concerns", "surveillance", field), before, "what is new"),)
    assert book.found.left == ()


def test_renamed_concerns_keep_their_id(book):
    book.code("concern", "surveillance").set("name", "Watching people")
    assert book.found.changes == (Change(("concerns", "surveillance", "name"), "Surveillance", "Watching people"),)


def test_texts_of_themes_and_stances_are_read_too(book):
    book.replace("theme", "security", TAXONOMY.themes["security"], "Safety")
    book.replace("stance", "raised", "presented as", "shown as")
    assert [(change.key, change.after[:8]) for change in book.found.changes] == [
        (("themes", "security"), "Safety"),
        (("stances", "raised", "definition"), "shown as"),
    ]


def test_a_theme_or_stance_with_another_name_is_told_and_not_renamed(book):
    book.code("theme", "security").set("name", "Safety")
    book.code("stance", "raised").set("name", "Criticised")
    assert book.found.changes == ()
    assert [text.split(":")[0] for text in book.found.left] == ["theme security", "stance raised"]


def test_a_concern_moved_under_another_theme_changes_its_theme(book):
    book.code("theme", "governance").append(book.code("concern", "surveillance"))
    assert book.found.changes == (Change(("concerns", "surveillance", "theme"), "security", "governance"),)


def test_a_concern_nested_deeper_stays_in_the_theme_above(book):
    book.code("concern", "cybersecurity").append(book.code("concern", "surveillance"))
    folder = book.add(book.code("theme", "security"), "People", is_codable=False)
    folder.append(book.code("concern", "data_protection"))
    assert book.found.changes == ()
    assert [code.name for code in book.found.new] == ["People"]


def test_concerns_outside_of_every_theme_keep_theirs(book):
    book.root[0].append(book.code("concern", "surveillance"))
    assert book.found.changes == ()
    assert book.found.left == ("outside of every theme: surveillance; their themes are kept",)


def test_a_deleted_code_is_told(book):
    for kind, name in (("concern", "surveillance"), ("stance", "raised")):
        code = book.code(kind, name)
        code.getparent().remove(code)
    assert book.found.missing == ("concern surveillance", "stance raised")
    assert book.found.changes == ()


def test_edited_examples_are_told_and_not_taken(book):
    book.replace("concern", "surveillance", SURVEILLANCE.examples[0].text, "Something else.")
    assert book.found.changes == ()
    [told] = book.found.left
    assert told.startswith("concern surveillance: its examples are others")


def test_a_definition_whose_line_is_gone_is_kept(book):
    book.description(book.code("concern", "surveillance")).text = "All about cameras."
    book.description(book.code("concern", "cybersecurity")).text = ""
    assert book.found.changes == ()
    assert [text.split(":")[0] for text in book.found.left] == ["concern surveillance"] * 2 + ["concern cybersecurity"]


def test_a_file_with_new_guids_is_matched_by_what_descriptions_and_names_say(book):
    """As QualCoder writes it: GUIDs of its own, other colours, no GUIDs of ours kept."""
    book.code("concern", "surveillance").set("name", "Watching people")  # known by its description
    code = book.code("concern", "cybersecurity")  # known by its name
    code.remove(book.description(code))
    for n, code in enumerate(book.codes()):
        code.set("guid", guid_of("program", str(n)).upper())
        code.attrib.pop("color")
    found = book.found
    assert [change.key for change in found.changes] == [("concerns", "surveillance", "name")]
    assert (found.new, found.missing) == ((), ())
    assert len(found.left) == 1 and "cybersecurity: comes without a description" in found.left[0]


def test_a_theme_and_a_concern_of_one_name_are_told_apart():
    twins = replace(SURVEILLANCE, name="Security")
    concerns = tuple(twins if concern.id == twins.id else concern for concern in TAXONOMY.concerns)
    book = Book(replace(TAXONOMY, concerns=concerns))
    for n, code in enumerate(book.codes()):
        code.set("guid", guid_of("program", str(n)))
        if (description := book.description(code)) is not None:
            code.remove(description)
    assert (book.found.changes, book.found.new, book.found.missing) == ((), (), ())


def test_what_could_be_two_codes_is_neither(book):
    code = book.code("concern", "surveillance")
    code.set("guid", guid_of("test", "one"))
    book.add(book.code("theme", "security"), "Surveillance", book.description(code).text)
    assert book.found.missing == ("concern surveillance",)
    assert [code.name for code in book.found.new] == ["Surveillance"] * 2


def test_a_copy_of_a_code_is_a_new_one(book):
    code = book.code("concern", "surveillance")
    book.add(book.code("theme", "security"), "Surveillance (2)", book.description(code).text)
    assert [code.name for code in book.found.new] == ["Surveillance (2)"]
    assert (book.found.changes, book.found.missing) == ((), ())


@pytest.mark.parametrize("length", [255, 300, 512])
def test_descriptions_cut_by_a_program_take_nothing_from_a_definition(book, length):
    """As of a program with short fields that holds all for codable, with braces, capitals and CRLF."""
    for code in book.codes():
        code.set("guid", f"{{{code.get('guid').upper()}}}")
        code.set("isCodable", "true")
        if (description := book.description(code)) is not None:
            description.text = description.text[:length].replace("\n", "\r\n")
    assert (book.found.changes, book.found.new, book.found.missing) == ((), (), ())
    assert all("cut off by the other program" in text for text in book.found.left)
    assert bool(book.found.left) is (length < 400)


def test_wherever_a_description_is_cut_only_the_definition_is_missed(book):
    element = book.description(book.code("concern", "surveillance"))
    whole = element.text
    definition = whole.index("\nExamples:")
    for length in range(255, len(whole)):
        element.text = whole[:length]
        found = book.found
        assert found.changes == ()
        assert bool(found.left) is (length < definition), (length, found.left)


@pytest.mark.parametrize("length", range(320, 340))
def test_of_a_cut_description_what_a_person_edited_is_still_taken(book, length):
    concern = TAXONOMY.concern("data_protection")
    book.replace("concern", "data_protection", concern.include, concern.include.replace("consent", "permission" * 6))
    element = book.description(book.code("concern", "data_protection"))
    element.text = element.text[:length]
    assert [change.key[-1] for change in book.found.changes] == ["include"]
    assert len(book.found.left) == (
        length
        < len("Concern: data_protection\nInclude: \nExclude: ") + len(concern.include) + 53 + len(concern.exclude)
    )


def test_descriptions_joined_to_one_line_are_still_understood(book):
    for code in book.codes():
        if (description := book.description(code)) is not None:
            description.text = " ".join(description.text.split("\n"))
    assert (book.found.changes, book.found.left) == ((), ())
    book.replace("concern", "surveillance", SURVEILLANCE.include, "cameras that recognise people")
    [change] = book.found.changes
    assert (change.key[-1], change.after) == ("include", "cameras that recognise people")


def test_a_name_cut_by_a_program_is_no_new_name():
    long = "A name so long that programs which cut names at sixty-three characters cut it"
    concerns = (replace(TAXONOMY.concerns[0], name=long), *TAXONOMY.concerns[1:])
    book = Book(replace(TAXONOMY, concerns=concerns))
    book.code("concern", "exclusion").set("name", long[:63])
    assert book.found.changes == ()


def test_a_new_code_comes_as_a_block_that_loads_once_it_is_filled_in(book, tmp_path):
    book.add(book.code("theme", "services"), "Old “quarters” & façades", "Include: old houses\nExclude: museums")
    [new] = book.found.new
    assert (new.name, new.place) == ("Old “quarters” & façades", "Services")
    path = tmp_path / "taxonomy.toml"
    path.write_text(TEXT + "\n" + new.block, "utf-8")
    with pytest.raises(TableError, match="terms"):
        load_taxonomy(path)
    filled = new.block.replace('terms = [""]', 'terms = ["shophouse"]').replace('""', '"A sentence."')
    path.write_text(TEXT + "\n" + filled, "utf-8")
    concern = load_taxonomy(path).concern("old_quarters_facades")
    assert (concern.name, concern.theme, concern.include, concern.exclude) == (
        "Old “quarters” & façades", "services", "old houses", "museums",
    )  # fmt: skip


def test_ids_of_new_codes_are_free_and_usable(book):
    above = book.code("theme", "services")
    for name in ("Surveillance!", "表現", "表現 2", "5G masts"):
        book.add(above, name)
    ids = [re.search(r"\[concerns\.(.*)\]", code.block)[1] for code in book.found.new]
    assert ids == ["surveillance_2", "new", "c_2", "c_5g_masts"]
    assert all(one.isidentifier() for one in ids)


def test_a_new_theme_comes_as_a_line_for_the_table_of_themes(book):
    book.add(book.root[0], "Climate", "Heat and floods", is_codable=False)
    [new] = book.found.new
    assert tomllib.loads("[themes]\n" + new.block) == {"themes": {"climate": "Heat and floods"}}


# All of the packaged table takes a second to be edited.
SMALL = """\
version = 1 # of the codebook
[concerns.surveillance]
name = "Surveillance"
include = \'\'\'many
lines\'\'\'
terms = ["CCTV"] # closed circuit
[[concerns.surveillance.pairs]]
any = ["a"]
with = ["b"]
"""
NEW = st.text(min_size=1, max_size=80).map(plain).filter(bool)


@settings(max_examples=100, deadline=None)
@given(NEW)
@example('"""\\ \'\'\' # [x] = "')
def test_any_new_text_is_taken_as_it_is_and_nothing_else(text):
    assume(text not in (SURVEILLANCE.include, SURVEILLANCE.name) and text.casefold() != "surveillance")
    book = Book()
    book.replace("concern", "surveillance", SURVEILLANCE.include, text)
    book.code("concern", "surveillance").set("name", text)
    changes = book.found.changes
    assert [(change.key[-1], change.after) for change in changes] == [("name", text), ("include", text)]
    wanted = tomllib.loads(SMALL)
    wanted["concerns"]["surveillance"] |= {"name": text, "include": text}
    wanted["version"] += 1
    assert tomllib.loads(edit(SMALL, changes)) == wanted


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_an_edit_leaves_every_other_line_as_it_is(ending):
    source = TEXT.replace('name = "Surveillance"', 'name = "Surveillance"  # as the unit says').replace("\n", ending)
    after = edit(source, [Change(("concerns", "surveillance", "name"), "Surveillance", "Watching")])
    lines, wanted = after.split(ending), source.split(ending)
    different = [(old, new) for old, new in zip(wanted, lines, strict=True) if old != new]
    assert different == [
        ("version = 1", "version = 2"),
        ('name = "Surveillance"  # as the unit says', 'name = "Watching"  # as the unit says'),
    ]
