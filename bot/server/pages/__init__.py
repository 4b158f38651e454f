"""The few HTML pages of the App, and the manifest that registers it.

They know the names of the settings and GitHub's flow for manifests. Absent on purpose: reviews, and any state.
"""
