"""What stands within an article without being of it: consent notices, ways to other articles, its title once more."""

from __future__ import annotations

import re

from ascn_nlp.extract.draft import DraftBlock

# Consent notices that are written as paragraphs of the article itself.
_NOTICE = re.compile(
    r"\b(?:uses?|accept|store|setting) (?:\w+ ){0,3}cookies\b|\bcookies? (?:policy|notice|consent|settings)\b"
    r"|\bwe value your privacy\b|\bsubscribe to our newsletter\b|\bsign up for our newsletter\b",
    re.IGNORECASE,
)
_NOTICE_WORDS = 60  # an article on cookies has longer paragraphs
# Headings of lists of other articles.
_OTHERS = re.compile(
    r"(?:most\s+(?:read|popular)(?=\s*(?:$|in\b|news|stories|articles|now))|related\s+(?:articles|stories|posts|news)"
    r"|you\s+may\s+also\s+like|berita\s+terkait|artikel\s+terkait|tin\s+liên\s+quan)\b",
    re.IGNORECASE,
)
# Lines that lead to another article, or stand above such lines.
_SIGNPOST = re.compile(
    r"(?:related|most\s+read|(?:read|see|watch)\s+(?:more|also|next)|also\s+read|more\s+on\s+this|don['’]t\s+miss"
    r"|baca\s+juga|lihat\s+juga|simak\s+juga|berita\s+terkait|xem\s+thêm|đọc\s+thêm|tin\s+liên\s+quan|อ่านเพิ่มเติม|อ่านต่อ"
    r"|basahin\s+din|lesen\s+sie\s+auch|lire\s+aussi)\s*(?::|$)",
    re.IGNORECASE,
)
_SIGNPOST_WORDS = 25


def is_own(block: DraftBlock, title: str) -> bool:
    """Whether a block is the article's own: no notice, no way to another article, not its title over again."""
    words = len(block.text.split())
    if words < _NOTICE_WORDS and _NOTICE.search(block.text):
        return False
    if words < _SIGNPOST_WORDS and block.kind != "table_row" and _SIGNPOST.match(block.text):
        return False
    if block.kind == "heading" and (" ".join(block.text.split()) == title or _OTHERS.match(block.text)):
        return False
    return any(map(str.isalnum, block.text))
