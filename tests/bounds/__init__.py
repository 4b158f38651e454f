"""What an input may cost: how the time grows with its size, for shapes of every kind a stranger can send."""
