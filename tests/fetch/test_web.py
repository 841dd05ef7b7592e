"""One document over HTTP: politely, within limits, and again where that may help."""

from __future__ import annotations

import errno
import io
import os
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from ascn_nlp.errors import FetchError, StoreError
from ascn_nlp.fetch import GoneError, PassingFetchError, Validators
from ascn_nlp.fetch.answers import host_of, retry_after
from ascn_nlp.fetch.web import MAX_REDIRECTS, PASSING_STATUS, STRIKES

MEGABYTE = 2**20


def test_bytes_come_with_type_headers_and_final_address(get, server):
    fetched = get("ok")
    assert (fetched.path.read_bytes(), fetched.media_type, fetched.tries) == (b"<p>words", "text/html", 1)
    assert (fetched.address, fetched.final_url) == (f"{server.base}/ok", f"{server.base}/ok")
    assert fetched.header("ETag") == '"1"' and fetched.header("absent") == ""
    assert fetched.is_spare


def test_it_names_itself_and_how_to_reach_whoever_runs_it(get, server):
    get("ok")
    get("ok", contact="")
    agents = [headers["User-Agent"] for path, headers, _ in server.seen if path == "/ok"]
    assert agents[0].startswith("ascn-nlp/") and "me@example.org" in agents[0]
    assert "no contact given" in agents[1]


def test_a_server_that_says_no_type_has_none(get):
    assert get("bare").media_type == ""


@pytest.mark.parametrize("hops", [0, MAX_REDIRECTS - 1])
def test_redirects_are_followed_and_the_address_asked_for_is_kept(get, hops):
    fetched = get(f"chain/{hops}")
    assert fetched.address.endswith(f"/chain/{hops}")
    assert fetched.final_url.endswith("/ok")


@pytest.mark.parametrize("path", [f"chain/{MAX_REDIRECTS}", "loop"])
def test_too_many_redirects_are_final(get, path, server):
    with pytest.raises(FetchError, match="redirects") as caught:
        get(path)
    assert not isinstance(caught.value, PassingFetchError)
    assert len([path for path, _, _ in server.seen if path != "/robots.txt"]) == MAX_REDIRECTS + 1


@pytest.mark.parametrize("status", [201, 204, 206, 304, 400, 401, 403, 404, 410, 451, *PASSING_STATUS, 501])
def test_an_answer_that_is_not_ok_fails_and_only_some_may_pass(get, status, server):
    with pytest.raises(FetchError, match=str(status)) as caught:
        get(f"status/{status}")
    assert isinstance(caught.value, PassingFetchError) == (status in PASSING_STATUS)
    assert isinstance(caught.value, GoneError) == (status in (404, 410))
    assert caught.value.where.endswith(f"/status/{status}")
    assert caught.value.remedy
    assert caught.value.tries == (3 if status in PASSING_STATUS else 1)
    assert sum(path.startswith("/status") for path, _, _ in server.seen) == caught.value.tries


# In a process of its own: here the server's memory would count too.
GREEDY = """
import sys, tracemalloc
from pathlib import Path
from ascn_nlp.errors import FetchError
from ascn_nlp.fetch.web import Fetcher, Limits

fetcher = Fetcher(Path(sys.argv[1]), "me@example.org", Limits(megabytes=1))
tracemalloc.start()
try:
    fetcher.get(sys.argv[2], is_internal=True, heeds_robots=False)
except FetchError as error:
    print(error.what, tracemalloc.get_traced_memory()[1], sep="\\n")
"""


