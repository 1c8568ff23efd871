"""The exception tree. Every message says what happened, why, and what to do.

StorageError
 +- InvalidRecordError             a value that must not be stored (also a ValueError)
 +- DuplicateJobError              the job is stored already
 +- JobNotFoundError               no job has that id
 +- KeyNotFoundError               no API key has that id
 +- RecordNotFoundError            no company or supplier has that id
 +- AppendOnlyError                somebody tried to change or remove a stored row
 +- ErasedJobError                 the job's personal data was removed, so this cannot be done any more
 +- SealKeyError                   the key of the audit log is missing, wrong or not a key
 +- SealBrokenError                the head of the log is not as it was sealed, so nothing is added to it
 +- SearchUnavailableError         this database cannot search texts
 +- DatabaseUnavailableError       the database cannot be reached or opened
     +- DatabaseLockedError        another process holds it for longer than the time limit
     +- ReadOnlyDatabaseError      the file or its folder may not be written
     +- DiskFullError
     +- DamagedDatabaseError       the file is not a database, or a row in it cannot be read
     +- SchemaTooNewError          written by a newer version of this program
"""

from __future__ import annotations


class StorageError(Exception):
    """Base of all errors this package raises on purpose."""


class InvalidRecordError(StorageError, ValueError):
    """A value that must not be stored: not finite, out of range, not JSON, without a time zone."""


class DuplicateJobError(StorageError):
    """The job is stored already."""


class JobNotFoundError(StorageError):
    """No job has that id."""


class KeyNotFoundError(StorageError):
    """No API key has that id."""


class RecordNotFoundError(StorageError):
    """No company or supplier has that id."""


class AppendOnlyError(StorageError):
    """Somebody tried to change or remove a stored row."""


class ErasedJobError(StorageError):
    """The job's personal data was removed."""


class SealKeyError(StorageError):
    """The key of the audit log is missing, wrong or not a key."""


class SealBrokenError(StorageError):
    """The head of the log is not as it was sealed."""


class SearchUnavailableError(StorageError):
    """This database cannot search texts."""


class DatabaseUnavailableError(StorageError):
    """The database cannot be reached or opened."""


class DatabaseLockedError(DatabaseUnavailableError):
    """Another process held the database for longer than the time limit."""


class ReadOnlyDatabaseError(DatabaseUnavailableError):
    """The file or its folder may not be written."""


class DiskFullError(DatabaseUnavailableError):
    """There is no room for the next row."""


class DamagedDatabaseError(DatabaseUnavailableError):
    """The file is not a database, or a row in it cannot be read."""


class SchemaTooNewError(DatabaseUnavailableError):
    """The tables were made by a newer version of this program."""
