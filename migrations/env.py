"""Run by Alembic for every part of the schema; ``tiesan.migrate`` says which and on what.

The settings come ready with the configuration, so that this file is the same for the core, the
built-in plugins and plugins from elsewhere.
"""

from alembic import context

context.configure(**context.config.attributes["settings"])
with context.begin_transaction():
    context.run_migrations()
