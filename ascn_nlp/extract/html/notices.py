"""What is no article: consent notices and ways to others within one, and pages that stand in an article's place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from ascn_nlp.extract.draft import DraftBlock
from ascn_nlp.extract.origin import Origin
from ascn_nlp.records import Issue

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


# Titles of pages that come instead of the one asked for, beside the site's name or alone; and those that have to be the
# whole title: articles are written about log-ins, about what is forbidden and what is not found.
_ERROR = re.compile(
    r"(?:(?:error|http|erreur)?\s*40[34][\s:.,-]*(?:error|forbidden|not found)?|(?:error|http)\s*50[0234].*"
    r"|(?:40[34][\s:.,-]*)?(?:the |this )?page (?:(?:was |is |could |can)?not (?:be )?found|no longer exists"
    r"|does not exist)"
    r"|halaman (?:tidak|tak) (?:ditemukan|dijumpai)|không tìm thấy trang|ไม่พบหน้าที่ต้องการ|attention required!"
    r"|error establishing a database connection|50[0234] (?:internal server error|bad gateway|service.*unavailable))",
    re.IGNORECASE,
)
_GATE = re.compile(
    r"(?:(?:please )?(?:sign|log)[\s-]?in(?: required| to (?:continue|your account))?|masuk|log masuk|đăng nhập"
    r"|เข้าสู่ระบบ|just a moment|access (?:is )?denied|checking your browser(?: before accessing.*)?"
    r"|(?:please )?enable javascript|(?:verify (?:that )?you are|are you) (?:a )?(?:human|robot)\??|not found|forbidden"
    r"|oops!?|database error"
    r"|internal server error|bad gateway|service (?:temporarily )?unavailable|account suspended"
    r"|(?:site )?(?:under|down for) (?:scheduled )?maintenance)",
    re.IGNORECASE,
)
_TITLE_PARTS = re.compile(r"\s+[|·•»–—-]\s+")
_LOGIN_PATH = re.compile(r"/(?:log-?in|sign-?in|sso|wp-login|signon)(?:\.\w{3,5})?(?:/|$)", re.IGNORECASE)
_REFRESH = re.compile(r"\s*(\d+)[\d.]*\s*[;,]\s*url\s*=\s*[\"']?([^\"'\s]+)", re.IGNORECASE)
# Longer texts are read whatever they are called. A page that leads on does so within seconds; news pages that show
# themselves anew wait for minutes.
_STAND_IN_WORDS, _REFRESH_SECONDS = 80, 10


def stand_in(tree: Any, blocks: Sequence[DraftBlock], title: str, origin: Origin) -> Issue | None:
    """What is to be said of a page that is there instead of the document: a log-in, an error, a way to another page.

    None for a page with more than a few words, and for one that nothing but its shortness speaks against.
    """
    if sum(len(block.text.split()) for block in blocks if block.kind != "heading") >= _STAND_IN_WORDS:
        return None
    heads = [" ".join(each.text_content().split()) for each in tree.iter("title")]
    own = [" ".join(each.text_content().split()) for each in tree.iter("h1")]
    # Of several, one may be that of a box to log in with, beside an article.
    whole = [title, *heads, *(own if len(own) == 1 else [])]
    named = next((each for each in whole if _GATE.fullmatch(each.strip(" .…"))), "") or next(
        (each for each in whole if any(_ERROR.fullmatch(part.strip(" .…")) for part in _TITLE_PARTS.split(each))), ""
    )
    remedy = "open it in a browser: save the document by hand, or mend or remove the address"
    if named:
        return Issue("extract", f"looks like a notice, not the document: {named!r}", remedy)
    if _LOGIN_PATH.search(_path(origin.final_url)) and not _LOGIN_PATH.search(_path(origin.address)):
        return Issue("extract", f"looks like a notice, not the document: it led to {origin.final_url}", remedy)
    if onward := _leads_on(tree):
        return Issue("extract", f"looks like a notice, not the document: it leads on to {onward}", remedy)
    return None


def _leads_on(tree: Any) -> str:
    """Where the page sends its reader at once; "" where it does not."""
    for meta in tree.iter("meta"):
        found = _REFRESH.match(meta.get("content") or "")
        if found and (meta.get("http-equiv") or "").lower() == "refresh" and int(found[1]) <= _REFRESH_SECONDS:
            return str(found[2])
    return ""


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
