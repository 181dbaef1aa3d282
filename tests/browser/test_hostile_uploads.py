"""In a real browser: files that mean harm, sent by the page of a form, are refused or cleaned."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, FilePayload, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.attachments import files
from tests.attachments.files import archive, docx, photo, picture
from tests.browser.serving import served_copy
from tests.browser.test_smoke import NARROW, Visit
from tiesan.extensions import db
from tiesan.records.attachments.models import LARGEST_FILE, Attachment
from tiesan.testing.world import World

pytestmark = pytest.mark.browser

FORM = "/records/expense/new/request"
# By the name they are sent with: the content, and a piece of what is said of it.
REFUSED = {
    "空.jpg": (b"", "是空的"),
    "大.pdf": (files.PDF.ljust(LARGEST_FILE + 1, b"\0"), "10 MB"),
    "页面.jpg": (b"<!doctype html><script>alert(1)</script>", "另存为"),
    "图.svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "另存为"),
    "脚本.png": (b"#!/bin/sh\nrm -rf /\n", "另存为"),
    "程序.pdf": (b"MZ\x90\0" + b"\0" * 100, "另存为"),
    "照片.heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
    "照片.jpg": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
    "旧.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "另存为"),
    "旧.docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "另存为"),
    "包.zip": (archive({"a.txt": b"1"}), "压缩包"),
    "包.docx": (archive({"a.txt": b"1"}), "压缩包"),
    "包.rar": (b"Rar!\x1a\x07\0" + b"\0" * 50, "压缩包"),
    "炸弹.png": (files.png_of(20_000, 20_000, 1), "像素"),
    "炸弹.webp": (files.webp_of(16_000, 16_000), "像素"),
    "炸弹.docx": (docx(**{"word/a.bin": b"\0" * 110 * 1024 * 1024}), "100 MB"),
    "谎.docx": (files.lying_docx(), ""),
    "宏.docx": (docx(**{"word/vbaProject.bin": b"1"}), "宏"),
    "外.docx": (docx(**{"../../etc/cron.d/x": b"1"}), "损坏"),
    "两名.docx": (files.two_named_docx(), "损坏"),
    "锁.docx": (files.locked_docx(), "损坏"),
    "断.jpg": (picture()[:200], "损坏"),
    "断.pdf": (b"%PDF-1.7\n1 0 obj", "损坏"),
    "双面.pdf": (files.PDF + archive({"a.exe": b"1"}), "压缩包"),
}
# What is kept, cleaned: by the name that it is kept under.
KEPT = {
    "位置.jpg": photo(6),
    "尾巴.jpg": picture() + archive({"a.exe": b"MZ"}),
    "../../../窗.jpg": picture(),
    "盘.png": files.png_with_remarks(),
    "变.pdf.exe": files.PDF,
}


@pytest.fixture
def window(
    browser: Browser, filled: tuple[Path, World], tmp_path: Path
) -> Iterator[tuple[Visit, Flask, Path]]:
    """The phone of the cadre, the application, and where it keeps files."""
    with served_copy(filled, tmp_path) as (app, address):
        context = browser.new_context(viewport=NARROW, locale="zh-CN")
        visit = Visit(context.new_page(), address)
        visit.sign_in("cadre")
        visit.page.goto(f"{address}{FORM}")
        yield visit, app, tmp_path / "instance" / "attachments"
        context.close()


def give(page: Page, name: str, content: bytes) -> None:
    """Pick a file, whose name and type say what they like."""
    sent: FilePayload = {"name": name, "mimeType": "image/jpeg", "buffer": content}
    page.locator("[data-files] input[type=file]").set_input_files(sent)


def test_what_means_harm_is_refused_with_what_to_do(
    window: tuple[Visit, Flask, Path],
) -> None:
    visit, app, folder = window
    page = visit.page
    listed = page.locator(".file-list")
    for name, (content, said) in REFUSED.items():
        give(page, name, content)
        expect(listed.get_by_role("alert")).to_contain_text(f"{name}: ")
        expect(listed.get_by_role("alert")).to_contain_text(said)
        expect(listed.get_by_role("checkbox")).to_have_count(0)
    assert list(folder.glob("??/*")) == []
    with app.app_context(), Session(db.engine) as session:
        assert session.scalars(select(Attachment)).all() == []
    visit.fits()
    # The browser says of each that it was not taken, but for the one that was not even sent.
    assert len(visit.complaints) == len(REFUSED) - 1


def test_what_is_kept_is_clean_and_a_sixth_is_not_sent(
    window: tuple[Visit, Flask, Path],
) -> None:
    visit, app, folder = window
    page = visit.page
    ticked = page.locator(".file-list input:checked")
    for number, (name, content) in enumerate(KEPT.items(), start=1):
        give(page, name, content)
        expect(ticked).to_have_count(number)
    give(page, "六.jpg", picture())
    expect(page.locator(".file-list").get_by_role("alert")).to_contain_text("最多 5 个")
    expect(ticked).to_have_count(len(KEPT))
    with app.app_context(), Session(db.engine) as session:
        names = list(session.scalars(select(Attachment.name).order_by(Attachment.id)))
    assert names == ["位置.jpg", "尾巴.jpg", "窗.jpg", "盘.png", "变.pdf.exe.pdf"]
    for path in folder.glob("??/*"):
        content = path.read_bytes()
        assert files.SECRET not in content
        assert b"a.exe" not in content
    visit.fits()
    assert visit.complaints == []
