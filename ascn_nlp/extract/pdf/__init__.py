"""PDF -> Draft: ``reader`` leads; lines, tables, furniture and blocks are found page by page, then joined."""
