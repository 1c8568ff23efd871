"""Weights that are pickles: which files are, and reading them without running what they contain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocr_ensemble.errors import WeightsTamperedError

if TYPE_CHECKING:
    import torch

# Loading one of these runs whatever it contains, unless the loader takes care; `.py` and `.so` are code outright.
RUNS_CODE = frozenset({".bin", ".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth", ".py", ".so"})


def runs_code(path: str) -> bool:
    """Whether a file of this name could run code when it is loaded."""
    return Path(path).suffix.lower() in RUNS_CODE


def safe_state_dict(engine: str, path: Path) -> dict[str, torch.Tensor]:
    """Tensors by name, on the CPU; nothing in the file is run.

    Raises WeightsTamperedError for a file that holds anything but tensors.
    """
    import torch

    try:
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a hostile or damaged pickle can make the reader raise anything
        reason = str(error).strip().split("\n", 1)[0]
        raise WeightsTamperedError(
            engine, f"{path} was not loaded: it is damaged or would run code ({reason}); fetch it again from its source"
        ) from error
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise WeightsTamperedError(engine, f"{path} was not loaded: it holds more than tensors; save a state dict")
    return dict(state)


def as_safetensors(engine: str, path: Path) -> Path:
    """Rewrites ``pytorch_model.bin`` as ``model.safetensors`` beside it and deletes the pickle."""
    from safetensors.torch import save_file

    target = path.with_name("model.safetensors")
    # Cloned, because safetensors refuses tensors that share memory, as tied embeddings do.
    tensors = {name: tensor.contiguous().clone() for name, tensor in safe_state_dict(engine, path).items()}
    save_file(tensors, target, metadata={"format": "pt"})
    path.unlink()
    return target
