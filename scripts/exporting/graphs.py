"""From a torch module to an ONNX file that says which weights it was made of."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from ocr_ensemble.exported import MADE_OF
from ocr_ensemble.weights import manifest as manifests

OPSET = 18


@dataclass(frozen=True, slots=True)
class Graph:
    """``arguments``: one example of each input, by name; ``dynamic``: which of their axes may have any length, as
    ``torch.export`` wants it; ``outputs``: names."""

    module: torch.nn.Module
    arguments: Mapping[str, torch.Tensor]
    dynamic: Mapping[str, Mapping[int, Any]]
    outputs: Sequence[str]


def save(graph: Graph, path: Path, made_of: Sequence[Path], notes: Mapping[str, str]) -> None:
    """Writes the graph with the SHA-256 of the files ``made_of``, which lie beside it, and ``notes`` as metadata."""
    model = _exported(graph)
    _halve(model.graph)
    hashes = {source.name: manifests.sha256(source) for source in made_of}
    helper.set_model_props(model, {MADE_OF: json.dumps(hashes), **notes})
    onnx.checker.check_model(model)
    onnx.save_model(model, path)


def _exported(graph: Graph) -> onnx.ModelProto:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # the exporter warns of its own libraries
        program = torch.onnx.export(
            graph.module.eval(),
            tuple(graph.arguments.values()),
            dynamic_shapes=dict(graph.dynamic),
            input_names=list(graph.arguments),
            output_names=list(graph.outputs),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    model: onnx.ModelProto = program.model_proto
    for node in model.graph.node:
        del node.metadata_props[:]  # where in this machine's Python files it came from
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    del model.graph.value_info[:]
    return model


def _halve(graph: onnx.GraphProto) -> None:
    """Stores weights in half precision where that loses nothing, as the checkpoint does; they are computed with in
    single precision, which the runtime restores when it loads them."""
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < 64 or not np.array_equal(values.astype(np.float16), values):
            continue
        name, tensor_half = tensor.name, f"{tensor.name}.half"
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), tensor_half))
        casts.append(helper.make_node("Cast", [tensor_half], [name], to=TensorProto.FLOAT, name=f"{name}.cast"))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
