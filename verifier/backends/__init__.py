"""The ways to ask a verifier; ``create`` picks one by its setting."""
