"""Writes the letters of this folder: python make_samples.py. It is their editable original."""

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

_PLAIN = """\
Dear neighbours,

the ward office has put the plan for the flood sirens on its wall. You have until Friday to say what you think of it.

- Sirens on nine roofs
- A test on the first Sunday of each month
"""
_HTML = """\
<html><body>
<h2>Sirens in our ward</h2>
<p>Dear neighbours, the ward office has put the plan for the flood sirens on its wall. You have until Friday to say
what you think of it.</p>
<ul><li>Sirens on nine roofs</li><li>A test on the first Sunday of each month</li></ul>
<p>Nobody has told us who answers when a siren sounds for nothing, as it did twice in the spring of last year.</p>
<img src="cid:map@ward.example">
</body></html>
"""


def build_newsletter() -> bytes:
    """A letter with HTML and plain text, a picture in it, a minute's PDF beside it, and another letter attached."""
    letter = _headed(
        "เสียงเตือนน้ำท่วม: sirens in our ward", "Ward watch <post@ward.example>", "Tue, 07 Mar 2023 18:20:00 +0700"
    )
    letter.set_content(_PLAIN)
    letter.add_alternative(_HTML, subtype="html")
    letter.get_payload()[1].add_related(b"\x89PNG not a picture", "image", "png", cid="<map@ward.example>")
    letter.add_attachment(b"%PDF-1.4 not a PDF", "application", "pdf", filename="Minutes of 3 March.pdf")
    inner = _headed("Which roofs?", "Ana <ana@ward.example>", "Mon, 06 Mar 2023 09:00:00 +0700")
    inner.set_content("Which nine roofs are meant, please?\n")
    letter.add_attachment(inner)
    return _with_boundaries(letter)


def build_note() -> bytes:
    """A plain letter in an old Thai character set, without a name for its sender."""
    letter = _headed("Notes from the pier", "pier@river.example", "Sat, 12 Nov 2022 07:05:00 +0700")
    letter.set_content(
        "ท่าเรือปิดสามวัน\n\nThe pier was shut for three days. Nobody who sells there was told beforehand.\n",
        charset="tis-620",
        cte="quoted-printable",
    )
    return _with_boundaries(letter)


def _headed(subject: str, sender: str, date: str) -> EmailMessage:
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["To"], letter["Subject"], letter["Date"] = sender, "list@ward.example", subject, date
    return letter


def _with_boundaries(letter: EmailMessage) -> bytes:
    """The bytes of the letter, with boundaries that are the same each time."""
    parts = [part for part in letter.walk() if part.get_content_maintype() == "multipart"]
    for number, part in enumerate(parts):
        part.set_boundary(f"=-part-{number}")
    return letter.as_bytes()


if __name__ == "__main__":
    for name, build in (("newsletter.eml", build_newsletter), ("note.eml", build_note)):
        (Path(__file__).parent / name).write_bytes(build())
