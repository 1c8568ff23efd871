"""What codes on a page say: one module per family of payloads, and what follows for the fields."""
