"""RapidOCR's networks: PP-OCR from its wheel, on OpenVINO where that is installed, else ONNX Runtime.

They are opened without RapidOCR's own code. Importing that takes more than a second of the processor, and it compiles a
network twice where settings are wanted that it does not pass on.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ocr_ensemble.errors import EngineUnavailableError

NAME = "rapidocr"
DETECTION = "det"  # as RapidOCR names its files
RECOGNITION = "rec"
SHAPES_KEPT = 100  # entries of OpenVINO's cache per network; costs 2 % of the time
CHARACTERS = "character"  # the key under which a recogniser brings its alphabet


class Network(Protocol):
    """A network with one input and one output, float32; one call at a time."""

    def __call__(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]: ...

    def beside(self) -> Network:
        """The same network, to be called at the same time."""
        ...

    def release(self) -> None:
        """Gives back what the last picture took."""
        ...


class OpenVINONetwork:
    """``compiled``: a network as OpenVINO compiled it."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self._request = compiled.create_infer_request()

    def __call__(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        self._request.infer([pictures])
        return np.asarray(self._request.get_output_tensor().data)

    def beside(self) -> OpenVINONetwork:
        return OpenVINONetwork(self._compiled)

    def release(self) -> None:
        """OpenVINO keeps the most it ever needed, 400 MB after a page of A4; taking it anew costs 3 % of the processor
        time."""
        with suppress(RuntimeError):  # another reader of the same network is at work, and gives it back afterwards
            self._compiled.release_memory()


class ONNXNetwork:
    """``session``: of ONNX Runtime, which several threads may call."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name

    def __call__(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(self._session.run(None, {self._input: pictures})[0])

    def beside(self) -> ONNXNetwork:
        return self

    def release(self) -> None:
        """Nothing is kept."""


@lru_cache(maxsize=4)
def network(kind: str, threads: int) -> Network:
    """The network of that kind, compiled once per process. Raises EngineUnavailableError."""
    path = _model(kind)
    return OpenVINONetwork(_compiled(path, threads)) if find_spec("openvino") else ONNXNetwork(_session(path, threads))


@lru_cache(maxsize=1)
def alphabet() -> tuple[str, ...]:
    """The text of each class of the recogniser, the blank first. Raises EngineUnavailableError."""
    path = _model(RECOGNITION)
    if find_spec("openvino"):
        written = str(_core().read_model(path).get_rt_info()["framework"][CHARACTERS].value)
    else:
        written = str(_session(path, 1).get_modelmeta().custom_metadata_map[CHARACTERS])
    return ("blank", *written.splitlines(), " ")


def version() -> str:
    """Of the library, the networks and what computes them. Raises EngineUnavailableError."""
    generation = re.match(r"[^_]+", _model(RECOGNITION).name)
    runtime = "openvino" if find_spec("openvino") else "onnxruntime"
    return f"{importlib.metadata.version('rapidocr')}+{generation[0] if generation else ''}+{runtime}"


def _model(kind: str) -> Path:
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise EngineUnavailableError(NAME, "rapidocr is not installed; install it with: pip install rapidocr")
    models = sorted((Path(spec.origin).parent / "models").glob(f"*_{kind}_*.onnx"))
    if not models:
        raise EngineUnavailableError(NAME, f"rapidocr brings no model *_{kind}_*.onnx; install rapidocr 3.9 or newer")
    return models[-1]  # the newest generation, should there be several


@lru_cache(maxsize=1)
def _core() -> Any:
    from openvino import Core

    return Core()


def _compiled(path: Path, threads: int) -> Any:
    """Compiled for this processor, and kept on disk, which spares the next process a quarter of a second.

    OpenVINO prepares itself for every shape it meets, and pages and lines come in any: with its own limit of 5,000 a
    process grew by 1.5 MB a document.
    """
    settings: dict[str, Any] = {
        "INFERENCE_NUM_THREADS": threads,
        # Pinned threads of several processes all sit on the first cores: two workers were no faster than one.
        "ENABLE_CPU_PINNING": False,
        "CPU_RUNTIME_CACHE_CAPACITY": SHAPES_KEPT,
    }
    try:
        return _core().compile_model(path, "CPU", {**settings, "CACHE_DIR": str(cache_folder())})
    except (OSError, RuntimeError):  # a folder that cannot be written, or a file in it that is damaged
        return _core().compile_model(path, "CPU", settings)


def cache_folder() -> Path:
    """Where compiled networks are kept (XDG base directories)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ocr-ensemble" / "openvino"


def _session(path: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting threads burn the processor
    options.enable_cpu_mem_arena = False  # it keeps the most that any picture ever took
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
