"""A process that sends what is due: `python sending_child.py DATABASE ROBOTS NOW`."""

import sys
from datetime import datetime

from tests.sending.conftest import SECRET_KEY
from tests.sending.robots import HOSTS
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.notifications.sending.reach import Reach
from tiesan.notifications.sending.sealing import Seal
from tiesan.notifications.sending.speaking import Speaker
from tiesan.notifications.sending.ways import Keeping
from tiesan.notifications.sending.working import Post, work_off


def main(url: str, robots: str, now: str) -> None:
    """Send what is due, all of it at one moment."""
    moment = datetime.fromisoformat(now)
    post = Post(
        make_engine(read_database_url(url)),
        Keeping(Seal(SECRET_KEY), None),
        Speaker(Reach(instead=dict.fromkeys(HOSTS, robots))),
        lambda: moment,
    )
    work_off(post)


if __name__ == "__main__":
    main(*sys.argv[1:])
