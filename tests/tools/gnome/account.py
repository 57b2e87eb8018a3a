"""An account of GNOME's own kind: evolution-data-server finds the collections and keeps them, one adds a password.

It needs a session bus of its own, without a screen and without a keyring: each time a service asks for a password or
for trust, `Account` answers as the dialogues of GNOME would. Arguments by environment: URL, CA (a PEM file), ADDRESS,
PASSWORD, and COLLECTIONS (JSON: of each of `KINDS` the `path` at the door, the UIDs that are `there`, and with
`says` the titles that some of them have).
"""
import faulthandler
import json
import os
import threading
import time
import traceback
from urllib.parse import unquote

import gi

for library, version in [("ECal", "2.0"), ("EBook", "1.2"), ("EDataServer", "1.2"), ("ICalGLib", "3.0")]:
    gi.require_version(library, version)
from gi.repository import EBook, ECal, EDataServer, Gio, GLib, ICalGLib

PATIENCE_S, JOURNEY_S_MAX = 30, 150
URL = GLib.Uri.parse(os.environ["URL"], GLib.UriFlags.NONE)
ADDRESS = os.environ["ADDRESS"]
AT_ONCE = 0xFFFF_FFFF  # instead of seconds to wait for the server
KINDS = {"events": ECal.ClientSourceType.EVENTS, "tasks": ECal.ClientSourceType.TASKS,
         "notes": ECal.ClientSourceType.MEMOS, "contacts": None}
EVERYTHING = {"calendar": "#t", "book": '(exists "id")'}
WHOLE, OCCURRENCE = ECal.ObjModType.ALL, ECal.ObjModType.THIS


class Condition:
    """Something that services tell of: until it is so, with a deadline."""

    def __init__(self):
        self._told = threading.Event()

    def tell(self, *_):
        self._told.set()

    def until(self, what, ask):
        deadline = time.monotonic() + PATIENCE_S
        while True:
            self._told.clear()
            answer = ask()
            if answer:
                return answer
            left = deadline - time.monotonic()
            if left <= 0 or not self._told.wait(left):
                raise TimeoutError(f"not in {PATIENCE_S} s: {what}")


class Account:
    """The account in the registry of the session, made if it is not there; `asked` has who wanted what of a person."""

    def __init__(self, may_answer=True):
        self.may_answer = may_answer
        self.asked, self._waiting = [], []
        self._authority = Gio.TlsCertificate.new_from_file(os.environ["CA"])
        self._sources = Condition()
        self._registry = EDataServer.SourceRegistry.new_sync(None)
        for signal in ["source-added", "source-removed", "source-changed"]:
            self._registry.connect(signal, self._sources.tell)
        self._registry.connect("credentials-required", self._required)
        if not self._accounts():
            self._registry.commit_source_sync(self._new(), None)
        self.source = self._sources.until("the account", self._accounts)[0]

    def _accounts(self):
        found = self._registry.list_sources(EDataServer.SOURCE_EXTENSION_COLLECTION)
        return [source for source in found if source.get_display_name() == ADDRESS]

    @staticmethod
    def _new():
        source = EDataServer.Source.new(None, None)
        source.set_display_name(ADDRESS)
        login = source.get_extension(EDataServer.SOURCE_EXTENSION_AUTHENTICATION)
        login.set_host(URL.get_host())
        login.set_port(URL.get_port())
        login.set_user(ADDRESS)
        login.set_method("plain/password")
        source.get_extension(EDataServer.SOURCE_EXTENSION_SECURITY).set_method("tls")
        source.get_extension(EDataServer.SOURCE_EXTENSION_WEBDAV_BACKEND).set_uri(URL)
        collection = source.get_extension(EDataServer.SOURCE_EXTENSION_COLLECTION)
        collection.set_backend_name("webdav")
        collection.set_identity(ADDRESS)
        collection.set_calendar_url(URL.to_string())
        collection.set_contacts_url(URL.to_string())
        collection.set_mail_enabled(False)
        return source

    # A service waits meanwhile, and may ask again before it is answered: not in the thread of the signals.
    def _required(self, _registry, source, reason, certificate, _errors, _error):
        self.asked.append((source.get_uid(), reason.value_nick))
        self._sources.tell()
        if self.may_answer:
            threading.Thread(target=self._answer, args=(source, reason, certificate), daemon=True).start()
        else:
            self._waiting.append((source, reason, certificate))

    def _answer(self, source, reason, certificate):
        if reason != EDataServer.SourceCredentialsReason.SSL_FAILED:
            source.invoke_authenticate_sync(credentials(), None)
            return
        # What a person would compare by eye.
        certificate = Gio.TlsCertificate.new_from_pem(certificate, -1)
        host = Gio.NetworkAddress.new(URL.get_host(), URL.get_port())
        if certificate.verify(host, self._authority) != Gio.TlsCertificateFlags.NO_FLAGS:
            raise ValueError("the certificate is not of the authority")
        trust = source.get_extension(EDataServer.SOURCE_EXTENSION_WEBDAV_BACKEND)
        trust.update_ssl_trust(URL.get_host(), certificate, EDataServer.TrustPromptResponse.ACCEPT)
        source.write_sync(None)
        source.invoke_authenticate_sync(EDataServer.NamedParameters.new(), None)

    def until_asked(self, sources):
        wanted = {source.get_uid() for source in sources}
        self._sources.until("questions for a password", lambda: wanted <= {uid for uid, _ in self.asked})

    def answer(self):
        """From now on every question is answered, and those that wait."""
        self.may_answer = True
        while self._waiting:
            self._answer(*self._waiting.pop(0))

    def collections(self):
        """What the account has, by the path at the door."""
        found = [source for source in self._registry.list_sources(EDataServer.SOURCE_EXTENSION_RESOURCE)
                 if source.get_parent() == self.source.get_uid()]
        place = lambda source: source.get_extension(EDataServer.SOURCE_EXTENSION_WEBDAV_BACKEND).get_resource_path()
        return {unquote(place(source)): source for source in found}

    def until_found(self, paths):
        self._sources.until(f"collections at {paths}", lambda: set(paths) <= set(self.collections()))
        return self.collections()


