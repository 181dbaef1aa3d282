"""Organizations (a tree), cadres and their postings, accounts and the roles granted to them.

Source: institutions.md, "Who is who"; exchange.md, organizations.csv and cadres.csv.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from tiesan.audit import NAME_LENGTH, Actor
from tiesan.columns import (
    RecordKind,
    RowCheck,
    boolean_column,
    choice_column,
    code_column,
    date_column,
    earlier,
    reference_column,
    referenced,
    text_column,
)
from tiesan.extensions import Base
from tiesan.i18n import _l
from tiesan.people.folding import folded
from tiesan.people.passwords import verify_password


class OrganizationKind(StrEnum):
    """The three levels of the tree."""

    DISTRICT = "district"
    FEDERATION = "federation"
    ENTERPRISE = "enterprise"


class RoleName(StrEnum):
    """The roles that an account can have in an organization."""

    ADMINISTRATOR = "administrator"
    SUPERVISOR = "supervisor"
    CADRE = "cadre"
    AUDIT_COMMITTEE = "audit_committee"


ORGANIZATION_KINDS = {
    OrganizationKind.DISTRICT.value: _l("District federation"),
    OrganizationKind.FEDERATION.value: _l("Federation"),
    OrganizationKind.ENTERPRISE.value: _l("Enterprise union"),
}

ROLE_TITLES = {
    RoleName.ADMINISTRATOR.value: _l("Administrator"),
    RoleName.SUPERVISOR.value: _l("Supervisor"),
    RoleName.CADRE.value: _l("Cadre"),
    RoleName.AUDIT_COMMITTEE.value: _l("Audit committee"),
}

# Which kinds of organization may stand above which; a district stands above all and below none.
PARENT_KINDS = {
    OrganizationKind.DISTRICT.value: frozenset[str](),
    OrganizationKind.FEDERATION.value: frozenset({"district"}),
    OrganizationKind.ENTERPRISE.value: frozenset({"district", "federation"}),
}


ORGANIZATION_CHECKS = (
    RowCheck(
        "parent",
        lambda row: row["kind"] == "district" and row["parent"] is not None,
        _l("a district federation stands at the top and has no superior organization"),
    ),
    RowCheck(
        "parent",
        lambda row: row["kind"] != "district" and row["parent"] is None,
        _l("a federation or enterprise union needs a superior organization"),
    ),
    RowCheck(
        "tracked_from",
        lambda row: row["kind"] == "district" and row["tracked_from"] is None,
        _l("a district federation needs the day from which records are kept"),
    ),
    RowCheck(
        "tracked_from",
        lambda row: row["kind"] != "district" and row["tracked_from"] is not None,
        _l("only a district federation has the day from which records are kept"),
    ),
    RowCheck(
        "dissolved_on",
        lambda row: (
            row["dissolved_on"] is not None and not earlier(row, "founded_on", than="dissolved_on")
        ),
        _l("does not lie after the day of founding"),
    ),
)


class Organization(Base):
    """A trade union organization: district (区总工会), federation or enterprise union.

    ``district_id`` names the district at the root of its tree; it is blank only until the end of
    the transaction of a new district. What is voided came with an import that was undone.
    """

    __tablename__ = "organization"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("(kind = 'district') = (parent_id IS NULL)", name="parent_unless_district"),
        CheckConstraint(
            "(kind = 'district') = (tracked_from IS NOT NULL)", name="tracked_from_of_districts"
        ),
        CheckConstraint("kind = 'district' OR district_id IS NOT NULL", name="in_a_district"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("dissolved_on > founded_on", name="dissolved_after_founded"),
    )
    record_kind = RecordKind(
        name="organization",
        file="organizations",
        title=_l("Organization"),
        plural=_l("Organizations"),
        belongs_to=("parent",),
    )
    row_checks = ORGANIZATION_CHECKS

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = code_column()
    name: Mapped[str] = text_column(_l("Name of the organization"), 200)
    kind: Mapped[str] = choice_column(_l("Kind of organization"), ORGANIZATION_KINDS)
    parent_id: Mapped[int | None] = reference_column(
        "organization", label=_l("Superior organization"), index=True
    )
    founded_on: Mapped[date] = date_column(_l("Founded on"))
    dissolved_on: Mapped[date | None] = date_column(_l("Dissolved on"))
    tracked_from: Mapped[date | None] = date_column(_l("Records kept from"))
    chair_id: Mapped[int | None] = reference_column(
        "cadre", label=_l("Chair"), cyclic=True, index=True
    )
    district_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    voided_at: Mapped[datetime | None]

    parent: Mapped["Organization | None"] = relationship(
        foreign_keys=[parent_id], remote_side="Organization.id", back_populates="children"
    )
    children: Mapped[list["Organization"]] = relationship(
        foreign_keys=[parent_id], back_populates="parent"
    )
    district: Mapped["Organization | None"] = relationship(
        foreign_keys=[district_id], remote_side="Organization.id", post_update=True
    )
    chair: Mapped["Cadre | None"] = relationship(foreign_keys=[chair_id], post_update=True)

    def __str__(self) -> str:
        """The name, as lists show it."""
        return self.name


class OrganizationAbove(Base):
    """Which organizations stand above which, each above itself included.

    It follows from ``Organization.parent_id`` and is kept by ``tiesan.people.ancestry``, so that a
    role that reaches everything below an organization is one comparison.
    """

    __tablename__ = "organization_above"

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    above_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id"), primary_key=True, index=True
    )


class Cadre(Base):
    """A union cadre (工会干部): a person posted to one organization.

    ``joined_on`` is the first day of the first posting, ``organization`` that of the latest,
    ``left_on`` the day after its end; they are written with these (``people.postings``). Nothing
    before ``assessed_from`` counts. Who is voided came with an undone import. No id comes twice.
    """

    __tablename__ = "cadre"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("left_on >= joined_on", name="left_after_joined"),
        {"sqlite_autoincrement": True},
    )
    record_kind = RecordKind(
        name="cadre",
        file="cadres",
        title=_l("Cadre"),
        plural=_l("Cadres"),
        belongs_to=("organization",),
    )
    row_checks = (
        RowCheck(
            "left_on",
            lambda row: earlier(row, "left_on", than="joined_on"),
            _l("lies before the day of joining"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = code_column()
    name: Mapped[str] = text_column(_l("Name of the person"), 100)
    organization_id: Mapped[int] = reference_column(
        "organization", label=_l("Organization"), index=True
    )
    post: Mapped[str | None] = text_column(_l("Post"), 100)
    professional: Mapped[bool] = boolean_column(_l("Professional"))
    joined_on: Mapped[date] = date_column(_l("Joined on"))
    left_on: Mapped[date | None] = date_column(_l("Left on"))
    assessed_from: Mapped[date | None] = date_column(_l("Assessed from"))
    voided_at: Mapped[datetime | None]

    organization: Mapped[Organization] = referenced(organization_id)
    postings: Mapped[list["Posting"]] = relationship(
        back_populates="cadre", order_by="Posting.from_on"
    )
    account: Mapped["Account | None"] = relationship(back_populates="cadre")

    def __str__(self) -> str:
        """The name, as lists show it."""
        return self.name


class Posting(Base):
    """A cadre's time in one organization; only the latest posting may have no end.

    ``until_on`` is the last day in it. Those of one cadre do not overlap (``people.postings``); who
    left on the day of joining has none.
    """

    __tablename__ = "posting"
    __table_args__ = (
        UniqueConstraint("cadre_id", "from_on"),
        CheckConstraint("until_on >= from_on", name="until_after_from"),
        Index(
            "uq_posting_without_end",
            "cadre_id",
            unique=True,
            sqlite_where=text("until_on IS NULL"),
            postgresql_where=text("until_on IS NULL"),
        ),
    )
    record_kind = RecordKind(
        name="posting",
        file="postings",
        title=_l("Posting"),
        plural=_l("Postings"),
        identity=("cadre", "from"),
        belongs_to=("cadre",),
    )
    row_checks = (
        RowCheck(
            "until",
            lambda row: earlier(row, "until", than="from"),
            _l("lies before the first day"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cadre_id: Mapped[int] = reference_column("cadre", label=_l("Cadre"))
    organization_id: Mapped[int] = reference_column(
        "organization", label=_l("Organization"), index=True
    )
    from_on: Mapped[date] = date_column(_l("In post from"), name="from")
    until_on: Mapped[date | None] = date_column(_l("In post until"), name="until")

    cadre: Mapped[Cadre] = relationship(back_populates="postings")
    organization: Mapped[Organization] = relationship()


class Role(Base):
    """A role by name; who has it, and where, is a ``Grant``."""

    __tablename__ = "role"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30))

    def __str__(self) -> str:
        """The title, in the reader's language."""
        return str(ROLE_TITLES.get(self.name, self.name))


