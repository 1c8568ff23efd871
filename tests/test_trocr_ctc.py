"""A TrOCR checkpoint with a CTC head: the head proposes a text, the decoder says how likely it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocr_ensemble.engines.trocr_ctc import Alphabet, read_jointly
from ocr_ensemble.engines.trocr_runtimes import CTCHead
from scripts.training.trocr_model import EOS, FIRST_CHARACTER, PAD, Heads, build_model, save_hub_format

CLASSES = 6
ALPHABET = Alphabet(FIRST_CHARACTER, EOS, EOS, PAD)


def rows_of(path: list[int], certain: float = 0.9) -> NDArray[np.float32]:
    """Probabilities (columns, classes) whose likeliest path is the given one."""
    rows = np.full((len(path), CLASSES), (1 - certain) / (CLASSES - 1), np.float32)
    rows[range(len(path)), path] = certain
    return rows


@given(st.lists(st.integers(0, CLASSES - 1), min_size=1, max_size=30))
def test_the_best_path_drops_blanks_and_merges_repeats(path: list[int]) -> None:
    read = ALPHABET.best_path(rows_of(path))
    merged = [number for number, before in zip(path, [None, *path], strict=False) if number != before]
    assert list(read.ids) == [number - 1 + FIRST_CHARACTER for number in merged if number]
    assert all(0.89 < probability <= 0.91 for probability in read.probabilities)
    assert all(
        other is not None and other[0] != token for other, token in zip(read.alternatives, read.ids, strict=True)
    )


@settings(max_examples=5)
@given(st.integers(0, 1000))
def test_the_decoder_judges_the_text_as_if_it_had_written_it(seed: int) -> None:
    torch.manual_seed(seed)
    model = build_model().eval()
    head = CTCHead(torch.randn(20, model.config.encoder.hidden_size), torch.zeros(20), FIRST_CHARACTER)
    hidden = torch.randn(3, 12, model.config.encoder.hidden_size)

    def judge(given: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[Any]:
        logits = model.decoder(input_ids=torch.from_numpy(given), encoder_hidden_states=hidden).logits
        return np.asarray(logits.softmax(2).gather(2, torch.from_numpy(wanted)[:, :, None])[:, :, 0].numpy())

    with torch.inference_mode():
        columns = head.columns(hidden).numpy()
        for number, line in enumerate(read_jointly(ALPHABET, columns, judge)):
            path = ALPHABET.best_path(columns[number])
            assert (line.ids, line.alternatives) == (path.ids, path.alternatives)
            for at, token in enumerate(path.ids):
                inputs = torch.tensor([[EOS, *path.ids[:at]]])
                step = model.decoder(input_ids=inputs, encoder_hidden_states=hidden[number : number + 1]).logits
                alone = step[0, -1].softmax(0)[token] * path.probabilities[at]
                assert torch.isclose(alone.sqrt(), torch.tensor(line.probabilities[at]), atol=1e-3)


def test_the_head_is_stored_beside_the_checkpoint(tmp_path: Path) -> None:
    model, heads = build_model(), Heads()
    weight = heads.ctc.weight.detach().clone()
    assert CTCHead.load(tmp_path, model) is None
    save_hub_format(model, heads, tmp_path)
    head = CTCHead.load(tmp_path, model)
    assert head is not None
    assert head.first_token == FIRST_CHARACTER
    assert torch.allclose(head.weight.float(), weight, atol=1e-3)
