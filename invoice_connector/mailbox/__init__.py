"""A mailbox (IMAP) that is watched: what its mails bring is read once, and each mail moved to done or failed."""
