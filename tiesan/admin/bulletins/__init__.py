"""Bulletins: the list, the draft and its editor, signing, receipts, and what is downloaded."""
