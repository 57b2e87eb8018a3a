// What imapflow can do with an account, as JSON on standard output. Arguments by environment:
// HOST, PORT, ADDRESS, PASSWORD, MAILBOX, SUBJECT; NODE_EXTRA_CA_CERTS and NODE_PATH are node's own.
'use strict';
const { ImapFlow } = require('imapflow');

async function main() {
    const { HOST, PORT, ADDRESS, PASSWORD, MAILBOX, SUBJECT } = process.env;
    const client = new ImapFlow({
        host: HOST,
        port: Number(PORT),
        secure: true,
        auth: { user: ADDRESS, pass: PASSWORD },
        logger: false,
    });
    await client.connect();
    const seen = { capabilities: [...client.capabilities.keys()] };

    const folders = await client.list({ statusQuery: { messages: true, unseen: true, uidNext: true } });
    seen.folders = folders.map(({ path, specialUse, status }) => ({ path, specialUse, messages: status?.messages }));

    const lock = await client.getMailboxLock(MAILBOX);
    try {
        seen.exists = client.mailbox.exists;
        seen.fetched = 0;
        for await (const message of client.fetch('1:*', {
            uid: true, flags: true, envelope: true, bodyStructure: true, internalDate: true, size: true,
        })) {
            if (!message.uid || !message.envelope || !message.bodyStructure || !message.size) {
                throw new Error(`message ${message.seq} lacks something`);
            }
            seen.fetched += 1;
        }
        const raw = [
            `From: <${ADDRESS}>`, `To: <${ADDRESS}>`, `Subject: ${SUBJECT}`, 'Date: Mon, 02 Nov 2026 10:00:00 +0000',
            'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', '', 'Grüße', '',
        ].join('\r\n');
        const appended = await client.append(MAILBOX, raw, ['\\Flagged']);
        await client.noop();
        const found = await client.search({ subject: SUBJECT }, { uid: true });
        const { content } = await client.download(String(found[0]), undefined, { uid: true });
        const parts = [];
        for await (const part of content) parts.push(part);
        seen.same = Buffer.concat(parts).toString() === raw;
        seen.appended = appended.uid === found[0];

        await client.messageFlagsAdd({ uid: String(found[0]) }, ['\\Seen'], { uid: true });
        const trash = folders.find((folder) => folder.specialUse === '\\Trash').path;
        const moved = await client.messageMove(String(found[0]), trash, { uid: true });
        seen.moved = moved.uidMap.has(found[0]);
        seen.left = await client.search({ subject: SUBJECT }, { uid: true });
    } finally {
        lock.release();
    }
    await client.logout();
    console.log(JSON.stringify(seen));
}

main().catch((error) => {
    console.error(error);
    process.exitCode = 1;
});
