"""The few HTML pages the App serves, and the manifest that registers it. They know settings' names, and no review."""
