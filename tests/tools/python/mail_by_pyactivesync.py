"""What pyactivesync can do with an account, as JSON on standard output.

Arguments by environment: SERVER (host:port), ADDRESS, PASSWORD, SUBJECT. REQUESTS_CA_BUNDLE is that of requests.
"""
import json
import os
from email.message import EmailMessage

from pyactivesync import BodyType, Client, EmailChange, FolderType

address, subject = os.environ["ADDRESS"], os.environ["SUBJECT"]


def synced(client, folder, key=None):
    """Everything that is new in a folder, and the key to go on with."""
    key, items = key or client.sync_folder(folder.id).sync_key, []
    while True:
        result = client.sync_folder(folder.id, sync_key=key)
        key, items = result.sync_key, items + result.added
        if not result.more_available:
            return key, items


with Client(server=os.environ["SERVER"], username=address, password=os.environ["PASSWORD"],
            device_id="pyactivesync1") as client:
    folders = {folder.type: folder for folder in client.list_folders()}
    inbox, trash = folders[FolderType.INBOX], folders[FolderType.DELETED_ITEMS]
    key, items = synced(client, inbox)
    seen = {"folders": len(folders), "items": len(items)}

    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = address, address, subject
    message.set_content("plain text body\n")
    client.send_mail(message)
    seen["changed"] = client.ping([inbox.id], heartbeat=60).changed_folder_ids == [inbox.id]
    key, items = synced(client, inbox, key)
    seen["subjects"] = [item.fields.get("Email.Subject") for item in items]
    item = items[0].server_id
    seen["body"] = client.fetch_item(inbox.id, item, body_type=BodyType.PLAIN_TEXT).body.data.strip()
    result = client.apply_email_changes(inbox.id, key, [EmailChange(item, read=True, flagged=True)])
    seen["change"] = result.statuses[item]
    seen["estimate"] = client.get_item_estimate(inbox.id, result.sync_key)
    client.move_item(item, inbox.id, trash.id)
    seen["in_trash"] = subject in [found.fields.get("Email.Subject") for found in synced(client, trash)[1]]

print(json.dumps(seen))
