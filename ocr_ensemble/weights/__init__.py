"""The weight store: where each engine's checkpoint lies, how it is fetched, and that it is what it should be.

``catalogue.py`` names the checkpoints, ``store.py`` picks a verified directory, ``manifest.py`` and ``check.py`` decide
what verified means, ``plan.py`` and ``pull.py`` fetch. Only ``pull.py`` and ``plan.py`` ever use the network.
"""
