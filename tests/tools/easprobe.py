#!/usr/bin/env python3
"""easprobe - an independent black-box probe for Exchange ActiveSync servers.

One file, Python >= 3.9, standard library only.  Its WBXML codec and code pages were written
from the published MS-ASWBXML token tables, not from any server's code.

  easprobe.py --url http://127.0.0.1:20000/SOGo/Microsoft-Server-ActiveSync \
              --user u1 --password secret [--version 14.1] check     # conformance steps, PASS/FAIL
  easprobe.py ... check --classes mail            # what a server for these classes must pass: all of it, or FAIL
  easprobe.py ... bench  [--window 100]          # initial-sync throughput, empty-Sync latency
  easprobe.py ... pings  --count 200 --users u%d --rss-user sogo     # memory per open Ping
  easprobe.py codec                               # WBXML self test
  easprobe.py decode FILE                         # dump a WBXML file
Exit status 0: no step failed; 1: at least one FAIL; 2: usage.
"""
import argparse, base64, http.client, json, os, re, socket, ssl, struct, sys, threading, time, urllib.parse, uuid
from datetime import datetime, timedelta, timezone

# ------------------------------------------------------------------ WBXML code pages (MS-ASWBXML)
def _seq(start, names): return {n: start + i for i, n in enumerate(names.split()) if n != '-'}
PAGES = [
 ('AirSync', _seq(5, 'Sync Responses Add Change Delete Fetch SyncKey ClientId ServerId Status Collection Class Version CollectionId GetChanges MoreAvailable WindowSize Commands Options FilterType Truncation RTFTruncation Conflict Collections ApplicationData DeletesAsMoves NotifyGUID Supported SoftDelete MIMESupport MIMETruncation Wait Limit Partial ConversationMode MaxItems HeartbeatInterval')),
 ('Contacts', _seq(5, 'Anniversary AssistantName AssistantPhoneNumber Birthday Body BodySize BodyTruncated Business2PhoneNumber BusinessAddressCity BusinessAddressCountry BusinessAddressPostalCode BusinessAddressState BusinessAddressStreet BusinessFaxNumber BusinessPhoneNumber CarPhoneNumber Categories Category Children Child CompanyName Department Email1Address Email2Address Email3Address FileAs FirstName Home2PhoneNumber HomeAddressCity HomeAddressCountry HomeAddressPostalCode HomeAddressState HomeAddressStreet HomeFaxNumber HomePhoneNumber JobTitle LastName MiddleName MobilePhoneNumber OfficeLocation OtherAddressCity OtherAddressCountry OtherAddressPostalCode OtherAddressState OtherAddressStreet PagerNumber RadioPhoneNumber Spouse Suffix Title WebPage YomiCompanyName YomiFirstName YomiLastName CompressedRTF Picture Alias WeightedRank')),
 ('Email', _seq(5, 'Attachment Attachments AttName AttSize Att0Id AttMethod - Body BodySize BodyTruncated DateReceived DisplayName DisplayTo Importance MessageClass Subject Read To Cc From ReplyTo AllDayEvent Categories Category DtStamp EndTime InstanceType BusyStatus Location MeetingRequest Organizer RecurrenceId Reminder ResponseRequested Recurrences Recurrence Type Until Occurrences Interval DayOfWeek DayOfMonth WeekOfMonth MonthOfYear StartTime Sensitivity TimeZone GlobalObjId ThreadTopic MIMEData MIMETruncated MIMESize InternetCPID Flag Status ContentClass FlagType CompleteTime DisallowNewTimeProposal')),
 ('AirNotify', {}),
 ('Calendar', dict(_seq(5, 'Timezone AllDayEvent Attendees Attendee Email Name Body BodyTruncated BusyStatus Categories Category CompressedRTF DtStamp EndTime Exception Exceptions Deleted ExceptionStartTime Location MeetingStatus OrganizerEmail OrganizerName Recurrence Type Until Occurrences Interval DayOfWeek DayOfMonth WeekOfMonth MonthOfYear Reminder Sensitivity Subject StartTime UID AttendeeStatus AttendeeType'),
     **_seq(0x33, 'DisallowNewTimeProposal ResponseRequested AppointmentReplyTime ResponseType CalendarType IsLeapMonth FirstDayOfWeek OnlineMeetingConfLink OnlineMeetingExternalLink ClientUid'))),
 ('Move', _seq(5, 'MoveItems Move SrcMsgId SrcFldId DstFldId Response Status DstMsgId')),
 ('GetItemEstimate', _seq(5, 'GetItemEstimate Version Collections Collection Class CollectionId DateTime Estimate Response Status')),
 ('FolderHierarchy', _seq(5, 'Folders Folder DisplayName ServerId ParentId Type Response Status ContentClass Changes Add Delete Update SyncKey FolderCreate FolderDelete FolderUpdate FolderSync Count')),
 ('MeetingResponse', _seq(5, 'CalendarId CollectionId MeetingResponse RequestId Request Result Status UserResponse - InstanceId - ProposedStartTime ProposedEndTime SendResponse')),
 ('Tasks', _seq(5, 'Body BodySize BodyTruncated Categories Category Complete DateCompleted DueDate UtcDueDate Importance Recurrence Type Start Until Occurrences Interval DayOfMonth DayOfWeek WeekOfMonth MonthOfYear Regenerate DeadOccur ReminderSet ReminderTime Sensitivity StartDate UtcStartDate Subject CompressedRTF OrdinalDate SubOrdinalDate CalendarType IsLeapMonth FirstDayOfWeek')),
 ('ResolveRecipients', _seq(5, 'ResolveRecipients Response Status Type Recipient DisplayName EmailAddress Certificates Certificate MiniCertificate Options To CertificateRetrieval RecipientCount MaxCertificates MaxAmbiguousRecipients CertificateCount Availability StartTime EndTime MergedFreeBusy Picture MaxSize Data MaxPictures')),
 ('ValidateCert', _seq(5, 'ValidateCert Certificates Certificate CertificateChain CheckCRL Status')),
 ('Contacts2', _seq(5, 'CustomerId GovernmentId IMAddress IMAddress2 IMAddress3 ManagerName CompanyMainPhone AccountName NickName MMS')),
 ('Ping', _seq(5, 'Ping AutdState Status HeartbeatInterval Folders Folder Id Class MaxFolders')),
 ('Provision', _seq(5, 'Provision Policies Policy PolicyType PolicyKey Data Status RemoteWipe EASProvisionDoc DevicePasswordEnabled AlphanumericDevicePasswordRequired RequireStorageCardEncryption PasswordRecoveryEnabled - AttachmentsEnabled MinDevicePasswordLength MaxInactivityTimeDeviceLock MaxDevicePasswordFailedAttempts MaxAttachmentSize AllowSimpleDevicePassword DevicePasswordExpiration DevicePasswordHistory AllowStorageCard AllowCamera RequireDeviceEncryption AllowUnsignedApplications AllowUnsignedInstallationPackages MinDevicePasswordComplexCharacters AllowWiFi AllowTextMessaging AllowPOPIMAPEmail AllowBluetooth AllowIrDA RequireManualSyncWhenRoaming AllowDesktopSync MaxCalendarAgeFilter AllowHTMLEmail MaxEmailAgeFilter MaxEmailBodyTruncationSize MaxEmailHTMLBodyTruncationSize RequireSignedSMIMEMessages RequireEncryptedSMIMEMessages RequireSignedSMIMEAlgorithm RequireEncryptionSMIMEAlgorithm AllowSMIMEEncryptionAlgorithmNegotiation AllowSMIMESoftCerts AllowBrowser AllowConsumerEmail AllowRemoteDesktop AllowInternetSharing UnapprovedInROMApplicationList ApplicationName ApprovedApplicationList Hash AccountOnlyRemoteWipe')),
 ('Search', _seq(5, 'Search - Store Name Query Options Range Status Response Result Properties Total EqualTo Value And Or FreeText - DeepTraversal LongId RebuildResults LessThan GreaterThan - - UserName Password ConversationId Picture MaxSize MaxPictures')),
 ('GAL', _seq(5, 'DisplayName Phone Office Title Company Alias FirstName LastName HomePhone MobilePhone EmailAddress Picture Status Data')),
 ('AirSyncBase', _seq(5, 'BodyPreference Type TruncationSize AllOrNone - Body Data EstimatedDataSize Truncated Attachments Attachment DisplayName FileReference Method ContentId ContentLocation IsInline NativeBodyType ContentType Preview BodyPartPreference BodyPart Status Add Delete ClientId Content Location Annotation Street City State Country PostalCode Latitude Longitude Accuracy Altitude AltitudeAccuracy LocationUri InstanceId')),
 ('Settings', _seq(5, 'Settings Status Get Set Oof OofState StartTime EndTime OofMessage AppliesToInternal AppliesToExternalKnown AppliesToExternalUnknown Enabled ReplyMessage BodyType DevicePassword Password DeviceInformation Model IMEI FriendlyName OS OSLanguage PhoneNumber UserInformation EmailAddresses SMTPAddress UserAgent EnableOutboundSMS MobileOperator PrimarySmtpAddress Accounts Account AccountId AccountName UserDisplayName SendDisabled - RightsManagementInformation')),
 ('DocumentLibrary', _seq(5, 'LinkId DisplayName IsFolder CreationDate LastModifiedDate IsHidden ContentLength ContentType')),
 ('ItemOperations', _seq(5, 'ItemOperations Fetch Store Options Range Total Properties Data Status Response Version Schema Part EmptyFolderContents DeleteSubFolders UserName Password Move DstFldId ConversationId MoveAlways')),
 ('ComposeMail', _seq(5, 'SendMail SmartForward SmartReply SaveInSentItems ReplaceMime - Source FolderId ItemId LongId InstanceId Mime ClientId Status AccountId - Forwardees Forwardee Name Email')),
 ('Email2', _seq(5, 'UmCallerID UmUserNotes UmAttDuration UmAttOrder ConversationId ConversationIndex LastVerbExecuted LastVerbExecutionTime ReceivedAsBcc Sender CalendarType IsLeapMonth AccountId FirstDayOfWeek MeetingMessageType - IsDraft Bcc Send')),
 ('Notes', _seq(5, 'Subject MessageClass LastModifiedDate Categories Category')),
 ('RightsManagement', _seq(5, 'RightsManagementSupport RightsManagementTemplates RightsManagementTemplate RightsManagementLicense EditAllowed ReplyAllowed ReplyAllAllowed ForwardAllowed ModifyRecipientsAllowed ExtractAllowed PrintAllowed ExportAllowed ProgrammaticAccessAllowed Owner ContentExpiryDate TemplateID TemplateName TemplateDescription ContentOwner RemoveRightsManagementProtection')),
 ('Find', dict(_seq(5, 'Find SearchId ExecuteSearch MailBoxSearchCriterion Query Status FreeText Options Range DeepTraversal - - Response Result Properties Preview HasAttachments Total DisplayCc DisplayBcc GALSearchCriterion'), **_seq(0x20, 'MaxPictures MaxSize Picture'))),
]
PIDX = {n: i for i, (n, _) in enumerate(PAGES)}
REV = [{v: k for k, v in t.items()} for _, t in PAGES]

class E:
    """One element.  name is 'Page:Tag'; kids are E objects, str (inline string) or bytes (opaque)."""
    __slots__ = ('name', 'kids')
    def __init__(self, name, *kids): self.name, self.kids = name, [k if isinstance(k, (E, str, bytes)) else str(k) for k in kids if k is not None]
    def all(self, tag):                       # direct children with that tag (page optional)
        return [k for k in self.kids if isinstance(k, E) and (k.name == tag or k.name.split(':')[1] == tag)]
    def one(self, path):
        cur = self
        for part in path.split('/'):
            f = cur.all(part) if cur is not None else []
            if not f: return None
            cur = f[0]
        return cur
    def deep(self, tag):
        for k in self.kids:
            if isinstance(k, E):
                if k.name == tag or k.name.split(':')[1] == tag: yield k
                yield from k.deep(tag)
    def val(self, path=None, default=None):
        e = self.one(path) if path else self
        if e is None: return default
        return ''.join(k if isinstance(k, str) else k.decode('utf-8', 'replace') for k in e.kids if not isinstance(k, E))
    def raw(self): return b''.join(k.encode() if isinstance(k, str) else k for k in self.kids if not isinstance(k, E))
    def xml(self, d=0):
        p = '  ' * d
        if not self.kids: return f'{p}<{self.name}/>\n'
        if not any(isinstance(k, E) for k in self.kids):
            return f'{p}<{self.name}>{self.val()[:2000]!r}</{self.name}>\n'
        return f'{p}<{self.name}>\n' + ''.join(k.xml(d + 1) if isinstance(k, E) else f'{p}  {k!r}\n' for k in self.kids) + f'{p}</{self.name}>\n'
    def __eq__(self, o): return isinstance(o, E) and self.name == o.name and self.kids == o.kids

def _mb(n):
    out = [n & 0x7f]; n >>= 7
    while n: out.append(0x80 | n & 0x7f); n >>= 7
    return bytes(reversed(out))

def encode(root):
    out, page = bytearray(b'\x03\x01\x6a\x00'), [0]
    def rec(e):
        pg, tag = e.name.split(':'); i = PIDX[pg]
        if i != page[0]: out.extend((0, i)); page[0] = i
        out.append(PAGES[i][1][tag] | (0x40 if e.kids else 0))
        for k in e.kids:
            if isinstance(k, E): rec(k)
            elif isinstance(k, bytes): out.append(0xC3); out.extend(_mb(len(k))); out.extend(k)
            else: out.append(3); out.extend(k.encode('utf-8').replace(b'\0', b'')); out.append(0)
        if e.kids: out.append(1)
    rec(root); return bytes(out)

