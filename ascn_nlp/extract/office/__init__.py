"""DOCX and ODT -> Draft: bodies, styles, and the archive that both come in."""
