"""By which form what the institution asks for is done."""

from tiesan.records.answers import TODAY, Answer

answers = (Answer("hardship_visit", prefill={"visited_on": TODAY}),)
