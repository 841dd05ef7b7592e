"""Web pages -> Draft: ``reader`` leads; what a page says of itself, its dates and its article are read apart."""
