"""The job that removes what people sent and did not use."""

from sqlalchemy.orm import Session

from tiesan.config import instance_folder
from tiesan.records.attachments.services import remove_unused
from tiesan.records.attachments.store import FileStore
from tiesan.scheduler.work import Outcome, Work


def remove_unused_files(work: Work) -> Outcome:
    """Remove the files that were sent a day ago and hang on nothing; says how many there were."""
    with Session(work.database) as session:
        removed = remove_unused(session, FileStore(instance_folder()), now=work.now)
    return {"removed": removed}
