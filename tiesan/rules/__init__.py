"""The rules language: reading, checking, evaluating in plain Python, explaining, testing.

Pure: no Flask, no SQLAlchemy, no clock. Source: rules-language.md.

Other rooms import from here and from `tiesan.rules.scenarios`; what stands behind is this room's
own affair:

    tree, parameters, positions, …   what a rule is
    reading     rule files become trees; their scenario tests are passed over
    judging     a tree and the facts of a world become hits
    words       a rule in plain words
    scenarios   the tests beside the rules: read and run when they are asked for
"""

from tiesan.rules.choices import Excused, Level, Missing, Severity
from tiesan.rules.flag_kind import FLAG, REVIEW_LABELS, SEVERITY_LABELS, Review
from tiesan.rules.item_list import LONGEST_ITEM, ItemList, cell_of_items
from tiesan.rules.judging.conditions import Binding, RelatedFacts, Test, split_joins
from tiesan.rules.judging.decisions import NOT_JUDGED, Batch, Decision, NotEvaluated, Verdicts
from tiesan.rules.judging.duty_counts import DutyCounts, DutyPeriod
from tiesan.rules.judging.hits import Hit
from tiesan.rules.judging.inquiry import Counted, Inquiry, Looked, Outcome
from tiesan.rules.judging.levels import Decide, Evaluation, FlagFacts, evaluate
from tiesan.rules.judging.measuring import Getter
from tiesan.rules.judging.owed import MOST_AHEAD, Owed, counted_since, owed, owed_again
from tiesan.rules.judging.plain import decide_plainly
from tiesan.rules.judging.reach import (
    is_local,
    kinds_needed,
    looks_for_people,
    paths_of_rule,
    reaches_subject,
)
from tiesan.rules.judging.references import Reference
from tiesan.rules.judging.sweeps import Eras, Sweep
from tiesan.rules.judging.weighing import fields_read, weighed
from tiesan.rules.judging.world import Sources, World, build_world
from tiesan.rules.lengths import Length
from tiesan.rules.literals import raw_text
from tiesan.rules.parameters import LIST, PARAMETER_TYPES, Parameter, ParameterValue, Values
from tiesan.rules.parts import DatePart, Part, TextPart
from tiesan.rules.positions import Position, RuleFileError
from tiesan.rules.reading.files import (
    RuleFile,
    load_rule_file,
    load_rule_files,
    load_rule_text,
)
from tiesan.rules.reading.parameter_parser import parse_value
from tiesan.rules.reads import severities_read
from tiesan.rules.rule_set import RuleSet, within
from tiesan.rules.shares import refuse_share
from tiesan.rules.tree import (
    AllOf,
    AnchorPath,
    AnyOf,
    Comparison,
    Condition,
    Dated,
    Deadline,
    Duty,
    Literal,
    NoneOf,
    Op,
    Operand,
    ParameterRef,
    Path,
    Related,
    Rule,
    Tally,
    Unit,
    When,
)
from tiesan.rules.words.lines import Line
from tiesan.rules.words.offending import offending_fields
from tiesan.rules.words.sentences import explain
from tiesan.rules.words.weighed import Verdict, WeighedLine, Weighing

__all__ = (
    "FLAG",
    "LIST",
    "LONGEST_ITEM",
    "MOST_AHEAD",
    "NOT_JUDGED",
    "PARAMETER_TYPES",
    "REVIEW_LABELS",
    "SEVERITY_LABELS",
    "AllOf",
    "AnchorPath",
    "AnyOf",
    "Batch",
    "Binding",
    "Comparison",
    "Condition",
    "Counted",
    "DatePart",
    "Dated",
    "Deadline",
    "Decide",
    "Decision",
    "Duty",
    "DutyCounts",
    "DutyPeriod",
    "Eras",
    "Evaluation",
    "Excused",
    "FlagFacts",
    "Getter",
    "Hit",
    "Inquiry",
    "ItemList",
    "Length",
    "Level",
    "Line",
    "Literal",
    "Looked",
    "Missing",
    "NoneOf",
    "NotEvaluated",
    "Op",
    "Operand",
    "Outcome",
    "Owed",
    "Parameter",
    "ParameterRef",
    "ParameterValue",
    "Part",
    "Path",
    "Position",
    "Reference",
    "Related",
    "RelatedFacts",
    "Review",
    "Rule",
    "RuleFile",
    "RuleFileError",
    "RuleSet",
    "Severity",
    "Sources",
    "Sweep",
    "Tally",
    "Test",
    "TextPart",
    "Unit",
    "Values",
    "Verdict",
    "Verdicts",
    "WeighedLine",
    "Weighing",
    "When",
    "World",
    "build_world",
    "cell_of_items",
    "counted_since",
    "decide_plainly",
    "evaluate",
    "explain",
    "fields_read",
    "is_local",
    "kinds_needed",
    "load_rule_file",
    "load_rule_files",
    "load_rule_text",
    "looks_for_people",
    "offending_fields",
    "owed",
    "owed_again",
    "parse_value",
    "paths_of_rule",
    "raw_text",
    "reaches_subject",
    "refuse_share",
    "severities_read",
    "split_joins",
    "weighed",
    "within",
)
