"""What caldav can do with an account, as JSON on standard output.

Arguments by environment: URL, CA (a PEM file), ADDRESS, PASSWORD, SUBJECT (a word of its own).
"""
import json
import os
from datetime import datetime, timezone
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import caldav

subject, berlin = os.environ["SUBJECT"], ZoneInfo("Europe/Berlin")


def text_of(component, uid, lines):
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//probe//EN", f"BEGIN:{component}", f"UID:{uid}",
                        "DTSTAMP:20260101T000000Z", *lines, f"END:{component}", "END:VCALENDAR", ""])


def summaries(objects):
    return sorted(str(found.icalendar_component["SUMMARY"]) for found in objects)


def starts(objects):
    return sorted(found.icalendar_component["DTSTART"].dt.astimezone(timezone.utc).isoformat() for found in objects)


with caldav.DAVClient(os.environ["URL"], username=os.environ["ADDRESS"], password=os.environ["PASSWORD"],
                      ssl_verify_cert=os.environ["CA"], enable_rfc6764=False) as client:
    principal = client.principal()
    calendars = principal.get_calendars()
    path_of = lambda found: unquote(urlsplit(str(found.url)).path).rstrip("/") + "/"
    seen = {"calendars": [{"path": path_of(found), "name": found.get_display_name(),
                           "components": found.get_supported_components(), "objects": len(found.get_objects_by_sync_token())}
                          for found in calendars]}

    calendar = principal.make_calendar(name=subject, supported_calendar_component_set=["VEVENT"])
    seen["made"] = path_of(calendar) in [path_of(found) for found in principal.get_calendars()]
    seen["name"] = calendar.get_display_name()
    everything = calendar.get_objects_by_sync_token()
    seen["at_first"] = len(everything)

    calendar.add_event(text_of("VEVENT", "one", ["DTSTART;TZID=Europe/Berlin:20270301T090000",
                                                 "DTEND;TZID=Europe/Berlin:20270301T100000", "SUMMARY:one"]))
    # Over the change to summer, one said off and one moved.
    series = text_of("VEVENT", "series", ["DTSTART;TZID=Europe/Berlin:20270315T090000",
                                          "DTEND;TZID=Europe/Berlin:20270315T100000", "SUMMARY:series",
                                          "RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE;TZID=Europe/Berlin:20270322T090000"])
    moved = "\r\n".join(["BEGIN:VEVENT", "UID:series", "DTSTAMP:20260101T000000Z",
                         "RECURRENCE-ID;TZID=Europe/Berlin:20270405T090000", "SUMMARY:moved",
                         "DTSTART;TZID=Europe/Berlin:20270406T140000", "DTEND;TZID=Europe/Berlin:20270406T150000",
                         "END:VEVENT", "END:VCALENDAR", ""])
    calendar.add_event(series.replace("END:VCALENDAR\r\n", moved))
    window = {"start": datetime(2027, 3, 10, tzinfo=berlin), "end": datetime(2027, 5, 1, tzinfo=berlin), "event": True}
    seen["found"] = summaries(calendar.search(**window))
    seen["expanded"] = starts(calendar.search(**window, expand=True))
    seen["expanded_by_server"] = starts(calendar.search(**window, server_expand=True))
    # The second Monday is said off: that day has nothing.
    day = {"start": datetime(2027, 3, 22, tzinfo=berlin), "end": datetime(2027, 3, 23, tzinfo=berlin), "event": True}
    seen["said_off"] = len(calendar.search(**day, expand=True))

    event = calendar.get_event_by_uid("one")
    with event.edit_icalendar_component() as component:
        component["SUMMARY"] = "one changed"
    event.save()
    seen["changed"] = summaries([calendar.get_event_by_uid("one")])
    everything.sync()
    seen["synced"] = len(everything)
    event.delete()
    before = everything.sync_token
    everything.sync()
    seen["after_delete"] = len(everything)
    seen["token_moved"] = before != everything.sync_token
    try:
        calendar.get_event_by_uid("one")
        seen["gone"] = False
    except caldav.lib.error.NotFoundError:
        seen["gone"] = True

    tasks = principal.make_calendar(name=subject + " tasks", supported_calendar_component_set=["VTODO"])
    tasks.add_todo(text_of("VTODO", "once", ["SUMMARY:once", "DUE;VALUE=DATE:20270301"]))
    tasks.add_todo(text_of("VTODO", "weekly", ["SUMMARY:weekly", "DTSTART;VALUE=DATE:20270306", "DUE;VALUE=DATE:20270306",
                                               "RRULE:FREQ=WEEKLY"]))
    seen["open"] = summaries(tasks.get_todos())
    tasks.get_todo_by_uid("once").complete()
    seen["still_open"] = summaries(tasks.get_todos())
    seen["with_completed"] = summaries(tasks.get_todos(include_completed=True))
    tasks.get_todo_by_uid("weekly").complete(handle_rrule=True, completion_timestamp=datetime(2027, 3, 6, 12, tzinfo=timezone.utc))
    weekly = tasks.get_todo_by_uid("weekly").icalendar_component
    seen["weekly"] = {"due": weekly["DUE"].dt.isoformat(), "status": str(weekly.get("STATUS", "NEEDS-ACTION"))}

    calendar.delete()
    tasks.delete()
    seen["left"] = sorted({path_of(calendar), path_of(tasks)} & {path_of(found) for found in principal.get_calendars()})

print(json.dumps(seen))