class Collection:
    """A calendar, a list of tasks or notes, or an address book that is open."""

    def __init__(self, source, kind, wait_s=PATIENCE_S):
        self.kind, self._source = kind, source
        self._changed = Condition()
        source.connect("notify::connection-status", self._changed.tell)
        if kind == "contacts":
            self.client = EBook.BookClient.connect_sync(source, wait_s, None)
            self._query = EVERYTHING["book"]
        else:
            self.client = ECal.Client.connect_sync(source, KINDS[kind], wait_s, None)
            self.client.set_default_timezone(ICalGLib.Timezone.get_builtin_timezone("Europe/Berlin"))
            self._query = EVERYTHING["calendar"]
        found, self._view = self.client.get_view_sync(self._query, None)
        for signal in ["objects-added", "objects-modified", "objects-removed"]:
            self._view.connect(signal, self._changed.tell)
        self._view.start()

    def texts(self):
        """Everything in it, by UID; a series with its changed occurrences."""
        if self.kind == "contacts":
            return {uid: [self.client.get_contact_sync(uid, None)[1].get_property("full-name")]
                    for uid in self.client.get_contacts_uids_sync(self._query, None)[1]}
        texts = {}
        for component in self.client.get_object_list_sync(self._query, None)[1]:
            texts.setdefault(component.get_uid(), []).append(component.get_summary())
        return {uid: sorted(found) for uid, found in texts.items()}

    def until(self, what, ask):
        return self._changed.until(what, ask)

    def until_it_has(self, there, says):
        """Until these UIDs are in it and no others, some with these titles; gives `texts`."""
        def so():
            texts = self.texts()
            return texts.keys() == set(there) and texts | says == texts and texts
        return self.until(f"{len(there)} {self.kind}", so)

    def until_connected(self):
        connected = EDataServer.SourceConnectionStatus.CONNECTED
        self.until(f"{self.kind} connected", lambda: self._source.get_connection_status() == connected)

    def refresh(self):
        self.client.refresh_sync(None)

    def happening(self, start, end):
        """What a calendar shows between two Unix times: UID, title, and the start in UTC or as a date."""
        seen = []

        def instance(component, begin, _end, *_):
            if not begin.is_date():
                begin = begin.convert_to_zone(ICalGLib.Timezone.get_utc_timezone())
            seen.append([component.get_uid(), component.get_summary(), begin.as_ical_string()])
            return True

        self.client.generate_instances_sync(start, end, None, instance, None)
        return sorted(seen)


def component(lines):
    return ICalGLib.Component.new_from_string("\r\n".join([*lines, ""]))


def credentials():
    named = EDataServer.NamedParameters.new()
    named.set("username", ADDRESS)
    named.set("password", os.environ["PASSWORD"])
    return named


def refused(action, *arguments):
    """Why an action fails."""
    try:
        action(*arguments)
    except GLib.Error as error:
        return error.message
    return None


def run(journey):
    """Runs a journey beside the loop that signals need; what it gives is JSON on standard output."""
    # Services end with the bus, and the bus with this program.
    faulthandler.dump_traceback_later(JOURNEY_S_MAX, exit=True)
    loop, code = GLib.MainLoop(), [1]

    def work():
        try:
            wanted = json.loads(os.environ["COLLECTIONS"])
            print(json.dumps(journey(wanted)), flush=True)
            code[0] = 0
        except BaseException:
            traceback.print_exc()
        finally:
            loop.quit()

    threading.Thread(target=work, daemon=True).start()
    loop.run()
    # Without the farewells of libraries that may wait for services.
    os._exit(code[0])
