"""What can go wrong with a mailbox. Every message says what happened, why, and what to do.

MailboxError
 +- MailboxAwayError       the server cannot be reached or does not answer; later it may (a ConnectionError)
 +- LoginRefusedError      it does not know the user, the password or the token, or no token was to be had
 +- FolderRefusedError     the folder is not there, or may not be changed
"""

from __future__ import annotations


class MailboxError(Exception):
    """Base of all errors of this package."""


class MailboxAwayError(MailboxError, ConnectionError):
    """Later it may work."""


class LoginRefusedError(MailboxError):
    """The settings name a user, a password or a token that the server does not take."""


class FolderRefusedError(MailboxError):
    """The settings name a folder that cannot be watched, or moved to."""
