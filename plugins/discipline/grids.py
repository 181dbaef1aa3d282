"""A day's attendance where there is no clock, checks of posts, and counts of assets."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from plugins.discipline.assets import Asset, AssetCount
from plugins.discipline.models import (
    Attendance,
    PostCheck,
)
from tiesan.calendar.deadlines import add_months
from tiesan.i18n import _l
from tiesan.records.grids import Among, Column, Grid, Rows, Scene

_RULE, _MONTHS = "discipline.asset_not_counted", "months"
# An asset is due from a month before its deadline on.
_AHEAD = 1


def assets_due(session: Session, scene: Scene) -> Sequence[int]:
    """Return the assets of an organization to be counted within a month, or overdue.

    A count before the acquisition is ignored, as the rule ignores it.
    """
    begins = func.coalesce(func.max(AssetCount.counted_on), Asset.acquired_on)
    statement = (
        select(Asset.id, begins)
        .outerjoin(
            AssetCount,
            (AssetCount.asset_id == Asset.id)
            & AssetCount.voided_at.is_(None)
            & (AssetCount.counted_on >= Asset.acquired_on)
            & (AssetCount.counted_on < scene.day),
        )
        .where(Asset.organization_id == scene.organization_id, Asset.voided_at.is_(None))
        .where(Asset.acquired_on <= scene.day)
        .group_by(Asset.id, Asset.acquired_on, Asset.code)
        .order_by(Asset.code)
    )
    months = scene.parameter(_RULE, _MONTHS) - _AHEAD
    return [
        row_id
        for row_id, since in session.execute(statement)
        if months < 1 or add_months(since, months) <= scene.day
    ]


ATTENDANCE = Grid(
    record=Attendance,
    rows=Rows(Attendance, each="cadre", among=Among.CADRES),
    columns=(Column("clock_in"), Column("clock_out")),
    day="day",
    leaves_alone=True,
)
POST_CHECK = Grid(
    record=PostCheck,
    rows=Rows(PostCheck, each="cadre", among=Among.CADRES),
    columns=(Column("on_post", words={"yes": _l("At the post"), "no": _l("Not at the post")}),),
    day="checked_on",
)
ASSET_COUNT = Grid(
    record=AssetCount,
    rows=Rows(AssetCount, each="asset", among=assets_due, kept_by=("custodian", "organization")),
    columns=(),
    day="counted_on",
)
