"""What a sending says when it leaves: of what kind, how many, and where to look.

Names, persons and matters never leave; whoever reads it signs in and sees what they may see then.
"""

from collections.abc import Mapping
from dataclasses import dataclass

# The longest text that WeCom takes, in bytes of UTF-8.
MOST_BYTES = 2_048
NAME = "铁山"


@dataclass(frozen=True, slots=True)
class Text:
    """A text that leaves: one line on top, what stands below it, and maybe a link as last line."""

    subject: str
    body: str


def group_text(details: Mapping[str, str]) -> Text | None:
    """Return what a robot says to its group; None when there is nothing."""
    lines = [line for line in str(details.get("text", "")).splitlines() if line]
    return Text(f"{NAME}：{lines[0]}", "\n".join(lines[1:])) if lines else None


def shortened(text: Text) -> Text:
    """Return a text of at most so many bytes as every way takes; a link at its end stays whole."""
    if _size(text) <= MOST_BYTES:
        return text
    head, _line, last = text.body.rpartition("\n")
    end = f"…\n{last}" if last.startswith(("http://", "https://")) else "…"
    head = head if end != "…" else text.body
    room = MOST_BYTES - len(f"{text.subject}\n{end}".encode())
    if room < 0:
        cut = text.subject.encode()[: MOST_BYTES // 2].decode("utf-8", "ignore")
        return shortened(Text(f"{cut}…", text.body))
    return Text(text.subject, head.encode()[:room].decode("utf-8", "ignore") + end)


def _size(text: Text) -> int:
    return len(f"{text.subject}\n{text.body}".encode())