class WbxmlError(Exception): pass
def decode(b):
    def mb(p):
        n = 0
        while True:
            if p >= len(b): raise WbxmlError('truncated mb_u_int32')
            c = b[p]; p += 1; n = n << 7 | c & 0x7f
            if not c & 0x80: return n, p
    if len(b) < 5 or b[0] not in (1, 2, 3): raise WbxmlError('not WBXML: %r' % b[:16])
    p = 1; pid, p = mb(p); cs, p = mb(p); sl, p = mb(p); strtbl = b[p:p + sl]; p += sl
    if cs != 0x6a: raise WbxmlError('charset 0x%x, must be UTF-8' % cs)
    page, stack, root = 0, [], None
    while p < len(b):
        t = b[p]; p += 1
        if t == 0: page = b[p]; p += 1
        elif t == 1:
            if not stack: raise WbxmlError('END without element')
            stack.pop()
        elif t == 3:
            q = b.index(0, p); stack[-1].kids.append(b[p:q].decode('utf-8')); p = q + 1
        elif t == 0x83:
            o, p = mb(p); q = strtbl.index(0, o); stack[-1].kids.append(strtbl[o:q].decode('utf-8'))
        elif t == 2: c, p = mb(p); stack[-1].kids.append(chr(c))
        elif t == 0xC3: n, p = mb(p); stack[-1].kids.append(bytes(b[p:p + n])); p += n
        elif t & 0x80: raise WbxmlError('token 0x%02x (attributes) at %d: EAS has none' % (t, p - 1))
        else:
            if page >= len(PAGES) or (t & 0x3f) not in REV[page]: raise WbxmlError('unknown tag 0x%02x on page %d at %d' % (t & 0x3f, page, p - 1))
            e = E(PAGES[page][0] + ':' + REV[page][t & 0x3f])
            if stack: stack[-1].kids.append(e)
            elif root is None: root = e
            else: raise WbxmlError('second root')
            if t & 0x40: stack.append(e)
    if stack: raise WbxmlError('unclosed ' + stack[-1].name)
    return root

# ------------------------------------------------------------------ HTTP client
CMDCODE = {c: i for i, c in enumerate('Sync SendMail SmartForward SmartReply GetAttachment - - - - FolderSync FolderCreate FolderDelete FolderUpdate MoveItems GetItemEstimate MeetingResponse Search Settings Ping ItemOperations Provision ResolveRecipients ValidateCert Find'.split()) if c != '-'}

class Resp:
    def __init__(s, status, headers, body, dt): s.status, s.h, s.body, s.dt = status, headers, body, dt
    @property
    def x(s):
        if not s.body: return None
        return decode(s.body)

class Client:
    def __init__(s, url, user, password, version='14.1', device_id=None, device_type='SmartPhone', b64=False, timeout=120, verbose=False, ua='easprobe/1.0'):
        s.u = urllib.parse.urlsplit(url); s.user, s.pw, s.version = user, password, version
        s.did = device_id or 'probe' + uuid.uuid4().hex[:20]; s.dtype, s.b64, s.timeout, s.verbose, s.ua = device_type, b64, timeout, verbose, ua
        s.key = None; s.conn = None; s.bytes_in = 0
    def _c(s):
        if s.conn is None:
            if s.u.scheme == 'https':
                cx = ssl.create_default_context(); cx.check_hostname = False; cx.verify_mode = ssl.CERT_NONE
                s.conn = http.client.HTTPSConnection(s.u.hostname, s.u.port or 443, timeout=s.timeout, context=cx)
            else: s.conn = http.client.HTTPConnection(s.u.hostname, s.u.port or 80, timeout=s.timeout)
        return s.conn
    def http(s, method, query, body=None, headers=None, auth=True):
        h = {'User-Agent': s.ua}
        if auth: h['Authorization'] = 'Basic ' + base64.b64encode(f'{s.user}:{s.pw}'.encode()).decode()
        h.update(headers or {}); t = time.perf_counter()
        for attempt in (0, 1):
            try:
                c = s._c(); c.request(method, s.u.path + ('?' + query if query else ''), body=body, headers=h); r = c.getresponse(); data = r.read(); break
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, http.client.CannotSendRequest, ssl.SSLEOFError):
                s.close()
                if attempt: raise
        dt = time.perf_counter() - t
        hd = {k.lower(): v for k, v in r.getheaders()}
        if hd.get('content-encoding') == 'gzip':
            import gzip; data = gzip.decompress(data)
        if hd.get('connection', '').lower() == 'close': s.close()
        s.bytes_in += len(data)
        return Resp(r.status, hd, data, dt)
    def close(s):
        if s.conn: s.conn.close()
        s.conn = None
    def query(s, cmd, **extra):
        if not s.b64:
            q = {'Cmd': cmd, 'User': s.user, 'DeviceId': s.did, 'DeviceType': s.dtype}; q.update(extra); return urllib.parse.urlencode(q)
        did, dt = s.did.encode(), s.dtype.encode()
        v = s.version.split('.'); key = struct.pack('<BI', 4, int(s.key)) if s.key else b'\0'
        b = bytes([int(v[0]) * 10 + int(v[1]), CMDCODE[cmd]]) + struct.pack('<H', 0x0409) + bytes([len(did)]) + did + key + bytes([len(dt)]) + dt
        if extra.get('SaveInSent') == 'T': b += bytes([7, 1, 1])   # Options, SaveInSent
        for i, n in enumerate('AttachmentName CollectionId CollectionName ItemId LongId ParentId Occurrence Options'.split()):
            if n in extra: b += bytes([i, len(extra[n])]) + extra[n].encode()
        b += bytes([8, len(s.user)]) + s.user.encode()
        return base64.b64encode(b).decode()
    def cmd(s, cmd, root=None, raw=None, nokey=False, ctype='application/vnd.ms-sync.wbxml', hdr=None, **extra):
        h = {'MS-ASProtocolVersion': s.version}
        if s.key and not nokey: h['X-MS-PolicyKey'] = s.key
        body = raw if raw is not None else (encode(root) if root is not None else b'')
        if body: h['Content-Type'] = ctype
        h.update(hdr or {})
        if s.verbose and root is not None: sys.stderr.write(f'>>> {cmd}\n' + root.xml())
        r = s.http('POST', s.query(cmd, **extra), body, h)
        if s.verbose:
            sys.stderr.write(f'<<< HTTP {r.status} {len(r.body)} bytes {r.dt*1000:.1f} ms\n')
            try:
                if r.body and 'wbxml' in r.h.get('content-type', ''): sys.stderr.write(r.x.xml())
            except Exception as ex: sys.stderr.write('   undecodable: %s %r\n' % (ex, r.body[:80]))
        return r
    def ver(s): return tuple(int(x) for x in s.version.split('.'))
    # -- commands
    def provision(s):
        di = E('Settings:DeviceInformation', E('Settings:Set', E('Settings:Model', 'easprobe'), E('Settings:IMEI', '350000000000000'), E('Settings:FriendlyName', 'easprobe'), E('Settings:OS', 'Linux'), E('Settings:OSLanguage', 'en'), E('Settings:UserAgent', s.ua)))
        ptype = 'MS-EAS-Provisioning-WBXML'
        kids = ([di] if s.ver() >= (14, 1) else []) + [E('Provision:Policies', E('Provision:Policy', E('Provision:PolicyType', ptype)))]
        s.key = None
        r1 = s.cmd('Provision', E('Provision:Provision', *kids), hdr={'X-MS-PolicyKey': '0'}); x1 = r1.x
        temp = x1.val('Policies/Policy/PolicyKey')
        s.key = temp
        r2 = s.cmd('Provision', E('Provision:Provision', E('Provision:Policies', E('Provision:Policy', E('Provision:PolicyType', ptype), E('Provision:PolicyKey', temp), E('Provision:Status', '1'))))); x2 = r2.x
        s.key = x2.val('Policies/Policy/PolicyKey')
        return x1, x2, temp
    def foldersync(s, key='0', **kw): return s.cmd('FolderSync', E('FolderHierarchy:FolderSync', E('FolderHierarchy:SyncKey', key)), **kw)
    def coll(s, cid, key, cls=None, window=None, commands=None, options=None, getchanges=None, moves=None, supported=None):
        k = []
        if cls and s.ver() < (12, 1): k.append(E('AirSync:Class', cls))
        k += [E('AirSync:SyncKey', key), E('AirSync:CollectionId', cid)]
        if supported is not None: k.append(E('AirSync:Supported', *supported))
        if moves is not None: k.append(E('AirSync:DeletesAsMoves', str(moves)))
        if getchanges is not None: k.append(E('AirSync:GetChanges', str(getchanges)))
        if window: k.append(E('AirSync:WindowSize', str(window)))
        if options: k.append(E('AirSync:Options', *options))
        if commands: k.append(E('AirSync:Commands', *commands))
        return E('AirSync:Collection', *k)
    def sync(s, cid, key, **kw): return s.cmd('Sync', E('AirSync:Sync', E('AirSync:Collections', s.coll(cid, key, **kw))))

def body_pref(t=1, size=None, allornone=None):
    return E('AirSyncBase:BodyPreference', E('AirSyncBase:Type', str(t)), *( [E('AirSyncBase:TruncationSize', str(size))] if size is not None else []), *([E('AirSyncBase:AllOrNone', str(allornone))] if allornone is not None else []))
def opts(cls, filt=None, body=1, size=512, mime=None):
    o = []
    if filt is not None: o.append(E('AirSync:FilterType', str(filt)))
    if mime is not None: o.append(E('AirSync:MIMESupport', str(mime)))
    o.append(body_pref(body, size)); return o

class SyncState:
    """Walks one collection as a phone would: key 0, then pages until no MoreAvailable."""
    def __init__(s, c, cid, cls, window=100, options=None): s.c, s.cid, s.cls, s.window, s.options, s.key, s.items, s.dups, s.rounds, s.lat = c, cid, cls, window, options, '0', {}, 0, 0, []; s.prev = None
    def prime(s):
        r = s.c.sync(s.cid, '0', cls=s.cls); x = r.x; c = x.one('Collections/Collection')
        assert c.val('Status', '1') == '1', 'prime Status ' + str(c.val('Status')); s.key = c.val('SyncKey'); return r
    def round(s, key=None, apply=True):
        sent = key or s.key
        r = s.c.sync(s.cid, sent, cls=s.cls, window=s.window, options=s.options, getchanges=1); s.lat.append(r.dt)
        if not r.body: return r, None, [], False
        c = r.x.one('Collections/Collection')
        if c is None: raise AssertionError('Sync without Collection, top status %s' % r.x.val('Status'))
        st = c.val('Status', '1'); new = []
        if st != '1': return r, st, [], False
        for cm in (c.one('Commands').kids if c.one('Commands') else []):
            t = cm.name.split(':')[1]; sid = cm.val('ServerId'); new.append((t, sid, cm.one('ApplicationData')))
            if not apply: continue
            if t == 'Add':
                if sid in s.items: s.dups += 1
                s.items[sid] = cm.one('ApplicationData')
            elif t == 'Change': s.items[sid] = cm.one('ApplicationData')
            elif t in ('Delete', 'SoftDelete'): s.items.pop(sid, None)
        if apply: s.prev, s.key = sent, c.val('SyncKey')
        s.rounds += 1
        return r, st, new, c.one('MoreAvailable') is not None
    def full(s, maxrounds=500):
        if s.key == '0': s.prime()
        changes = []
        for _ in range(maxrounds):
            r, st, new, more = s.round(); changes += new
            if st not in (None, '1'): raise AssertionError('Sync Status ' + st)
            if not more: return changes
        raise AssertionError('endless MoreAvailable')

# ------------------------------------------------------------------ check
def tzblob(bias=-60, std_month=10, std_week=5, std_hour=3, dst_month=3, dst_week=5, dst_hour=2, dstbias=-60):
    st = lambda m, w, h: struct.pack('<8H', 0, m, 0, w, h, 0, 0, 0)
    return base64.b64encode(struct.pack('<l', bias) + b'\0' * 64 + st(std_month, std_week, std_hour) + struct.pack('<l', 0) + b'\0' * 64 + st(dst_month, dst_week, dst_hour) + struct.pack('<l', dstbias)).decode()
def ctime(d): return d.strftime('%Y%m%dT%H%M%SZ')

