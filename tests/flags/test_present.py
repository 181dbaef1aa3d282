"""What a standing flag shows follows its records; what its rule reads alone is new evidence."""

from dataclasses import replace
from datetime import date

from sqlalchemy import select

from plugins.discipline.models import Expense
from tests.flags.conftest import NOW, District
from tiesan.audit import COMMAND_LINE
from tiesan.flags.catalog import Catalog, installed_catalog
from tiesan.flags.evaluation import Task, evaluate_installation
from tiesan.flags.models import EvidenceLink, Flag
from tiesan.people.models import Cadre
from tiesan.rules.judging.plain import decide_plainly
from tiesan.rules.tree import Message, Rule, Template

AS_OF = date(2026, 3, 31)
UNAPPROVED = "discipline.expense_unapproved"


def the_flag(district: District) -> Flag:
    """The one flag of discipline."""
    [flag] = district.flags()
    return flag


def decided(district: District, amount: int = 20_000) -> Flag:
    """A confirmed flag on an expense."""
    district.expense("X1", amount)
    district.evaluate(AS_OF)
    district.review(the_flag(district), "confirmed", AS_OF)
    return the_flag(district)


def test_a_field_that_no_rule_reads_is_shown_anew_without_a_mark(district: District) -> None:
    decided(district)
    expense = district.session.scalars(select(Expense)).one()
    expense.item = "办公用品"
    district.evaluate(AS_OF)
    flag = the_flag(district)
    assert (flag.revision, flag.changed_since_decision) == (1, False)
    [revision] = flag.revisions
    assert revision.evidence[0]["item"] is None
    assert revision.shown is not None
    assert revision.shown[0]["item"] == "办公用品"
    assert [event.verb for event in flag.events] == ["raised", "reviewed"]


def test_corrected_back_it_is_shown_as_frozen(district: District) -> None:
    decided(district)
    expense = district.session.scalars(select(Expense)).one()
    for item in ("办公用品", None):
        expense.item = item
        district.evaluate(AS_OF)
    assert the_flag(district).revisions[0].shown is None


def test_what_changed_in_silence_is_no_excuse_for_what_the_rule_reads(district: District) -> None:
    decided(district)
    expense = district.session.scalars(select(Expense)).one()
    expense.item = "办公用品"
    district.evaluate(AS_OF)
    expense.amount = 20_001
    district.evaluate(AS_OF)
    flag = the_flag(district)
    assert (flag.revision, flag.changed_since_decision) == (2, True)
    assert [each.shown is None for each in flag.revisions] == [False, True]
    assert flag.revisions[1].evidence[0]["item"] == "办公用品"


def test_showing_anew_twice_changes_nothing(district: District) -> None:
    decided(district)
    district.session.scalars(select(Expense)).one().item = "办公用品"
    district.evaluate(AS_OF)
    before = district.stored()
    district.evaluate(AS_OF)
    assert district.stored() == before


def test_the_message_follows_a_renamed_cadre_and_revisions_keep_theirs(district: District) -> None:
    decided(district)
    cadre = district.session.scalars(select(Cadre).filter_by(code="C1")).one()
    cadre.name = "章新"
    district.evaluate(AS_OF)
    flag = the_flag(district)
    assert "章新" in flag.message_zh
    assert "章新" in flag.message_en
    assert "张C1" in flag.revisions[0].message_zh
    assert (flag.revision, flag.changed_since_decision) == (1, False)


def edited(rule_id: str, **changes: object) -> Catalog:
    """The installation with one rule edited."""
    catalog = installed_catalog()

    def rule(each: Rule) -> Rule:
        if each.id != rule_id:
            return each
        return replace(each, digest="edited", **changes)  # type: ignore[arg-type]

    files = tuple(replace(file, rules=tuple(map(rule, file.rules))) for file in catalog.files)
    return replace(catalog, files=files)


def evaluate(district: District, catalog: Catalog) -> None:
    """Evaluate with the rules of a catalogue."""
    district.session.commit()
    task = Task(COMMAND_LINE, catalog, decide_plainly, AS_OF, AS_OF, NOW)
    evaluate_installation(district.session, task)


def test_a_mended_text_of_a_rule_reaches_its_standing_flags(district: District) -> None:
    decided(district)
    said = Message(Template(("未经审批",)), Template(("not approved",)))
    evaluate(district, edited(UNAPPROVED, message=said))
    flag = the_flag(district)
    assert (flag.message_zh, flag.message_en) == ("未经审批", "not approved")
    assert (flag.revision, flag.changed_since_decision, flag.rule_digest) == (1, False, "edited")
    assert flag.revisions[0].message_zh != "未经审批"


def hitting_nothing() -> Catalog:
    """The installation with the rule on approvals edited so that it finds nothing."""
    return edited(UNAPPROVED, in_force_from=date(2026, 4, 1))


def test_a_flag_that_an_edited_rule_ends_says_so(district: District) -> None:
    decided(district)
    evaluate(district, hitting_nothing())
    flag = the_flag(district)
    assert (flag.active, flag.cleared_reason) == (False, "rule_edited")
    assert flag.events[-1].reason == "rule_edited"


def test_a_corrected_record_under_an_edited_rule_ends_it_by_its_condition(
    district: District,
) -> None:
    decided(district)
    catalog = edited(UNAPPROVED)
    evaluate(district, catalog)
    district.session.scalars(select(Expense)).one().amount = 100
    evaluate(district, catalog)
    assert the_flag(district).cleared_reason == "condition"


def test_a_rule_that_is_edited_back_finds_the_same_flag_with_its_decision(
    district: District,
) -> None:
    decided(district)
    evaluate(district, hitting_nothing())
    evaluate(district, installed_catalog())
    flag = the_flag(district)
    assert (flag.active, flag.episode, flag.review) == (True, 1, "confirmed")
    assert (flag.revision, flag.changed_since_decision) == (1, False)


def test_edited_back_after_a_correction_it_tells_that_the_condition_has_gone(
    district: District,
) -> None:
    decided(district)
    evaluate(district, hitting_nothing())
    district.session.scalars(select(Expense)).one().amount = 100
    evaluate(district, installed_catalog())
    flag = the_flag(district)
    assert (flag.active, flag.cleared_reason) == (False, "condition")
    reasons = [event.reason for event in flag.events if event.verb == "cleared"]
    assert reasons == ["rule_edited", "condition"]


def test_links_reach_beyond_the_records_that_evidence_names(district: District) -> None:
    for number in range(62):
        district.expense(f"X{number:02}", 1_000)
    district.evaluate(AS_OF)
    flag = the_flag(district)
    assert flag.rule == "discipline.expense_split"
    assert flag.revisions[0].evidence[-2] == {"fact": "expense", "more": 2}
    links = district.session.scalars(select(EvidenceLink.row_id).filter_by(flag_id=flag.id))
    expenses = district.session.scalars(select(Expense.id)).all()
    assert sorted(links) == sorted(expenses)


def test_a_record_voided_and_entered_again_is_linked_as_the_new_row(district: District) -> None:
    """Without an evaluation in between, so that the evidence is the same."""
    day = date(2026, 3, 5)
    first = district.attendance("C1", day)
    district.evaluate(AS_OF)
    first.voided_at, first.void_reason = NOW, "录错"
    district.session.commit()
    second = district.attendance("C1", day)
    district.evaluate(AS_OF)
    flag = the_flag(district)
    links = district.session.execute(
        select(EvidenceLink.row_id, EvidenceLink.present).where(EvidenceLink.flag_id == flag.id)
    )
    assert {tuple(link) for link in links} == {(first.id, False), (second.id, True)}
    assert flag.revision == 1
