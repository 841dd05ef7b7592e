"""Days that machines state, and the day it was on the publisher's own clock."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ascn_nlp.extract.stated_days import as_day, local_day


@pytest.mark.parametrize(
    ("statement", "day"),
    [
        ("2023-06-21T10:05Z", "2023-06-21"),
        ("20230621", "2023-06-21"),
        ("Wed, 21 Jun 2023 10:05:00 GMT", "2023-06-21"),
        ("2023-02-31", ""),
        ("21 June 2023 and 22 June 2023", ""),
        ("soon", ""),
        ("", ""),
    ],
)
def test_a_statement_gives_its_only_day(statement, day):
    assert as_day(statement) == day


@pytest.mark.parametrize(
    ("seen", "texts", "day"),
    [
        ([], [], ""),
        (["2024-05-06"], [], "2024-05-06"),  # in Jakarta the next day had begun
        (["2024-05-05"], [], "2024-05-05"),
        (["2024-05-04"], [], ""),  # at seven in the evening UTC it was the fourth nowhere
        (["2024-05-06"], ['"created": "2024-05-05T14:10:09-05:00"'], "2024-05-05"),
        ([], ['{"made": "2024-05-06T00:40:09+05:30"}'], "2024-05-06"),
        ([], ["2024-05-06T02:10:09.000+0700"], "2024-05-06"),
        ([], ["2024-05-06T03:10:09+07:00"], ""),  # another instant
        (["2024-05"], [], ""),
    ],
)
def test_an_instant_in_utc_gets_the_day_that_the_page_tells(seen, texts, day):
    assert local_day("datePublished 2024-05-05T19:10:09Z", seen, texts) == day


@pytest.mark.parametrize("statement", ["2024-05-05T23:10:09+08:00", "2024-05-05", "2024-05-05T25:10:09Z"])
def test_a_day_of_a_local_clock_is_left_alone(statement):
    assert local_day(statement, ["2024-05-06"], []) == ""


@given(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)), st.integers(-24, 28).filter(bool))
def test_the_same_instant_is_known_in_any_time_zone(moment, half_hours):
    utc = moment.replace(microsecond=0, tzinfo=timezone.utc)  # noqa: UP017
    local = utc.astimezone(timezone(timedelta(minutes=30 * half_hours)))
    assert local_day(utc.isoformat(), [], [f'"x": "{local.isoformat()}"']) == local.date().isoformat()