class Account(Base):
    """An account of one person; it stands for a cadre, or for nobody (an administrator).

    What it may do is granted per organization. The columns that Flask-Security asks for are here:
    ``active``, ``fs_uniquifier`` and what it tracks of sign-ins; and so are the few members that it
    and Flask-Login ask of whoever signs in. Their mixin would give these and many more, and would
    load forms and templates into every command.
    """

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("username"),
        UniqueConstraint("username_folded"),
        UniqueConstraint("email"),
        UniqueConstraint("fs_uniquifier"),
        UniqueConstraint("cadre_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(NAME_LENGTH))
    username_folded: Mapped[str] = mapped_column(String(100))
    email: Mapped[str | None] = mapped_column(String(255))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64))
    cadre_id: Mapped[int | None] = mapped_column(ForeignKey("cadre.id"))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    current_login_at: Mapped[datetime | None]
    last_login_ip: Mapped[str | None] = mapped_column(String(64))
    current_login_ip: Mapped[str | None] = mapped_column(String(64))
    login_count: Mapped[int | None]

    cadre: Mapped[Cadre | None] = relationship(back_populates="account")
    grants: Mapped[list["Grant"]] = relationship(back_populates="account")

    # What Flask-Security asks with every request; here roles are asked for with where they hold.
    roles: ClassVar[Sequence[Role]] = ()
    # What Flask-Login asks: somebody who has an account is known and not a stranger.
    is_authenticated = True
    is_anonymous = False

    @validates("username")
    def _fold(self, _name: str, username: str) -> str:
        """Keep the folded form beside every user name."""
        self.username_folded = folded(username)
        return username

    @property
    def own_names(self) -> tuple[str, ...]:
        """The names that are not to be found in the account's password."""
        return (self.username, *([self.cadre.name] if self.cadre else []))

    @property
    def is_active(self) -> bool:
        """Whether the account may sign in."""
        return self.active

    def get_id(self) -> str:
        """Return what a session keeps of the account; a new password gives it another one."""
        return self.fs_uniquifier

    def verify_and_update_password(self, password: str) -> bool:
        """Whether this is the account's password; Flask-Security asks it while signing in."""
        return self.password is not None and verify_password(password, self.password)

    def is_locked(self, _errors: list[str] | None = None) -> bool:
        """Return that nothing but ``active`` keeps an account out."""
        return False

    def track_failed_authn(self, _how: str) -> None:
        """Note nothing of a wrong password."""

    @property
    def actor(self) -> Actor:
        """This account as the one who writes."""
        return Actor(self.id, self.username)

    def __str__(self) -> str:
        """The name under which the person signs in."""
        return self.username


class Grant(Base):
    """A role that an account has in one organization and everything below it.

    Without an organization it holds for the whole installation, which only administrators have.
    """

    __tablename__ = "account_role"
    __table_args__ = (
        UniqueConstraint("account_id", "role_id", "organization_id"),
        Index(
            "uq_account_role_everywhere",
            "account_id",
            "role_id",
            unique=True,
            sqlite_where=text("organization_id IS NULL"),
            postgresql_where=text("organization_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)

    account: Mapped[Account] = relationship(back_populates="grants")
    role: Mapped[Role] = relationship()
    organization: Mapped[Organization | None] = relationship()
