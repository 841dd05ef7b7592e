"""How far coders agree: against published tables, other people's programs, and what must not matter."""

import random
from itertools import combinations

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from sklearn.metrics import cohen_kappa_score

from ascn_nlp.review.agreement import RELIABLE, TENTATIVE, agreement, disagreements
from ascn_nlp.review.kappa import drawn, interval, kappas

VALUES = ("raised", "addressed", "described")
# A dot is a unit that the coder did not code. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (University of
# Pennsylvania, 2011): its sections A (two observers, binary), B (two observers, nominal), C (any number, data missing).
KRIPPENDORFF_2011 = {
    "A": (("0100000010", "1110010000"), 0.095),
    "B": (("aabbdcccedda", "babbbccceddd"), 0.692),
    "C": (("123321412...", "1233224125.3", ".3332342251.", "12332441251."), 0.743),
}
# Cohen, "Weighted Kappa" (Psychological Bulletin 70:4, 1968), table 1: 200 cases, kappa without weights .492.
COHEN_1968 = ((88, 14, 18), (10, 40, 10), (2, 6, 12))
# Fleiss, "Measuring Nominal Scale Agreement among Many Raters" (Psychological Bulletin 76:5, 1971), table 1: how many
# of six raters gave each of five diagnoses to each of 30 patients; observed agreement .556.
FLEISS_1971 = (
    *("00060", "03003", "01401", "00006", "03030", "20400", "00402", "20310", "20040", "00006"),
    *("10050", "11040", "03300", "10050", "02031", "00501", "30012", "51000", "02040", "10203"),
    *("00006", "01050", "02013", "20040", "10041", "05010", "40002", "02040", "10500", "00006"),
)


def coded(*lines):
    """Codings by coders "A", "B", ... of units 0, 1, ..., a line each."""
    return {
        chr(ord("A") + k): {u: v for u, v in enumerate(line) if v not in (".", None)} for k, line in enumerate(lines)
    }


def own_groups(codings):
    return {unit: str(unit) for coding in codings.values() for unit in coding}


def agreed(codings, groups=None, **options):
    return agreement(codings, own_groups(codings) if groups is None else groups, **options)


def points(found):
    pairs = {frozenset((p.coder, p.other)): (p.units, p.percent, p.kappa) for p in found.pairs}
    return found.units, found.percent, found.alpha, pairs


def task(codings):
    """The same codings for nltk, without the units that fewer than two coded."""
    rows = [(coder, unit, value) for coder, coding in codings.items() for unit, value in coding.items()]
    often = [unit for _, unit, _ in rows]
    return AnnotationTask([row for row in rows if often.count(row[1]) > 1])


def of_two(codings, coder, other):
    common = codings[coder].keys() & codings[other].keys()
    return {name: {unit: codings[name][unit] for unit in sorted(common)} for name in (coder, other)}


def made(documents, passages=5, right=0.85, coders=3, seed=0, coverage=1.0):
    """Codings of passages by coders that are right as often as told, and the document of each passage."""
    chance = random.Random(seed)
    truth = {unit: chance.choice(VALUES) for unit in range(documents * passages)}
    codings = {
        f"coder {k}": {
            unit: value if chance.random() < right else chance.choice(VALUES)
            for unit, value in truth.items()
            if chance.random() < coverage
        }
        for k in range(coders)
    }
    return codings, {unit: f"d{unit // passages}" for unit in truth}


def width(bounds):
    return bounds[1] - bounds[0]


@st.composite
def some_codings(draw):
    """Two to four coders, up to twelve units, up to three values, any of it missing."""
    cell = st.sampled_from((*VALUES[: draw(st.integers(1, 3))], None))
    units = draw(st.integers(1, 12))
    return coded(*(draw(st.lists(cell, min_size=units, max_size=units)) for _ in range(draw(st.integers(2, 4)))))


