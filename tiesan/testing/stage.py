"""A small district in a real database, on which the rules of one plugin are held against records.

District D1, federation F1 under it, enterprise union E1 under F1; cadres C1 and C2 posted to F1.
Records go in by the services that pages and commands use, and are judged by a whole evaluation.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from tiesan.audit import COMMAND_LINE
from tiesan.engine.deciding import Engine
from tiesan.extensions import Base
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluation import Task, evaluate_installation
from tiesan.flags.models import Flag
from tiesan.people.models import Cadre, Organization
from tiesan.plugin import Plugin
from tiesan.records.base import Record
from tiesan.records.kinds import fact_kind
from tiesan.records.organizations import create_cadre, create_organization
from tiesan.records.services import create_record, update_record, void_record

NOW = datetime(2026, 3, 31, 2, 0, tzinfo=UTC)
SINCE = date(2000, 1, 1)

R = TypeVar("R", bound=Record)
# Rule without the plugin's name, subject, key, date.
Raised = tuple[str, str, str, date]


@dataclass
class Stage:
    """The district, the plugin whose rules are looked at, and what can be done."""

    session: Session
    engine: Engine
    plugin: Plugin

    def people(self, tracked_from: date, **of_first: object) -> None:
        """Store the district, tracked from a day, and its cadres; ``of_first`` changes C1."""
        places: dict[str, Organization] = {}
        for code, name, kind, parent in (
            ("D1", "甲区总工会", "district", None),
            ("F1", "乙联合会", "federation", "D1"),
            ("E1", "丙企业工会", "enterprise", "F1"),
        ):
            values = {
                "code": code,
                "name": name,
                "kind": kind,
                "parent": places.get(parent or ""),
                "founded_on": SINCE,
                "tracked_from": None if parent else tracked_from,
            }
            places[code] = create_organization(COMMAND_LINE, self.session, values, at=NOW)
        self.cadre("C1", **of_first)
        self.cadre("C2")
        self.session.commit()

    def cadre(self, code: str, **changed: object) -> None:
        """Store a cadre of F1, in post since 2000 and not professional unless told."""
        values = {
            "code": code,
            "name": f"张{code}",
            "organization": self._row(Organization, "F1"),
            "professional": False,
            "joined_on": SINCE,
        }
        create_cadre(COMMAND_LINE, self.session, values | changed, at=NOW)

    def store(self, model: type[R], **values: object) -> R:
        """Store a record; organizations and cadres are given by their codes, others as rows."""
        row = create_record(
            COMMAND_LINE, self.session, model, self._resolved(model, values), at=NOW
        )
        self.session.commit()
        return row

    def change(self, row: Record, **values: object) -> None:
        """Correct a record."""
        update_record(COMMAND_LINE, self.session, row, self._resolved(type(row), values), at=NOW)
        self.session.commit()

    def void(self, row: Record) -> None:
        """Void a record."""
        void_record(COMMAND_LINE, self.session, row, reason="误录", at=NOW)
        self.session.commit()

    def evaluate(self, as_of: date) -> set[Raised]:
        """Evaluate the whole of a day; gives the plugin's stored flags that are active."""
        decide, catalog = self.engine.decide, installed_catalog()
        task = Task(COMMAND_LINE, catalog, decide, as_of, as_of, NOW, ahead=True)
        outcome = evaluate_installation(self.session, task)
        assert outcome.not_evaluated == []
        self.session.expire_all()
        return {_raised(flag) for flag in self._flags() if flag.active}

    def cleared(self) -> set[tuple[str, str | None]]:
        """The plugin's stored flags that are not active: their rules, and why they were cleared."""
        return {
            (flag.rule.partition(".")[2], flag.cleared_reason)
            for flag in self._flags()
            if not flag.active
        }

    def rules(self) -> set[str]:
        """The names of the plugin's rules that are switched on, without its own."""
        ids = (rule.id for rule in installed_catalog().rules.values() if rule.enabled)
        return {
            name
            for plugin, _dot, name in (each.partition(".") for each in ids)
            if plugin == self.plugin.name
        }

    def refused(self, row: Record) -> bool:
        """Whether the database itself refuses a row, whatever the services would have said."""
        district = self._row(Organization, "D1")
        row.district_id, row.recorded_at, row.source = district.id, NOW, "import"
        self.session.add(row)
        try:
            self.session.flush()
        except (DataError, IntegrityError):
            return True
        else:
            return False
        finally:
            self.session.rollback()

    def id_of(self, model: type[Base], code: str) -> int:
        """The id of an organization or a cadre."""
        return int(self._row(model, code).id)

    def _flags(self) -> list[Flag]:
        statement = select(Flag).where(Flag.rule.startswith(f"{self.plugin.name}."))
        return list(self.session.scalars(statement))

    def _resolved(self, model: type[Record], values: dict[str, object]) -> dict[str, Any]:
        fields = fact_kind(model).by_name
        models: dict[str | None, type[Base]] = {"organization": Organization, "cadre": Cadre}
        return {
            name: self._row(models[fields[name].to], value)
            if isinstance(value, str) and fields[name].to in models
            else value
            for name, value in values.items()
        }

    def _row(self, model: type[Base], code: str) -> Any:
        return self.session.scalars(select(model).filter_by(code=code)).one()


def _raised(flag: Flag) -> Raised:
    subject = flag.subject
    assert subject is not None
    return (flag.rule.partition(".")[2], subject.code, flag.key, flag.occurred_on)
