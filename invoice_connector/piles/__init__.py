"""Files that hold several documents, divided by what their pages say of themselves."""