@pytest.mark.parametrize(("lines", "published"), KRIPPENDORFF_2011.values(), ids=KRIPPENDORFF_2011)
def test_alpha_is_that_of_krippendorffs_worked_examples_and_of_nltk(lines, published):
    codings = coded(*lines)
    alpha = agreed(codings, resamples=0).alpha
    assert alpha == pytest.approx(published, abs=0.0005)
    assert alpha == pytest.approx(task(codings).alpha(), abs=1e-12)


def test_in_the_example_with_missing_data_the_unit_that_one_coder_coded_is_left_out():
    found = agreed(coded(*KRIPPENDORFF_2011["C"][0]), resamples=0)
    assert (found.units, found.coders) == (11, ("A", "B", "C", "D"))
    assert [(pair.coder + pair.other, pair.units) for pair in found.pairs] == [
        *(("AB", 9), ("AC", 8), ("AD", 9)),
        *(("BC", 9), ("BD", 10), ("CD", 10)),
    ]


def test_kappa_is_that_of_cohens_table_and_of_nltk_and_scikit_learn():
    cells = [
        (a, b)
        for a, row in zip("pns", COHEN_1968, strict=True)
        for b, n in zip("pns", row, strict=True)
        for _ in range(n)
    ]
    codings = coded(*zip(*cells, strict=True))
    (pair,) = agreed(codings, resamples=0).pairs
    assert (pair.units, pair.percent) == (200, pytest.approx(0.70))
    assert pair.kappa == pytest.approx(0.492, abs=0.0005)
    assert pair.kappa == pytest.approx(task(codings).kappa(), abs=1e-12)
    assert pair.kappa == pytest.approx(cohen_kappa_score(*zip(*cells, strict=True)), abs=1e-12)


def test_percent_is_the_observed_agreement_of_fleiss():
    patients = ["".join(d * int(n) for d, n in zip("dpsno", row, strict=True)) for row in FLEISS_1971]
    found = agreed(coded(*zip(*patients, strict=True)), resamples=0)
    assert (found.units, len(found.coders), len(found.pairs)) == (30, 6, 15)
    assert found.percent == pytest.approx(0.556, abs=0.0005)


def test_a_unit_of_two_coders_counts_as_much_in_percent_as_one_of_four():
    found = agreed(coded("xx", "xx", "x.", "y."), resamples=0)
    assert found.percent == pytest.approx((3 / 6 + 1) / 2)


def test_the_limits_are_those_that_krippendorff_names():
    assert (RELIABLE, TENTATIVE) == (0.8, 0.667)


