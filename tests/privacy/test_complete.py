"""Every table that refers to a person is given to that person, or left out for a reason."""

from tiesan.discovery import load_plugins
from tiesan.extensions import Base
from tiesan.migrate import CORE_CLASSES
from tiesan.records.kinds import table_of

# By the section in which its rows are.
GIVEN = {
    "account": "account", "account_invitation": "invitations", "account_role": "roles",
    "account_session": "sessions", "attachment": "files", "audit_entry": "trail",
    "bulletin_name": "bulletins", "cadre_merge": "merges", "correction_request": "corrections",
    "course_event": "steps", "data_import": "imports", "deputy": "deputies", "flag": "flags",
    "flag_event": "flag_history", "import_person": "numbers", "import_said": "clocks",
    "notice": "notices", "notification": "notifications", "notification_choice": "chosen",
    "notification_language": "chosen", "one_time_secret": "codes", "recovery_code": "codes",
    "phrase": "phrases", "posting": "postings",
    "sending": "sendings", "waiver": "waivers", "way_address": "addresses",
}  # fmt: skip
# What says nothing of the person but that they did it, which the trail says.
IN_THE_TRAIL = {
    "bulletin", "bulletin_receipt", "bulletin_writer", "import_columns", "organization",
    "reminder", "retention", "rule_halt", "rule_version",
}  # fmt: skip
# What is kept for a while, to go on with it: the code is that of the merge, the run that of a job.
PASSING = {"cadre_alias", "job_run", "own_archive", "pending_evaluation", "sent_form"}


def test_every_table_that_refers_to_a_person_is_told_of() -> None:
    assert CORE_CLASSES
    records = {table_of(each).name for each in load_plugins().records}
    persons = {"account.id", "cadre.id"}
    found = {
        table.name
        for table in Base.metadata.tables.values()
        if persons & {key.target_fullname for key in table.foreign_keys}
    }
    assert found - records == {*GIVEN, *IN_THE_TRAIL, *PASSING}
