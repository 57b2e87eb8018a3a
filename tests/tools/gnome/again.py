"""What GNOME does with an account that it knows, in a new session: shows what it kept, then follows; as JSON.

Arguments by environment: those of account.py.
"""
import account


def journey(wanted):
    # As without a net: a service that gets no password asks the server nothing.
    mine = account.Account(may_answer=False)
    found = mine.until_found([one["path"] for one in wanted.values()])
    opened = {name: account.Collection(found[one["path"]], name, account.AT_ONCE) for name, one in wanted.items()}
    mine.until_asked([found[one["path"]] for one in wanted.values()])
    seen = {"kept": {name: one.texts() for name, one in opened.items()}}
    mine.answer()
    for one in opened.values():
        one.until_connected()
        one.refresh()
    seen["followed"] = {name: one.until_it_has(wanted[name]["there"], wanted[name]["says"])
                        for name, one in opened.items()}
    return seen


account.run(journey)