@settings(max_examples=100, deadline=None)
@given(codings=some_codings())
def test_alpha_of_any_codings_is_that_of_nltk_and_of_the_librarys_other_way_in(codings):
    found = agreed(codings, resamples=0)
    counted = task(codings)
    if len(counted.K) < 2:
        assert found.alpha is None
        return
    assert found.alpha == pytest.approx(counted.alpha(), abs=1e-12)
    units = sorted({unit for coding in codings.values() for unit in coding})
    data = [[VALUES.index(coding[u]) if u in coding else np.nan for u in units] for coding in codings.values()]
    expected = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    assert found.alpha == pytest.approx(expected, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(codings=some_codings())
def test_kappa_of_any_two_coders_is_that_of_scikit_learn_and_nltk_on_their_common_units(codings):
    found = agreed(codings, resamples=0)
    assert [(pair.coder, pair.other) for pair in found.pairs] == list(combinations(codings, 2))
    for pair in found.pairs:
        both = of_two(codings, pair.coder, pair.other)
        first, second = (list(coding.values()) for coding in both.values())
        assert pair.units == len(first)
        if not first:
            assert (pair.percent, pair.kappa) == (None, None)
            continue
        assert pair.percent == pytest.approx(np.mean([a == b for a, b in zip(first, second, strict=True)]))
        if len({*first, *second}) == 1:
            assert pair.kappa is None
            continue
        assert pair.kappa == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)
        assert pair.kappa == pytest.approx(task(both).kappa(), abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(codings=some_codings())
def test_percent_is_the_mean_over_units_of_the_share_of_agreeing_pairs(codings):
    shares = []
    for unit in own_groups(codings):
        given_values = [coding[unit] for coding in codings.values() if unit in coding]
        pairs = list(combinations(given_values, 2))
        shares += [sum(a == b for a, b in pairs) / len(pairs)] if pairs else []
    found = agreed(codings, resamples=0)
    assert found.units == len(shares)
    assert found.percent == (pytest.approx(sum(shares) / len(shares)) if shares else None)


@settings(max_examples=60, deadline=None)
@given(codings=some_codings(), randoms=st.randoms(use_true_random=False))
def test_names_of_coders_and_values_and_the_order_of_anything_do_not_matter(codings, randoms):
    groups = {unit: f"d{unit % 3}" for unit in own_groups(codings)}
    before = agreement(codings, groups, resamples=50)
    values = dict(zip(VALUES, randoms.sample(VALUES, 3), strict=True))
    items = [(f"renamed {coder}", list(coding.items())) for coder, coding in codings.items()]
    randoms.shuffle(items)
    renamed = {coder: {u: values[v] for u, v in randoms.sample(pairs, len(pairs))} for coder, pairs in items}
    after = agreement(renamed, groups, resamples=50)
    assert after.percent == (before.percent if before.percent is None else pytest.approx(before.percent))
    assert after.alpha == (before.alpha if before.alpha is None else pytest.approx(before.alpha, abs=1e-12))
    same_bounds(after.percent_interval, before.percent_interval)
    same_bounds(after.alpha_interval, before.alpha_interval)
    old = {frozenset((f"renamed {p.coder}", f"renamed {p.other}")): p for p in before.pairs}
    for pair in after.pairs:
        was = old[frozenset((pair.coder, pair.other))]
        assert (pair.units, pair.percent) == (was.units, was.percent)
        assert pair.kappa == (was.kappa if was.kappa is None else pytest.approx(was.kappa, abs=1e-12))
        same_bounds(pair.kappa_interval, was.kappa_interval)


def same_bounds(found, expected):
    assert found == (None if expected is None else pytest.approx(expected, abs=1e-12))


@settings(max_examples=60, deadline=None)
@given(coding=st.dictionaries(st.integers(0, 30), st.sampled_from(VALUES), min_size=2))
def test_coders_that_say_the_same_agree_fully(coding):
    assume(len(set(coding.values())) > 1)
    found = agreed({"A": coding, "B": dict(coding), "C": dict(coding)}, resamples=100)
    assert (found.percent, found.percent_interval, found.alpha) == (1, (1, 1), 1)
    assert found.alpha_interval in ((1, 1), None)
    assert [(pair.percent, pair.kappa) for pair in found.pairs] == [(1, 1)] * 3


@pytest.mark.parametrize(
    ("codings", "percent"),
    [
        ({}, None),
        ({"A": {}, "B": {}}, None),
        ({"A": {1: "x"}}, None),
        ({"A": {1: "x"}, "B": {2: "y"}}, None),
        ({"A": {1: "x", 2: "x"}, "B": {1: "x", 2: "x"}}, 1.0),
        ({"A": {1: "x", 2: "x", 3: "y"}, "B": {1: "x", 2: "x"}}, 1.0),  # what varies is coded once
    ],
)
def test_what_cannot_be_told_is_none(codings, percent):
    found = agreed(codings)
    assert (found.percent, found.alpha, found.alpha_interval) == (percent, None, None)
    assert found.coders == tuple(codings)
    assert all((pair.kappa, pair.kappa_interval) == (None, None) for pair in found.pairs)


def test_a_unit_coded_twice_needs_a_group_and_one_coded_once_does_not():
    codings = coded("xy", "x.")
    assert agreement(codings, {0: "d"}).units == 1
    with pytest.raises(KeyError):
        agreement(codings, {1: "d"})


def test_units_on_which_two_coders_differ_are_listed_in_the_order_first_met():
    codings = {"A": {"q": "x", "p": "y", "o": "x"}, "B": {"n": "x", "o": "x", "p": "x"}, "C": {"n": "y", "q": "z"}}
    assert disagreements(codings) == ("q", "p", "n")
    assert disagreements({}) == disagreements({"A": {"q": "x"}}) == ()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 999), coverage=st.sampled_from((0.5, 1.0)), right=st.sampled_from((0.2, 0.8, 1.0)))
