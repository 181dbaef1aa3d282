"""What a doctor looks at on the machine: settings, engine, disk, files and key, calendar, fonts."""

import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import time
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from tiesan.clock import day_of
from tiesan.config import (
    evaluation_time,
    hosts,
    hosts_out,
    metrics_token,
    proxies,
    public_address,
    schedules,
)
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.operating.backup import KEY
from tiesan.operating.findings import Level, Patient, Trouble
from tiesan.reports.documents.fonts import pdf_possible, replaced_faces
from tiesan.secret_key import SECRET_KEY, installed_key, stored_key

# Below the first it is to be seen to, below the second nothing can be relied on.
LITTLE_ROOM, NO_ROOM = 2 << 30, 200 << 20
_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_WRITE_FOR_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_OWN_MACHINE = frozenset({None, "localhost", "127.0.0.1", "::1"})
_MEGABYTE = 1 << 20


def is_public(patient: Patient) -> bool:
    """Whether others than those on this machine reach the application, as far as settings say."""
    given = public_address(patient.environment)
    named = urlsplit(given or "").hostname
    https = patient.environment.get("TIESAN_HTTPS") == "1"
    return named not in _OWN_MACHINE or https or proxies(patient.environment) > 0


def of_settings(patient: Patient) -> Iterator[Trouble]:
    """Settings that are none, and settings that contradict each other."""
    readers: tuple[Callable[..., object], ...] = (
        *(proxies, hosts_out, public_address, schedules, hosts, metrics_token),
        lambda environment: evaluation_time(time(0), environment),
    )
    refused = False
    for read in readers:
        try:
            read(patient.environment)
        except UserError as error:
            refused = True
            yield Level.FAULT, " ".join(error.lines)
    if refused:
        return
    address = public_address(patient.environment) or ""
    if address.startswith("https:") and patient.environment.get("TIESAN_HTTPS") != "1":
        yield Level.WARNING, _("People come by https, and TIESAN_HTTPS is not 1: cookies are sent "
                               "without encryption, too.")  # fmt: skip
    if proxies(patient.environment) and not hosts(patient.environment):
        yield Level.WARNING, _("TIESAN_HOSTS is not set: any name of a host is answered.")


def of_engine(patient: Patient) -> Iterator[Trouble]:
    """The child in which durable_rules decides."""
    if not patient.engine.is_alive():
        yield Level.FAULT, _("The rules engine does not start: no rule can be evaluated.")


def of_disk(patient: Patient, little: int = LITTLE_ROOM, none: int = NO_ROOM) -> Iterator[Trouble]:
    """The room on the disks of the instance folder and of a SQLite file."""
    named = patient.what.url.database
    places = [patient.what.folder]
    if patient.what.url.get_backend_name() == "sqlite" and named:
        places.append(Path(named).absolute().parent)
    for place in dict.fromkeys(places):
        if not place.exists():
            continue
        free = shutil.disk_usage(place).free
        if free < little:
            text = _("Only %(size)d MB are free where %(folder)s lies.")
            said = text % {"size": free // _MEGABYTE, "folder": place}
            yield Level.FAULT if free < none else Level.WARNING, said


def of_files(patient: Patient) -> Iterator[Trouble]:
    """Files and folders of the installation that others may use, or that belong to others."""
    folder = patient.what.folder
    found = [folder, *sorted(folder.iterdir())] if folder.exists() else []
    named = patient.what.url.database
    if patient.what.url.get_backend_name() == "sqlite" and named and Path(named).exists():
        found.append(Path(named).absolute())
    owner = found[0].stat().st_uid if found else None
    for path in dict.fromkeys(found):
        said = path.lstat()
        if said.st_mode & (_WRITE_FOR_OTHERS if stat.S_ISDIR(said.st_mode) else _FOR_OTHERS):
            text = _("Others may use %(file)s: run `chmod go= %(file)s`.")
            yield Level.FAULT, text % {"file": path}
        if said.st_uid != owner:
            text = _("%(file)s belongs to another user than its folder: who serves may not be able "
                     "to use it.")  # fmt: skip
            yield Level.FAULT, text % {"file": path}


def of_key(patient: Patient) -> Iterator[Trouble]:
    """The secret key: there, long enough, and written by its owner alone."""
    path = patient.what.folder / KEY
    given = SECRET_KEY in patient.environment
    if not given and not path.exists():
        yield Level.WARNING, _("There is no secret key yet; the first start makes one.")
        return
    try:
        installed_key(patient.what.folder, patient.environment)
    except UserError as error:
        yield Level.FAULT, " ".join(error.lines)


def key_of(patient: Patient) -> str | None:
    """Return the secret key without making one; None where there is none that can be used."""
    try:
        if SECRET_KEY in patient.environment:
            return installed_key(patient.what.folder, patient.environment)
        path = patient.what.folder / KEY
        return stored_key(patient.what.folder) if path.exists() else None
    except UserError:
        return None


def of_fonts(patient: Patient) -> Iterator[Trouble]:  # noqa: ARG001 - every check takes it
    """What PDF files need beside the extra, where that is installed."""
    if not pdf_possible():
        return
    try:
        import_module("weasyprint")
    except OSError:
        yield Level.WARNING, _("No PDF can be written: the libraries of Pango are not installed.")
        return
    missing = [face for face, stands_for in replaced_faces().items() if not stands_for]
    if missing:
        yield Level.WARNING, _("No font stands for %(faces)s: PDF files will lack characters.",
                               faces=_(", ").join(missing))  # fmt: skip


def of_this_year(patient: Patient) -> tuple[int, int]:
    """Return the running year of the district, and how many days of it are left."""
    today = day_of(patient.now)
    return today.year, (today.replace(month=12, day=31) - today).days
