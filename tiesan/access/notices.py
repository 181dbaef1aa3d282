"""Who issues a rectification notice, whom it concerns, and who sees it: policies of its course.

Everything follows from the flags that a notice names: whoever reviews all of them reviews it, and
whoever sees all of them sees it. A flag that has left it is named still.

Source: institutions.md, "What review adds".
"""

from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, and_

from tiesan.access.policies import Day, Id, Policy, concerned, nobody, there_is
from tiesan.access.reviewers import is_reviewer
from tiesan.flags.follow_up import NoticeFinding
from tiesan.flags.models import Flag
from tiesan.records.kinds import table_of


def reviews_notice(notice: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """A reviewer of all its flags, never of what is about themself."""
    return _of_all_flags(notice, is_reviewer, who, day)


def is_notified(notice: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """Whom it is addressed to: the cadre, or who chairs the organization; if secret, nobody."""
    return and_(~notice.confidential, concerned(notice.cadre_id, notice.organization_id, who))


def stands_in_for_notified(notice: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """A reviewer of all its flags, for somebody addressed who cannot sign in."""

    def could_sign_in(account_id: Id) -> ColumnElement[bool]:
        return is_notified(notice, account_id, day)

    return and_(reviews_notice(notice, who, day), nobody(could_sign_in))


def notice_readers(sees_flag: Policy) -> Policy:
    """Return who sees a notice, by who sees a flag."""

    def readers(notice: Any, who: Id, day: Day) -> ColumnElement[bool]:
        """Who sees all the flags that it names."""
        return _of_all_flags(notice, sees_flag, who, day)

    return readers


def _of_all_flags(notice: Any, holds: Policy, who: Id, day: Day) -> ColumnElement[bool]:
    """A condition: a policy of flags holds for every flag of a notice, which has one at least."""
    finding, table = table_of(NoticeFinding).alias(), table_of(Flag).alias()
    flag = SimpleNamespace(**dict(table.c.items()))
    named = and_(finding.c.notice_id == notice.id, table.c.id == finding.c.flag_id)
    is_other = there_is(finding, table, where=and_(named, ~holds(flag, who, day)))
    any_finding = table_of(NoticeFinding).alias()
    return and_(
        there_is(any_finding, where=any_finding.c.notice_id == notice.id),
        ~is_other,
    )