# check --classes mail,..: the steps that a server for these classes must pass. Each of them must run and PASS: one
# that was renamed, or whose condition did not come true, is a FAIL. Without --classes everything runs and may be skipped.
STEPS = {
    'mail': [
        'OPTIONS', 'OPTIONS without credentials', '401 on wrong password', 'unknown command',
        'provisioning enforced before first command', 'Provision (2 phases)', 'broken WBXML answered, not 500', 'base64 query string',
        'FolderSync key 0', 'FolderSync incremental is empty', 'FolderSync bad key -> 9', 'Folder create/rename/delete',
        'FolderSync 0 keeps collection keys', 'stale policy key -> 144/449', 'FolderDelete of Inbox -> 3',
        'Settings DeviceInformation Set', 'Settings UserInformation Get', 'Settings Oof get/set/get',
        'Sync initial Email', 'Sync bad key -> 3', 'Sync unknown collection', 'Sync empty incremental x10', 'Sync replay of previous key (Email)',
        'WindowSize and MoreAvailable', 'GetItemEstimate (Email)', 'empty Sync request', 'Sync HeartbeatInterval too large -> 14+Limit',
        'FilterType change (SoftDelete)', 'two collections in one Sync, one bad key (Email)',
        'SendMail, arrives, fields', 'saved in Sent Items', 'SendMail same ClientId twice', 'ItemOperations Fetch Types 1,2,4', 'truncation',
        'multipart Fetch', 'Fetch unknown item', 'SmartReply', 'SmartForward', 'Read + Flag change', 'MoveItems', 'Delete with DeletesAsMoves',
        'Search Mailbox + Fetch by LongId', 'Search GAL', 'ResolveRecipients', 'Find',
        'Ping heartbeat below minimum -> 5', 'Ping without parameters on new device -> 3', 'Ping wakes on new mail',
        'Ping with empty body uses cached parameters',
    ],
    'contacts': [
        'Sync initial Contacts', 'Sync replay of previous key (Contacts)', 'GetItemEstimate (Contacts)', 'Contact Add, seen by second device',
        'replayed Add makes no duplicate', 'Contact Change', 'Contact Delete; Change of deleted -> 8', 'two writes in one second',
        'Contact Picture, too large -> 6', 'Contact ghosting by Supported',
    ],
    'calendar': [
        'Sync initial Calendar', 'Calendar series+exceptions round trip', 'Calendar all-day in a DST zone',
        'two collections in one Sync, one bad key (Contacts, Calendar)',
        'Calendar Add and Change, seen by second device', 'Calendar Add whose answer was lost', 'Calendar Conflict -> 7',
        'Calendar Delete; Change of deleted -> 8', 'Sync replay of previous key (Calendar)', 'GetItemEstimate (Calendar)',
        'Calendar exceptions made later', 'Calendar FilterType change', 'Ping wakes on new event',
        'invitation -> MeetingRequest -> MeetingResponse',
    ],
    'tasks': [
        'Sync initial Tasks', 'Task round trip',
        'Tasks Add and Change, seen by second device', 'Tasks Add whose answer was lost', 'Tasks Conflict -> 7',
        'Tasks Delete; Change of deleted -> 8', 'Sync replay of previous key (Tasks)', 'GetItemEstimate (Tasks)',
        'Tasks FilterType 8',
    ],
    'notes': [
        'Sync initial Notes', 'Note round trip',
        'Notes Add and Change, seen by second device', 'Notes Add whose answer was lost', 'Notes Conflict -> 7',
        'Notes Delete; Change of deleted -> 8', 'Sync replay of previous key (Notes)', 'GetItemEstimate (Notes)',
    ],
}

# What a version cannot have, because it has not the elements for it: then such a step is not required.
STEPS_LACKING = {
    '12.1': ['Sync HeartbeatInterval too large -> 14+Limit', 'SendMail same ClientId twice', 'Find'],   # HeartbeatInterval and ClientId are of 14.0
    '14.0': ['Find'], '14.1': ['Find'], '16.0': ['Find'],   # Find is of 16.1
}

class Checker:
    def __init__(s, a): s.a, s.res = a, []; s.required = [n for c in a.classes for n in STEPS[c] if n not in STEPS_LACKING.get(a.version, [])]
    def step(s, name, fn):
        if not any(name in steps for steps in STEPS.values()): s.res.append(dict(step=name, result='FAIL', ms=0, note='of no class')); print(f'FAIL {name}: belongs to no class of STEPS', flush=True); return False
        if s.required and name not in s.required: return False
        t = time.perf_counter()
        try: note = fn(); st = 'SKIP' if isinstance(note, str) and note.startswith('SKIP') else 'PASS'
        except AssertionError as e: st, note = 'FAIL', str(e) or 'assertion'
        except Exception as e: st, note = 'FAIL', f'{type(e).__name__}: {e}'
        ms = (time.perf_counter() - t) * 1000; s.res.append(dict(step=name, result=st, ms=round(ms, 1), note=str(note or '')))
        print(f'{st:4} {ms:9.1f} ms  {name:42} {note or ""}'[:230], flush=True)
        return st == 'PASS'

