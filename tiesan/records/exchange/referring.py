"""Who still refers to what an import had brought, once it is taken back: that stands against it."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Column, Select, select
from sqlalchemy.orm import Session

from tiesan.i18n import _
from tiesan.people.models import Account, Cadre, Grant, Organization
from tiesan.records.exchange.files import ExchangeFile
from tiesan.records.exchange.naming import named_rows
from tiesan.records.imports.models import ImportRow
from tiesan.records.kinds import record_kind, table_of


class Referring:
    """The rows that stand and refer to a row that an import had brought."""

    def __init__(self, session: Session, import_id: int, files: Iterable[ExchangeFile]) -> None:
        """Take the import, which is taken back already, and every kind of rows."""
        self._session, self._import_id, self._files = session, import_id, list(files)
        row = table_of(ImportRow)
        kinds = select(row.c.kind).where(row.c.import_id == import_id, row.c.before.is_(None))
        self._brought = set(session.scalars(kinds.distinct()))

    def lines(self, most: int) -> list[str]:
        """What stands, in words; at most so many lines."""
        found = [*self._of_rows(most), *self._of_accounts(most)]
        return found[:most]

    def _of_rows(self, most: int) -> Iterator[str]:
        text = _("%(kind)s %(row)s: refers to what was brought in")
        for file in self._files:
            ids: dict[int, None] = {}
            for place, kind in file.references:
                if kind in self._brought:
                    statement = self._naming(file.columns[place], kind).limit(most)
                    if file.can_be_voided:
                        statement = statement.where(file.table.c.voided_at.is_(None))
                    ids |= dict.fromkeys(self._session.scalars(statement))
            for name in named_rows(self._session, file, list(ids)).values():
                yield text % {"kind": file.kind.title, "row": name}

    def _of_accounts(self, most: int) -> Iterator[str]:
        """Accounts that stand for a person, and roles granted in an organization."""
        account, grant = table_of(Account), table_of(Grant)
        persons = self._new(record_kind(Cadre).name)
        places = self._new(record_kind(Organization).name)
        granted = select(grant.c.account_id).where(grant.c.organization_id.in_(places))
        named = account.c.cadre_id.in_(persons) | account.c.id.in_(granted)
        for name in self._session.scalars(select(account.c.username).where(named).limit(most)):
            yield _("Account %(name)s: stands for a person or holds a role that was brought in",
                    name=name)  # fmt: skip

    def _naming(self, column: Column[object], kind: str) -> Select[tuple[int]]:
        return select(column.table.c.id).where(column.in_(self._new(kind)))

    def _new(self, kind: str) -> Select[tuple[int]]:
        row = table_of(ImportRow)
        return select(row.c.row_id).where(
            row.c.import_id == self._import_id, row.c.kind == kind, row.c.before.is_(None)
        )
