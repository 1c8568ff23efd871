"""Reads files in this process and books them: python from_python.py BOOKS FILE..."""

from __future__ import annotations

import sys
from pathlib import Path

from ledger import book, opened

from invoice_connector import InvoiceOCRConnector


def main(books_path: str, *files: str) -> None:
    connector = InvoiceOCRConnector()  # keeps its engines loaded: make one, and use it for all files
    books = opened(Path(books_path))
    for file in files:
        result = connector.process_invoice_with_ocr(invoice_file_path=file)
        for each in (result, *result.others):  # a mail or a pile holds several documents
            document = each.to_dict()
            print(f"{document['file']}: {book(books, document)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