def run_check(a):
    ck = Checker(a); mk = lambda **k: Client(a.url, k.pop('user', a.user), k.pop('password', a.password), version=k.pop('version', a.version), b64=k.pop('b64', a.base64), verbose=a.verbose, timeout=a.timeout, **k)
    c = mk(); g = {}
    v = c.ver(); uniq = uuid.uuid4().hex[:8]; mail = lambda u: u if '@' in u else f'{u}@{a.domain}'
    me = mail(a.user)
    # ---- transport
    def options():
        r = c.http('OPTIONS', '', None); assert r.status == 200, r.status
        vs = r.h.get('ms-asprotocolversions'); assert vs, 'no MS-ASProtocolVersions'; assert r.h.get('ms-asprotocolcommands'), 'no MS-ASProtocolCommands'
        g['vers'], g['cmds'] = vs.split(','), r.h['ms-asprotocolcommands'].split(',')
        return f"server={r.h.get('ms-server-activesync')} versions={vs} commands={len(g['cmds'])}"
    def badauth():
        d = mk(password='wrong-' + uniq); r = d.foldersync(); assert r.status == 401, f'HTTP {r.status}, want 401'; assert 'basic' in r.h.get('www-authenticate', '').lower(), 'no WWW-Authenticate: Basic'
    def noauth_options():
        r = c.http('OPTIONS', '', None, auth=False); assert r.status in (200, 401), r.status; return f'HTTP {r.status}'
    def badwbxml():
        r = c.cmd('FolderSync', raw=b'\x03\x01\x6a\x00\x00\x07\x56\x7f\x7f\x7f'); assert r.status in (200, 400) and r.status != 500, f'HTTP {r.status}'
        if r.status == 200: st = next((e.val() for e in [r.x] + list(r.x.deep('Status')) if e.name.endswith(':Status')), None); assert st in ('10', '102', '103', '101'), f'Status {st}'; return 'Status ' + st
        return 'HTTP 400'
    def badcmd():
        r = c.http('POST', f'Cmd=Nonsense&User={a.user}&DeviceId={c.did}&DeviceType=SmartPhone', b'', {'MS-ASProtocolVersion': a.version}); assert r.status in (400, 501), f'HTTP {r.status}, want 400/501'; return f'HTTP {r.status}'
    def needprov():
        r = c.foldersync()
        if r.status == 449: return 'HTTP 449'
        st = r.x.val('Status'); assert st in ('142', '144'), f'FolderSync without policy key answered HTTP {r.status} Status {st} (server does not enforce provisioning?)'; return 'Status ' + st
    def prov():
        x1, x2, temp = c.provision(); assert x1.val('Status') == '1' and x1.val('Policies/Policy/Status') == '1', x1.xml()
        assert x1.one('Policies/Policy/Data/EASProvisionDoc') is not None, 'no EASProvisionDoc'; assert temp and c.key and c.key != '0', 'no key'
        assert c.key != temp, 'final PolicyKey equals the temporary one'; return f'temp={temp} final={c.key}'
    ck.step('OPTIONS', options); ck.step('OPTIONS without credentials', noauth_options); ck.step('401 on wrong password', badauth); ck.step('unknown command', badcmd)
    ck.step('provisioning enforced before first command', needprov); ck.step('Provision (2 phases)', prov)
    if c.key is None: c.key = '0'
    ck.step('broken WBXML answered, not 500', badwbxml)
    def b64q():
        d = mk(b64=True); d.did = c.did; d.key = c.key; r = d.foldersync(); assert r.status == 200 and r.x.val('Status') == '1', f'HTTP {r.status} ' + (r.x.xml() if r.body else '')
    ck.step('base64 query string', b64q)
    # ---- hierarchy
    def fs0():
        r = c.foldersync(); x = r.x; assert x.val('Status') == '1', x.xml()
        g['fkey'] = x.val('SyncKey'); g['folders'] = {e.val('ServerId'): (e.val('Type'), e.val('DisplayName'), e.val('ParentId')) for e in x.one('Changes').all('Add')}
        byt = {}
        for k, (t, n, p) in g['folders'].items(): byt.setdefault(t, k)
        g['t'] = byt; n = int(x.val('Changes/Count')); assert n == len(g['folders']), f'Count {n} but {len(g["folders"])} Adds'
        long = [k for k in g['folders'] if len(k) > 64]; assert not long, f'ServerId longer than 64: {long[0]}'
        miss = [t for t in ('2', '3', '4', '5') + tuple(t for c, t in (('calendar', '8'), ('contacts', '9'), ('tasks', '7'), ('notes', '10')) if c in a.classes) + (() if a.classes else ('8', '9')) if t not in byt]; assert not miss, f'default folder types missing: {miss}'
        return f'{n} folders, types {sorted(byt, key=int)}'
    def fs1():
        x = c.foldersync(g['fkey']).x; assert x.val('Status') == '1'; assert x.val('Changes/Count', '0') == '0', 'changes though nothing changed: ' + x.xml()[:300]; g['fkey'] = x.val('SyncKey')
    def fsbad():
        x = c.foldersync('987654321').x; assert x.val('Status') == '9', f'Status {x.val("Status")}, want 9'
    def fcrud():
        F = 'FolderHierarchy:'
        x = c.cmd('FolderCreate', E(F + 'FolderCreate', E(F + 'SyncKey', g['fkey']), E(F + 'ParentId', '0'), E(F + 'DisplayName', 'probe ü ' + uniq), E(F + 'Type', '12'))).x
        assert x.val('Status') == '1', 'create ' + x.xml(); sid, g['fkey'] = x.val('ServerId'), x.val('SyncKey')
        y = c.cmd('FolderCreate', E(F + 'FolderCreate', E(F + 'SyncKey', g['fkey']), E(F + 'ParentId', '0'), E(F + 'DisplayName', 'probe ü ' + uniq), E(F + 'Type', '12'))).x
        dup = y.val('Status')
        if y.val('SyncKey'): g['fkey'] = y.val('SyncKey')
        x = c.cmd('FolderUpdate', E(F + 'FolderUpdate', E(F + 'SyncKey', g['fkey']), E(F + 'ServerId', sid), E(F + 'ParentId', '0'), E(F + 'DisplayName', 'probe2 ' + uniq))).x
        assert x.val('Status') == '1', 'update ' + x.xml(); g['fkey'] = x.val('SyncKey')
        x = c.foldersync(g['fkey']).x; echo = x.val('Changes/Count', '0'); g['fkey'] = x.val('SyncKey')
        sid2 = next((e.val('ServerId') for e in x.deep('Add')), sid)   # some servers change the id on rename
        x = c.cmd('FolderDelete', E(F + 'FolderDelete', E(F + 'SyncKey', g['fkey']), E(F + 'ServerId', sid2))).x
        assert x.val('Status') == '1', 'delete ' + x.xml(); g['fkey'] = x.val('SyncKey')
        assert dup == '2', f'duplicate FolderCreate Status {dup}, want 2'; assert echo == '0', f'own changes echoed by FolderSync ({echo})'
    def fdelspecial():
        x = c.cmd('FolderDelete', E('FolderHierarchy:FolderDelete', E('FolderHierarchy:SyncKey', g['fkey']), E('FolderHierarchy:ServerId', g['t']['2']))).x; assert x.val('Status') == '3', f'deleting the Inbox: Status {x.val("Status")}, want 3'
    ck.step('FolderSync key 0', fs0)
    if 'folders' not in g: return finish(ck, a)
    ck.step('FolderSync incremental is empty', fs1); ck.step('FolderSync bad key -> 9', fsbad); ck.step('Folder create/rename/delete', fcrud)
    d3 = mk()                                  # scratch device: steps that throw sync state away never touch c's
    try: d3.provision()
    except Exception: d3.key = c.key
    d3.foldersync()
    # ---- settings
    S = 'Settings:'
    def devinfo():
        x = c.cmd('Settings', E(S + 'Settings', E(S + 'DeviceInformation', E(S + 'Set', E(S + 'Model', 'm'), E(S + 'OS', 'o'), E(S + 'FriendlyName', 'f'))))).x; assert x.val('Status') == '1' and x.val('DeviceInformation/Status', '1') == '1', x.xml()
    def userinfo():
        x = c.cmd('Settings', E(S + 'Settings', E(S + 'UserInformation', E(S + 'Get')))).x; assert x.val('Status') == '1', x.xml(); ad = [e.val() for e in x.deep('SMTPAddress')] + [e.val() for e in x.deep('PrimarySmtpAddress')]; assert any('@' in z for z in ad), 'no address'; return ad
    def oof():
        x = c.cmd('Settings', E(S + 'Settings', E(S + 'Oof', E(S + 'Get', E(S + 'BodyType', 'Text'))))).x; assert x.val('Status') == '1' and x.one('Oof/Get/OofState') is not None, x.xml(); old = x.val('Oof/Get/OofState')
        msg = lambda t, en, tx: E(S + 'OofMessage', E(S + t), E(S + 'Enabled', en), E(S + 'ReplyMessage', tx), E(S + 'BodyType', 'Text'))
        x = c.cmd('Settings', E(S + 'Settings', E(S + 'Oof', E(S + 'Set', E(S + 'OofState', '1'), msg('AppliesToInternal', '1', 'away ' + uniq), msg('AppliesToExternalKnown', '1', 'away ' + uniq), msg('AppliesToExternalUnknown', '1', 'away ' + uniq))))).x
        assert x.val('Oof/Status') == '1', 'set ' + x.xml()
        x = c.cmd('Settings', E(S + 'Settings', E(S + 'Oof', E(S + 'Get', E(S + 'BodyType', 'Text'))))).x; now = x.val('Oof/Get/OofState'); txt = [e.val() for e in x.deep('ReplyMessage')]
        c.cmd('Settings', E(S + 'Settings', E(S + 'Oof', E(S + 'Set', E(S + 'OofState', '0')))))
        assert now == '1' and any(uniq in t for t in txt), f'not stored: state {now} texts {txt}'
    ck.step('Settings DeviceInformation Set', devinfo); ck.step('Settings UserInformation Get', userinfo); ck.step('Settings Oof get/set/get', oof)
    # ---- Sync
    inbox, cal, con = g['t']['2'], g['t'].get('8'), g['t'].get('9')
    st = {}
    def initial(name, cid, cls, o):
        def f():
            s = SyncState(c, cid, cls, window=a.window, options=o); t = time.perf_counter(); s.full(); dt = time.perf_counter() - t
            st[name] = s; assert s.dups == 0, f'{s.dups} duplicate Adds'
            long = [k for k in s.items if len(k) > 64]; assert not long, f'ServerId longer than 64: {long[0]}'
            return f'{len(s.items)} items {s.rounds} rounds {len(s.items)/dt:.0f} items/s'
        return f
    ck.step('Sync initial Email', initial('mail', inbox, 'Email', opts('Email', 0)))
    ck.step('Sync initial Calendar', initial('cal', cal, 'Calendar', opts('Calendar', 0, 1, 32768)))
    ck.step('Sync initial Contacts', initial('con', con, 'Contacts', [body_pref(1, 32768)]))
    if '7' in g['t']: ck.step('Sync initial Tasks', initial('task', g['t']['7'], 'Tasks', [body_pref(1, 32768)]))
    if '10' in g['t']: ck.step('Sync initial Notes', initial('note', g['t']['10'], 'Notes', [body_pref(1, 32768)]))
    def badkey():
        s = SyncState(d3, inbox, 'Email', window=5, options=opts('Email', 0)); s.prime(); s.round(); r = d3.sync(inbox, '4711-bad', options=opts('Email', 0)); x = r.x; z = x.val('Collections/Collection/Status') or x.val('Status'); assert z in ('3', '4'), f'Status {z}, want 3'; return 'Status ' + z
    def badcoll():
        r = d3.sync('no-such-folder', '0'); assert r.body, f'HTTP {r.status} with empty body'; x = r.x; z = x.val('Collections/Collection/Status') or x.val('Status'); assert z in ('8', '12', '3', '4'), f'Status {z}, want 8 (or 12)'; return 'Status ' + z
    def emptyinc():
        s = st['mail']; l = []
        for _ in range(10):
            r, z, new, more = s.round(); assert z in (None, '1') and not new and not more, f'{z} {new[:2]}'; l.append(r.dt * 1000)
        return f'median {sorted(l)[5]:.1f} ms, empty body={"yes" if not r.body else "no"}'
    def replay(cid, cls, o):
        def f():
            s = SyncState(d3, cid, cls, window=3, options=o); s.prime(); k1 = s.key
            r, z, n1, more = s.round()
            if not n1: return 'SKIP nothing in the folder'
            r, z, n2, more2 = s.round(key=k1, apply=False); assert z == '1', f'replay of previous SyncKey: Status {z}, want 1'
            assert sorted(q[1] for q in n1) == sorted(q[1] for q in n2), 'replay returned other items: %s / %s' % ([q[1] for q in n1], [q[1] for q in n2])
            return f'{len(n1)} items replayed'
        return f
    def window():
        s = SyncState(d3, inbox, 'Email', window=7, options=opts('Email', 0)); s.prime(); r, z, n, more = s.round(); assert len(n) <= 7, f'{len(n)} items for WindowSize 7'; assert more or len(n) < 7, 'MoreAvailable missing'; return f'{len(n)} items'
    def estimate(cid, cls, name):
        def f():
            s = SyncState(d3, cid, cls); s.prime()
            if v < (14, 0): col = E('GetItemEstimate:Collection', E('GetItemEstimate:Class', cls), E('AirSync:FilterType', '0'), E('AirSync:SyncKey', s.key), E('GetItemEstimate:CollectionId', cid))
            else: col = E('GetItemEstimate:Collection', E('AirSync:SyncKey', s.key), E('GetItemEstimate:CollectionId', cid), E('AirSync:Options', *([E('AirSync:FilterType', '0')] if cls == 'Email' else []), E('AirSync:Class', cls)))
            x = d3.cmd('GetItemEstimate', E('GetItemEstimate:GetItemEstimate', E('GetItemEstimate:Collections', col))).x
            n = next((e.val() for e in x.deep('Estimate')), None); assert n is not None, x.xml(); want = len(st[name].items); assert want > 0 and int(n) == want, f'estimate {n}, have {want}'; return n
        return f
    def emptysync():
        # Outlook/iOS: after a full Sync with Wait the client may send a Sync with no body at all (only if the collections are unchanged)
        s = st['mail']; r = c.cmd('Sync', E('AirSync:Sync', E('AirSync:Collections', c.coll(inbox, s.key, cls='Email', window=25, options=s.options, getchanges=1)), E('AirSync:HeartbeatInterval', '60') if False else None, E('AirSync:WindowSize', '25')))
        if r.body:
            nk = r.x.val('Collections/Collection/SyncKey')
            if nk: s.key = nk
        r = c.cmd('Sync', None)
        if r.status != 200: raise AssertionError(f'HTTP {r.status}')
        z = r.x.val('Status') if r.body else None; assert z in (None, '13', '1'), f'Status {z}'; return 'cached request accepted' if z != '13' else 'Status 13 (asks for the full request)'
    def hugewait():
        d = mk(); d.did, d.key, d.timeout = c.did, c.key, 8
        try: r = d.cmd('Sync', E('AirSync:Sync', E('AirSync:Collections', c.coll(inbox, st['mail'].key, cls='Email', getchanges=1)), E('AirSync:HeartbeatInterval', '99999')))
        except (TimeoutError, socket.timeout): raise AssertionError('request accepted and held open, want Status 14 with Limit')
        assert r.body, 'empty answer'; x = r.x; assert x.val('Status') == '14' and x.one('Limit') is not None, (x.xml()[:300] if x else 'empty'); return 'Limit ' + x.val('Limit')
    ck.step('Sync bad key -> 3', badkey); ck.step('Sync unknown collection', badcoll)
    if 'mail' in st: ck.step('Sync empty incremental x10', emptyinc)
    ck.step('Sync replay of previous key (Email)', replay(inbox, 'Email', opts('Email', 0))); ck.step('Sync replay of previous key (Contacts)', replay(con, 'Contacts', [body_pref(1, 100)])); ck.step('WindowSize and MoreAvailable', window)
    if 'mail' in st: ck.step('GetItemEstimate (Email)', estimate(inbox, 'Email', 'mail'))
    if 'con' in st: ck.step('GetItemEstimate (Contacts)', estimate(con, 'Contacts', 'con'))
    if 'mail' in st: ck.step('empty Sync request', emptysync)
    if v >= (14, 0) and 'mail' in st: ck.step('Sync HeartbeatInterval too large -> 14+Limit', hugewait)
    # ---- contacts round trip, two devices
    C = 'Contacts:'
    d2 = mk(); 
    try: d2.provision()
    except Exception: d2.key = c.key
    d2.foldersync()                            # a device must know the hierarchy before it may Sync
    def addc():
        s = st['con']; o = SyncState(d2, con, 'Contacts', window=200, options=[body_pref(1, 32768)]); o.full(); g['o'] = o
        app = E('AirSync:ApplicationData', E(C + 'FirstName', 'Zoë'), E(C + 'LastName', 'Prøbe' + uniq), E(C + 'FileAs', 'Prøbe' + uniq + ', Zoë'), E(C + 'Email1Address', f'"Zoë" <z{uniq}@example.test>'), E(C + 'MobilePhoneNumber', '+49 170 1'), E(C + 'BusinessAddressCity', 'Köln'), E(C + 'Birthday', '1980-02-29T00:00:00.000Z'), E(C + 'Categories', E(C + 'Category', 'A'), E(C + 'Category', 'B')), E('Contacts2:NickName', 'Zo'), E('AirSyncBase:Body', E('AirSyncBase:Type', '1'), E('AirSyncBase:Data', 'note line1\r\nline2 €')))
        x = c.sync(con, s.key, cls='Contacts', getchanges=1, options=s.options, commands=[E('AirSync:Add', E('AirSync:ClientId', 'cid' + uniq), app)]).x; k = x.one('Collections/Collection'); assert k.val('Status') == '1', x.xml()
        ad = k.one('Responses/Add'); assert ad is not None and ad.val('ClientId') == 'cid' + uniq and ad.val('Status') == '1' and ad.val('ServerId'), x.xml()
        assert not [e for e in (k.one('Commands').kids if k.one('Commands') else []) if e.val('ServerId') == ad.val('ServerId')], 'own Add echoed back'
        g['csid'] = ad.val('ServerId'); g['coldkey'], s.key = s.key, k.val('SyncKey'); g['capp'] = app
        r, z, new, more = s.round(); own = [n for n in new if n[1] == g['csid']]; g['echo'] = bool(own)
        ch = o.full(); got = [n for n in ch if n[1] == g['csid'] or (n[2] and n[2].val('LastName') == 'Prøbe' + uniq)]; assert got, 'second device did not get it'; ap = got[0][2]; g['csid2'] = got[0][1]
        bad = [t for t, w in (('FirstName', 'Zoë'), ('MobilePhoneNumber', '+49 170 1'), ('BusinessAddressCity', 'Köln')) if ap.val(t) != w]; assert not bad, f'lost {bad}: ' + ap.xml()
        lost = [t for t in ('Birthday', 'NickName', 'Categories', 'Body') if ap.one(t) is None]
        assert not g['echo'], 'own Add echoed in the next Sync'; return f'lost: {lost}' if lost else ''
    def replayadd():
        # client never saw the answer: same Add with the same (now previous) key must not create a second contact
        s = st['con']; x = c.sync(con, g['coldkey'], cls='Contacts', getchanges=1, options=s.options, commands=[E('AirSync:Add', E('AirSync:ClientId', 'cid' + uniq), g['capp'])]).x; k = x.one('Collections/Collection'); z = k.val('Status')
        if z == '3': s2 = SyncState(c, con, 'Contacts', window=200, options=s.options); s2.full(); st['con'] = s2
        elif k.val('SyncKey'): s.key = k.val('SyncKey')
        g['o'].full(); n = [i for i, ap in g['o'].items.items() if ap is not None and ap.val('LastName') == 'Prøbe' + uniq]; assert len(n) == 1, f'{len(n)} copies after the replayed Add (Status {z})'; return f'Status {z}, one copy'
    def chgc():
        time.sleep(1.2); s = st['con']; s.full(); g['o'].full(); sid = g['csid']
        app = E('AirSync:ApplicationData', E(C + 'FirstName', 'Zoë2'), E(C + 'LastName', 'Prøbe' + uniq))
        x = c.sync(con, s.key, cls='Contacts', getchanges=1, options=s.options, commands=[E('AirSync:Change', E('AirSync:ServerId', sid), app)]).x; k = x.one('Collections/Collection'); assert k.val('Status') == '1', x.xml(); s.key = k.val('SyncKey')
        ch = g['o'].full(); got = [n for n in ch if n[1] == g['csid2']]; assert got and got[0][0] == 'Change', f'second device saw {ch[:2]}'; ap = got[0][2]; assert ap.val('FirstName') == 'Zoë2'
        return 'unsent MobilePhoneNumber ' + ('kept' if ap.one('MobilePhoneNumber') else 'cleared')
    def delc():
        time.sleep(1.2); s = st['con']; s.full(); x = c.sync(con, s.key, cls='Contacts', getchanges=1, options=s.options, commands=[E('AirSync:Delete', E('AirSync:ServerId', g['csid']))]).x; k = x.one('Collections/Collection'); assert k.val('Status') == '1', x.xml(); s.key = k.val('SyncKey')
        ch = g['o'].full(); assert ('Delete' in [n[0] for n in ch if n[1] == g['csid2']]), f'second device saw {ch[:2]}'
        x = c.sync(con, s.key, cls='Contacts', getchanges=1, options=s.options, commands=[E('AirSync:Change', E('AirSync:ServerId', g['csid']), E('AirSync:ApplicationData', E(C + 'FirstName', 'x')))]).x; k = x.one('Collections/Collection'); z = k.val('Responses/Change/Status'); s.key = k.val('SyncKey') or s.key; assert z == '8', f'Change of a deleted item: Status {z}, want 8'
    def samesec():
        # two writes within one second: the second one must still reach the other device (timestamps as sync keys lose it)
        s = st['con']; s.full(); g['o'].full()
        mkc = lambda f: E('AirSync:ApplicationData', E(C + 'FirstName', f), E(C + 'LastName', 'Same' + uniq))
        while time.time() % 1 > .05: time.sleep(.005)
        k = c.sync(con, s.key, cls='Contacts', getchanges=1, options=s.options, commands=[E('AirSync:Add', E('AirSync:ClientId', 'ss' + uniq), mkc('old'))]).x.one('Collections/Collection'); sid = k.val('Responses/Add/ServerId'); s.key = k.val('SyncKey'); assert sid, k.xml()
        g['o'].full()
        k = c.sync(con, s.key, cls='Contacts', getchanges=1, options=s.options, commands=[E('AirSync:Change', E('AirSync:ServerId', sid), mkc('new'))]).x.one('Collections/Collection'); s.key = k.val('SyncKey') or s.key
        for _ in range(3): g['o'].full(); time.sleep(1.1)
        now = [ap.val('FirstName') for ap in g['o'].items.values() if ap is not None and ap.val('LastName') == 'Same' + uniq]
        s.full(); k = c.sync(con, s.key, cls='Contacts', getchanges=1, options=s.options, commands=[E('AirSync:Delete', E('AirSync:ServerId', sid))]).x.one('Collections/Collection'); s.key = k.val('SyncKey') or s.key; g['o'].full()
        assert now == ['new'], f'second device stays at {now} for good'
    def keepkeys():
        # Gmail 2025.11+ sends FolderSync key 0 again and again: the collections' keys must survive it
        s = SyncState(d3, inbox, 'Email', window=100, options=opts('Email', 0)); s.full(); x = d3.foldersync('0').x; assert x.val('Status') == '1'; ids = {e.val('ServerId') for e in x.deep('Add')}; assert ids == set(g['folders']) or inbox in ids, 'folder ids changed'
        r, z, new, more = s.round(); assert z in (None, '1'), f'Sync Status {z} after FolderSync 0'; adds = [n for n in new if n[0] == 'Add']; assert len(adds) <= 3, f'{len(adds)} items sent again'
    def multicoll(one, two):
        def f():
            (i1, c1, o1), (i2, c2, o2) = one, two
            r = d3.cmd('Sync', E('AirSync:Sync', E('AirSync:Collections', c.coll(i1, '0', cls=c1), c.coll(i2, '0', cls=c2)))); cc = r.x.one('Collections').all('Collection'); assert len(cc) == 2 and all(k.val('Status') == '1' and k.val('SyncKey') not in (None, '0') for k in cc), r.x.xml()
            k1 = next(k.val('SyncKey') for k in cc if k.val('CollectionId') == i1)
            r = d3.cmd('Sync', E('AirSync:Sync', E('AirSync:Collections', c.coll(i1, k1, cls=c1, window=5, getchanges=1, options=o1), c.coll(i2, '123456-bad', cls=c2, window=5, getchanges=1)))); cc = {k.val('CollectionId'): k for k in r.x.one('Collections').all('Collection')}
            assert cc[i1].val('Status') == '1', 'good collection: ' + str(cc[i1].val('Status')); assert i2 in cc and cc[i2].val('Status') == '3', f'bad key in one of two collections: Status {cc[i2].val("Status") if i2 in cc else "missing"}, want 3 there only'
        return f
    def stalekey():
        d = mk(); d.did = d3.did; d.key = '1234567890'; r = d.foldersync()
        if r.status == 449: return 'HTTP 449'
        z = r.x.val('Status'); assert z in ('144', '142'), f'wrong X-MS-PolicyKey answered Status {z}, want 144 (449 in 12.1 and older)'; return 'Status ' + z
    def filt():
        # FilterType 1 (one day): older mail must not come; switching to 0 must bring it
        s = SyncState(d3, inbox, 'Email', window=100, options=opts('Email', 1)); s.full(); n1 = len(s.items); s.options = opts('Email', 0); s.full(); n0 = len(s.items); 
        if n1 == n0: return 'SKIP no mail older than a day'
        assert n0 > n1 and n0 >= len(st['mail'].items) - 1, f'{n1} then {n0}, mailbox has {len(st["mail"].items)}'; s.options = opts('Email', 1); s.full(); n2 = len(s.items); assert n2 == n1, f'back to one day: {n2} items stay, want {n1} (SoftDelete missing)'; return f'{n1} -> {n0} -> {n2}'
    if 'mail' in st: ck.step('FolderSync 0 keeps collection keys', keepkeys); ck.step('FilterType change (SoftDelete)', filt)
    ck.step('two collections in one Sync, one bad key (Email)', multicoll((inbox, 'Email', opts('Email', 0)), (g['t']['5'], 'Email', opts('Email', 0)))); ck.step('two collections in one Sync, one bad key (Contacts, Calendar)', multicoll((con, 'Contacts', [body_pref(1, 100)]), (cal, 'Calendar', None))); ck.step('stale policy key -> 144/449', stalekey)
    if 'con' in st:
        if ck.step('Contact Add, seen by second device', addc): 
            pass
        if 'csid' in g and 'o' in g and 'csid2' in g:
            ck.step('replayed Add makes no duplicate', replayadd); ck.step('Contact Change', chgc); ck.step('Contact Delete; Change of deleted -> 8', delc); ck.step('two writes in one second', samesec)
    # ---- calendar round trip
    K = 'Calendar:'
    def cald():
        s = st['cal']; b = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)
        app = E('AirSync:ApplicationData', E(K + 'Timezone', tzblob()), E(K + 'AllDayEvent', '0'), E(K + 'BusyStatus', '2'), *( [E(K + 'DtStamp', ctime(b))] if v < (16, 0) else []), E(K + 'StartTime', ctime(b)), E(K + 'EndTime', ctime(b + timedelta(hours=1))), *([E(K + 'UID', 'uid-' + uniq)] if v < (16, 0) else [E(K + 'ClientUid', 'uid-' + uniq)]), E(K + 'Subject', 'series ' + uniq), E(K + 'Sensitivity', '0'), E(K + 'Reminder', '15'), E(K + 'MeetingStatus', '0'),
            E(K + 'Recurrence', E(K + 'Type', '1'), E(K + 'Interval', '1'), E(K + 'DayOfWeek', '2'), E(K + 'Occurrences', '8')),
            *([] if v >= (16, 0) else [E(K + 'Exceptions', E(K + 'Exception', E(K + 'Deleted', '1'), E(K + 'ExceptionStartTime', ctime(b + timedelta(days=7)))), E(K + 'Exception', E(K + 'ExceptionStartTime', ctime(b + timedelta(days=14))), E(K + 'StartTime', ctime(b + timedelta(days=14, hours=2))), E(K + 'EndTime', ctime(b + timedelta(days=14, hours=3))), E(K + 'Subject', 'moved ' + uniq)))]))
        x = c.sync(cal, s.key, cls='Calendar', getchanges=1, options=s.options, commands=[E('AirSync:Add', E('AirSync:ClientId', 'cal' + uniq), app)]).x; k = x.one('Collections/Collection'); assert k.val('Status') == '1', x.xml(); ad = k.one('Responses/Add'); assert ad is not None and ad.val('Status') == '1', x.xml(); s.key = k.val('SyncKey'); g['calsid'] = ad.val('ServerId')
        o = SyncState(d2, cal, 'Calendar', window=200, options=s.options); o.full(); ap = next((z for z in o.items.values() if z is not None and z.val('Subject') == 'series ' + uniq), None); assert ap is not None, 'second device did not get it'
        assert ap.val('StartTime') == ctime(b), 'StartTime ' + str(ap.val('StartTime')); r = ap.one('Recurrence'); assert r is not None and r.val('Type') == '1' and r.val('DayOfWeek') == '2', ap.xml()
        end = r.val('Occurrences') or r.val('Until'); assert end, 'end of series lost'
        if v < (16, 0):
            ex = ap.one('Exceptions'); assert ex is not None, 'exceptions lost'; ee = ex.all('Exception'); dl = [e.val('ExceptionStartTime') for e in ee if e.val('Deleted') == '1']; mv = [e for e in ee if e.val('Deleted', '0') != '1']
            assert dl == [ctime(b + timedelta(days=7))], f'deleted occurrence {dl}'; assert len(mv) == 1 and mv[0].val('ExceptionStartTime') == ctime(b + timedelta(days=14)) and mv[0].val('StartTime') == ctime(b + timedelta(days=14, hours=2)), 'moved occurrence: ' + ap.xml()
        tz = base64.b64decode(ap.val('Timezone') or ''); assert len(tz) == 172, f'Timezone blob {len(tz)} bytes'; bias = struct.unpack('<l', tz[:4])[0]; dm = struct.unpack('<8H', tz[152:168])[1]; assert bias == -60 and dm == 3, f'bias {bias}, DST month {dm} (wanted -60, 3)'
        return f'end by {"Occurrences" if r.val("Occurrences") else "Until"}'
    def calallday():
        s = st['cal']; s.full()
        # all-day 2026-07-14 in CEST: midnight local = 22:00Z the day before (< 16.0), floating 00:00 in 16.x
        if v < (16, 0): S0, S1 = '20260713T220000Z', '20260714T220000Z'
        else: S0, S1 = '20260714T000000Z', '20260715T000000Z'
        app = E('AirSync:ApplicationData', *([E(K + 'Timezone', tzblob())] if v < (16, 0) else []), E(K + 'AllDayEvent', '1'), *([E(K + 'DtStamp', '20260101T000000Z')] if v < (16, 0) else []), E(K + 'StartTime', S0), E(K + 'EndTime', S1), *([E(K + 'UID', 'ad-' + uniq)] if v < (16, 0) else []), E(K + 'Subject', 'allday ' + uniq), E(K + 'BusyStatus', '0'), E(K + 'Sensitivity', '0'), E(K + 'MeetingStatus', '0'))
        x = c.sync(cal, s.key, cls='Calendar', getchanges=1, options=s.options, commands=[E('AirSync:Add', E('AirSync:ClientId', 'ad' + uniq), app)]).x; k = x.one('Collections/Collection'); assert k.val('Responses/Add/Status') == '1', x.xml(); s.key = k.val('SyncKey')
        o = SyncState(d2, cal, 'Calendar', window=200, options=s.options); o.full(); ap = next((z for z in o.items.values() if z is not None and z.val('Subject') == 'allday ' + uniq), None); assert ap is not None, 'not seen'
        tzb = ap.val('Timezone'); start = ap.val('StartTime'); 
        if v < (16, 0):
            bias = struct.unpack('<l', base64.b64decode(tzb)[:4])[0] if tzb else 0; dstb = struct.unpack('<l', base64.b64decode(tzb)[168:172])[0] if tzb else 0
            loc = datetime.strptime(start, '%Y%m%dT%H%M%SZ') - timedelta(minutes=bias + dstb); loc2 = datetime.strptime(start, '%Y%m%dT%H%M%SZ') - timedelta(minutes=bias)
            assert (loc.hour == 0 and loc.day == 14) or (loc2.hour == 0 and loc2.day == 14), f'StartTime {start} bias {bias}/{dstb}: not local midnight of the 14th'
        else: assert start.startswith('20260714T000000'), start
        return start
    if 'cal' in st: ck.step('Calendar series+exceptions round trip', cald); ck.step('Calendar all-day in a DST zone', calallday)
    # ---- tasks and notes
    def task():
        T = 'Tasks:'; s = st['task']; s.full(); app = E('AirSync:ApplicationData', E(T + 'Subject', 'task ' + uniq), E(T + 'Importance', '2'), E(T + 'UtcStartDate', '2026-05-01T00:00:00.000Z'), E(T + 'StartDate', '2026-05-01T00:00:00.000Z'), E(T + 'UtcDueDate', '2026-05-03T00:00:00.000Z'), E(T + 'DueDate', '2026-05-03T00:00:00.000Z'), E(T + 'Complete', '0'), E(T + 'Sensitivity', '0'), E(T + 'ReminderSet', '0'))
        k = c.sync(g['t']['7'], s.key, cls='Tasks', getchanges=1, options=s.options, commands=[E('AirSync:Add', E('AirSync:ClientId', 'tk' + uniq), app)]).x.one('Collections/Collection'); assert k.val('Responses/Add/Status') == '1', k.xml(); s.key = k.val('SyncKey')
        o = SyncState(d2, g['t']['7'], 'Tasks', 100, [body_pref(1, 1000)]); o.full(); ap = next((z for z in o.items.values() if z is not None and z.val('Subject') == 'task ' + uniq), None); assert ap is not None, 'second device did not get it'; bad = [n for n, w in (('DueDate', '2026-05-03'), ('Importance', '2'), ('Complete', '0')) if not (ap.val(n) or '').startswith(w)]; assert not bad, f'lost {bad}: ' + ap.xml()
    def note():
        N = 'Notes:'; s = st['note']; s.full(); app = E('AirSync:ApplicationData', E(N + 'Subject', 'note ' + uniq), E(N + 'MessageClass', 'IPM.StickyNote'), E('AirSyncBase:Body', E('AirSyncBase:Type', '1'), E('AirSyncBase:Data', 'note text €')))
        k = c.sync(g['t']['10'], s.key, cls='Notes', getchanges=1, options=s.options, commands=[E('AirSync:Add', E('AirSync:ClientId', 'nt' + uniq), app)]).x.one('Collections/Collection'); assert k.val('Responses/Add/Status') == '1', k.xml(); s.key = k.val('SyncKey')
        o = SyncState(d2, g['t']['10'], 'Notes', 100, [body_pref(1, 1000)]); o.full(); assert any(z is not None and z.val('Subject') == 'note ' + uniq and 'note text' in (z.val('Body/Data') or '') for z in o.items.values()), 'second device did not get it'
    if 'task' in st: ck.step('Task round trip', task)
    if 'note' in st: ck.step('Note round trip', note)
    else: ck.step('Note round trip', lambda: 'SKIP server has no Notes folder')
    # ---- what all classes but mail have in common: the same steps over one list
    def iso(d): return d.strftime('%Y-%m-%dT%H:%M:%S.000Z')
    day0 = datetime.now(timezone.utc).replace(hour=9, minute=0, second=0, microsecond=0)
    def event(subject, at=day0, *more): return [E(K + 'Timezone', tzblob()), E(K + 'AllDayEvent', '0'), E(K + 'BusyStatus', '2'), *([E(K + 'DtStamp', ctime(at)), E(K + 'UID', 'u-' + subject.replace(' ', '-'))] if v < (16, 0) else [E(K + 'ClientUid', 'u-' + subject.replace(' ', '-'))]), E(K + 'StartTime', ctime(at)), E(K + 'EndTime', ctime(at + timedelta(hours=1))), E(K + 'Subject', subject), E(K + 'Sensitivity', '0'), E(K + 'MeetingStatus', '0'), *more]
    def todo(subject, complete='0', *more): return [E('Tasks:Subject', subject), E('Tasks:Importance', '1'), E('Tasks:UtcDueDate', iso(day0)), E('Tasks:DueDate', iso(day0)), E('Tasks:Complete', complete), *([E('Tasks:DateCompleted', iso(day0))] if complete == '1' else []), E('Tasks:Sensitivity', '0'), E('Tasks:ReminderSet', '0'), *more]
    def memo(subject): return [E('Notes:Subject', subject), E('Notes:MessageClass', 'IPM.StickyNote'), E('AirSyncBase:Body', E('AirSyncBase:Type', '1'), E('AirSyncBase:Data', 'text of ' + subject))]
    def person(last, *more): return [E(C + 'FirstName', 'F'), E(C + 'LastName', last), *more]
    def run(s, *commands):
        k = s.c.sync(s.cid, s.key, cls=s.cls, getchanges=1, options=s.options, commands=list(commands)).x.one('Collections/Collection'); assert k.val('Status') == '1', k.xml(); s.prev, s.key = s.key, k.val('SyncKey') or s.key; return k
    def put(s, client_id, data):
        k = run(s, E('AirSync:Add', E('AirSync:ClientId', client_id), E('AirSync:ApplicationData', *data))); ad = k.one('Responses/Add'); assert ad is not None and ad.val('Status') == '1' and ad.val('ClientId') == client_id and ad.val('ServerId'), k.xml(); return ad.val('ServerId')
    def named(s, text, tag='Subject'): return [i for i, ap in s.items.items() if ap is not None and ap.val(tag) == text]
    def items_of(cls, cid, o, make, bad):
        w = f'{cls.lower()} {uniq}'; h = {}
        def change():
            s, h['o'] = SyncState(c, cid, cls, 200, o), SyncState(d2, cid, cls, 200, o); s.full(); h['o'].full(); h['s'] = s; h['id'] = put(s, 'a' + uniq, make(w)); assert not [n for n in s.full() if n[1] == h['id']], 'own Add echoed'
            new = h['o'].full(); assert [n[0] for n in new] == ['Add'] and new[0][2].val('Subject') == w, f'second device saw {[n[:2] for n in new]}'
            run(s, E('AirSync:Change', E('AirSync:ServerId', h['id']), E('AirSync:ApplicationData', *[e for e in make(w + ' 2') if e.name not in (K + 'UID', K + 'ClientUid')]))); assert not s.full(), 'own Change echoed'
            new = h['o'].full(); assert [n[0] for n in new] == ['Change'] and new[0][2].val('Subject') == w + ' 2', f'second device saw {[n[:2] for n in new]}'
        def again():
            # the answer to an Add is lost twice: with the old key the same Add gives the same item
            s = h['s']; old = s.key; first = put(s, 'r' + uniq, make(w + ' r')); s.key = old; k = run(s, E('AirSync:Add', E('AirSync:ClientId', 'r' + uniq), E('AirSync:ApplicationData', *make(w + ' r')))); second = k.val('Responses/Add/ServerId'); assert not [e for e in (k.one('Commands').kids if k.one('Commands') else []) if e.val('ServerId') == second], 'own Add echoed to the repeated request'; assert first == second, f'{first} then {second}'; h['o'].full(); n = named(h['o'], w + ' r'); assert len(n) == 1, f'{len(n)} copies'; run(s, E('AirSync:Delete', E('AirSync:ServerId', first))); h['o'].full(); assert not named(h['o'], w + ' r'), 'deleted, but the second device keeps it'
        def delete():
            s = h['s']; run(s, E('AirSync:Delete', E('AirSync:ServerId', h['id']))); new = h['o'].full(); assert [n[0] for n in new] == ['Delete'], f'second device saw {[n[:2] for n in new]}'
            z = run(s, E('AirSync:Change', E('AirSync:ServerId', h['id']), E('AirSync:ApplicationData', *[e for e in make('x') if e.name not in (K + 'UID', K + 'ClientUid')]))).val('Responses/Change/Status'); assert z == '8', f'Change of a deleted item: Status {z}, want 8'
            if bad: z = run(s, E('AirSync:Add', E('AirSync:ClientId', 'b' + uniq), E('AirSync:ApplicationData', *[e for e in make('bad') if e.name != bad], E(bad, 'nonsense')))).val('Responses/Add/Status'); assert z == '6', f'an Add with {bad} nonsense: Status {z}, want 6'
        def conflict():
            # both change what they have; the server wins by default, and the loser gets the winner's version
            s, o2 = h['s'], h['o']; i = put(s, 'c' + uniq, make(w + ' c')); s.full(); o2.full(); (j,) = named(o2, w + ' c'); edit = lambda n, t: E('AirSync:Change', E('AirSync:ServerId', n), E('AirSync:ApplicationData', *[e for e in make(t) if e.name not in (K + 'UID', K + 'ClientUid')]))
            run(o2, edit(j, w + ' won')); k = run(s, edit(i, w + ' lost')); z = k.val('Responses/Change/Status'); assert z == '7', f'Status {z}, want 7'
            got = [e for e in (k.one('Commands').kids if k.one('Commands') else []) if e.val('ServerId') == i] + [n for n in s.full() if n[1] == i]; assert got, 'the winner\'s version was not sent'; x = got[-1]; ap = x[2] if isinstance(x, tuple) else x.one('ApplicationData'); assert ap.val('Subject') == w + ' won', ap.xml(); run(s, E('AirSync:Delete', E('AirSync:ServerId', i))); o2.full()
        return change, again, delete, conflict
    for key, cls, cid, o, make, bad in (('cal', 'Calendar', cal, opts('Calendar', 0, 1, 32768), event, K + 'StartTime'), ('task', 'Tasks', g['t'].get('7'), opts('Tasks', 0, 1, 32768), todo, 'Tasks:DueDate'), ('note', 'Notes', g['t'].get('10'), [body_pref(1, 32768)], memo, None)):
        if key not in st: continue
        change, again, delete, conflict = items_of(cls, cid, o, make, bad)
        if ck.step(f'{cls} Add and Change, seen by second device', change): ck.step(f'{cls} Add whose answer was lost', again); ck.step(f'{cls} Conflict -> 7', conflict); ck.step(f'{cls} Delete; Change of deleted -> 8', delete)
        ck.step(f'Sync replay of previous key ({cls})', replay(cid, cls, o))
        s = st[key]; s.key, s.items = '0', {}; s.full(); ck.step(f'GetItemEstimate ({cls})', estimate(cid, cls, key))
    def exceptions():
        s, o = SyncState(c, cal, 'Calendar', 200, opts('Calendar', 0, 1, 32768)), SyncState(d2, cal, 'Calendar', 200, opts('Calendar', 0, 1, 32768)); s.full(); b = datetime(2027, 3, 1, 8, 0, tzinfo=timezone.utc); w = 'weekly ' + uniq; two, three = ctime(b + timedelta(days=7)), ctime(b + timedelta(days=14))
        i = put(s, 'w' + uniq, event(w, b, E(K + 'Recurrence', E(K + 'Type', '1'), E(K + 'Interval', '1'), E(K + 'DayOfWeek', '2'), E(K + 'Occurrences', '4')))); o.full()
        if v >= (16, 0): run(s, E('AirSync:Change', E('AirSync:ServerId', i), E('AirSyncBase:InstanceId', two), E('AirSync:ApplicationData', E(K + 'Subject', w + ' 2')))); run(s, E('AirSync:Delete', E('AirSync:ServerId', i), E('AirSyncBase:InstanceId', three)))
        else: run(s, E('AirSync:Change', E('AirSync:ServerId', i), E('AirSync:ApplicationData', *event(w, b, E(K + 'Recurrence', E(K + 'Type', '1'), E(K + 'Interval', '1'), E(K + 'DayOfWeek', '2'), E(K + 'Occurrences', '4')), E(K + 'Exceptions', E(K + 'Exception', E(K + 'ExceptionStartTime', two), E(K + 'Subject', w + ' 2')), E(K + 'Exception', E(K + 'Deleted', '1'), E(K + 'ExceptionStartTime', three)))))))
        o.full(); (j,) = named(o, w); ee = o.items[j].one('Exceptions').all('Exception'); at = lambda e: e.val('InstanceId') if v >= (16, 0) else e.val('ExceptionStartTime')
        assert sorted((at(e), e.val('Deleted', '0'), e.val('Subject')) for e in ee if e.val('Deleted', '0') != '1') == [(two, '0', w + ' 2')], o.items[j].xml(); assert [at(e) for e in ee if e.val('Deleted') == '1'] == [three], o.items[j].xml(); run(s, E('AirSync:Delete', E('AirSync:ServerId', i)))
    def calfilter():
        # two weeks: what ended before is left out, series that go on and what is to come are not (MS-ASCMD R3065)
        s = SyncState(c, cal, 'Calendar', 200, opts('Calendar', 0, 1, 32768)); s.full(); i, j = put(s, 'fo' + uniq, event('old ' + uniq, day0 - timedelta(days=60))), put(s, 'fn' + uniq, event('new ' + uniq, day0 + timedelta(days=400)))
        t = SyncState(d3, cal, 'Calendar', 200, opts('Calendar', 4, 1, 32768)); t.full(); assert named(t, 'new ' + uniq) and not named(t, 'old ' + uniq), 'two weeks: wrong items'; n4 = len(t.items); t.options = opts('Calendar', 0, 1, 32768); t.full(); assert named(t, 'old ' + uniq) and len(t.items) > n4, 'no filter: the old one did not come'
        t.options = opts('Calendar', 4, 1, 32768); t.full(); assert len(t.items) == n4, f'back to two weeks: {len(t.items)}, want {n4}'; run(s, E('AirSync:Delete', E('AirSync:ServerId', i)), E('AirSync:Delete', E('AirSync:ServerId', j))); return f'{n4} items in two weeks'
    def taskfilter():
        s = SyncState(c, g['t']['7'], 'Tasks', 200, opts('Tasks', 0, 1, 32768)); s.full(); i = put(s, 'tf' + uniq, todo('open ' + uniq)); t = SyncState(d3, g['t']['7'], 'Tasks', 200, opts('Tasks', 8, 1, 32768)); t.full(); assert named(t, 'open ' + uniq); bad = [ap.val('Subject') for ap in t.items.values() if ap.val('Complete') == '1']; assert not bad, f'completed: {bad}'
        run(s, E('AirSync:Change', E('AirSync:ServerId', i), E('AirSync:ApplicationData', *todo('open ' + uniq, '1')))); t.full(); assert not named(t, 'open ' + uniq), 'completed, but it stays under FilterType 8'; run(s, E('AirSync:Delete', E('AirSync:ServerId', i)))
    def bigpicture():
        s = SyncState(c, con, 'Contacts', 200, [body_pref(1, 32768)]); s.full(); small = base64.b64encode(b'\xff\xd8' + os.urandom(30000)).decode(); i = put(s, 'ps' + uniq, person('Small' + uniq, E(C + 'Picture', small))); o = SyncState(d2, con, 'Contacts', 200, [body_pref(1, 32768)]); o.full(); (j,) = named(o, 'Small' + uniq, 'LastName'); assert o.items[j].val('Picture') == small, 'another picture came back'
        z = run(s, E('AirSync:Add', E('AirSync:ClientId', 'pb' + uniq), E('AirSync:ApplicationData', *person('Big' + uniq, E(C + 'Picture', 'A' * (48 * 1024 + 4)))))).val('Responses/Add/Status'); assert z == '6', f'Status {z}, want 6'; run(s, E('AirSync:Delete', E('AirSync:ServerId', i)))
    def ghosting():
        # MS-ASCMD R5906-R5908: with Supported, what is not named there is kept when a Change leaves it out
        s = SyncState(c, con, 'Contacts', 200, [body_pref(1, 32768)]); s.full(); i = put(s, 'gh' + uniq, person('Ghost' + uniq, E(C + 'JobTitle', 'job'), E(C + 'MobilePhoneNumber', '1'), E(C + 'Spouse', 'S')))
        t = SyncState(d3, con, 'Contacts', 200, [body_pref(1, 32768)]); x = d3.sync(con, '0', cls='Contacts', supported=[E(C + 'JobTitle'), E(C + 'MobilePhoneNumber')]).x; t.key = x.val('Collections/Collection/SyncKey'); t.full(); (j,) = named(t, 'Ghost' + uniq, 'LastName'); run(t, E('AirSync:Change', E('AirSync:ServerId', j), E('AirSync:ApplicationData', E(C + 'MobilePhoneNumber', '2'))))
        s.full(); ap = s.items[i]; assert (ap.val('MobilePhoneNumber'), ap.val('Spouse'), ap.val('LastName')) == ('2', 'S', 'Ghost' + uniq), ap.xml(); assert ap.one('JobTitle') is None, 'JobTitle was named and left out: it must go'; run(s, E('AirSync:Delete', E('AirSync:ServerId', i)))
    if 'cal' in st: ck.step('Calendar exceptions made later', exceptions); ck.step('Calendar FilterType change', calfilter)
    if 'task' in st: ck.step('Tasks FilterType 8', taskfilter)
    if 'con' in st: ck.step('Contact Picture, too large -> 6', bigpicture); ck.step('Contact ghosting by Supported', ghosting)
    def pingitem():
        s, t = SyncState(c, cal, 'Calendar', 200, opts('Calendar', 0, 1, 32768)), SyncState(d2, cal, 'Calendar', 200, opts('Calendar', 0, 1, 32768)); s.full(); t.full(); out = {}; cl = mk(); cl.did, cl.key = c.did, c.key
        th = threading.Thread(target=lambda: out.update(r=cl.cmd('Ping', E('Ping:Ping', E('Ping:HeartbeatInterval', str(a.heartbeat)), E('Ping:Folders', E('Ping:Folder', E('Ping:Id', cal), E('Ping:Class', 'Calendar'))))))); th.start(); time.sleep(1); assert th.is_alive(), 'Ping returned at once'
        t0 = time.time(); i = put(t, 'pi' + uniq, event('ping ' + uniq)); th.join(a.heartbeat + 30); dt = time.time() - t0; x = out['r'].x; assert x.val('Status') == '2' and [e.val() for e in x.one('Folders').all('Folder')] == [cal], x.xml(); run(t, E('AirSync:Delete', E('AirSync:ServerId', i))); return f'push after {dt:.2f} s'
    if 'cal' in st and not a.noping: ck.step('Ping wakes on new event', pingitem)
    # ---- mail: send, flags, fetch, move, search
    M = 'ComposeMail:'
    def mime(to, subj, body='hello €', extra='', ctype='text/plain; charset=utf-8'):
        return (f'From: {me}\r\nTo: {to}\r\nSubject: {subj}\r\nMessage-ID: <{uuid.uuid4().hex}@probe>\r\nDate: {time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())}\r\nMIME-Version: 1.0\r\n{extra}Content-Type: {ctype}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n').encode()
    def send(cl, cmdname, m, src=None, cid=None, save=True):
        if cl.ver() < (14, 0):
            ex = {'SaveInSent': 'T'} if save else {}
            if src: ex.update(CollectionId=src[0], ItemId=src[1])
            return cl.cmd(cmdname, raw=m, ctype='message/rfc822', **ex)
        return cl.cmd(cmdname, E(M + cmdname, E(M + 'ClientId', cid or uuid.uuid4().hex), *([E(M + 'SaveInSentItems')] if save else []), *([E(M + 'Source', E(M + 'FolderId', src[0]), E(M + 'ItemId', src[1]))] if src else []), E(M + 'Mime', m)))
    def wait_mail(s, subj, secs=15):
        end = time.time() + secs
        while time.time() < end:
            s.full(); hit = [(i, ap) for i, ap in s.items.items() if ap is not None and ap.val('Subject') == subj]
            if hit: return hit[0]
            time.sleep(.3)
        raise AssertionError(f'mail {subj!r} did not arrive in {secs} s')
    def sendmail():
        r = send(c, 'SendMail', mime(me, 'send ' + uniq)); assert r.status == 200 and not r.body, f'HTTP {r.status} ' + (r.x.xml() if r.body else ''); i, ap = wait_mail(st['mail'], 'send ' + uniq); g['msid'] = i; assert ap.val('Read') == '0', 'Read is not 0'
        miss = [t for t in ('From', 'To', 'DateReceived', 'MessageClass', 'InternetCPID', 'Importance', 'ContentClass', 'NativeBodyType', 'ThreadTopic') if ap.one(t) is None]; d = ap.val('DateReceived'); assert re.match(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$', d), d
        return ('missing ' + str(miss)) if miss else ''
    def senddup():
        if v < (14, 0): return 'SKIP'
        cid = uuid.uuid4().hex; m = mime(me, 'dup ' + uniq); r1 = send(c, 'SendMail', m, cid=cid); r2 = send(c, 'SendMail', m, cid=cid); z = r2.x.val('Status') if r2.body else None
        wait_mail(st['mail'], 'dup ' + uniq); time.sleep(2); st['mail'].full(); n = [1 for ap in st['mail'].items.values() if ap is not None and ap.val('Subject') == 'dup ' + uniq]
        assert len(n) == 1, f'{len(n)} copies; second answer Status {z} (want 118)'; return f'Status {z}'
    def saved():
        if '5' not in g['t']: return 'SKIP no Sent'
        s = SyncState(c, g['t']['5'], 'Email', window=100, options=opts('Email', 0)); s.full(); assert any(ap.val('Subject') == 'send ' + uniq for ap in s.items.values()), 'not in Sent Items'
    def reply():
        m = mime(me, 'Re: send ' + uniq, 'my answer ' + uniq); r = send(c, 'SmartReply', m, src=(inbox, g['msid'])); assert r.status == 200 and not r.body, f'HTTP {r.status} ' + (r.x.xml() if r.body else ''); i, ap = wait_mail(st['mail'], 'Re: send ' + uniq)
        x = fetch(i, 1); t = x.val('Response/Fetch/Properties/Body/Data') or ''; assert 'my answer' in t, t[:200]; assert 'hello' in t, 'original text not appended'
    def fwd():
        m = mime(me, 'Fw: send ' + uniq, 'fyi ' + uniq); r = send(c, 'SmartForward', m, src=(inbox, g['msid'])); assert r.status == 200 and not r.body, f'HTTP {r.status} ' + (r.x.xml() if r.body else ''); i, ap = wait_mail(st['mail'], 'Fw: send ' + uniq)
        x = fetch(i, 4); t = x.val('Response/Fetch/Properties/Body/Data') or ''; assert 'fyi' in t and ('hello' in t or base64.b64encode('hello'.encode())[:6].decode() in t), 'original missing: ' + t[-300:]
    IO = 'ItemOperations:'
    def fetch(sid, typ, size=None, multi=False):
        r = c.cmd('ItemOperations', E(IO + 'ItemOperations', E(IO + 'Fetch', E(IO + 'Store', 'Mailbox'), E('AirSync:CollectionId', inbox), E('AirSync:ServerId', sid), E(IO + 'Options', *([E('AirSync:MIMESupport', '2')] if typ == 4 else []), body_pref(typ, size)))), hdr={'MS-ASAcceptMultiPart': 'T'} if multi else None)
        return r if multi else r.x
    def fetch124():
        out = []
        for t in (1, 2, 4):
            x = fetch(g['msid'], t); b = x.one('Response/Fetch/Properties/Body'); assert x.val('Response/Fetch/Status') == '1' and b is not None, x.xml(); assert b.val('Type') == str(t), f'asked Type {t}, got {b.val("Type")}'; d = b.val('Data') or ''; assert 'hello' in d or 'aGVsbG8' in d, d[:100]; out.append(f'{t}:{len(d)}')
        return ' '.join(out)
    def trunc():
        x = fetch(g['msid'], 1, 3); b = x.one('Response/Fetch/Properties/Body'); assert b.val('Truncated') == '1' and len(b.val('Data') or '') <= 3, b.xml(); assert int(b.val('EstimatedDataSize')) >= 5
    def multi():
        r = fetch(g['msid'], 1, None, True); assert r.h.get('content-type', '').startswith('application/vnd.ms-sync.multipart'), r.h.get('content-type'); n = struct.unpack('<I', r.body[:4])[0]; parts = [r.body[o:o + l] for o, l in (struct.unpack('<II', r.body[4 + 8 * i:12 + 8 * i]) for i in range(n))]
        x = decode(parts[0]); p = x.val('Response/Fetch/Properties/Body/Part'); assert p == '1', x.xml(); assert b'hello' in parts[1]; return f'{n} parts'
    def fetchbad():
        x = fetch('nosuchitem-99999', 1); z = x.val('Response/Fetch/Status'); assert z == '6' or z == '8' or z == '155', f'Fetch Status {z}, want 6'; return 'Status ' + z
    def flags():
        s = st['mail']; s.full(); app = E('AirSync:ApplicationData', E('Email:Read', '1'), E('Email:Flag', E('Email:Status', '2'), E('Email:FlagType', 'Flag for follow up')))
        x = c.sync(inbox, s.key, cls='Email', getchanges=1, options=s.options, commands=[E('AirSync:Change', E('AirSync:ServerId', g['msid']), app)]).x; k = x.one('Collections/Collection'); assert k.val('Status') == '1', x.xml(); s.key = k.val('SyncKey')
        echo = [n for n in s.full() if n[1] == g['msid']]
        o = SyncState(d2, inbox, 'Email', window=200, options=s.options); o.full(); ap = o.items.get(g['msid']) or next((z for z in o.items.values() if z is not None and z.val('Subject') == 'send ' + uniq), None); assert ap is not None and ap.val('Read') == '1', 'Read not stored'; assert ap.val('Flag/Status') == '2', 'Flag not stored'; assert not echo, 'own flag change echoed'; g['omail'] = o
    def move():
        x = c.cmd('MoveItems', E('Move:MoveItems', E('Move:Move', E('Move:SrcMsgId', g['msid']), E('Move:SrcFldId', inbox), E('Move:DstFldId', g['t']['4'])))).x; r = x.one('Response'); assert r.val('Status') == '3', x.xml(); assert r.val('DstMsgId'), 'no DstMsgId'
        s = st['mail']; ch = s.full(); assert g['msid'] not in s.items or any(n[0] == 'Delete' for n in ch), 'still in Inbox'
        x = c.cmd('MoveItems', E('Move:MoveItems', E('Move:Move', E('Move:SrcMsgId', g['msid']), E('Move:SrcFldId', inbox), E('Move:DstFldId', g['t']['4'])))).x; z = x.val('Response/Status'); assert z == '1', f'moving a vanished item: Status {z}, want 1'
        x = c.cmd('MoveItems', E('Move:MoveItems', E('Move:Move', E('Move:SrcMsgId', g['msid']), E('Move:SrcFldId', inbox), E('Move:DstFldId', g['t']['5'])))).x; z = x.val('Response/Status'); assert z == '1', f'moving a vanished item elsewhere: Status {z}, want 1'
    def delmoves():
        s = st['mail']; i, ap = wait_mail(s, 'Re: send ' + uniq); x = c.sync(inbox, s.key, cls='Email', getchanges=1, moves=1, options=s.options, commands=[E('AirSync:Delete', E('AirSync:ServerId', i))]).x; k = x.one('Collections/Collection'); assert k.val('Status') == '1', x.xml(); s.key = k.val('SyncKey')
        t = SyncState(c, g['t']['4'], 'Email', window=100, options=opts('Email', 0)); t.full(); assert any(z is not None and z.val('Subject') == 'Re: send ' + uniq for z in t.items.values()), 'not in Deleted Items'
    def smail():
        Q = 'Search:'
        x = c.cmd('Search', E(Q + 'Search', E(Q + 'Store', E(Q + 'Name', 'Mailbox'), E(Q + 'Query', E(Q + 'And', E('AirSync:Class', 'Email'), E('AirSync:CollectionId', inbox), E(Q + 'FreeText', uniq))), E(Q + 'Options', E(Q + 'RebuildResults'), E(Q + 'Range', '0-9'), body_pref(1, 200))))).x
        assert x.val('Status') == '1' and x.val('Response/Store/Status') == '1', x.xml(); rs = [r for r in x.deep('Result') if r.one('Properties')]; assert rs, 'no result'; lid = [r.val('LongId') for r in rs]; assert all(lid), 'no LongId'
        y = c.cmd('ItemOperations', E(IO + 'ItemOperations', E(IO + 'Fetch', E(IO + 'Store', 'Mailbox'), E(Q + 'LongId', lid[0]), E(IO + 'Options', body_pref(1))))).x; assert y.val('Response/Fetch/Status') == '1', 'fetch by LongId ' + y.xml(); return f'{len(rs)} hits'
    def sgal():
        Q = 'Search:'; x = c.cmd('Search', E(Q + 'Search', E(Q + 'Store', E(Q + 'Name', 'GAL'), E(Q + 'Query', a.gal or a.user), E(Q + 'Options', E(Q + 'Range', '0-9'))))).x; assert x.val('Status') == '1' and x.val('Response/Store/Status') == '1', x.xml(); n = [e.val() for e in x.deep('GAL:EmailAddress')]; assert n, 'no hit'; return f'{len(n)} hits'
    def resolve():
        R = 'ResolveRecipients:'; b = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0); f = lambda d: d.strftime('%Y-%m-%dT%H:%M:%S.000Z')
        x = c.cmd('ResolveRecipients', E(R + 'ResolveRecipients', E(R + 'To', me), E(R + 'Options', *([E(R + 'Availability', E(R + 'StartTime', f(b)), E(R + 'EndTime', f(b + timedelta(days=1))))] if v >= (14, 0) else [E(R + 'CertificateRetrieval', '1')])))).x; assert x.val('Status') == '1', x.xml(); assert x.one('Response/Recipient/EmailAddress') is not None, x.xml(); fb = next((e.val() for e in x.deep('MergedFreeBusy')), None); return f'free/busy {fb}'
    def find():
        if v < (16, 1): return 'SKIP (16.1 only)'
        F = 'Find:'; x = c.cmd('Find', E(F + 'Find', E(F + 'SearchId', str(uuid.uuid4())), E(F + 'ExecuteSearch', E(F + 'MailBoxSearchCriterion', E(F + 'Query', E('AirSync:Class', 'Email'), E('AirSync:CollectionId', inbox), E(F + 'FreeText', uniq)), E(F + 'Options', E(F + 'Range', '0-9')))))).x; assert x.val('Status') == '1' and list(x.deep('Result')), x.xml()
    def meeting():
        other = mk(user=a.user2, password=a.password2 or a.password); other.provision(); of = other.foldersync().x; ot = {e.val('Type'): e.val('ServerId') for e in of.one('Changes').all('Add')}
        b = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0) + timedelta(days=2); uid = 'inv-' + uniq
        ics = '\r\n'.join(['BEGIN:VCALENDAR', 'PRODID:-//probe//EN', 'VERSION:2.0', 'METHOD:REQUEST', 'BEGIN:VEVENT', 'UID:' + uid, 'DTSTAMP:' + ctime(b), 'DTSTART:' + ctime(b), 'DTEND:' + ctime(b + timedelta(hours=1)), 'SUMMARY:invite ' + uniq, 'SEQUENCE:0', f'ORGANIZER;CN=Two:mailto:{mail(a.user2)}', f'ATTENDEE;CN=One;RSVP=TRUE;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT:mailto:{me}', 'END:VEVENT', 'END:VCALENDAR', ''])
        bd = 'bnd' + uniq; m = (f'From: {mail(a.user2)}\r\nTo: {me}\r\nSubject: invite {uniq}\r\nMessage-ID: <i{uniq}@probe>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary={bd}\r\n\r\n--{bd}\r\nContent-Type: text/plain\r\n\r\nplease come\r\n--{bd}\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n{ics}\r\n--{bd}--\r\n').encode()
        r = send(other, 'SendMail', m); assert r.status == 200 and not r.body, 'send ' + (r.x.xml() if r.body else str(r.status)); i, ap = wait_mail(st['mail'], 'invite ' + uniq)
        mr = ap.one('MeetingRequest'); assert mr is not None, 'no MeetingRequest in the mail'; assert ap.val('MessageClass') == 'IPM.Schedule.Meeting.Request', ap.val('MessageClass')
        miss = [t for t in ('StartTime', 'EndTime', 'DtStamp', 'Organizer', 'GlobalObjId', 'TimeZone', 'InstanceType', 'ResponseRequested') if mr.one(t) is None and not (t == 'GlobalObjId' and v >= (16, 0))]   # 16.0 has UID instead
        R = 'MeetingResponse:'
        x = c.cmd('MeetingResponse', E(R + 'MeetingResponse', E(R + 'Request', E(R + 'UserResponse', '1'), E(R + 'CollectionId', inbox), E(R + 'RequestId', i), *([E(R + 'SendResponse')] if v >= (16, 0) else [])))).x; rs = x.one('Result'); assert rs.val('Status') == '1', x.xml(); calid = rs.val('CalendarId'); assert calid, 'no CalendarId'
        s = st['cal']; s.key, s.items = '0', {}; ch = s.full(); hit = [q for q in ch if q[2] is not None and q[2].val('Subject') == 'invite ' + uniq]; assert hit, 'event not in Calendar'; e = hit[0][2]
        told = e.val('BusyStatus'), e.val('ResponseType'), e.val('MeetingStatus'); want = ('2', None if v < (14, 0) else '3', '3'); assert told == want, f'BusyStatus, ResponseType, MeetingStatus are {told}, want {want}'
        assert calid == hit[0][1], f'CalendarId {calid}, in the calendar it is {hit[0][1]}'; assert not miss, f'MeetingRequest has no {miss}'
        x = c.cmd('MeetingResponse', E(R + 'MeetingResponse', E(R + 'Request', E(R + 'UserResponse', '1'), E(R + 'CollectionId', inbox), E(R + 'RequestId', 'bogus-1')))).x; z = x.val('Result/Status'); assert z == '2', f'bogus RequestId: Status {z}, want 2'
    if 'mail' in st:
        if ck.step('SendMail, arrives, fields', sendmail):
            ck.step('saved in Sent Items', saved); ck.step('SendMail same ClientId twice', senddup); ck.step('ItemOperations Fetch Types 1,2,4', fetch124); ck.step('truncation', trunc); ck.step('multipart Fetch', multi); ck.step('Fetch unknown item', fetchbad)
            ck.step('SmartReply', reply); ck.step('SmartForward', fwd); ck.step('Read + Flag change', flags)
            ck.step('Search Mailbox + Fetch by LongId', smail); ck.step('MoveItems', move); ck.step('Delete with DeletesAsMoves', delmoves)
    ck.step('Search GAL', sgal); ck.step('ResolveRecipients', resolve); ck.step('Find', find)
    if a.user2 and 'mail' in st: ck.step('invitation -> MeetingRequest -> MeetingResponse', meeting)
    # ---- Ping
    P = 'Ping:'
    def png(cl, hb, ids): return cl.cmd('Ping', E(P + 'Ping', E(P + 'HeartbeatInterval', str(hb)), E(P + 'Folders', *[E(P + 'Folder', E(P + 'Id', i), E(P + 'Class', k)) for i, k in ids])))
    def pinglimit():
        x = png(c, 5, [(inbox, 'Email')]).x; z = x.val('Status'); assert z == '5' and x.one('HeartbeatInterval') is not None, f'heartbeat 5 s: Status {z}, want 5 + HeartbeatInterval'; return 'min ' + x.val('HeartbeatInterval')
    def pingnofolders():
        d = mk(); d.key = c.key; d.foldersync(); x = d.cmd('Ping', None); z = x.x.val('Status') if x.body else None; assert z == '3', f'empty Ping on a new device: Status {z}, want 3'
    def pingpush():
        st['mail'].full(); out = {}; cl = mk(); cl.did, cl.key = c.did, c.key
        th = threading.Thread(target=lambda: out.update(r=png(cl, a.heartbeat, [(inbox, 'Email')] + ([(cal, 'Calendar')] if cal and (not a.classes or 'calendar' in a.classes) else [])))); th.start(); time.sleep(3); assert th.is_alive(), 'Ping returned at once: ' + (out['r'].x.xml() if out.get('r') and out['r'].body else '')
        t = time.time(); m = mime(me, 'push ' + uniq); send(d2, 'SendMail', m, save=False); th.join(a.heartbeat + 30); dt = time.time() - t; x = out['r'].x; assert x.val('Status') == '2' and [e.val() for e in x.one('Folders').all('Folder')] == [inbox], x.xml(); return f'push after {dt:.2f} s'
    def pingcached():
        # a Ping without body repeats the previous parameters
        st['mail'].full(); out = {}; cl = mk(); cl.did, cl.key = c.did, c.key; th = threading.Thread(target=lambda: out.update(r=cl.cmd('Ping', None))); th.start(); time.sleep(2); alive = th.is_alive(); send(d2, 'SendMail', mime(me, 'push2 ' + uniq), save=False); th.join(a.heartbeat + 30); x = out['r'].x; assert alive and x.val('Status') == '2', f'alive={alive} ' + x.xml()
    if a.pinglimit or a.classes: ck.step('Ping heartbeat below minimum -> 5', pinglimit)
    ck.step('Ping without parameters on new device -> 3', pingnofolders)
    if 'mail' in st and not a.noping: ck.step('Ping wakes on new mail', pingpush); ck.step('Ping with empty body uses cached parameters', pingcached)
    ck.step('FolderDelete of Inbox -> 3', fdelspecial)     # last: a server that really deletes it breaks the steps above
    return finish(ck, a)