@example(seed=3, coverage=0.4, right=0.9)
@example(seed=211, coverage=0.5, right=0.8)
def test_intervals_are_percentiles_of_figures_of_codings_in_which_documents_are_repeated(seed, coverage, right):
    codings, groups = made(4, passages=3, right=right, seed=seed, coverage=coverage)
    found = agreement(codings, groups, seed=7, resamples=30)
    twice = [unit for unit in groups if sum(unit in coding for coding in codings.values()) > 1]
    names = sorted({groups[unit] for unit in twice})
    again = [repeated(codings, groups, dict(zip(names, times, strict=True))) for times in drawn(len(names), 30, 7)]
    is_one = len(names) < 2
    same_bounds(found.percent_interval, None if is_one else middle([one.percent for one in again]))
    same_bounds(found.alpha_interval, None if is_one else middle([one.alpha for one in again]))
    for k, pair in enumerate(found.pairs):
        common = of_two(codings, pair.coder, pair.other)[pair.coder]
        is_spread = len({groups[unit] for unit in common}) > 1
        same_bounds(pair.kappa_interval, middle([one.pairs[k].kappa for one in again]) if is_spread else None)


def repeated(codings, groups, times):
    """The figures of codings in which each unit stands as often as its document was drawn."""
    copies = {u: [(u, n) for n in range(int(times.get(name, 0)))] for u, name in groups.items()}
    drawn_codings = {
        coder: {copy: value for unit, value in coding.items() for copy in copies[unit]}
        for coder, coding in codings.items()
    }
    return agreed(drawn_codings, resamples=0)


def middle(figures):
    known = [figure for figure in figures if figure is not None]
    if not known or len(known) < len(figures) / 2:
        return None
    return tuple(np.quantile(known, (0.025, 0.975)))


def test_intervals_contain_the_figures_in_ordinary_cases_and_shrink_with_more_documents():
    few, many = (agreement(*made(documents, coverage=0.9)) for documents in (40, 640))
    for found in (few, many):
        assert found.percent_interval[0] < found.percent < found.percent_interval[1]
        assert found.alpha_interval[0] < found.alpha < found.alpha_interval[1]
        assert all(pair.kappa_interval[0] < pair.kappa < pair.kappa_interval[1] for pair in found.pairs)
    # sixteen times the documents: a quarter of the width, more or less
    assert width(many.percent_interval) < width(few.percent_interval) / 2.5
    assert width(many.alpha_interval) < width(few.alpha_interval) / 2.5
    for wide, narrow in zip(few.pairs, many.pairs, strict=True):
        assert width(narrow.kappa_interval) < width(wide.kappa_interval) / 2.5


def test_intervals_contain_what_is_true_of_all_documents_about_as_often_as_they_say():
    whole, _ = made(4000, passages=3, seed=1)
    true = agreed(whole, resamples=0)
    hits = np.zeros(3)
    for seed in range(100):
        found = agreement(*made(60, passages=3, seed=seed + 2), seed=seed, resamples=200)
        bounds = (found.percent_interval, found.alpha_interval, found.pairs[0].kappa_interval)
        for k, (low, high) in enumerate(bounds):
            hits[k] += low <= (true.percent, true.alpha, true.pairs[0].kappa)[k] <= high
    assert hits.min() >= 87
    assert hits.mean() <= 99