@pytest.mark.parametrize("path", ["large", "bomb", "endless"])
def test_a_response_that_is_too_large_takes_little_memory(server, path, tmp_path):
    command = [sys.executable, "-c", GREEDY, str(tmp_path / "incoming"), f"{server.base}/{path}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    what, most = done.stdout.splitlines() or [done.stderr, "0"]
    assert "larger than 1 MB" in what
    assert 0 < int(most) < 10 * MEGABYTE


@pytest.mark.parametrize("path", ["large", "bomb", "endless"])
def test_a_response_that_is_too_large_is_refused_and_nothing_of_it_stays(get, path, tmp_path):
    with pytest.raises(FetchError, match="larger than 1 MB") as caught:
        get(path)
    assert "fetching.megabytes" in caught.value.remedy
    assert not isinstance(caught.value, PassingFetchError)
    assert not list((tmp_path / "incoming").iterdir())


@pytest.mark.parametrize("packing", ["gzip", "deflate", "bare", "several", "padded"])
def test_what_was_packed_for_the_way_is_unpacked(get, packing):
    assert get(f"packed/{packing}").path.read_bytes() == b"words" * 1000


def test_padding_after_a_packed_body_ends_it(get):
    assert get("packed/long").path.read_bytes() == b"a" * 100_000


def test_a_packing_nobody_asked_for_is_refused(get):
    with pytest.raises(FetchError, match="packed as 'br'") as caught:
        get("packed/br")
    assert not isinstance(caught.value, PassingFetchError)


def test_a_packed_body_that_breaks_off_may_pass(get):
    with pytest.raises(PassingFetchError, match="broke off"):
        get("packed/cut")


@pytest.mark.parametrize("location", ["ftp://example.org/x", "file:///etc/passwd", "javascript:alert(1)", "data:,x"])
def test_a_redirect_to_what_is_no_web_address_is_final(get, location):
    with pytest.raises(FetchError) as caught:
        get(f"away/{location}")
    assert not isinstance(caught.value, PassingFetchError)


def test_damaged_contents_are_final(get):
    with pytest.raises(FetchError, match="damaged"):
        get("damaged")


def test_a_body_without_a_byte_is_an_error(get):
    with pytest.raises(FetchError, match="without content"):
        get("none")


def test_a_web_page_in_place_of_a_pdf_is_an_error(get, tmp_path):
    with pytest.raises(FetchError, match="a web page came instead of the PDF") as caught:
        get("report.pdf")
    assert "log in" in caught.value.remedy
    assert not list((tmp_path / "incoming").iterdir())


@pytest.mark.parametrize("path", ["short", "silence"])
def test_a_connection_that_breaks_may_pass(get, path):
    with pytest.raises(PassingFetchError, match="connection failed") as caught:
        get(path, seconds=1)
    assert caught.value.tries == 3


def test_a_server_that_drips_does_not_hold_us_longer_than_allowed(get):
    began = time.monotonic()
    with pytest.raises(PassingFetchError, match="took more than 1 s") as caught:
        get("drip", seconds=1)
    assert time.monotonic() - began < 9
    assert caught.value.tries == 1  # another try in this run would take as long


def test_headers_that_drip_do_not_hold_us_either(get):
    began = time.monotonic()
    with pytest.raises(PassingFetchError, match="connection failed"):
        get("slowhead", seconds=1, tries=1)
    assert time.monotonic() - began < 9


def test_a_refused_connection_may_pass(fetcher):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # taken, and nobody listens
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(PassingFetchError, match="connection failed") as caught:
            fetcher().get(url, is_internal=True, heeds_robots=False)
    assert caught.value.remedy


def test_a_host_that_cannot_be_reached_is_soon_left_alone(fetcher):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        one = fetcher(tries=1)
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        said = []
        for number in range(STRIKES + 2):
            with pytest.raises(PassingFetchError) as caught:
                one.get(f"{url}{number}", is_internal=True, heeds_robots=False)
            said.append(caught.value.what)
    assert ["could not be reached" in what for what in said] == [False] * STRIKES + [True] * 2


@pytest.mark.parametrize("url", ["http://", "http://[::1", "http://exa mple/", "http://x:99999/", "ftp://x/", "x"])
def test_an_address_that_is_none_is_an_error_of_its_document(fetcher, url):
    for is_internal in (False, True):
        with pytest.raises(FetchError) as caught:
            fetcher(tries=1).get(url, is_internal=is_internal)
        assert caught.value.where == url
        assert caught.value.remedy


def test_what_may_pass_is_tried_again_after_growing_waits(get, server, fetcher):
    one = fetcher(tries=4)
    fetched = one.get(f"{server.base}/soon/3", is_internal=True)
    assert (fetched.path.read_bytes(), fetched.tries) == (b"words", 4)
    waits = [seconds for seconds in one.slept if seconds >= 1]
    assert [1 <= waits[0] < 2, 2 <= waits[1] < 3.1, 4 <= waits[2] < 6.1] == [True] * 3


def test_a_server_that_says_how_long_to_wait_is_waited_for(server, fetcher):
    one = fetcher()
    fetched = one.get(f"{server.base}/soon/1/7", is_internal=True)
    assert fetched.tries == 2
    assert any(5 < seconds <= 7 for seconds in one.slept)


def test_a_server_that_says_to_wait_for_long_is_left_alone_for_the_run(server, fetcher):
    one = fetcher()
    for path in ("soon/1/5000", "ok"):
        with pytest.raises(PassingFetchError, match="left alone"):
            one.get(f"{server.base}/{path}", is_internal=True)
    assert [path for path, _, _ in server.seen] == ["/robots.txt", "/soon/1/5000"]


def test_retry_after_is_seconds_or_a_date():
    soon = datetime.now(UTC) + timedelta(seconds=90)
    assert retry_after("120") == 120
    assert 80 < retry_after(format_datetime(soon, usegmt=True)) <= 90
    for value in ("", "soon", "-5", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 01 Jan 99999999 00:00:00 GMT"):
        assert retry_after(value) == 0, value


@pytest.mark.parametrize(
    "known", [Validators('"v1"'), Validators(last_modified="Mon, 05 Aug 2019 00:00:00 GMT"), Validators('"v1"', "x")]
)
def test_a_page_that_is_as_it_was_does_not_come_again(get, known):
    assert get("known/Mon, 05 Aug 2019 00:00:00 GMT".replace(" ", "%20"), known=known) is None or known.etag == ""
    assert get("known/x", known=Validators('"v1"')) is None
    assert get("known/x", known=Validators('"v0"')).path.read_bytes() == b"words"
    assert get("known/x", known=Validators()).path.read_bytes() == b"words"


def test_validators_that_no_header_can_hold_are_not_sent(get):
    assert get("known/x", known=Validators('"v\n1"', "montág")).path.read_bytes() == b"words"


def ranges(server):
    return [headers.get("Range", "") for path, headers, _ in server.seen if path.startswith("/long")]


def test_a_long_transfer_that_broke_off_is_gone_on_with(get, server, long_body):
    fetched = get("long/strong", name="d1", megabytes=5)
    assert fetched.path.read_bytes() == long_body
    assert fetched.tries == 3
    assert ranges(server) == ["", f"bytes={MEGABYTE}-", f"bytes={2 * MEGABYTE}-"]
    asked = [headers for path, headers, _ in server.seen if "Range" in headers]
    assert {headers["If-Range"] for headers in asked} == {'"strong"'}


def test_it_is_gone_on_with_in_a_later_run(get, server, long_body):
    with pytest.raises(PassingFetchError):
        get("long/strong", name="d1", megabytes=5, tries=1)
    with pytest.raises(PassingFetchError):
        get("long/strong", name="d1", megabytes=5, tries=1)
    assert get("long/strong", name="d1", megabytes=5).path.read_bytes() == long_body
    assert ranges(server) == ["", f"bytes={MEGABYTE}-", f"bytes={2 * MEGABYTE}-"]


def test_a_rest_that_comes_in_pieces_is_put_together(get, long_body):
    assert get("part/pieces", name="d1", megabytes=5, tries=5).path.read_bytes() == long_body


def test_another_part_than_was_asked_for_is_dropped_and_the_next_run_begins_anew(get, server, tmp_path):
    for _ in range(2):
        with pytest.raises(PassingFetchError):
            get("part/other", name="d1", megabytes=5, tries=2)
        assert not list((tmp_path / "incoming").iterdir())


def test_what_nobody_can_go_on_with_is_not_kept(get, tmp_path):
    with pytest.raises(PassingFetchError):
        get("long/strong", megabytes=5, tries=1)
    assert not list((tmp_path / "incoming").iterdir())


@pytest.mark.parametrize("how", ["weak", "none"])
def test_what_cannot_be_gone_on_with_is_begun_anew(get, server, long_body, how):
    assert get(f"long/{how}", name="d1", megabytes=5).path.read_bytes() == long_body
    assert ranges(server) == ["", "", ""]


def test_a_file_that_changed_meanwhile_is_taken_from_its_beginning(get, long_body):
    assert get("long/changed", name="d1", megabytes=5).path.read_bytes() == long_body


def test_a_part_that_the_server_no_longer_knows_is_dropped(get, server, long_body):
    assert get("long/gone", name="d1", megabytes=5, tries=4).path.read_bytes() == long_body
    assert ranges(server)[:3] == ["", f"bytes={MEGABYTE}-", ""]


def test_the_size_of_all_parts_together_is_limited(get):
    with pytest.raises(FetchError, match="larger than 2 MB"):
        get("long/strong", name="d1", megabytes=2)


def test_a_host_with_and_without_its_usual_port_is_one():
    assert {host_of(url) for url in ("http://X.org/", "http://x.org:80/a", "http://u@x.org/")} == {"x.org"}
    assert host_of("https://x.org:8443/") == "x.org:8443"


def test_a_host_is_asked_no_more_often_than_allowed(server, fetcher):
    one = fetcher(per_minute=1200, per_host=2)
    one._pace._sleep, one._pace._clock = time.sleep, time.monotonic
    urls = [f"{server.base}/slow/{number}" for number in range(12)]
    threads = [threading.Thread(target=one.get, args=(url,), kwargs={"is_internal": True}) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = sorted(at for _, _, at in server.seen)
    assert len(times) == 13
    assert server.most <= 2
    assert times[-1] - times[0] >= 12 * 0.05 - 0.1


def test_a_full_disk_is_no_fault_of_the_document(get, monkeypatch, tmp_path):
    usual = Path.open

    def full(self, mode="r", *rest, **named):
        if "b" in mode and "incoming" in str(self) and mode != "rb":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return usual(self, mode, *rest, **named)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(StoreError, match="No space left") as caught:
        get("ok", heeds_robots=False)
    assert "free disk space" in caught.value.remedy


def test_what_lists_documents_is_read_and_leaves_no_file(server, fetcher, tmp_path):
    one = fetcher()
    assert one.read(f"{server.base}/chain/0", is_internal=True) == (b"<p>words", f"{server.base}/ok")
    assert not list((tmp_path / "incoming").iterdir())


def test_a_run_that_was_stopped_asks_for_nothing_more(server, fetcher):
    one = fetcher()
    one.is_stopped.set()
    with pytest.raises(PassingFetchError, match="stopped"):
        one.get(f"{server.base}/ok", is_internal=True)
    assert server.seen == []
    one.is_stopped.clear()
    assert io.BytesIO(one.get(f"{server.base}/ok", is_internal=True).path.read_bytes()).read() == b"<p>words"
