"""Links for flags that were stored before there were any, from the evidence that was frozen.

An evaluation keeps the links of what it finds. What was stored by an earlier version has none until
then, and a record under such a flag would be anybody's to correct: so they are filled when the
database is brought to the newest schema. No migration can do that, for only the installed plugins
know which kind of records lies in which table.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from tiesan.discovery import Plugins
from tiesan.facts.kinds import FactKinds
from tiesan.flags.links import CADRE, keep_links
from tiesan.flags.models import EvidenceLink, Flag, FlagRevision
from tiesan.records.kinds import fact_kinds, record_kind
from tiesan.rules import FLAG, Reference

Entry = Mapping[str, Any]
_Read = dict[int, frozenset[Reference]]


def fill_links(session: Session, plugins: Plugins) -> None:
    """Link all flags that have no link to what their evidence names; the caller commits.

    Whom an earlier revision of a confidential flag named is linked too, as not present any more.
    """
    kinds = fact_kinds(plugins.records, plugins.derivations, [FLAG])
    records = {record_kind(model).name: model for model in plugins.records}
    for district_id, (earlier, present) in _unlinked(session, kinds, frozenset(records)).items():
        keep_links(session, records, earlier, district_id)
        keep_links(session, records, present, district_id)


def _unlinked(
    session: Session, kinds: FactKinds, records: frozenset[str]
) -> Mapping[int, tuple[_Read, _Read]]:
    """By district what the flags without links rested on once, and what they rest on now."""
    found: dict[int, tuple[_Read, _Read]] = defaultdict(lambda: ({}, {}))
    linked = exists().where(EvidenceLink.flag_id == Flag.id)
    columns = (Flag.id, Flag.district_id, Flag.confidential, Flag.revision)
    statement = (
        select(*columns, FlagRevision.number, FlagRevision.evidence)
        .join(FlagRevision, FlagRevision.flag_id == Flag.id)
        .where(~linked)
    )
    for flag_id, district_id, secret, revision, number, evidence in session.execute(statement):
        wanted = records | {CADRE} if secret else records
        references = frozenset(each for each in named_in(evidence, kinds) if each[0] in wanted)
        earlier, present = found[district_id]
        if number == revision:
            present[flag_id] = references
        if secret:
            earlier[flag_id] = earlier.get(flag_id, frozenset()) | references
    return found


def named_in(evidence: Iterable[Entry], kinds: FactKinds) -> Iterator[Reference]:
    """The rows that frozen facts are, and those to which they refer by code."""
    for fact in evidence:
        kind = kinds.get(str(fact["fact"]))
        if kind is None:
            continue
        parts = [fact.get(name) for name in kind.identity]
        if None not in parts:
            yield kind.name, tuple(map(str, parts))
        for field in kind.fields:
            if field.to is not None and fact.get(field.name) is not None:
                yield field.to, (str(fact[field.name]),)
