"""Records of property (财产): what an organization owns, and that it was found to be there."""

from datetime import date
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from tiesan.i18n import _l
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import (
    Record,
    RecordKind,
    code_column,
    date_column,
    reference_column,
    referenced,
    text_column,
)
from tiesan.records.policy import ENTERED, Policy


class Asset(Record):
    """A thing that an organization owns."""

    __tablename__ = "discipline_asset"
    record_kind = RecordKind(
        name="asset",
        file="assets",
        letters="ZC",
        title=_l("Asset"),
        plural=_l("Assets"),
        principal=("acquired_on",),
        belongs_to=("organization",),
    )
    concerns = ("organization",)
    policy = Policy(ENTERED)

    code: Mapped[str] = code_column()
    organization_id: Mapped[int] = reference_column("organization", label=_l("Organization"))
    name: Mapped[str] = text_column(_l("Name of the asset"), 200)
    custodian_id: Mapped[int | None] = reference_column("cadre", label=_l("Custodian"))
    acquired_on: Mapped[date] = date_column(_l("Acquired on"))

    organization: Mapped[Organization] = referenced(organization_id)
    custodian: Mapped[Cadre | None] = referenced(custodian_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read an organization's assets by day."""
        return (Index(None, "organization_id", "acquired_on"),)

    def __str__(self) -> str:
        """The name, as lists show it."""
        return self.name


class AssetCount(Record):
    """The day on which an asset was found to be there."""

    __tablename__ = "discipline_asset_count"
    record_kind = RecordKind(
        name="asset_count",
        file="asset_counts",
        title=_l("Asset count"),
        plural=_l("Asset counts"),
        identity=("asset", "counted_on"),
        principal=("counted_on",),
        belongs_to=("asset",),
    )
    concerns = ("asset.organization",)
    policy = Policy(ENTERED)

    asset_id: Mapped[int] = reference_column("asset", label=_l("Asset"), table="discipline_asset")
    counted_on: Mapped[date] = date_column(_l("Counted on"))

    asset: Mapped[Asset] = referenced(asset_id)
