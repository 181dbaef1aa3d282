"""Imports in the browser as they are run: asked for, read, stored and undone, each in a child."""
