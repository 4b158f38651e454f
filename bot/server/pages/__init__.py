"""The few HTML pages of the App, and the manifest that registers it. They know the settings' names, but no review."""
