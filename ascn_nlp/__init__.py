"""Tags passages of secondary sources on the ASEAN Smart Cities Network with civic and social concerns."""

__version__ = "0.1.0"
