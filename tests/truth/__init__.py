"""What real servers do, and whether the model agrees."""
