"""What GNOME does with a new account: finds, opens, makes, edits, deletes, follows; as JSON on standard output.

Arguments by environment: those of account.py, and SUBJECT (a word of its own).
"""
import base64
import os
import ssl
import urllib.request
from urllib.parse import unquote

import account
from account import ADDRESS, OCCURRENCE, WHOLE, ECal, EDataServer, component, refused
from gi.repository import EBookContacts

SUBJECT = os.environ["SUBJECT"]
KEEP_LOCAL, FAIL = ECal.OperationFlags.CONFLICT_KEEP_LOCAL, ECal.OperationFlags.CONFLICT_FAIL
NO_FLAGS = EBookContacts.BookOperationFlags.NONE


def by_http(method, path, body=None):
    """What somebody else does, without GNOME."""
    login = base64.b64encode(f"{ADDRESS}:{os.environ['PASSWORD']}".encode()).decode()
    request = urllib.request.Request(f"https://{account.URL.get_host()}:{account.URL.get_port()}{path}", method=method,
                                     data=body and body.encode(), headers={"Authorization": f"Basic {login}"})
    if body:
        request.add_header("Content-Type", "text/vcard" if body.startswith("BEGIN:VCARD") else "text/calendar")
    with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=os.environ["CA"])) as answer:
        return answer.read().decode()


def lines_of(kind, uid, summary, *lines):
    return [f"BEGIN:{kind}", f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"SUMMARY:{summary}", *lines, f"END:{kind}"]


def in_vcalendar(lines):
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//probe//EN", *lines, "END:VCALENDAR", ""])


def titles(collection, prefix):
    return sorted(title for found in collection.texts().values() for title in found if title.startswith(prefix))


def objects(collection, path, kind, *lines):
    """The life of an object made by GNOME, and of one that comes from elsewhere."""
    made = f"{SUBJECT}-{kind}"
    client, mine = collection.client, lambda: titles(collection, made)
    seen = {}
    here = component(lines_of(kind, f"{made}-here", f"{made} new", *lines))
    _, uid = client.create_object_sync(here, KEEP_LOCAL, None)
    seen["made"] = mine()
    _, found = client.get_object_sync(uid, None, None)
    found.set_summary(f"{made} edited")
    client.modify_object_sync(found, WHOLE, KEEP_LOCAL, None)
    seen["edited"] = mine()

    there = in_vcalendar(lines_of(kind, f"{made}-there", f"{made} there", *lines))
    by_http("PUT", f"{path}{made}-there.ics", there)
    collection.refresh()
    collection.until("what came from elsewhere", lambda: f"{made} there" in mine())
    by_http("PUT", f"{path}{made}-there.ics", there.replace(f"{made} there", f"{made} there edited"))
    # It has not heard of that yet: its own change is refused, and the other one is kept.
    _, stale = client.get_object_sync(f"{made}-there", None, None)
    stale.set_summary(f"{made} stale")
    seen["stale"] = refused(client.modify_object_sync, stale, WHOLE, FAIL, None) is not None
    collection.refresh()
    collection.until("what was edited elsewhere", lambda: f"{made} there edited" in mine())
    seen["both"] = mine()
    by_http("DELETE", f"{path}{made}-there.ics")
    collection.refresh()
    collection.until("what was deleted elsewhere", lambda: f"{made} there edited" not in mine())
    client.remove_object_sync(uid, None, WHOLE, KEEP_LOCAL, None)
    seen["left"] = mine()
    return seen


def series(calendar):
    """Mondays 09:00 in Berlin over the change to summer, one said off and one moved; it stays."""
    client, uid = calendar.client, f"{SUBJECT}-series"
    zone = "TZID=Europe/Berlin"
    client.create_object_sync(component(lines_of("VEVENT", uid, uid, f"DTSTART;{zone}:20270315T090000",
                                                 f"DTEND;{zone}:20270315T100000", "RRULE:FREQ=WEEKLY;COUNT=5")),
                              KEEP_LOCAL, None)
    moved = lines_of("VEVENT", uid, f"{uid} moved", f"RECURRENCE-ID;{zone}:20270405T090000",
                     f"DTSTART;{zone}:20270406T140000", f"DTEND;{zone}:20270406T150000")
    client.modify_object_sync(component(moved), OCCURRENCE, KEEP_LOCAL, None)
    client.remove_object_sync(uid, "20270322T090000", OCCURRENCE, KEEP_LOCAL, None)


