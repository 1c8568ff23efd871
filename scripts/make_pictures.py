#!/usr/bin/env python
"""Makes the pictures of the documentation: an annotated sample invoice and the dashboard after reading the samples.

python scripts/make_pictures.py        (the dashboard needs Debian's chromium)
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import uvicorn
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from invoice_connector.connector import InvoiceOCRConnector, ProcessedInvoice
from invoice_connector.invoice import InvoiceField
from invoice_connector.settings import ConnectorSettings
from invoice_connector.web.serve import build_app

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "invoice_connector" / "samples"
DOCS = ROOT / "docs"
SURE, LIKELY, DOUBTFUL = (22, 128, 74), (178, 98, 0), (194, 48, 45)
CHROMIUM = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-first-run", "--virtual-time-budget=4000")  # fmt: skip


def annotated(pixels: NDArray[np.uint8], fields: Mapping[str, InvoiceField]) -> Image.Image:
    """The first page with every field's box, and its name and probability in a margin beside the page."""
    height, width = pixels.shape[:2]
    image = Image.new("RGB", (width + width // 3, height), "white")
    image.paste(Image.fromarray(pixels))
    draw = ImageDraw.Draw(image)
    size = max(14, width // 60)
    font = ImageFont.load_default(size=size)
    row = 0
    for name, found in sorted(fields.items(), key=lambda item: item[1].box.top):
        if found.page != 1:
            continue
        sure = found.confidence or 0.0
        colour = SURE if sure >= 0.9 else LIKELY if sure >= 0.6 else DOUBTFUL
        left, top, right, bottom = found.box.as_tuple()
        row = max(row + round(1.5 * size), (top + bottom) // 2)
        draw.rectangle((left - 4, top - 4, right + 4, bottom + 4), outline=colour, width=3)
        draw.line((right + 4, (top + bottom) // 2, width + 20, row), fill=colour, width=2)
        draw.text((width + 26, row), f"{name.replace('_', ' ')}  {sure:.2f}", fill=colour, font=font, anchor="lm")
    return image


def read_samples(connector: InvoiceOCRConnector) -> dict[str, ProcessedInvoice]:
    names = ("faktura.pdf", "faktura-skannad.png", "faktura-foto.jpg")
    return {name: connector.process_invoice_with_ocr(SAMPLES / name, "customer-123") for name in names}


def photograph_dashboard(connector: InvoiceOCRConnector, job_id: str) -> None:
    """Screenshots of the overview and of one job, taken by a headless browser from a real server."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("chromium is not installed: the dashboard's pictures stay as they are", file=sys.stderr)
        return
    server = uvicorn.Server(uvicorn.Config(build_app(connector), port=0, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    for name, path in (("dashboard", "/?lang=en"), ("job", f"/jobs/{job_id}?lang=en")):
        target = DOCS / f"{name}.png"
        with tempfile.TemporaryDirectory() as profile:
            options = [*CHROMIUM, f"--user-data-dir={profile}", f"--screenshot={target}", "--window-size=1280,1000"]
            subprocess.run([chromium, *options, f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True)
    server.should_exit = True
    thread.join(10)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        connector = InvoiceOCRConnector(ConnectorSettings(database_url=f"sqlite:///{folder}/audit.db"))
        processed = read_samples(connector)
        photo = processed["faktura-foto.jpg"]
        assert photo.outcome.document is not None
        picture = annotated(photo.outcome.document.pages[0].pixels, photo.fields)
        picture.thumbnail((1400, 1400))
        picture.quantize(128).save(DOCS / "annotated-invoice.png", optimize=True)
        photograph_dashboard(connector, processed["faktura-skannad.png"].outcome.request.job_id)
    return 0


if __name__ == "__main__":
    sys.exit(main())
