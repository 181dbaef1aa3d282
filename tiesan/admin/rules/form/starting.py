"""What each form of rules begins with when it is chosen in the place of another."""

from collections.abc import Mapping

from tiesan.rules.editing import Plain

STARTS: Mapping[str, Plain] = {
    "when": {"fact": "expense", "where": [{"field": "reimbursed_on", "op": "present"}]},
    "deadline": {
        "fact": "conflict",
        "from": "opened_on",
        "days": "15",
        "done": "mediated_on",
    },
    "duty": {
        "owed_by": {
            "fact": "organization",
            "where": [{"field": "kind", "op": "eq", "value": "federation"}],
        },
        "every": "quarter",
        "counts": {"fact": "study_session", "by": "organization", "date": "held_on"},
        "required": "2",
    },
    "tally": {
        "of": {"fact": "expense"},
        "by": ["cadre"],
        "date": "spent_on",
        "every": "month",
        "at_least": {"count": "2"},
    },
}
