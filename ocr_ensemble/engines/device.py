"""Where a neural engine computes: CUDA, ROCm, MPS or CPU, in which number format and with how many threads."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from ocr_ensemble.errors import EngineUnavailableError

if TYPE_CHECKING:
    import torch


class Kind(StrEnum):
    CUDA = "cuda"
    ROCM = "rocm"
    MPS = "mps"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class Device:
    """``name`` as torch takes it: "cuda", "cuda:1", "mps", "cpu"; ``threads`` a call may use on a CPU."""

    name: str
    kind: Kind
    threads: int

    @property
    def is_gpu(self) -> bool:
        """CUDA or ROCm: compiled, in bfloat16 and in large batches."""
        return self.kind in (Kind.CUDA, Kind.ROCM)

    @property
    def compiles(self) -> bool:
        """torch.compile needs Triton for a GPU; on a CPU compiling takes longer than it saves on a few pages."""
        return self.is_gpu and importlib.util.find_spec("triton") is not None

    @property
    def dtype(self) -> torch.dtype:
        """bfloat16 where the GPU computes in it natively, else float32."""
        import torch

        native = self.is_gpu and torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if native else torch.float32

    @contextmanager
    def computing(self) -> Iterator[None]:
        """No gradients, and on a CPU this device's threads; afterwards torch has its usual number again."""
        import torch

        usual = _usual_threads()
        with torch.inference_mode():
            if self.kind is not Kind.CPU:
                yield
                return
            torch.set_num_threads(self.threads)
            try:
                yield
            finally:
                torch.set_num_threads(usual)


@cache
def _usual_threads() -> int:
    """torch's number of threads before any engine changed it: two engines that overlap would restore each other's."""
    import torch

    return torch.get_num_threads()


def choose_device(engine: str, wanted: str, threads: int) -> Device:
    """The device for the setting ``wanted``: "auto" or "cuda", "cuda:N", "rocm", "mps", "cpu".

    Raises EngineUnavailableError when it is not there.
    """
    import torch

    threads = max(1, threads)
    _usual_threads()
    base, _, number = wanted.partition(":")
    if torch.cuda.is_available() and base in ("auto", "cuda", "rocm"):
        kind = Kind.ROCM if torch.version.hip else Kind.CUDA
        if base in ("auto", kind) and (not number or (number.isdigit() and int(number) < torch.cuda.device_count())):
            # ROCm builds of torch call their devices "cuda" as well.
            return Device(f"cuda:{number}" if number else "cuda", kind, threads)
    if base in ("auto", "mps") and not number and torch.backends.mps.is_available():
        return Device("mps", Kind.MPS, threads)
    if base in ("auto", "cpu") and not number:
        return Device("cpu", Kind.CPU, threads)
    raise EngineUnavailableError(
        engine, f"{engine} cannot run on {wanted!r}: this machine has no such device; set the device to auto or cpu"
    )