def finish(ck, a):
    for r in ck.res:
        if r['result'] == 'SKIP' and ck.required: r['result'] = 'FAIL'; print(f"FAIL {r['step']}: skipped, but required")
    for name in ck.required:
        if name not in {r['step'] for r in ck.res}: ck.res.append(dict(step=name, result='FAIL', ms=0, note='not run')); print(f'FAIL {name}: not run')
    n = {k: sum(r['result'] == k for r in ck.res) for k in ('PASS', 'FAIL', 'SKIP')}
    print(f"{n['PASS']} passed, {n['FAIL']} failed, {n['SKIP']} skipped")
    if a.json: json.dump(ck.res, open(a.json, 'w'), indent=1)
    return 1 if n['FAIL'] else 0

# ------------------------------------------------------------------ bench / pings
def pss(user=None, pids=None):
    """(PSS KiB, RSS KiB, number) of all processes of that user (Linux)."""
    import pwd
    uid = pwd.getpwnam(user).pw_uid if user else None; tp = tr = n = 0
    for d in os.listdir('/proc'):
        if not d.isdigit(): continue
        try:
            if uid is not None and os.stat('/proc/' + d).st_uid != uid: continue
            if pids and int(d) not in pids: continue
            t = open(f'/proc/{d}/smaps_rollup').read()
        except OSError: continue
        tp += int(re.search(r'^Pss:\s+(\d+)', t, re.M).group(1)); tr += int(re.search(r'^Rss:\s+(\d+)', t, re.M).group(1)); n += 1
    return tp, tr, n

