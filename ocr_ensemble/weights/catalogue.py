"""The checkpoints of each profile, with what is known about them beforehand.

A hub checkpoint is pinned by the commit of its repository: the hub states a SHA-256 for every large file and a Git
object id for every small one of that commit, and each is checked. Where the SHA-256 of a weights file is known here as
well (``pins``), the hub cannot state another one.

Origin of the values: commits and SHA-256 sums as several public projects independently record them for the same
repositories (searched November 2026); this project could not ask the hub itself. ``craft_mlt_25k.pth`` and
``latin_g2.pth`` are the files whose MD5 sums EasyOCR 1.7.2 lists. Not pinned by content here, only by commit: the
weights of Qwen2.5-VL-3B-Instruct (safetensors) and of Donut (a pickle, which is why `models pull` converts it).

Pickles: EasyOCR 1.7.2 loads its ``.pth`` files with ``weights_only=False``, so a pickle runs whatever it contains.
They are refused unless their SHA-256 is pinned here, is in the manifest of the package's own checkpoints, or was
accepted once by the user (`models trust`). A pickle from a hub repository is read with ``weights_only=True``, which
runs nothing, and stored as safetensors.

``Part.revision`` None would mean: the commit that ``main`` names when pulled is shown, confirmed and recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ENGINES = ("trocr", "easyocr", "donut", "verifier")
COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class HubFiles:
    """A model repository on the hub. ``revision``: 40 hexadecimal digits of a commit; ``pins``: path to SHA-256."""

    repository: str
    revision: str | None = None
    pins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ZippedFile:
    """One file inside a ZIP at ``url``. ``archive_bytes`` and ``size`` in bytes; ``sha256`` of the file itself."""

    name: str
    url: str
    archive_bytes: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """One checkpoint. ``name``: its folder in the store; ``engine``: who loads it; ``size``: about so many bytes."""

    name: str
    engine: str
    licence: str
    size: int
    source: HubFiles | tuple[ZippedFile, ...]

    @property
    def revision(self) -> str | None:
        return self.source.revision if isinstance(self.source, HubFiles) else None

    @property
    def pins(self) -> Mapping[str, str]:
        """Path to the SHA-256 that the file must have."""
        if isinstance(self.source, HubFiles):
            return self.source.pins
        return {file.name: file.sha256 for file in self.source}

    @property
    def origin(self) -> str:
        """Where it comes from, for people."""
        if isinstance(self.source, HubFiles):
            return self.source.repository
        return "github.com/JaidedAI/EasyOCR"


TROCR_BASE = Part(
    name="trocr-base-printed",
    engine="trocr",
    licence="MIT",
    size=1_336_000_000,
    source=HubFiles(
        "microsoft/trocr-base-printed",
        "93450be3f1ed40a930690d951ef3932687cc1892",
        {"model.safetensors": "1cf4a6eedab26afaaf505f1c7f73d9634944924dbd1ed049d569db98039cd596"},
    ),
)
TROCR_LARGE = Part(
    name="trocr-large-printed",
    engine="trocr",
    licence="MIT",
    size=2_440_000_000,
    source=HubFiles(
        "microsoft/trocr-large-printed",
        "9ff792d8e7c22061f2ee67e1ed2246b1f9ef1e98",
        {"model.safetensors": "8d770e31b1d58a033bd023ddd5790764c78fc2ab8074c605c49bba1c4a938616"},
    ),
)
EASYOCR_LATIN = Part(
    name="easyocr-latin",
    engine="easyocr",
    licence="Apache-2.0",
    size=98_558_471,
    source=(
        ZippedFile(
            name="craft_mlt_25k.pth",
            url="https://github.com/JaidedAI/EasyOCR/releases/download/pre-v1.1.6/craft_mlt_25k.zip",
            archive_bytes=77_251_756,
            size=83_152_330,
            sha256="4a5efbfb48b4081100544e75e1e2b57f8de3d84f213004b14b85fd4b3748db17",
        ),
        ZippedFile(
            name="latin_g2.pth",
            url="https://github.com/JaidedAI/EasyOCR/releases/download/v1.3/latin_g2.zip",
            archive_bytes=14_284_936,
            size=15_406_141,
            sha256="aaa95be1c4a9cb3496879bed7c520886ce1164f89e026f0c54488394e74e8c55",
        ),
    ),
)
DONUT_CORD = Part(
    name="donut-base-finetuned-cord-v2",
    engine="donut",
    licence="MIT",
    size=816_000_000,
    source=HubFiles("naver-clova-ix/donut-base-finetuned-cord-v2", "8003d433113256b4ce3a0f5bf604b29ff78a7451"),
)
QWEN_3B = Part(
    name="qwen2.5-vl-3b-instruct",
    engine="verifier",
    licence="Qwen Research (non-commercial)",
    size=7_530_000_000,
    source=HubFiles("Qwen/Qwen2.5-VL-3B-Instruct", "66285546d2b821cf421d4f5eb2576359d3770cd3"),
)
QWEN_7B = Part(
    name="qwen2.5-vl-7b-instruct",
    engine="verifier",
    licence="Apache-2.0",
    size=16_600_000_000,
    source=HubFiles(
        "Qwen/Qwen2.5-VL-7B-Instruct",
        "cc594898137f460bfe9f0759e9844b3ce807cfb5",
        {
            "model-00001-of-00005.safetensors": "e97b877e47fde53a6c6e77aafb36e58e91ee9d95c4a3eeac6f1b5c0e6a1c986e",
            "model-00002-of-00005.safetensors": "a9a300a43b4724eee2abe7c18ceb26768d0ab011eb0cad19d9bfd2476a24d024",
            "model-00003-of-00005.safetensors": "111223d173e00bbee81cba1216fad28668df3476706b7fd26f4d5b50f8b3a507",
            "model-00004-of-00005.safetensors": "ef47f634fa57d46ee134edcc09f34085a47da1e16c12a2abe0d67118be6d72ed",
            "model-00005-of-00005.safetensors": "0c859795ad3a627a9b95bcb762e059d5b768a4a36fdd4affeff269d93fdecc67",
        },
    ),
)

# What can be pulled. The profile `compact` is not here: it lies in the package, with nothing to pull.
PROFILES: dict[str, tuple[Part, ...]] = {
    "standard": (TROCR_BASE, EASYOCR_LATIN, DONUT_CORD, QWEN_3B),
    "large": (TROCR_LARGE, EASYOCR_LATIN, DONUT_CORD, QWEN_7B),
}


def part_for(profile: str, engine: str) -> Part | None:
    """The engine's checkpoint in a profile that can be pulled, None where it has none."""
    return next((part for part in PROFILES.get(profile, ()) if part.engine == engine), None)


def pinned_hashes() -> frozenset[str]:
    """Every SHA-256 the catalogue vouches for, wherever the file lies."""
    return frozenset(digest for parts in PROFILES.values() for part in parts for digest in part.pins.values())
