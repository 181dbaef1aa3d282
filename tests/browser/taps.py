"""How often somebody touches a phone until something is done, counted by doing it.

Each touch counts one; a native picker (a date, a time, a choice out of a list) two, one to open it
and one to choose; typing none. What is touched must be in sight or be scrolled to, which is free.
"""

from pathlib import Path

from playwright.sync_api import Locator, Page, ViewportSize

# The screen that is counted on.
PHONE: ViewportSize = {"width": 390, "height": 844}


class Taps:
    """The touches of one task on one page."""

    def __init__(self, page: Page) -> None:
        """Begin to count on a page that shows where the task begins."""
        self.page = page
        self.number = 0

    def tap(self, what: Locator) -> None:
        """Touch something."""
        self.number += 1
        what.click()

    def pick(self, what: Locator, value: str) -> None:
        """Choose in a native picker: from a list by value, a day or a time as its field has it."""
        self.number += 2
        if what.evaluate("each => each.tagName") == "SELECT":
            what.select_option(value)
        else:
            what.fill(value)

    def write(self, what: Locator, text: str) -> None:
        """Type into a field that is touched for it; a field that has the focus is free."""
        if not what.evaluate("each => each === document.activeElement"):
            self.number += 1
            what.click()
        what.press_sequentially(text)

    def give(self, what: Locator, file: Path) -> None:
        """Give a file: the button, and the file in the phone's own list."""
        self.number += 2
        what.set_input_files(file)
