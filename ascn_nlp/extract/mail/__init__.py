"""E-mails and saved web pages (MHTML) -> Draft: both are MIME."""