def test_where_passages_of_a_document_are_copies_intervals_by_document_are_wider():
    passages = 10
    codings, _ = made(60, passages=1, coders=2)
    copies = {
        coder: {(u, n): v for u, v in coding.items() for n in range(passages)} for coder, coding in codings.items()
    }
    by_unit = agreed(copies)
    by_document = agreement(copies, {unit: str(unit[0]) for unit in own_groups(copies)})
    assert points(by_unit) == points(by_document)
    # the root of ten, more or less
    for of_unit, of_document in zip(bounds_of(by_unit), bounds_of(by_document), strict=True):
        assert 2.5 < width(of_document) / width(of_unit) < 4


def bounds_of(found):
    return found.percent_interval, found.alpha_interval, found.pairs[0].kappa_interval


def test_the_same_seed_gives_the_same_intervals_and_another_gives_others():
    codings, groups = made(20)
    assert agreement(codings, groups, seed=1) == agreement(codings, groups, seed=1)
    one, other = (agreement(codings, groups, seed=seed) for seed in (1, 2))
    assert points(one) == points(other)
    assert one.percent_interval != other.percent_interval


def test_one_document_gives_figures_without_intervals():
    codings, groups = made(1)
    found = agreement(codings, groups)
    assert found.alpha is not None
    assert bounds_of(found) == (None, None, None)


def test_two_coders_whose_common_units_lie_in_one_document_have_no_interval_though_the_others_have():
    codings, groups = made(20, coders=3)
    last = {unit: value for unit, value in codings["coder 2"].items() if groups[unit] == "d0"}
    found = agreement({**codings, "coder 2": last}, groups)
    assert [pair.kappa_interval is None for pair in found.pairs] == [False, True, True]
    assert all(pair.kappa is not None for pair in found.pairs)


def test_no_interval_is_given_where_fewer_than_half_of_the_draws_tell_anything():
    whole, groups = made(10, passages=1)
    # the third shares with the first one unit of each of two values: both are drawn in about two draws of five
    unit_of = {value: unit for unit, value in whole["coder 0"].items()}
    last = {unit_of[value]: value for value in VALUES[:2]}
    found = agreement({**whole, "coder 2": last}, groups)
    assert found.pairs[1].kappa == 1
    assert found.pairs[1].kappa_interval is None
    assert found.alpha_interval is not None


@pytest.mark.parametrize(
    ("figures", "expected"),
    [([], None), ([np.nan], None), ([0.5], (0.5, 0.5)), ([0.5, np.nan], (0.5, 0.5)), ([0.5, np.nan, np.nan], None)],
)
def test_half_of_the_draws_must_give_a_figure(figures, expected):
    assert interval(np.array(figures, float)) == expected


@settings(max_examples=60, deadline=None)
@given(cells=st.lists(st.lists(st.integers(0, 9), min_size=9, max_size=9), min_size=1, max_size=5))
def test_kappas_of_many_tables_are_each_that_of_scikit_learn(cells):
    tables = np.array(cells, float).reshape(-1, 3, 3)
    found = kappas(tables)
    assert found.shape == (len(tables),)
    for kappa, table in zip(found, tables, strict=True):
        rows, columns = np.indices((3, 3)).reshape(2, -1)
        if np.count_nonzero(table.sum(0) + table.sum(1)) < 2:
            assert np.isnan(kappa)
        else:
            assert kappa == pytest.approx(cohen_kappa_score(rows, columns, sample_weight=table.ravel()), abs=1e-12)


def test_every_draw_takes_as_many_groups_as_there_are_and_each_equally_often_on_the_whole():
    draws = drawn(20, 2000, 0)
    assert draws.shape == (2000, 20)
    assert (draws.sum(1) == 20).all()
    assert np.abs(draws.mean(0) - 1).max() < 0.1
    assert draws.var() == pytest.approx(1 - 1 / 20, rel=0.05)  # of a binomial with 20 tries
