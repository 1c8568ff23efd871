"""Documents composed from a grammar of blocks and laid out by a browser."""
