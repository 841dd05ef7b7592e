"""The report over a workspace: what reads the store and writes files for it. What is computed is in ``report/``.

``gathering`` makes the report of the store, ``writing`` writes it in the format asked for, ``pack`` adds all that a
referee asks for.
"""
