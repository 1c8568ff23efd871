"""The dashboard and its API over the audit log: reads ``db``, writes nothing."""
