"""The audit log: append-only, hash-chained rows in SQLite or any database that SQLAlchemy speaks.

``db.records`` and ``db.errors`` cost nothing to import; SQLAlchemy comes with ``db.database``.
"""
