"""Where results are sent: a folder, a webhook, a Parse Server. Each delivery is recorded, retried, and made once."""
