"""Documents as they arrive: mails, mailboxes, archives and e-invoices with several bodies, taken apart under limits."""
