"""What GNOME does with a calendar that somebody else shares: shows it, and makes an event if it may; as JSON.

Arguments by environment: those of account.py, whose COLLECTIONS has one calendar, and SUBJECT (a word of its own).
"""
import os

import account
from account import ECal, component, refused

SUBJECT = os.environ["SUBJECT"]
EVENT = ["BEGIN:VEVENT", f"UID:{SUBJECT}", "DTSTAMP:20260101T000000Z", f"SUMMARY:{SUBJECT}",
         "DTSTART;VALUE=DATE:20270301", "END:VEVENT"]


def journey(wanted):
    wanted = wanted["events"]
    source = account.Account().until_found([wanted["path"]])[wanted["path"]]
    calendar = account.Collection(source, "events")
    seen = {"name": source.get_display_name(), "found": calendar.until_it_has(wanted["there"], {})}
    make = calendar.client.create_object_sync
    seen["read_only"] = calendar.client.is_readonly()
    seen["refused"] = refused(make, component(EVENT), ECal.OperationFlags.CONFLICT_KEEP_LOCAL, None)
    return seen


account.run(journey)
