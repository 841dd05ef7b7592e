"""What reading takes, imported and loaded: the fork server does it once, and each reading process starts with it.

The libraries and the language model cost a process a second or two, which every batch of documents would pay anew.
Importing this module does work, as others must not; nothing but the fork server imports it.
"""

import htmldate  # noqa: F401
import trafilatura  # noqa: F401

from ascn_nlp import segment  # noqa: F401
from ascn_nlp.extract import text  # noqa: F401
from ascn_nlp.extract.html import reader as _html  # noqa: F401
from ascn_nlp.extract.pdf import reader as _pdf  # noqa: F401
from ascn_nlp.languages import FEW_WORDS, detect_language

detect_language("words " * FEW_WORDS)
