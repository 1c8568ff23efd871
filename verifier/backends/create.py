"""From a setting to a Verifier: ``auto``, ``off``, the name of a checkpoint, a folder, a server's URL, or a plug-in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ocr_ensemble.engines.protocols import EngineSettings
from ocr_ensemble.errors import WeightsError
from ocr_ensemble.plugins import Plugin
from ocr_ensemble.weights.catalogue import PROFILES
from ocr_ensemble.weights.check import Checkpoint, check
from ocr_ensemble.weights.store import BUNDLED_VERIFIERS, resolve
from verifier.backends.plugins import BUILT_IN, COMPACT, backend_of, named_plugin, plugins
from verifier.errors import VerifierSettingsError, VerifierUnavailableError
from verifier.pictures import BESIDE, NAME, PictureStyle
from verifier.prompts import Form
from verifier.verifier import Verifier

if TYPE_CHECKING:
    from verifier.backends.chat import Transport
    from verifier.backends.http import JsonClient
    from verifier.decisions import DecisionBackend

CHECKPOINTS = BUNDLED_VERIFIERS
RUNPOD = ("api.runpod.ai", "api.runpod.io")
PROTOCOLS = ("auto", "systemone", "chat", "runpod")
MAX_PIXELS = 512 * 28 * 28  # of one picture that a public model sees: a line and its candidate


@dataclass(frozen=True, slots=True)
class VerifierSettings:
    """``chosen``: auto, off, compact, a profile, a checkpoint's folder, a URL or a plug-in; ``model`` as a server names
    it; ``seconds`` for one request with its retries; ``protocol`` of a server, found out when auto."""

    chosen: str = "auto"
    model: str = ""
    protocol: str = "auto"
    api_key: str | None = field(default=None, repr=False)
    seconds: float = 30.0
    threads: int = 2
    device: str = "auto"
    four_bit: bool = False


def create_verifier(settings: VerifierSettings) -> Verifier | None:
    """None when it is off, or ``auto`` finds nothing. A server is not asked yet, weights are not loaded yet.

    Raises VerifierError.
    """
    chosen = settings.chosen.strip()
    if chosen == "off":
        return None
    if urlsplit(chosen).scheme in ("http", "https"):
        return _remote(replace(settings, chosen=chosen))
    if chosen == "auto":
        return _local(_bundled(), settings) if (CHECKPOINTS / COMPACT / "config.json").is_file() else None
    if plugin := plugin_of(chosen):
        return Verifier(backend_of(plugin, settings), BESIDE)
    return _local(_folder(chosen), settings)


def check_name(chosen: str) -> None:
    """Raises VerifierSettingsError for a setting that names no verifier, without looking for its weights."""
    if _is_own(chosen.strip()) or plugin_of(chosen):
        return
    names = ", ".join((*BUILT_IN, *plugins().plugins))
    raise VerifierSettingsError(f"there is no verifier {chosen!r}; name one of {names}, a folder or an http address")


def _is_own(chosen: str) -> bool:
    """Whether it is found without a look at other packages."""
    return chosen in BUILT_IN or urlsplit(chosen).scheme in ("http", "https") or Path(chosen).is_dir()


def plugin_of(chosen: str) -> Plugin | None:
    """The plug-in that a setting names, None where it names something else. Raises VerifierSettingsError for one that
    is refused."""
    return None if _is_own(chosen.strip()) else named_plugin(chosen.strip())


def _folder(chosen: str) -> Path:
    if chosen == COMPACT:
        if not (CHECKPOINTS / COMPACT / "config.json").is_file():
            raise VerifierUnavailableError("this package has no compact verifier; choose another one or off")
        return _bundled()
    if chosen in PROFILES:
        try:
            return resolve("verifier", EngineSettings(profile=chosen))
        except WeightsError as error:
            raise VerifierUnavailableError(str(error)) from error
    check_name(chosen)
    return Path(chosen)


def _bundled() -> Path:
    """The package's own checkpoint. Raises VerifierUnavailableError when a file of it is not what it should be."""
    try:
        check(Checkpoint("verifier", CHECKPOINTS / COMPACT, "install the package again", vouched=True))
    except WeightsError as error:
        raise VerifierUnavailableError(str(error)) from error
    return CHECKPOINTS / COMPACT


