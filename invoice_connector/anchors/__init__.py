"""Heads of the audit log kept outside it, so that whoever can rewrite all of the log cannot do so unseen."""
