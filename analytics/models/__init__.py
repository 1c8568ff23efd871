"""What the API answers. Shares lie in 0..1, times are milliseconds, moments UTC; null means unknown, never zero."""