def contacts(book, path):
    client, seen = book.client, {}
    mine = lambda: titles(book, SUBJECT)
    card = "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", f"FN:{SUBJECT} new", f"N:{SUBJECT};new;;;",
                        "EMAIL;TYPE=WORK:new@example.org", "END:VCARD", ""])
    _, uid = client.add_contact_sync(EBookContacts.Contact.new_from_vcard(card), NO_FLAGS, None)
    seen["made"] = mine()
    _, found = client.get_contact_sync(uid, None)
    found.set_property("full-name", f"{SUBJECT} edited")
    client.modify_contact_sync(found, NO_FLAGS, None)
    seen["edited"] = mine()
    seen["by_mail"] = client.get_contacts_sync('(is "email" "new@example.org")', None)[1][0].get_property("id") == uid
    there = card.replace("new", "there").replace("VERSION:3.0", f"VERSION:3.0\r\nUID:{SUBJECT}-there")
    by_http("PUT", f"{path}{SUBJECT}-there.vcf", there)
    book.refresh()
    book.until("who came from elsewhere", lambda: f"{SUBJECT} there" in mine())
    by_http("PUT", f"{path}{SUBJECT}-there.vcf", there.replace(f"FN:{SUBJECT} there", f"FN:{SUBJECT} there edited"))
    book.refresh()
    book.until("who was edited elsewhere", lambda: f"{SUBJECT} there edited" in mine())
    by_http("DELETE", f"{path}{SUBJECT}-there.vcf")
    book.refresh()
    book.until("who was deleted elsewhere", lambda: mine() == [f"{SUBJECT} edited"])
    client.remove_contact_by_uid_sync(uid, NO_FLAGS, None)
    seen["left"] = mine()
    return seen


def journey(wanted):
    mine = account.Account()
    found = mine.until_found([one["path"] for one in wanted.values()])
    _, _, _, discovered, addresses = EDataServer.webdav_discover_sources_sync(
        mine.source, account.URL.to_string(), EDataServer.WebDAVDiscoverSupports.NONE, account.credentials(), None)
    seen = {"addresses": addresses, "asked": sorted({reason for _, reason in mine.asked}),
            "discovered": {unquote(one.href.split("/", 3)[3]): [one.supports, one.display_name]
                           for one in discovered}}
    opened = {name: account.Collection(found[one["path"]], name) for name, one in wanted.items()}
    seen["read_only"] = [name for name, one in opened.items() if one.client.is_readonly()]
    seen["found"] = {name: one.until_it_has(wanted[name]["there"], {}) for name, one in opened.items()}
    start, end = int(os.environ["START"]), int(os.environ["END"])
    seen["happening"] = opened["events"].happening(start, end)

    path = lambda name: wanted[name]["path"]
    seen["events"] = objects(opened["events"], path("events"), "VEVENT", "DTSTART;TZID=Europe/Berlin:20270301T090000",
                             "DTEND;TZID=Europe/Berlin:20270301T100000")
    seen["tasks"] = objects(opened["tasks"], path("tasks"), "VTODO", "DUE;VALUE=DATE:20270301", "PRIORITY:1")
    seen["notes"] = objects(opened["notes"], path("notes"), "VJOURNAL", "DTSTART;VALUE=DATE:20270301")
    seen["contacts"] = contacts(opened["contacts"], path("contacts"))
    series(opened["events"])
    seen["series"] = [one for one in opened["events"].happening(start, end) if SUBJECT in one[0]]
    seen["kept"] = {name: one.texts() for name, one in opened.items()}
    return seen


account.run(journey)
