"""Writes the saved page of this folder, as a browser does: python make_samples.py. It is its editable original."""

import quopri
from pathlib import Path

_PAGE = """\
<!DOCTYPE html><html lang="en"><head>
<title>Night buses stay | River Gazette</title><meta property="og:site_name" content="River Gazette">
<meta property="article:published_time" content="2022-09-14T06:10:00+07:00">
</head><body><nav><a href="https://gazette.example/">Home</a> <a href="https://gazette.example/city">City</a></nav>
<article><h1>Night buses stay</h1>
<p>The two night lines that were to end this month will run on, the transport office said on Tuesday. Riders had
written some four hundred letters, most of them from people who clean the offices of the new district.</p>
<h2>What changes</h2>
<ul><li>Both lines leave ten minutes later, after the last ferry.</li>
<li>Cards alone are taken; a ride is still “less than a bowl of noodles”.</li></ul>
<table><tr><th>Line</th><th>Last bus</th></tr>
<tr><td>N4</td><td>01:10</td></tr><tr><td>N9</td><td>01:40</td></tr></table>
<p>Whether the cards are read by machines that also keep a picture of the rider, the office could not say at once.</p>
</article><footer>© River Gazette</footer></body></html>
"""
_HEAD = """\
From: <Saved by Blink>
Snapshot-Content-Location: https://gazette.example/2022/09/night-buses-stay
Subject: Night buses stay | River Gazette
Date: Thu, 4 Jan 2024 03:12:45 -0000
MIME-Version: 1.0
Content-Type: multipart/related;
\ttype="text/html";
\tboundary="----MultipartBoundary--k3----"


------MultipartBoundary--k3----
Content-Type: text/css
Content-Transfer-Encoding: quoted-printable
Content-Location: cid:css-1@mhtml.blink

nav {{ color: gray; }}
------MultipartBoundary--k3----
Content-Type: text/html
Content-ID: <frame-A1@mhtml.blink>
Content-Transfer-Encoding: quoted-printable
Content-Location: https://gazette.example/2022/09/night-buses-stay

{page}
------MultipartBoundary--k3------
"""


def build() -> bytes:
    """A page whose text is quoted-printable UTF-8, behind a style sheet."""
    page = quopri.encodestring(_PAGE.encode()).decode("ascii")
    return _HEAD.format(page=page).replace("\n", "\r\n").encode("ascii")


if __name__ == "__main__":
    (Path(__file__).parent / "night-buses.mhtml").write_bytes(build())
