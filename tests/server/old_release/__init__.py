"""What the release before the state had a version left behind when it was killed: its state, and GitHub beside it."""
