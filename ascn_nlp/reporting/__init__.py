"""The report over a workspace: what reads the store and writes files for it. What is computed is in ``report/``.

``gathering`` makes the report of the store and ``wording`` says what is left out; ``files`` writes it in the format
asked for, ``showing`` as a page, and ``pack`` with all that a referee asks for.
"""
