"""What a web page says of itself: title, publisher, language, address, and its JSON-LD records."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from ascn_nlp.addresses import is_web_address

# Types of schema.org that are the page's main text, not something beside it.
_ARTICLE = re.compile(r"Article$|^BlogPosting$|^Report$|^WebPage$|^LiveBlogPosting$|^CreativeWork$|^GovernmentService$")
_PUBLISHER = re.compile(r"^WebSite$|Organization$|^Corporation$")
_SEPARATOR = re.compile(r"\s+[|–—·•»›:-]{1,2}\s+|\s*\|\s*")
_MOST_OBJECTS = 2000  # of JSON-LD looked at: pages carry whole product lists
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class About:
    """The page's statements about itself; "" where it makes none."""

    title: str
    publisher: str
    language: str
    url: str
    meta: Mapping[str, str]  # the first content of each <meta>, by its name in lower case
    articles: tuple[Mapping[str, Any], ...]  # JSON-LD records of articles, the page's own first
    broken: tuple[str, ...]  # JSON-LD that cannot be parsed


def read_about(tree: Any, address: str) -> About:
    """What the page at ``address`` ("" for a file) says of itself."""
    meta = _meta(tree)
    records, broken = _json_ld(tree)
    url = _own_url(tree, meta, address)
    articles = _own_first([each for each in records if _is_type(each, _ARTICLE)], url, _head_title(tree))
    stated = _stated_publisher(meta, records, articles)
    host = urlsplit(url or address).hostname or ""
    headline = next((text for each in articles if (text := _text(each.get("headline")))), "")
    title, site = _title(tree, meta, headline, stated, host)
    language = _language(tree, meta, articles)
    return About(title, stated or site, language, url, meta, articles, tuple(broken))


def _meta(tree: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        content = (element.get("content") or "").strip()
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _json_ld(tree: Any) -> tuple[list[Mapping[str, Any]], list[str]]:
    records: list[Mapping[str, Any]] = []
    broken: list[str] = []
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "") or not script.text:
            continue
        try:
            records.extend(_objects(json.loads(script.text.strip().strip(";"), strict=False), 0))
        except (ValueError, RecursionError):
            broken.append(script.text)
    return records[:_MOST_OBJECTS], broken


def _objects(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """Every record that stands for itself: at the top, in a list or in a graph; not those inside other records."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for each in value:
            yield from _objects(each, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(value.get(key), depth + 1)


def _is_type(record: Mapping[str, Any], pattern: re.Pattern[str]) -> bool:
    kinds = record.get("@type")
    return any(
        isinstance(kind, str) and pattern.search(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _own_first(records: list[Mapping[str, Any]], url: str, title: str) -> tuple[Mapping[str, Any], ...]:
    """Records of articles, the page's own before those of others it lists: by its address, then by its title."""

    def order(record: Mapping[str, Any]) -> tuple[bool, float]:
        named = {str(record.get(key) or "").partition("#")[0].rstrip("/") for key in ("url", "@id", "mainEntityOfPage")}
        return url.rstrip("/") not in named, -likeness(_text(record.get("headline")), title)

    return tuple(sorted(records, key=order) if len(records) > 1 else records)


def _head_title(tree: Any) -> str:
    return next((" ".join(each.text_content().split()) for each in tree.iter("title")), "")


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _own_url(tree: Any, meta: Mapping[str, str], address: str) -> str:
    canonical = [each.get("href") for each in tree.iter("link") if (each.get("rel") or "").lower() == "canonical"]
    urls = [urljoin(address, url.strip()) for url in (*canonical, meta.get("og:url")) if url]
    urls = [url for url in urls if is_web_address(url)]
    # Some templates name the home page as the canonical address of every page.
    deep = [url for url in urls if len(urlsplit(url).path) > 1]
    return next(iter(deep or urls), "")


def _stated_publisher(
    meta: Mapping[str, str], records: list[Mapping[str, Any]], articles: tuple[Mapping[str, Any], ...]
) -> str:
    names = [_text(meta.get("og:site_name"))]
    for article in articles:
        publisher = article.get("publisher")
        publisher = publisher[0] if isinstance(publisher, list) and publisher else publisher
        names.append(_text(publisher.get("name")) if isinstance(publisher, dict) else _text(publisher))
    names += [_text(record.get("name")) for record in records if _is_type(record, _PUBLISHER)]
    names += [_text(meta.get(name)) for name in ("dc.publisher", "citation_publisher", "application-name")]
    names = [name for name in names if name and not name.startswith("http") and len(name) < 100]
    # Many sites give their domain for a name in one place and their name in another.
    return next((name for name in names if not _is_domain(name)), names[0] if names else "")


def _is_domain(name: str) -> bool:
    return re.fullmatch(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", name) is not None


def _title(tree: Any, meta: Mapping[str, str], headline: str, publisher: str, host: str) -> tuple[str, str]:
    """The article's title as printed where it can be, and the site's name where only the title tells it."""
    title, site = _split_title(_head_title(tree), publisher, host)
    shared, _ = _split_title(_text(meta.get("og:title")), publisher, host)
    best = shared or headline or title
    printed = [" ".join(each.text_content().split()) for each in tree.iter("h1")]
    same = [each for each in printed if best and likeness(each, best) > 0.5]
    return (same[0] if same else best or next(iter(printed), "")), site


def _split_title(title: str, publisher: str, host: str) -> tuple[str, str]:
    """``title`` without the site's name before or after it, and that name; ("...", "") when it holds none."""
    cuts = list(_SEPARATOR.finditer(title))
    for cut in reversed(cuts):
        if _is_site(title[cut.end() :], publisher, host):
            return title[: cut.start()].strip(), title[cut.end() :].strip()
    for cut in cuts[:1]:
        if _is_site(title[: cut.start()], publisher, host):
            return title[cut.end() :].strip(), title[: cut.start()].strip()
    return title, ""


def _is_site(part: str, publisher: str, host: str) -> bool:
    name = _slug(part)
    if len(name) < 2:
        return False
    at = _slug(host.removeprefix("www."))
    return (
        name in at
        or at.startswith(name)
        or (bool(publisher) and _slug(publisher) in (name, at) and name in _slug(publisher))
    )


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(sign for sign in plain.lower() if sign.isalnum())


def likeness(one: str, other: str) -> float:
    """The share of the words of the two that they have in common."""
    first, second = ({_slug(word) for word in text.split()} for text in (one, other))
    return len(first & second) / max(1, len(first | second))


def _language(tree: Any, meta: Mapping[str, str], articles: tuple[Mapping[str, Any], ...]) -> str:
    stated = [tree.get("lang"), tree.get("{http://www.w3.org/XML/1998/namespace}lang"), meta.get("og:locale")]
    stated += [meta.get("content-language"), *(_text(each.get("inLanguage")) for each in articles)]
    return next((str(each).strip() for each in stated if each and str(each).strip()), "")
