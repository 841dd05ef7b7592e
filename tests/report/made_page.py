"""A made-up report to look at: whoever lists 12 concerns in 15 cities over 7 years, and passages that say so."""

import math
import random

from ascn_nlp.report.page_data import (
    Cell,
    PageData,
    Sampled,
    ShownConcern,
    ShownDocument,
    ShownFigure,
    ShownPassage,
    ShownPlace,
    ShownSpan,
    ShownTag,
)

CONCERNS = (
    ("exclusion", "Exclusion and inequality", "inclusion", "groups that are left out"),
    ("digital_divide", "Digital divide", "inclusion", "unequal access to networks and devices"),
    ("displacement", "Displacement and land", "inclusion", "eviction, demolition, resettlement"),
    ("surveillance", "Surveillance", "security", "watching or tracking people"),
    ("data_protection", "Data protection and privacy", "security", "how data on people is kept and used"),
    ("cybersecurity", "Cybersecurity", "security", "break-ins and fraud by network"),
    ("participation", "Participation", "governance", "people's say in decisions"),
    ("civil_liberties", "Civil liberties and political rights", "governance", "speech, assembly, association"),
    ("accountability", "Accountability and transparency", "governance", "oversight, procurement, corruption"),
    ("public_services", "Basic public services", "services", "water, transport, waste, clinics"),
    ("external_funding", "External funding", "external", "money from abroad and its conditions"),
    ("technology_dependence", "Technology dependence and influence", "external", "reliance on one vendor"),
)
CITIES = (
    ("Bandar Seri Begawan", "BN", "Brunei", 0.1),
    ("Phnom Penh", "KH", "Cambodia", 0.9),
    ("Siem Reap", "KH", "Cambodia", 0.3),
    ("Jakarta", "ID", "Indonesia", 1.5),
    ("Makassar", "ID", "Indonesia", 0.6),
    ("Luang Prabang", "LA", "Laos", 0.2),
    ("Johor Bahru", "MY", "Malaysia", 0.8),
    ("Kuching", "MY", "Malaysia", 0.4),
    ("Mandalay", "MM", "Myanmar", 0.35),
    ("Cebu City", "PH", "Philippines", 0.7),
    ("Manila", "PH", "Philippines", 1.2),
    ("Singapore", "SG", "Singapore", 1.8),
    ("Bangkok", "TH", "Thailand", 1.1),
    ("Da Nang", "VN", "Vietnam", 0.8),
    ("Sihanoukville", "KH", "Cambodia", 0.0),
)
YEARS = tuple(range(2018, 2025))
GENRES = (
    ("news", "independent", "The Riverside Courier"),
    ("ngo_or_think_tank", "independent", "Open Streets Forum"),
    ("academic", "independent", "Journal of Made-Up Cities"),
    ("official_report", "official", "Office for Smart City Affairs"),
    ("press_release", "official", "City Hall Press Office"),
)
SAYINGS = {
    "raised": "Residents of {city} told the hearing that {what} had been left to chance, and that nobody had answered.",
    "addressed": "{city} adopted a by-law on {what} and set aside money for three years to enforce it.",
    "described": "The plan for {city} has a chapter on {what}, with a map and a list of the agencies in charge.",
}
MORE = (
    " The committee met in March; its minutes were put on the notice board of the district.",
    " A second phase is to cover the western wards, where the pilot had found the fewest takers.",
    " Two of the five contracts were let without a tender, according to the annex.",
    " Interviews were held in the market on four mornings; most people asked not to be named.",
    " The figures for the last quarter are not out yet, and earlier ones were counted in another way.",
)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 220"><style>*{{font:12px sans-serif}}</style>'
    '<rect width="420" height="220" fill="#fff"/>{bars}</svg>'
)


