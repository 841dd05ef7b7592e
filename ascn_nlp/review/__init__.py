"""Tags out to a person, verdicts back in, and what verdicts tell. Values in, values out; callers open files and store.

``judged`` is what a reviewer gets to see; ``rows`` makes rows of it, ``delimited`` CSV and ``workbook`` XLSX of rows.
``delimited`` and ``sheets`` read what comes back, ``decisions`` tells what a person wrote in it. ``exchange`` and
``citations`` are for other programs. ``judgements`` tells from all decisions who holds what of which passage;
``agreement``, ``estimates`` and ``choosing`` count on that.
"""
