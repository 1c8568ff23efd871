"""Processes and threads of their own: for reading, for folders of documents, and beside a server."""
