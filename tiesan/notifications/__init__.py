"""Notifications (消息): their kinds, whom they reach by which way, and what leaves the house.

The rows themselves are written below, by ``people.notifications``, in the transaction of what they
tell of. Here it is said which kinds there are, what a person chose, what may be shown or sent now.

Source: the page on what leaves the house, "Notices".
"""
