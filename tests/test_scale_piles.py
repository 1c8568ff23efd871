"""A pile that arrives through a queue becomes its documents, each once, as where one process reads it."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_scale import Workshop

from db import stages
from db.contract import document_json
from db.queries import get_job, list_jobs
from db.verification import verify
from invoice_connector.pipeline.process import Stage
from invoice_connector.pipeline.request import Request
from invoice_connector.scale.uploads import Pending
from ocr_ensemble.errors import OCRError
from scripts.scale.storm import _comparable
from scripts.synthetic.piles import drawn_documents, empty_sheet, joined

OWN = ("container", "timings_ms", "resources")


@pytest.fixture(scope="module")
def pile() -> bytes:
    """An empty sheet, documents of one and of two pages, and one of a single page."""
    made = [drawn_documents(seed, "en", 5, 1)[0] for seed in range(1, 12)]
    short, long = ([each for each in made if len(each.pages) == pages] for pages in (1, 2))
    return joined([empty_sheet(), *short[0].pages, *long[0].pages, *short[1].pages])


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path, engines=("pdf_text",))


def embedded(pile: bytes, folder: Path) -> list[dict[str, Any]]:
    folder.mkdir()
    return Workshop(folder, engines=("pdf_text",)).connector.process_bytes(pile, Request("pile-1", "p.pdf")).documents()


def stored(workshop: Workshop) -> list[dict[str, Any]]:
    jobs = [
        document_json(get_job(workshop.connector.database, job.id))
        for job in list_jobs(workshop.connector.database, 50)
    ]
    return sorted(jobs, key=lambda job: job["container"]["pages"])


def alike(document: dict[str, Any]) -> Any:
    found = _comparable(document)
    return {**found, "container": document["container"], "job_id": document["job_id"]}


def test_a_pile_becomes_what_one_process_makes_of_it(workshop: Workshop, pile: bytes, tmp_path: Path) -> None:
    workshop.line.accept(pile, Request("pile-1", "p.pdf"), "high")
    while workshop.messages:
        job_id, stage, priority = workshop.messages.pop(0)
        assert priority == "high"
        workshop.line.work(job_id, Stage(stage))
    alone = embedded(pile, tmp_path / "alone")
    assert [document["container"]["pages"] for document in alone] == [[2], [3, 4], [5]]
    assert [alike(document) for document in stored(workshop)] == [alike(document) for document in alone]
    assert Pending(workshop.connector.database, "pile-1").result(1) == stored(workshop)
    assert list((tmp_path / "work").rglob("*")) == []
    assert verify(workshop.connector.database).intact


def test_documents_of_a_pile_are_waited_for(workshop: Workshop, pile: bytes) -> None:
    workshop.line.accept(pile, Request("pile-1", "p.pdf"))
    while "pile-1" in [job_id for job_id, _, _ in workshop.messages]:
        mine = next(message for message in workshop.messages if message[0] == "pile-1")
        workshop.messages.remove(mine)
        workshop.line.work("pile-1", Stage(mine[1]))
    assert workshop.status("pile-1") in ("approved", "needs_review")
    with pytest.raises(TimeoutError):
        Pending(workshop.connector.database, "pile-1").result(0)
    workshop.run()
    assert len(Pending(workshop.connector.database, "pile-1").result(0)) == 3


def test_messages_that_come_twice_or_late_make_no_document_twice(workshop: Workshop, pile: bytes) -> None:
    workshop.line.accept(pile, Request("pile-1", "p.pdf"))
    rng, old = random.Random(3), list(workshop.messages)
    while workshop.messages:
        message = workshop.messages.pop(rng.randrange(len(workshop.messages)))
        old.append(message)
        for job_id, stage, _ in (rng.choice(old), message, message):
            workshop.line.work(job_id, Stage(stage))
    assert [document["container"]["pages"] for document in stored(workshop)] == [[2], [3, 4], [5]]
    assert verify(workshop.connector.database).intact


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", range(12))
def test_a_worker_killed_while_it_hands_documents_out_loses_and_doubles_none(
    step: int, workshop: Workshop, pile: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After any number of the writes of the store, the rows and the messages; the second reading would divide
    otherwise, and is not asked."""
    workshop.line.accept(pile, Request("pile-1", "p.pdf"))
    workshop.line.work("pile-1", Stage.PREPROCESSING)
    left = iter([*range(step)])

    def counted(do: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            if next(left, None) is None:
                raise Killed
            return do(*arguments)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(type(workshop.store), "put", counted(type(workshop.store).put))
        patch.setattr(stages, "enter", counted(stages.enter))
        patch.setattr(stages, "leave", counted(stages.leave))
        try:
            workshop.line.work("pile-1", Stage.READING)
        except Killed:
            workshop.messages.append(("pile-1", "reading", "normal"))
    if step > 0:
        monkeypatch.setattr(workshop.connector.ensemble, "read_document", _second_reading)
    workshop.run()
    assert [document["container"]["pages"] for document in stored(workshop)] == [[2], [3, 4], [5]]
    assert list((tmp_path / "work").rglob("*")) == []


def _second_reading(_document: object) -> object:
    raise OCRError("a page that was read is not read again")


def test_a_document_of_a_pile_that_kills_its_worker_costs_itself_only(workshop: Workshop, pile: bytes) -> None:
    workshop.line.accept(pile, Request("pile-1", "p.pdf"))
    workshop.line.work("pile-1", Stage.PREPROCESSING)
    workshop.messages.clear()
    workshop.line.work("pile-1", Stage.READING)
    poisoned = workshop.messages[0][0]
    for _ in range(3):
        assert stages.begin(workshop.connector.database, poisoned, Stage.EXTRACTING) is not None
    workshop.run()
    found = {document["job_id"]: document for document in stored(workshop)}
    assert found[poisoned]["error"]["type"] == "PoisonDocumentError"
    assert sorted(document["status"] == "failed" for document in found.values()) == [False, False, True]
    digests = {get_job(workshop.connector.database, job_id).record.sha256 for job_id in found}
    assert len(digests) == 3
