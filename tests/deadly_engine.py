"""An engine that ends a process without a word, or waits, when it sees a wide page; a package of its own as plug-ins
are."""

from __future__ import annotations

from pathlib import Path

from scripts.hostile.healthy import LINES, encoded, picture

_MODULE = """
import os, signal, time
from pathlib import Path
from ocr_ensemble.layout import BoundingBox, TextLine, Word
from ocr_ensemble.reading import Transcription

class Deadly:
    name, version = "deadly", "1"

    def read_page(self, page):
        if page.width > 900 and "WAIT_FOR" in os.environ:
            while not Path(os.environ["WAIT_FOR"]).exists():
                time.sleep(0.02)
        elif page.width > 900:
            if os.environ.get("DEADLY") == "parent":  # all go at once, as when a container runs out of memory
                os.kill(os.getppid(), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
        box = BoundingBox(0, 0, 10, 10)
        line = TextLine("Att betala 125,00", box, 0.9, (Word("Att betala 125,00", box, 0.9),))
        return Transcription("deadly", "1", page.number, (line,), 1.0)

def create(settings):
    return Deadly()
"""
KILLER = encoded(picture(LINES, (1000, 260)), "PNG")
HARMLESS = encoded(picture(LINES, (420, 260)), "PNG")


def install(folder: Path) -> Path:
    """Makes the package in a folder that is to be on the path."""
    folder.mkdir(exist_ok=True)
    (folder / "deadly.py").write_text(_MODULE)
    info = folder / "deadly-1.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: deadly\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[ocr_ensemble.engines]\ndeadly = deadly:create\n")
    return folder
