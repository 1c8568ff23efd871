"""Ways out of the log: what was read, in the forms that books, archives and other programs take."""
