// What tsdav can do with an account, as JSON on standard output. Arguments by environment:
// URL, ADDRESS, PASSWORD, SUBJECT; MODULE is tsdav's own file, NODE_EXTRA_CA_CERTS is node's.
const { URL: serverUrl, ADDRESS: username, PASSWORD: password, SUBJECT, MODULE } = process.env;
const { createDAVClient } = await import(MODULE);

const event = (uid, summary) => [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//probe//EN', 'BEGIN:VEVENT', `UID:${uid}`, 'DTSTAMP:20260101T000000Z',
    'DTSTART:20270301T090000Z', 'DTEND:20270301T100000Z', `SUMMARY:${summary}`, 'END:VEVENT', 'END:VCALENDAR', '',
].join('\r\n');
const card = (uid, name) => [
    'BEGIN:VCARD', 'VERSION:3.0', `UID:${uid}`, `FN:${name}`, `N:${name};;;;`, 'END:VCARD', '',
].join('\r\n');
// tsdav cuts off the last line end; the others are as they were put.
const same = (text, expected) => text === expected.trimEnd();
const path = (url) => new URL(url).pathname;
const fine = (response) => {
    if (!response.ok) throw new Error(`${response.status} ${response.url}`);
    return response;
};
const client = (defaultAccountType) => createDAVClient({
    serverUrl, credentials: { username, password }, authMethod: 'Basic', defaultAccountType,
});

const seen = {};
const calendars = await client('caldav');
const all = await calendars.fetchCalendars();
seen.calendars = all.map(({ url, displayName, components, ctag, syncToken }) => (
    { path: path(url), displayName, components, ctag: Boolean(ctag), syncToken: Boolean(syncToken) }));
const own = all.find(({ url }) => path(url) === process.env.CALENDAR);
seen.objects = (await calendars.fetchCalendarObjects({ calendar: own })).length;
// 2027 begins on a Friday: one week of it.
seen.week = (await calendars.fetchCalendarObjects({
    calendar: own, timeRange: { start: '2027-01-04T00:00:00Z', end: '2027-01-11T00:00:00Z' },
})).map(({ url }) => path(url)).sort();

const url = `${own.url.replace(/[^/]*$/, '')}../${SUBJECT}/`;
await calendars.makeCalendar({ url: new URL(url).href, props: { 'd:displayname': SUBJECT } });
const made = (await calendars.fetchCalendars()).find(({ displayName }) => displayName === SUBJECT);
seen.made = path(made.url);
fine(await calendars.createCalendarObject({ calendar: made, filename: 'a.ics', iCalString: event('a', 'first') }));
fine(await calendars.createCalendarObject({ calendar: made, filename: 'b.ics', iCalString: event('b', 'other') }));
const twice = await calendars.createCalendarObject({ calendar: made, filename: 'a.ics', iCalString: event('a', 'again') });
seen.twice = twice.status;
let synced = await calendars.smartCollectionSync({
    collection: { ...made, objects: [], objectMultiGet: calendars.calendarMultiGet }, method: 'webdav',
});
seen.synced = synced.objects.map(({ url }) => path(url).split('/').pop()).sort();
const first = (await calendars.fetchCalendarObjects({ calendar: made })).find(({ url }) => url.endsWith('a.ics'));
seen.same = same(first.data, event('a', 'first'));
fine(await calendars.updateCalendarObject({ calendarObject: { ...first, data: event('a', 'changed') } }));
seen.stale = (await calendars.updateCalendarObject({ calendarObject: { ...first, data: event('a', 'late') } })).status;
const changed = (await calendars.fetchCalendarObjects({ calendar: made })).find(({ url }) => url.endsWith('a.ics'));
seen.changed = same(changed.data, event('a', 'changed'));
fine(await calendars.deleteCalendarObject({ calendarObject: changed }));
const delta = await calendars.smartCollectionSync({
    collection: { ...synced, objectMultiGet: calendars.calendarMultiGet }, method: 'webdav', detailedResult: true,
});
seen.deleted = delta.objects.deleted.map(({ url }) => path(url).split('/').pop());
seen.left = (await calendars.fetchCalendarObjects({ calendar: made })).map(({ url }) => path(url).split('/').pop());

const contacts = await client('carddav');
const [book] = await contacts.fetchAddressBooks();
seen.book = path(book.url);
seen.cards = (await contacts.fetchVCards({ addressBook: book })).length;
fine(await contacts.createVCard({ addressBook: book, filename: `${SUBJECT}.vcf`, vCardString: card(SUBJECT, 'First') }));
const find = async () => (await contacts.fetchVCards({ addressBook: book })).find(({ url }) => url.endsWith(`${SUBJECT}.vcf`));
fine(await contacts.updateVCard({ vCard: { ...await find(), data: card(SUBJECT, 'Changed') } }));
const last = await find();
seen.card = same(last.data, card(SUBJECT, 'Changed'));
fine(await contacts.deleteVCard({ vCard: last }));
seen.cards_at_end = (await contacts.fetchVCards({ addressBook: book })).length;
console.log(JSON.stringify(seen));
