"""CTC and attention together (Watanabe et al. 2017) for a TrOCR checkpoint that brings a CTC head.

The head reads all of the encoder's columns in one step; the decoder then judges that text in one step more, instead of
writing it token by token. A third of the time, and more accurate while the decoder is small: letting the decoder write
its own text where it disagrees, and taking the likelier of the two, gained 0.1 points of CER for three times the cost.
Public checkpoints have no such head and are read by the decoder alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr_ensemble.engines.ctc import FAINTEST
from ocr_ensemble.engines.hub_models import Greedy, Tokens

HEAD = "ctc_head.safetensors"
FIRST_TOKEN = "first_token"  # noqa: S105  in the file's metadata: the token of class 1; class 0 is blank


@dataclass(frozen=True, slots=True, eq=False)
class CTCHead:
    """``weight`` (classes, width) and ``bias`` (classes,): a linear reader of the encoder's columns."""

    weight: Any
    bias: Any
    first_token: int

    @classmethod
    def load(cls, folder: Path, model: Any) -> CTCHead | None:
        """The head beside a checkpoint; None where there is none."""
        path = folder / HEAD
        if not path.is_file():
            return None
        from safetensors import safe_open

        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name).to(model.device, model.dtype) for name in ("weight", "bias")}
            first = int((file.metadata() or {}).get(FIRST_TOKEN, 4))
        return cls(tensors["weight"], tensors["bias"], first)

    def log_probabilities(self, hidden: Any) -> Any:
        """(N, columns, classes) of the encoder's output (N, 1 + columns, width)."""
        import torch

        return torch.nn.functional.linear(hidden[:, 1:], self.weight, self.bias).float().log_softmax(2)

    def best_path(self, rows: Any) -> Tokens:
        """The likeliest path of one line, with the probability of each token and the token that comes second there;
        ``rows`` (columns, classes)."""
        sure, classes = rows.exp().topk(3, dim=1)
        tokens, certain, others, previous = [], [], [], 0
        for numbers, probabilities in zip(classes.tolist(), sure.tolist(), strict=True):
            if numbers[0] and numbers[0] != previous:
                tokens.append(numbers[0] - 1 + self.first_token)
                certain.append(min(1.0, probabilities[0]))
                second = next(at for at in (1, 2) if numbers[at])
                likely = probabilities[second] > FAINTEST
                others.append((numbers[second] - 1 + self.first_token, probabilities[second]) if likely else None)
            previous = numbers[0]
        return Tokens(tuple(tokens), tuple(certain), None, tuple(others))


def read_jointly(head: CTCHead, search: Greedy, model: Any, encoded: Any) -> list[Tokens]:
    """Tokens of each line; ``encoded`` is the encoder's output. A token's probability is the geometric mean of the
    head's and the decoder's."""
    columns = head.log_probabilities(encoded.last_hidden_state)
    paths = [head.best_path(rows) for rows in columns]
    scored = _scored(search, model, encoded.last_hidden_state, [path.ids for path in paths])
    return [
        Tokens(
            path.ids,
            tuple(math.sqrt(a * b) for a, b in zip(path.probabilities, decoder.probabilities, strict=True)),
            decoder.end,
            path.alternatives,
        )
        for path, decoder in zip(paths, scored, strict=True)
    ]


def _scored(search: Greedy, model: Any, hidden: Any, texts: Sequence[Sequence[int]]) -> list[Tokens]:
    """Each text with the decoder's probability of its tokens and of its end, from one pass."""
    import torch

    longest = max(map(len, texts)) + 1
    inputs = torch.full((len(texts), longest), search.padding, dtype=torch.long)
    wanted = torch.full((len(texts), longest), search.end, dtype=torch.long)
    for row, tokens in enumerate(texts):
        inputs[row, : len(tokens) + 1] = torch.tensor([search.start, *tokens])
        wanted[row, : len(tokens)] = torch.tensor(tokens, dtype=torch.long)
    inputs, wanted = inputs.to(hidden.device), wanted.to(hidden.device)
    logits = model.decoder(input_ids=inputs, encoder_hidden_states=hidden, use_cache=False).logits
    sure = logits.float().softmax(2).gather(2, wanted.unsqueeze(2)).squeeze(2).clamp(0.0, 1.0).tolist()
    return [
        Tokens(tuple(tokens), tuple(row[: len(tokens)]), row[len(tokens)])
        for tokens, row in zip(texts, sure, strict=True)
    ]
