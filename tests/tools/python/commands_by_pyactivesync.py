"""The commands that pyactivesync has besides those of the other two scripts, as JSON on standard output.

Arguments: which of the steps at the end to take, by name. By environment: SERVER (host:port), ADDRESS, PASSWORD,
OTHER (a colleague's address), OTHER_NAME, SUBJECT (a word of its own; a mail with it, and with an attachment
"plan.pdf" of the text "a plan", lies in the Inbox). REQUESTS_CA_BUNDLE is that of requests.
"""
import json
import os
import sys
from email.message import EmailMessage

from pyactivesync import BodyType, Client, FolderType, OofState

address, other, subject = os.environ["ADDRESS"], os.environ["OTHER"], os.environ["SUBJECT"]


def folder_of(client, type):
    return next(folder for folder in client.list_folders() if folder.type == type)


def everything(client, folder):
    """The items of a folder, and the key to go on with."""
    key, items, more = client.sync_folder(folder.id).sync_key, [], True
    while more:
        result = client.sync_folder(folder.id, sync_key=key)
        key, items, more = result.sync_key, items + result.added, result.more_available
    return key, items


def folders(client):
    """A folder made, renamed and deleted."""
    names = lambda: [folder.name for folder in client.list_folders() if subject in folder.name]
    made = client.create_folder(subject + " new")
    seen = [names()]
    client.update_folder(made.id, subject + " renamed")
    seen.append(names())
    client.delete_folder(made.id)
    return [*seen, names()]


def attachment(client):
    """The attachment of the mail in the Inbox."""
    inbox = folder_of(client, FolderType.INBOX)
    [item] = [item for item in everything(client, inbox)[1] if item.fields.get("Email.Subject") == subject]
    [found] = client.fetch_item(inbox.id, item.server_id, body_type=BodyType.PLAIN_TEXT).attachments
    return [found.display_name, client.fetch_attachment(found.file_reference).decode()]


def draft(client):
    """A draft with an attachment, as the folder has it then."""
    drafts = folder_of(client, FolderType.DRAFTS)
    key, _ = everything(client, drafts)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = address, other, subject + " draft"
    message.set_content("not yet done\n")
    message.add_attachment(b"a draft of a plan", maintype="application", subtype="pdf", filename="draft.pdf")
    made = client.create_email_draft(drafts.id, key, message)
    item = client.fetch_item(drafts.id, made.server_id, body_type=BodyType.PLAIN_TEXT)
    files = [client.fetch_attachment(one.file_reference).decode() for one in item.attachments]
    return [made.status, item.fields.get("Email.Subject"), item.body.data.strip(), files]


def oof(client):
    """Absence set and cleared."""
    client.set_oof(OofState.ENABLED, reply_message="away " + subject)
    told = client.get_oof()
    client.set_oof(OofState.DISABLED)
    texts = sorted({message.reply_message for message in told.messages if message.enabled})
    return [int(told.state), texts, int(client.get_oof().state)]


def recipients(client):
    """Who an address is."""
    return [found.email_address for found in client.resolve_recipients(other)]


def search(client):
    """The directory and the Inbox by Search."""
    inbox = folder_of(client, FolderType.INBOX)
    people = [found.email_address for found in client.search_gal(os.environ["OTHER_NAME"].split()[0])]
    mails = client.search_mailbox(inbox.id, date_received_after="2026-01-01T00:00:00.000Z", max_results=100)
    return [other in people, [mail.get("Email.Subject") for mail in mails].count(subject)]


def find(client):
    """The directory and the Inbox by Find."""
    inbox = folder_of(client, FolderType.INBOX)
    people = client.find_gal(os.environ["OTHER_NAME"]).items
    mails = client.find_mailbox(subject, folder_id=inbox.id).items
    return [other in [one.fields.get("GAL.EmailAddress") for one in people],
            [mail.fields.get("Email.Subject") for mail in mails]]


with Client(server=os.environ["SERVER"], username=address, password=os.environ["PASSWORD"],
            device_id="pyactivesync3") as client:
    print(json.dumps({name: globals()[name](client) for name in sys.argv[1:]}))
