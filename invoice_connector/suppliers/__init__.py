"""What is known before a document comes: the own companies, the suppliers, and how each supplier prints.

``known.Known`` is all of it that concerns one document; ``directory`` finds it in the log, ``matching`` says who sent
the document, ``rules`` what speaks against it.
"""