def made_report(size=600, cities=CITIES, seed=7, sentences=1, **changes):
    """Cells, documents and passages that fit each other; the last city is one of which nothing speaks."""
    rng = random.Random(seed)
    documents = tuple(_document(rng, number) for number in range(max(3, size // 4)))
    weights = [weight for *_, weight in cities]
    shown = tuple(
        _passage(rng, number, documents, rng.choices(cities, weights)[0], sentences) for number in range(size)
    )
    places = tuple(ShownPlace(name, name, country, label) for name, country, label, _ in cities)
    concerns = tuple(ShownConcern(*concern, "a word of it in a name") for concern in CONCERNS)
    values = {
        "title": "What is raised and what is addressed in 15 smart cities",
        "made": "2026-03-14",
        "maker": "ascn-nlp 0.1.0",
        "window": "2018 to 2024",
        "filters": ("score of at least 0.50", "languages: en"),
        "notes": (
            "Counts are of what was published and found, not of what happens in a city.",
            "Corrected counts rest on an audit of 240 passages by two people (Krippendorff's alpha 0.74).",
            "Sources in Khmer, Lao and Burmese are fewer than elsewhere; silence there says less.",
        ),
        "concerns": concerns,
        "places": places,
        "years": YEARS,
        "cells": tuple(_cells(shown, documents, concerns, places)),
        "figures": (_figure("raised", "Raised and addressed by concern"), _figure("years", "Stories by year")),
        "documents": documents,
        "passages": shown,
        "sampled": None,
    }
    return PageData(**values | changes)


def sampled(shown, of):
    return Sampled(shown, of)


def _document(rng, number):
    genre, voice, publisher = rng.choices(GENRES, (5, 2, 1, 3, 2))[0]
    year = rng.choice(YEARS)
    title = rng.choice(("Hearing on the sensor plan", "Annual review of city projects", "Street by street", "Who pays"))
    published = rng.choice((f"{year}", f"{year}-0{rng.randint(1, 9)}", f"{year}-0{rng.randint(1, 9)}-1{number % 9}"))
    url = f"https://example.org/documents/{number}.pdf"
    basis = rng.choice(("metadata", "text", "url"))
    return ShownDocument(
        f"d{number}", f"{title}, part {number}", publisher, genre, voice, published, basis, url, f"source_{number % 9}"
    )


def _passage(rng, number, documents, city, sentences):
    document = rng.choice(documents)
    raised = {"official": 0.15, "independent": 0.6}[document.voice]
    picked = rng.choices(CONCERNS, (3, 4, 3, 5, 3, 2, 4, 2, 1, 6, 2, 1), k=rng.choice((0, 1, 1, 1, 2)))
    tags, text, evidence = [], "", []
    for concern, name, *_ in dict.fromkeys(picked):
        stance = rng.choices(tuple(SAYINGS), (raised, 0.7 - raised, 0.3))[0]
        score = round(rng.uniform(0.5, 0.99), 2)
        tags.append(
            ShownTag(concern, stance, score, score < 0.6, rng.choices(("none", "accepted", "added"), (8, 3, 1))[0])
        )
        saying = (" " if text else "") + SAYINGS[stance].format(city=city[0], what=name.lower())
        start = len(text) + saying.index(name.lower())
        evidence.append(ShownSpan(start, start + len(name), f"term: {name.lower()}"))
        text += saying
    text = (text + "".join(rng.choices(MORE, k=sentences if text else sentences + 1))).removeprefix(" ")
    return ShownPassage(
        f"p{number:05}",
        document.id,
        str(rng.randint(1, 80)),
        text,
        tuple(evidence),
        rng.choice(("", "Findings > Streets", "Annex B")),
        (city[0],),
        int(document.published[:4]),
        tuple(tags),
        "en",
    )


def _cells(passages, documents, concerns, places):
    of = {one.id: one for one in documents}
    for place in places:
        for year in (None, *YEARS):
            spoken = [p for p in passages if place.id in p.places and year in (None, p.year)]
            for concern in concerns:
                yield _cell(concern.id, place.id, year, spoken, of)


def _cell(concern, place, year, spoken, of):
    said = {s: [p for p in spoken if any(t[:2] == (concern, s) for t in p.tags)] for s in SAYINGS}
    stories = {stance: {p.document for p in some} for stance, some in said.items()}
    count, raised, addressed = len({p.document for p in spoken}), len(stories["raised"]), len(stories["addressed"])
    values = {"passages": len(spoken), "documents": count, "stories": count, "state": _state(stories, count)}
    for stance, some in said.items():
        values |= {f"{stance}_passages": len(some), f"{stance}_documents": len(stories[stance])}
        values |= {f"{stance}_stories": len(stories[stance])}
        if stance != "described":
            ends = (f"share_{stance}", f"share_{stance}_low", f"share_{stance}_high")
            values |= dict(zip(ends, _wilson(len(stories[stance]), count), strict=True))
            for voice in ("official", "independent"):
                values[f"{stance}_{voice}"] = sum(of[one].voice == voice for one in stories[stance])
    if raised + addressed:
        gap = (raised - addressed) / (raised + addressed)
        margin = 1 / math.sqrt(raised + addressed)
        values |= {"gap": gap, "gap_low": max(-1, gap - margin), "gap_high": min(1, gap + margin)}
    if year is None:
        values |= {"raised_corrected": len(said["raised"]) * 0.9, "stays_in": 4, "of_variants": 5}
        values |= {
            "raised_corrected_low": len(said["raised"]) * 0.7,
            "raised_corrected_high": len(said["raised"]) * 1.2,
        }
    return Cell(concern, place, year, **values)


def _state(stories, count):
    if not count:
        return "no data"
    if not any(stories.values()):
        return "silent" if count >= 14 else "too little"
    if stories["raised"]:
        return "answered" if stories["addressed"] else "unanswered"
    return "addressed" if stories["addressed"] else "described"


def _wilson(hits, of):
    if not of:
        return None, None, None
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    margin = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return share, max(0.0, middle - margin), min(1.0, middle + margin)


def _figure(name, title):
    heights = (120, 90, 60, 150, 40)
    bars = "".join(
        f'<rect x="{20 + 80 * i}" y="{200 - h}" width="50" height="{h}" fill="#0b61a4"/>' for i, h in enumerate(heights)
    )
    rows = tuple((concern[1], height, height / 200) for concern, height in zip(CONCERNS, heights, strict=False))
    caption = "Stories, 2018 to 2024, all cities; made-up numbers."
    return ShownFigure(name, title, caption, SVG.format(bars=bars), ("concern", "stories", "share"), rows)
