"""A model hub on 127.0.0.1: the routes that huggingface_hub asks, with byte ranges, and with faults on request."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from local_server import QuietHandler, serving

REVISION = "0123456789abcdef0123456789abcdef01234567"
LARGE = (".safetensors", ".bin", ".model")  # what this hub keeps in Git LFS


@dataclass
class Hub:
    """``files``: repository to path to content; ``archives``: path of any other URL to content. ``break_off``: names of
    files whose next transfer stops in the middle, after which the hub is ``down``, if so asked, until set back."""

    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    archives: dict[str, bytes] = field(default_factory=dict)
    served: dict[str, bytes] = field(default_factory=dict)  # sent in place of a path's true content
    break_off: set[str] = field(default_factory=set)
    down_after_break: bool = False
    down: bool = False
    requests: list[tuple[str, str, str]] = field(default_factory=list)  # method, path, range
    url: str = ""

    def ranges(self, name: str) -> list[str]:
        """The Range headers of the transfers of a file, in order."""
        return [asked for method, path, asked in self.requests if method == "GET" and path.endswith(f"/{name}")]


@contextmanager
def running(hub: Hub) -> Iterator[Hub]:
    """Serves until the block ends; ``hub.url`` is set."""

    class Handler(_Handler):
        pass

    Handler.hub = hub
    with serving(Handler) as hub.url:
        yield hub


class _Handler(QuietHandler):
    hub: Hub

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        self.hub.requests.append((self.command, path, self.headers.get("Range", "")))
        if self.hub.down:
            self.send_error(503)
        elif found := re.fullmatch(r"/api/models/(.+)/revision/(\w+)", path):
            self._answer_info(found[1])
        elif (content := self._content(path)) is not None:
            self._answer_file(path.rsplit("/", 1)[1], content)
        else:
            self.send_error(404)

    def _content(self, path: str) -> bytes | None:
        if found := re.fullmatch(rf"/(.+)/resolve/{REVISION}/(.+)", path):
            true = self.hub.files.get(found[1], {}).get(found[2])
            return self.hub.served.get(found[2], true)
        return self.hub.archives.get(path)

    def _answer_info(self, repository: str) -> None:
        if repository not in self.hub.files:
            self.send_error(404)
            return
        body = json.dumps(model_info(repository, self.hub.files[repository])).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer_file(self, name: str, content: bytes) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked else 0
        body = content[start:]
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if name in self.hub.break_off:
            self.hub.break_off.remove(name)
            self.hub.down = self.hub.down_after_break
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return
        self.wfile.write(body)


def model_info(repository: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    """What the hub says of a repository when it is asked for the files' metadata."""
    siblings: list[dict[str, Any]] = []
    for path, content in files.items():
        sibling: dict[str, Any] = {"rfilename": path, "size": len(content), "blobId": git_id(content)}
        if path.endswith(LARGE):
            sibling["lfs"] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "pointerSize": 130}
        siblings.append(sibling)
    return {"id": repository, "modelId": repository, "sha": REVISION, "tags": [], "siblings": siblings}


def git_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
