"""Verification of one document: what is asked, what the answers may change, what is said about it."""
