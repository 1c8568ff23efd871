"""Malformed and malicious files, made anew from a seed: input for ``scripts/attack.py`` and the tests."""
