"""The history of the tables. A new migration is added to ``REVISIONS``; a test holds the two together."""

REVISIONS = ("0001", "0002", "0010", "0020", "0030", "0040", "0050", "0060", "0070", "0080", "0090", "0100", "0110")
"""Oldest first. Known without Alembic, whose import would cost a third of a second on every start."""
