"""What a person says of a stored document, checked before it is stored."""
