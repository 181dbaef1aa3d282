"""What pages need to have something sent: the seal, the hosts, and a run that is waited for."""

from flask import current_app

from tiesan.access.viewer import current_viewer
from tiesan.clock import now
from tiesan.config import hosts_out
from tiesan.extensions import db
from tiesan.notifications.sending.sealing import Seal
from tiesan.notifications.sending.ways import Keeping
from tiesan.scheduler.asking import ask_run
from tiesan.scheduler.jobs import SEND_ASKED
from tiesan.scheduler.runner import Runner


def keeping() -> Keeping:
    """Return with what this installation keeps ways."""
    return Keeping(Seal(current_app.config["SECRET_KEY"]), hosts_out())


def have_sent(sending_id: int) -> None:
    """Commit, and have one sending done while the page waits; it may still be at it then."""
    actor = current_viewer().actor
    run = ask_run(actor, db.session(), SEND_ASKED, {"sending": sending_id}, now=now())
    run_id = run.id
    db.session.commit()
    runner: Runner = current_app.extensions["runner"]
    runner.call_for(run_id, current_app.config["PATIENCE_SECONDS"])
