"""Addresses that only take what a form sends; they are walked by ``test_writing``."""

from tiesan.courses.installed import load_courses
from tiesan.discovery import load_plugins

SENT = {
    "account.active_view",
    "account.revoke_view",
    "admin.evaluate",
    "admin.remind_view",
    "attachment.send",
    "calendar_exception.remove_view",
    "imports.answers_view",
    "imports.columns_view",
    "imports.confirm_view",
    "imports.drop_view",
    "imports.effect_view",
    "imports.remind_view",
    "imports.send_all_view",
    "imports.send_view",
    "imports.store_view",
    "imports.undo_view",
    "inbox.chosen_view",
    "inbox.drop_view",
    "inbox.keep_view",
    "language.choose",
    "operation.again_view",
    "operation.back_view",
    "operation.run_view",
    "requests.count_view",
    "requests.end_deputy_view",
    "requests.many_view",
    "requests.remind_view",
    "rule.parameter_view",
    "rule_version.bulk_view",
    "rule_version.halt_view",
    "rule_version.read_view",
    "rule_version.shape_view",
    "rule_version.trial_view",
    "security.logout",
}
COURSES = load_courses(load_plugins())
SENT |= {f"record_{each.name}.bulk_view" for each in COURSES.values()} | {"flag.bulk_view"}
SENT |= {"notice.bulk_view", "notice.prefix_view", "waiver.bulk_view"}
SENT |= {"correction.bulk_view", "bulletin.bulk_view", "bulletin_receipt.bulk_view"}
SENT |= {"bulletin.prefix_view", "bulletin.demand_view", "rule.reminder_view"}
SENT |= {f"notification.{each}_view" for each in ("hours", "open", "read", "unread")}
SENT |= {f"profile.{each}_view" for each in ("address", "confirm", "remove")}
SENT |= {f"profile.{each}_codes_view" for each in ("begin", "confirm", "renew", "stop")}
SENT |= {"account.codes_view", "account.invite_view"}
SENT |= {"profile.end_session_view", "profile.end_others_view"}
SENT |= {"own_data.ask_view"}
SENT |= {"sending.again_view", "way.switch_view", "way.test_view"}
