"""The two losses that teach a recogniser where and in which order characters stand."""

from __future__ import annotations

import torch
from torch.nn import functional

from scripts.training.charset import BLANK
from scripts.training.loader import Batch


def ctc_loss(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """CTC of (N, T, classes) logits, mean a character; a text too long for its frames counts nothing."""
    targets, lengths = batch.ctc_targets()
    frames = torch.full((logits.shape[0],), logits.shape[1], dtype=torch.long)
    rows = functional.log_softmax(logits.float(), dim=2).transpose(0, 1)
    loss = functional.ctc_loss(
        rows, targets.to(logits.device), frames, lengths, blank=BLANK, reduction="sum", zero_infinity=True
    )
    return loss / lengths.sum()


def frame_loss(logits: torch.Tensor, batch: Batch, stride: float, offset: float) -> torch.Tensor:
    """Cross-entropy of (N, T, classes) logits against the character at pixel `stride * t + offset`.

    The renderer knows where each character is, so nothing has to be aligned: a network that learns this alongside
    skips the phase in which CTC sees only blanks.
    """
    targets = batch.frame_targets(logits.shape[1], stride, offset).to(logits.device)
    return functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten())
