"""What the tests of a plugin inherit; the application's own tests stand on the same.

``tiesan.testing.fixtures`` is a pytest plugin (``pytest_plugins = ["tiesan.testing.fixtures"]``):
databases of both kinds, the command as a process, an application with a small world. The classes of
``tiesan.testing.inherited`` hold what every plugin has to keep to. Nothing of ``tiesan`` imports
this package, and only this package imports pytest.
"""
