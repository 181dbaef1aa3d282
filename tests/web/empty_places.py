"""Addresses of places in which there is nothing in the tests of access, with where they lead."""

EMPTY_PLACES = (
    # Nobody has drafted a bulletin; who opens one is in ``tests/bulletins``.
    ("bulletin.index_view", "/bulletins/"),
    ("bulletin.export", "/bulletins/export/csv/"),
    ("bulletin.new_view", "/bulletins/new"),
    ("bulletin.correct_view", "/bulletins/correct"),
    ("bulletin.details_view", "/bulletins/1"),
    ("bulletin.preview_view", "/bulletins/1/preview"),
    ("bulletin.numbers_view", "/bulletins/1/numbers"),
    ("bulletin.number_view", "/bulletins/1/numbers/rows"),
    ("bulletin.book_view", "/bulletins/1/numbers.xlsx"),
    ("bulletin.draft_view", "/bulletins/1/draft.docx"),
    ("bulletin.write_view", "/bulletins/1/write"),
    ("bulletin.verb_view", "/bulletins/1/sign"),
    ("bulletin.ajax_lookup", "/bulletins/ajax/lookup/?name=none&offset=0"),
    ("bulletin_receipt.index_view", "/bulletin-receipts/"),
    ("bulletin_receipt.details_view", "/bulletin-receipts/1"),
    ("bulletin_receipt.verb_view", "/bulletin-receipts/1/receive"),
    # Nobody has asked for their own data; who fetches it is in ``tests/privacy``.
    ("own_data.index_view", "/my/data"),
    ("own_data.part_view", "/my/data/part?name=flags"),
    ("own_data.archive_view", "/my/data/archive.zip"),
    ("kept.index_view", "/kept"),
    ("retention.index_view", "/retention"),
    # No way is set up; who opens one is in ``test_ways``.
    ("sending.index_view", "/sendings/"),
    ("sending.export", "/sendings/export/csv/"),
    ("sending.details_view", "/sendings/details/?id=1"),
    ("sending.ajax_lookup", "/sendings/ajax/lookup/?name=way&offset=0"),
    ("way.index_view", "/ways/"),
    ("way.export", "/ways/export/csv/"),
    ("way.details_view", "/ways/details/?id=1"),
    ("way.create_view", "/ways/new/wecombot"),
    ("way.edit_view", "/ways/edit/?id=1"),
    ("way.ajax_lookup", "/ways/ajax/lookup/?name=organization&query=&offset=0"),
)