def cpu(roots):
    """CPU seconds used so far by these process trees, reaped children included (Linux): a measure that a busy machine does not spoil."""
    tick = os.sysconf('SC_CLK_TCK'); par, use = {}, {}
    for d in os.listdir('/proc'):
        if d.isdigit():
            try: f = open(f'/proc/{d}/stat').read().rsplit(')', 1)[1].split()
            except OSError: continue
            par[int(d)] = int(f[1]); use[int(d)] = sum(map(int, f[11:15]))
    def root(p):
        while p and p not in roots: p = par.get(p, 0)
        return p
    return sum(u for p, u in use.items() if root(p)) / tick

def run_bench(a):
    roots = [int(x) for x in (a.cpu_pids or '').replace(',', ' ').split()]; cu = lambda: cpu(roots) if roots else 0.0
    c = Client(a.url, a.user, a.password, a.version, b64=a.base64, timeout=a.timeout); c.provision(); x = c.foldersync().x; ft = {}
    for e in x.one('Changes').all('Add'): ft.setdefault(e.val('Type'), e.val('ServerId'))
    out = {'version': a.version, 'window': a.window, 'loadavg': os.getloadavg()[0]}
    for name, t, cls, o in (('mail', '2', 'Email', opts('Email', 0, 2, 512)), ('contacts', '9', 'Contacts', [body_pref(1, 32768)]), ('calendar', '8', 'Calendar', opts('Calendar', 0, 1, 32768))):
        s = SyncState(c, ft[t], cls, a.window, o); b0 = c.bytes_in; s.prime(); u0 = cu(); t0 = time.perf_counter(); s.full(); dt = time.perf_counter() - t0; u1 = cu(); lat = sorted(s.lat)
        e = []
        for _ in range(a.repeat): r, z, new, more = s.round(); e.append(r.dt * 1000); assert not new, new[:1]
        e.sort(); u2 = cu()
        out[name] = dict(items=len(s.items), seconds=round(dt, 2), items_per_s=round(len(s.items) / dt, 1), bytes=c.bytes_in - b0, rounds=s.rounds - a.repeat, first_round_s=round(s.lat[0], 2), empty_ms_p50=round(e[len(e) // 2], 2), empty_ms_p95=round(e[int(len(e) * .95)], 2), empty_ms_max=round(e[-1], 2), dups=s.dups, **(dict(cpu_s=round(u1 - u0, 2), items_per_cpu_s=round(len(s.items) / max(.001, u1 - u0), 1), empty_cpu_ms=round((u2 - u1) * 1000 / a.repeat, 2)) if roots else {}))
        print(name, json.dumps(out[name]), flush=True)
    if a.json: json.dump(out, open(a.json, 'w'), indent=1)
    return 0

def run_pings(a):
    P = 'Ping:'; res = {'ok': 0, 'bad': 0, 'first': []}; cs = []; lock = threading.Lock()
    def prep(i):
        u = a.users % i if '%d' in a.users else a.users
        c = Client(a.url, u, a.password, a.version, timeout=a.heartbeat + 120); c.provision(); x = c.foldersync().x; ib = next(e.val('ServerId') for e in x.one('Changes').all('Add') if e.val('Type') == '2')
        s = SyncState(c, ib, 'Email', 100, opts('Email', 0)); s.full(); c.close(); return c, ib
    t = time.time()
    for i in range(1, a.count + 1):
        try: cs.append(prep(i + a.first - 1))
        except Exception as e: print('prep', i, type(e).__name__, e, flush=True)
    print(f'{len(cs)} devices prepared in {time.time()-t:.1f} s', flush=True)
    base = pss(a.rss_user) if a.rss_user else (0, 0, 0); print(f'before: PSS {base[0]/1024:.1f} MiB RSS {base[1]/1024:.1f} MiB procs {base[2]}', flush=True)
    def go(c, ib):
        try:
            r = c.cmd('Ping', E(P + 'Ping', E(P + 'HeartbeatInterval', str(a.heartbeat)), E(P + 'Folders', E(P + 'Folder', E(P + 'Id', ib), E(P + 'Class', 'Email'))))); z = r.x.val('Status') if r.body else f'HTTP {r.status}'
        except Exception as e: z = type(e).__name__
        with lock: res['first'].append((round(time.time() - t0, 1), z))
    t0 = time.time(); th = [threading.Thread(target=go, args=x, daemon=True) for x in cs]
    for x in th: x.start()
    settle = min(a.heartbeat * .6, 40); time.sleep(settle); alive = sum(x.is_alive() for x in th); m = pss(a.rss_user) if a.rss_user else (0, 0, 0)
    print(f'{alive}/{len(th)} Pings open after {settle:.0f} s: PSS {m[0]/1024:.1f} MiB RSS {m[1]/1024:.1f} MiB procs {m[2]}; per open Ping {(m[0]-base[0])/max(1,alive):.1f} KiB over the idle server', flush=True)
    c = cs[0][0]; d = Client(a.url, c.user, a.password, a.version, timeout=60); d.did, d.key = c.did, c.key
    try: q = time.perf_counter(); d.http('OPTIONS', ''); r = d.foldersync(); print(f'an OPTIONS+FolderSync while they are open: {time.perf_counter()-q:.2f} s HTTP {r.status}', flush=True)
    except Exception as e: print('a FolderSync while they are open:', type(e).__name__, e, flush=True)
    for x in th: x.join(a.heartbeat + 130)
    from collections import Counter
    print('answers:', dict(Counter(z for _, z in res['first'])), 'first', min(res['first'])[0] if res['first'] else None, 'last', max(res['first'])[0] if res['first'] else None)
    return 0

def run_codec(a):
    n = 0
    for name, tags in PAGES:
        for t in tags:
            for kid in ('', 'text ü€😀', b'\0\x01\xff' * 50, E('AirSync:Status', '1')):
                e = E(f'{name}:{t}', *([kid] if kid != '' else [])); assert decode(encode(e)) == e; n += 1
    print(n, 'round trips over', len(PAGES), 'code pages,', sum(len(t) for _, t in PAGES), 'tags'); return 0

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('mode', choices='check bench pings codec decode'.split()); p.add_argument('file', nargs='?')
    p.add_argument('--url', default='http://127.0.0.1:20000/SOGo/Microsoft-Server-ActiveSync'); p.add_argument('--user', default='u1'); p.add_argument('--password', default='secret'); p.add_argument('--user2'); p.add_argument('--password2'); p.add_argument('--domain', default='example.test')
    p.add_argument('--version', default='14.1'); p.add_argument('--base64', action='store_true', help='use the base64 query form'); p.add_argument('--window', type=int, default=100); p.add_argument('--repeat', type=int, default=50); p.add_argument('--heartbeat', type=int, default=60)
    p.add_argument('--count', type=int, default=200); p.add_argument('--first', type=int, default=1); p.add_argument('--users', default='u%d'); p.add_argument('--rss-user'); p.add_argument('--cpu-pids', help='root pids of the server, for CPU seconds'); p.add_argument('--gal'); p.add_argument('--json'); p.add_argument('--timeout', type=int, default=300); p.add_argument('--pinglimit', action='store_true'); p.add_argument('--noping', action='store_true'); p.add_argument('--classes', type=lambda t: t.split(','), default=[], help='check: only the steps for these, all of which must pass: ' + ', '.join(STEPS)); p.add_argument('-v', '--verbose', action='store_true')
    a = p.parse_args()
    unknown = [c for c in a.classes if c not in STEPS]
    if unknown: p.error(f'unknown class {unknown[0]}; known: ' + ', '.join(STEPS))
    if a.mode == 'decode': print(decode(open(a.file, 'rb').read()).xml()); return 0
    return dict(check=run_check, bench=run_bench, pings=run_pings, codec=run_codec)[a.mode](a)
if __name__ == '__main__': sys.exit(main())
