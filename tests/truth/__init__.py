"""What real servers do, and whether the model says the same."""
