"""Fact kinds: fields by name and position, and what cannot be put together."""

import pytest

from tiesan.facts.derived import Derivation, extended
from tiesan.facts.kinds import PYTHON_TYPES, FactKind, FactKinds, Field, FieldType
from tiesan.flags.catalog import installed_catalog

CODE = Field("code", FieldType.TEXT, "Code")
SHOP = FactKind("shop", "Shop", (CODE, Field("name", FieldType.TEXT, "Name")))
BILL = FactKind("bill", "Bill", (CODE, Field("shop", FieldType.REFERENCE, "Shop", to="shop")))


def test_fields_by_name_and_position() -> None:
    assert SHOP.index == {"code": 0, "name": 1}
    assert SHOP.by_name["name"].label == "Name"


def test_kinds_are_found_in_order_of_declaration() -> None:
    kinds = FactKinds([BILL, SHOP])
    assert list(kinds) == ["bill", "shop"]
    assert len(kinds) == 2
    assert kinds["shop"] is SHOP
    assert "inn" not in kinds


def test_two_kinds_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two fact kinds are named shop"):
        FactKinds([SHOP, SHOP])


def test_a_reference_to_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match=r"bill\.shop refers to an unknown kind shop"):
        FactKinds([BILL])


def test_derived_fields_stand_behind_the_stored_ones() -> None:
    rich = Field("rich", FieldType.BOOLEAN, "Rich", derived=True)
    derivation = Derivation("shop", (rich,), lambda _kind, _around: lambda _fact: (True,))
    shop, bill = extended({"shop": SHOP, "bill": BILL}, (derivation,))
    assert [each.name for each in shop.fields] == ["code", "name", "rich"]
    assert bill == BILL


def test_every_type_has_its_python_type() -> None:
    assert set(PYTHON_TYPES) == set(FieldType)


def test_every_installed_kind_names_its_identity_and_principal_date() -> None:
    kinds = installed_catalog().kinds
    for kind in kinds.values():
        for name in (*kind.identity, *kind.principal):
            field = kind.by_name[name.split(".")[0]]
            if "." in name:
                field = kinds[str(field.to)].by_name[name.split(".")[1]]
            assert not field.derived
            assert name not in kind.principal or field.type is FieldType.DATE


def test_planned_dates_are_those_of_the_institutions() -> None:
    planned = {
        f"{kind.name}.{field.name}"
        for kind in installed_catalog().kinds.values()
        for field in kind.fields
        if field.planned
    }
    assert planned == {"leave.first_day", "leave.last_day", "task.due_on"}
