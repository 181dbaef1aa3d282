"""The job that gathers what is kept on a person, for that person."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from tiesan.database import begin_reading, begin_storing
from tiesan.flags.catalog import Catalog, installed_catalog, read_catalog
from tiesan.i18n import use_language
from tiesan.notifications.installed import courses_of
from tiesan.people.models import Account
from tiesan.privacy.own.account import of_account
from tiesan.privacy.own.archive import summary, write_archive
from tiesan.privacy.own.files import of_files
from tiesan.privacy.own.flags import of_flags
from tiesan.privacy.own.keeping import KEPT_FOR, archive_path
from tiesan.privacy.own.models import OwnArchive
from tiesan.privacy.own.records import of_records, of_steps
from tiesan.privacy.own.secret import Secret
from tiesan.privacy.own.sections import Gather, Own, OwnFile, Section
from tiesan.privacy.own.told import of_told
from tiesan.records.attachments.store import FileStore
from tiesan.scheduler.work import Outcome, Work

# In this order: what the trail says of one's own rows asks which they are.
PARTS: Sequence[Gather] = (of_account, of_records, of_flags, of_steps, of_told)


def gather(work: Work) -> Outcome:
    """Gather and pack what is kept on who asked for it, and let them fetch it for some days.

    An archive that was asked for anew meanwhile, or is there, is left alone.
    """
    place = Path(work.given["folder"])
    with use_language(work.given["language"]), Session(work.database) as session:
        begin_reading(session)
        row = session.get(OwnArchive, work.given["archive"])
        if row is None or row.made_at is not None or row.account_id != work.actor.account_id:
            return {}
        catalog = read_catalog(session, work.day, installed_catalog())
        sections, files = gathered(session, catalog, row.account_id)
        session.rollback()
        about = {"person": about_whom(session, row.account_id), "day": work.day.isoformat()}
        path = archive_path(place, row)
        size = write_archive(path, FileStore(place), about, sections, files)
        _note(session, row.id, sections, size, work.now)
    return {"rows": sum(len(each.rows) for each in sections)}


def gathered(
    session: Session, catalog: Catalog, account_id: int
) -> tuple[list[Section], list[OwnFile]]:
    """Return all that is kept on the person of an account, as the session sees it."""
    account = session.get_one(Account, account_id)
    own = Own(session, catalog, courses_of(catalog), account_id, account.cadre_id,
              Secret(session, catalog))  # fmt: skip
    sections = [section for part in PARTS for section in part(own)]
    listed, files = of_files(own)
    return [*sections, listed], files


def about_whom(session: Session, account_id: int) -> str:
    """Return whose account it is."""
    account = session.get_one(Account, account_id)
    return account.username if account.cadre is None else account.cadre.name


def _note(
    session: Session, archive_id: int, sections: Sequence[Section], size: int, now: datetime
) -> None:
    begin_storing(session)
    row = session.get(OwnArchive, archive_id)
    if row is not None:
        row.made_at, row.until, row.size = now, now + KEPT_FOR, size
        row.sections = summary(sections)
        session.commit()
