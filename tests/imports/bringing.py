"""Bringing in everything as somebody does: files or a folder are chosen, looked at, confirmed."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from tests.clocks.bringing import INDEX, Bringing, bringing
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.records.exchange.exporting import export_path
from tiesan.records.imports.kept import KeptFiles


@dataclass
class Everything(Bringing):
    """Somebody who brings in files of the exchange format."""

    def choose(self, *paths: Path, as_folder: bool = False) -> TestResponse:
        """Choose files, or everything in a folder, and show what becomes of them."""
        name = "folder" if as_folder else "file"
        sent = MultiDict(self.who.filled(INDEX))
        for path in paths:
            called = f"{path.parent.name}/{path.name}" if as_folder else path.name
            sent.add(name, FileStorage(BytesIO(path.read_bytes()), called))
        boundary, body = encode_multipart(sent)
        kind = f'multipart/form-data; boundary="{boundary}"'
        answer = self.who.client.post(f"{INDEX}all", data=body, content_type=kind)
        assert answer.status_code in {302, 303}, answer.text
        self.address = answer.location
        return self.page()

    def folder(self, folder: Path) -> TestResponse:
        """Choose a folder."""
        return self.choose(
            *sorted(each for each in folder.iterdir() if each.is_file()), as_folder=True
        )

    def write(self, folder: Path, **files: str) -> TestResponse:
        """Write CSV files into a folder and choose it."""
        folder.mkdir(parents=True, exist_ok=True)
        for stem, content in files.items():
            (folder / f"{stem}.csv").write_text(content, encoding="utf-8")
        return self.folder(folder)

    def confirm(self, reason: str = "补录") -> TestResponse:
        """Confirm what was previewed; where it raises many flags, once more."""
        page = self.go_on("confirm", reason=reason)
        return self.go_on("confirm", reason=reason) if self.state == "previewed" else page

    @property
    def files(self) -> KeptFiles:
        """What is kept of the import."""
        return KeptFiles(Path(self.app.instance_path), int(self.address.rpartition("/")[2]))


def everything(app: Flask, name: str, *, in_children: bool = False) -> Everything:
    """Somebody who is signed in."""
    one = bringing(app, name, in_children=in_children)
    return Everything(one.app, one.who)


def exported(app: Flask) -> dict[str, bytes]:
    """Everything that travels, by file."""
    with app.app_context(), TemporaryDirectory() as folder:
        records = app.extensions["catalog"].plugins.records
        export_path(db.session(), Path(folder), records)
        db.session.rollback()
        return {each.name: each.read_bytes() for each in sorted(Path(folder).iterdir())}


Flags = set[tuple[str, int | None, int | None, str, str]]


def flags(app: Flask) -> Flags:
    """The active flags with their reviews."""
    with app.app_context():
        active = select(Flag).where(Flag.active)
        return {
            (each.rule, each.cadre_id, each.organization_id, each.key, each.review)
            for each in db.session.scalars(active)
        }
