"""The losses that teach a recogniser where and in which order characters stand."""

from __future__ import annotations

from collections.abc import Sequence

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


def attention_loss(weights: torch.Tensor, places: torch.Tensor, near: Sequence[int]) -> torch.Tensor:
    """Minus log of the share of a decoder's attention that falls on the next character and its neighbours.

    `weights` (N, heads, T, places) of one layer, of whose heads the first half is taught; `places` (N, T): the
    encoder's place of each step's character, -1 for none; `near`: offsets of the places that count as hit. The renderer
    knows where each character is, so the decoder need not find out first how to look.
    """
    looked = weights[:, : max(1, weights.shape[1] // 2)].float().mean(1)
    known = places >= 0
    around = places[known].unsqueeze(1) + torch.tensor(near, device=places.device)
    hit = looked[known].gather(1, around.clamp(0, weights.shape[3] - 1)).sum(1)
    return -hit.clamp(1e-4, 1.0).log().mean()
