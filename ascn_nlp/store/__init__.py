"""The store: all the SQL there is. ``open_store`` gives a Store; the other modules read and write through it."""

from ascn_nlp.store.database import Store, find_store, open_store, shown_url

__all__ = ["Store", "find_store", "open_store", "shown_url"]