def _local(folder: Path, settings: VerifierSettings) -> Verifier:
    from verifier.backends.local import LocalBackend
    from verifier.backends.pipeline import LocalSettings

    own_style = (folder / NAME).is_file()
    local = LocalSettings(
        threads=settings.threads,
        device=settings.device,
        four_bit=settings.four_bit,
        max_pixels=None if own_style else MAX_PIXELS,
    )
    return Verifier(LocalBackend(folder, local), _style(folder), _form(folder), folder)


def _remote(settings: VerifierSettings) -> Verifier:
    """Raises VerifierUnavailableError when the protocol has to be found out and the server does not answer."""
    from verifier.backends.http import HttpSettings, JsonClient

    if settings.protocol not in PROTOCOLS:
        raise VerifierSettingsError(f"unknown verifier protocol {settings.protocol!r}; one of {', '.join(PROTOCOLS)}")
    client = JsonClient(HttpSettings(settings.chosen, settings.api_key, settings.seconds))
    if settings.protocol == "auto":
        protocol, model = _found_out(client, settings)
        settings = replace(settings, protocol=protocol, model=settings.model or model)
    backend, folder = _backend(client, settings), _known_folder(settings.model)
    if folder is None:
        return Verifier(backend, BESIDE)
    return Verifier(backend, _style(folder), _form(folder), folder)


def _backend(client: JsonClient, settings: VerifierSettings) -> DecisionBackend:
    from verifier.backends.chat import ChatBackend
    from verifier.backends.systemone import SystemOneBackend

    if settings.protocol == "systemone":
        return SystemOneBackend(client, settings.model)
    if not settings.model:
        raise VerifierSettingsError("a chat server needs to be told the model; set the verifier's model")
    return ChatBackend(_transport(client, settings.protocol, settings.seconds), settings.model, settings.protocol)


def chat_transport(url: str, api_key: str | None, seconds: float) -> Transport:
    """How chat requests reach the server at the URL: an OpenAI-compatible one, or a RunPod endpoint.

    Raises VerifierSettingsError for a URL that is none.
    """
    from verifier.backends.http import HttpSettings, JsonClient

    protocol = "runpod" if urlsplit(url).hostname in RUNPOD else "chat"
    return _transport(JsonClient(HttpSettings(url, api_key, seconds)), protocol, seconds)


def _transport(client: JsonClient, protocol: str, seconds: float) -> Transport:
    from verifier.backends.runpod import RunPodTransport

    if protocol == "runpod":
        return RunPodTransport(client, seconds)
    return lambda body: client.post("/chat/completions", body)


def _found_out(client: JsonClient, settings: VerifierSettings) -> tuple[str, str]:
    """What the server speaks and runs, from its address or from what it says to a trifling question."""
    from verifier.backends.http import StatusError

    if urlsplit(settings.chosen).hostname in RUNPOD:
        return "runpod", ""
    trifle: dict[str, Any] = {"state": "1 + 1 = 2", "questions": {"0": {"type": "noul", "instructions": "Is it true?"}}}
    try:
        reply = client.post("/systemone", trifle | ({"model": settings.model} if settings.model else {}))
    except StatusError as error:
        if error.status in (404, 405, 501):
            return "chat", ""
        raise
    model = reply.get("model")
    return "systemone", model if isinstance(model, str) else ""


def _known_folder(model: str) -> Path | None:
    """The checkpoint on this machine that a server runs, where its name tells: it says what pictures it was made for.

    A server that says nothing of its model gets the pictures of a public one.
    """
    if not model:
        return None
    if Path(model).is_dir():
        return Path(model)
    bundled = CHECKPOINTS / model.rstrip("/").rsplit("/", 1)[-1]
    return bundled if (bundled / "config.json").is_file() else None


def _style(folder: Path) -> PictureStyle:
    try:
        return PictureStyle.load(folder)
    except ValueError as error:
        raise VerifierUnavailableError(str(error)) from error


def _form(folder: Path) -> Form:
    """A checkpoint that brings its own kind of picture was made to judge one candidate at a time."""
    return Form.EACH if (folder / NAME).is_file() else Form.AMONG
