"""Installations in folders of their own, on which commands are run in this process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from subprocess import CompletedProcess

import sqlalchemy as sa

from tiesan.audit import SIGN_IN, Subject, record_entry
from tiesan.config import read_database_url
from tiesan.database import make_engine, open_session
from tiesan.operating.backup import Installation
from tiesan.testing.command import Tiesan, in_process


@dataclass(frozen=True)
class Place:
    """An installation: its database, its instance folder, and the folder of its archives."""

    url: str
    root: Path
    further: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The instance folder."""
        return self.root / "instance"

    @property
    def archives(self) -> list[Path]:
        """Everything in the folder of the archives, by name."""
        return sorted((self.root / "archives").iterdir())

    @property
    def what(self) -> Installation:
        """The installation as it is backed up."""
        return Installation(read_database_url(self.url), self.folder)

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which a command is run here."""
        found = Tiesan(self.root)._environment(self.url, "en")
        return found | {"TIESAN_INSTANCE": str(self.folder)} | dict(self.further)

    def run(self, *words: str | Path, status: int = 0) -> CompletedProcess[str]:
        """Run a command; fails when it exits with another status."""
        done = in_process(self.root, [str(word) for word in words], self.environment, "")
        assert done.returncode == status, f"{done.returncode}: {done.stdout}\n{done.stderr}"
        return done

    def backup(self, *words: str, status: int = 0) -> CompletedProcess[str]:
        """Back up into the folder of the archives."""
        return self.run("backup", self.root / "archives", *words, status=status)

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """The rows of a statement."""
        engine = make_engine(read_database_url(self.url))
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(sa.text(statement))]
        engine.dispose()
        return found

    def enter(self, verb: str, at: datetime) -> None:
        """Add an entry to the audit trail."""
        with open_session(read_database_url(self.url)) as session:
            record_entry(session, SIGN_IN, verb, Subject("x"), at=at)
            session.commit()

    def write(self, statement: str) -> None:
        """Store what a statement says."""
        engine = make_engine(read_database_url(self.url))
        with engine.begin() as connection:
            connection.execute(sa.text(statement))
        engine.dispose()
