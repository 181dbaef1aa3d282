"""The fixtures of ``tiesan.testing``, for every test of the plugin."""

pytest_plugins = ["tiesan.testing.fixtures"]
