"""What pyactivesync can do with calendar, contacts, tasks and notes, as JSON on standard output.

Arguments by environment: SERVER (host:port), ADDRESS, PASSWORD, SUBJECT (a word of its own), COLLECTIONS
(JSON: of each of the four the path at the door for CalDAV and CardDAV). REQUESTS_CA_BUNDLE is that of
requests.
"""
import json
import os

import requests
from pyactivesync import BodyType, Client, Contact, ContactChange, FolderType

server, subject = os.environ["SERVER"], os.environ["SUBJECT"]
login = os.environ["ADDRESS"], os.environ["PASSWORD"]
collections = json.loads(os.environ["COLLECTIONS"])
# Tags that it has no name for it tells by page and token (MS-ASWBXML): these are Subject.
TITLES = {"calendar": "page4.0x26", "contacts": "Contacts.FileAs", "tasks": "Tasks.Subject",
          "notes": "page23.0x05"}
# What tells one item from another: UID, as of equal tags it keeps the last, of a series that of an exception.
NAMES = {**TITLES, "calendar": "page4.0x28"}


def object_of(kind, title):
    """An object as an app of the other door puts it."""
    if kind == "contacts":
        lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{subject}", f"FN:{title}", f"N:{title};;;;",
                 "NOTE:one\\ntwo", "END:VCARD"]
    else:
        component, more = {"calendar": ("VEVENT", ["DTSTART:20270301T080000Z", "DTEND:20270301T090000Z"]),
                           "tasks": ("VTODO", []), "notes": ("VJOURNAL", [])}[kind]
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//probe//EN", f"BEGIN:{component}",
                 f"UID:{subject}", "DTSTAMP:20260101T000000Z", f"SUMMARY:{title}", "DESCRIPTION:one\\ntwo",
                 *more, f"END:{component}", "END:VCALENDAR"]
    return "\r\n".join([*lines, ""])


def at_the_other_door(method, kind, title=None):
    address = f"https://{server}{collections[kind]}{subject}.{'vcf' if kind == 'contacts' else 'ics'}"
    media = "text/vcard" if kind == "contacts" else "text/calendar"
    requests.request(method, address, auth=login, headers={"Content-Type": f"{media}; charset=utf-8"},
                     data=title and object_of(kind, title).encode()).raise_for_status()


class Synced:
    """A folder with the key to go on with."""

    def __init__(self, client, folder):
        self.client, self.folder, self.key = client, folder, client.sync_folder(folder.id).sync_key

    def changes(self):
        """All that is new: added, changed and deleted."""
        added, changed, deleted, more = [], [], [], True
        while more:
            result = self.client.sync_folder(self.folder.id, sync_key=self.key)
            self.key, more = result.sync_key, result.more_available
            added, changed, deleted = added + result.added, changed + result.changed, deleted + result.deleted
        return added, changed, deleted

    def estimate(self):
        return self.client.get_item_estimate(self.folder.id, self.key)

    def told(self):
        """What is new once a Ping has told that something is."""
        of_class = self.folder.type.name.title()
        ping = self.client.ping(self.folder.id, folder_class=of_class, heartbeat=60, timeout=90)
        assert ping.changed_folder_ids == [self.folder.id], ping
        return self.changes()


def followed(client, synced, kind):
    """An object put, put again and deleted at the other door, as this one tells it."""
    title = lambda items: [item.fields.get(TITLES[kind]) for item in items]
    at_the_other_door("PUT", kind, "first")
    estimate = synced.estimate()
    added, *others = synced.told()
    seen = {"estimate": estimate, "added": title(added)}
    [item] = added
    fetched = client.fetch_item(synced.folder.id, item.server_id, body_type=BodyType.PLAIN_TEXT)
    seen["fetched"] = fetched.fields.get(TITLES[kind])
    seen["body"] = fetched.body and fetched.body.data
    at_the_other_door("PUT", kind, "second")
    new, changed, gone = synced.told()
    seen["changed"], seen["same"] = title(changed), [found.server_id for found in changed] == [item.server_id]
    at_the_other_door("DELETE", kind)
    *left, deleted = synced.told()
    seen["deleted"], seen["others"] = deleted == [item.server_id], [*others, new, gone, *left] == [[]] * 6
    return seen


def edited(client, synced):
    """A contact added and changed here, and another one added and deleted."""
    folder, kept, dropped = synced.folder.id, subject + " Weiß", subject + " Grün"
    fields = {"first_name": "Änne", "last_name": kept, "file_as": kept,
              "email1_address": "aenne@elsewhere.test", "mobile_phone_number": "+49 151 5550100",
              "home_address_street": "Gasse 1", "home_address_city": "Köln",
              "birthday": "1980-02-29T00:00:00.000Z"}
    before = Contact(**fields, company_name="Gärtnerei", job_title="Floristin", categories=("Kunde", "Bar"))
    after = Contact(**fields, company_name="Blumen & Söhne", categories=("Kunde",))
    made = client.create_contact(folder, synced.key, before)
    fleeting = Contact(last_name=dropped, file_as=dropped)
    other = client.create_contact(folder, made.sync_key, fleeting)
    change = ContactChange(made.server_id, contact=after)
    changed = client.apply_contact_changes(folder, other.sync_key, [change])
    shown = client.fetch_item(folder, made.server_id).fields
    deletion = ContactChange(other.server_id, delete=True)
    deleted = client.apply_contact_changes(folder, changed.sync_key, [deletion])
    synced.key = deleted.sync_key
    new, touched, gone = synced.changes()
    statuses = [made.status, other.status, *changed.statuses.values(), *deleted.statuses.values()]
    return {"statuses": statuses, "company": shown.get("Contacts.CompanyName"),
            "job": shown.get("Contacts.JobTitle"),
            # It asks for no changes while it deletes, and may then be told of that once.
            "comes_back": len(new) + len(touched) + len([item for item in gone if item != other.server_id])}


with Client(server=server, username=login[0], password=login[1], device_id="pyactivesync2") as client:
    folders = {folder.type: folder for folder in client.list_folders()}
    seen = {}
    for kind, type in (("calendar", FolderType.CALENDAR), ("contacts", FolderType.CONTACTS),
                       ("tasks", FolderType.TASKS), ("notes", FolderType.NOTES)):
        synced = Synced(client, folders[type])
        estimate = synced.estimate()
        items, changed, deleted = synced.changes()
        seen[kind] = {"type": int(type), "estimate": estimate, "left": synced.estimate(),
                      "names": sorted(item.fields[NAMES[kind]] for item in items),
                      "others": len(changed) + len(deleted), "followed": followed(client, synced, kind)}
        if kind == "contacts":
            seen["edited"] = edited(client, synced)

print(json.dumps(seen))
