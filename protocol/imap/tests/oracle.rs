//! Another implementation as judge: whatever imap-codec reads as one of the commands both know, we read
//! too, and it means the same. The lines are made by a grammar and then damaged.
//!
//! imap-codec sorts sequence sets, so sets are compared resolved.

#![expect(clippy::unwrap_used, reason = "helpers of a test may fail it")]

use imap_codec::CommandCodec;
use imap_codec::decode::Decoder;
use imap_codec::imap_types as theirs;
use imap_wire::command::{
    Authenticated, Comparison, Fetch, FetchItem, Macro, Partial, SearchField, SearchKey, Section,
    SectionText, Selected, StoreAction,
};
use imap_wire::date::Date;
use imap_wire::{Body, Command, NameEncoding, Numbering, SequenceSet};
use proptest::prelude::*;
use theirs::command::{CommandBody, FetchModifier, SelectParameter, StoreModifier};
use theirs::fetch::{MacroOrMessageDataItemNames, MessageDataItemName};
use theirs::flag::{Flag, StoreResponse, StoreType};
use theirs::sequence::{SeqOrUid, Sequence};
use vocabulary::{Flags, Keyword, Keywords, ModSeq};

/// The numbers of a set when `*` is the largest number there can be.
fn ours(set: &SequenceSet) -> String {
    format!("{:?}", set.resolve(u32::MAX).ranges())
}

fn set(set: &theirs::sequence::SequenceSet) -> SequenceSet {
    let number = |number: &SeqOrUid| match number {
        SeqOrUid::Value(value) => value.to_string(),
        SeqOrUid::Asterisk => "*".to_owned(),
    };
    let text: Vec<String> = set
        .0
        .as_ref()
        .iter()
        .map(|sequence| match sequence {
            Sequence::Single(one) => number(one),
            Sequence::Range(from, to) => format!("{}:{}", number(from), number(to)),
        })
        .collect();
    SequenceSet::from_text(&text.join(",")).unwrap()
}

fn mailbox(mailbox: &theirs::mailbox::Mailbox<'_>) -> String {
    match mailbox {
        theirs::mailbox::Mailbox::Inbox => "INBOX".to_owned(),
        theirs::mailbox::Mailbox::Other(other) => String::from_utf8(other.as_ref().to_vec()).unwrap(),
    }
}

fn name(name: &imap_wire::MailboxName) -> String {
    if name.as_str().eq_ignore_ascii_case("inbox") { "INBOX".to_owned() } else { name.to_string() }
}

fn numbering(uid: bool) -> Numbering {
    if uid { Numbering::Uid } else { Numbering::Sequence }
}

fn part(part: &theirs::fetch::Part) -> Vec<u32> {
    part.0.as_ref().iter().map(|number| number.get()).collect()
}

fn section(theirs: Option<&theirs::fetch::Section<'_>>) -> Section {
    use theirs::fetch::Section as Their;
    let of = |outer: &Option<theirs::fetch::Part>, text| Section {
        part: outer.as_ref().map(part).unwrap_or_default(),
        text,
    };
    let fields = |not, names: &theirs::core::Vec1<theirs::core::AString<'_>>| SectionText::HeaderFields {
        not,
        names: names.as_ref().iter().map(|name| String::from_utf8(name.as_ref().to_vec()).unwrap()).collect(),
    };
    match theirs {
        None => Section::default(),
        Some(Their::Part(inner)) => Section { part: part(inner), text: SectionText::Whole },
        Some(Their::Header(outer)) => of(outer, SectionText::Header),
        Some(Their::HeaderFields(outer, names)) => of(outer, fields(false, names)),
        Some(Their::HeaderFieldsNot(outer, names)) => of(outer, fields(true, names)),
        Some(Their::Text(outer)) => of(outer, SectionText::Text),
        Some(Their::Mime(inner)) => Section { part: part(inner), text: SectionText::Mime },
    }
}

fn item(theirs: &MessageDataItemName<'_>) -> FetchItem {
    use MessageDataItemName as Their;
    let partial = |partial: &Option<(u32, std::num::NonZeroU32)>| {
        partial.map(|(offset, length)| Partial { offset: offset.into(), length: length.get().into() })
    };
    let numbers = |numbers: &Vec<std::num::NonZeroU32>| numbers.iter().map(|number| number.get()).collect();
    match theirs {
        Their::Body => FetchItem::Body,
        Their::BodyExt { section: inner, partial: some, peek } => {
            FetchItem::Section { section: section(inner.as_ref()), partial: partial(some), peek: *peek }
        }
        Their::BodyStructure => FetchItem::BodyStructure,
        Their::Envelope => FetchItem::Envelope,
        Their::Flags => FetchItem::Flags,
        Their::InternalDate => FetchItem::InternalDate,
        Their::Rfc822 => FetchItem::Rfc822 { peek: false },
        Their::Rfc822Header => FetchItem::Rfc822Header,
        Their::Rfc822Size => FetchItem::Rfc822Size,
        Their::Rfc822Text => FetchItem::Rfc822Text { peek: false },
        Their::Uid => FetchItem::Uid,
        Their::Binary { section, partial: some, peek } => {
            FetchItem::Binary { part: numbers(section), partial: partial(some), peek: *peek }
        }
        Their::BinarySize { section } => FetchItem::BinarySize { part: numbers(section) },
        Their::ModSeq => FetchItem::ModSeq,
    }
}

fn items(theirs: &MacroOrMessageDataItemNames<'_>) -> Vec<FetchItem> {
    match theirs {
        MacroOrMessageDataItemNames::Macro(known) => match known.to_string().to_ascii_uppercase().as_str() {
            "ALL" => Macro::All.items(),
            "FAST" => Macro::Fast.items(),
            _ => Macro::Full.items(),
        },
        MacroOrMessageDataItemNames::MessageDataItemNames(names) => names.iter().map(item).collect(),
    }
}

fn date(theirs: &theirs::datetime::NaiveDate) -> Date {
    let text = format!("{:?}", theirs.as_ref());
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<u16>().unwrap());
    let mut next = || parts.next().unwrap();
    Date::new(next(), next() as u8, next() as u8).unwrap()
}

fn key(theirs: &theirs::search::SearchKey<'_>) -> SearchKey {
    use SearchKey as Our;
    use theirs::search::SearchKey as Their;
    let octets = |text: &theirs::core::AString<'_>| text.as_ref().to_vec();
    let word = |atom: &theirs::core::Atom<'_>| Keyword::new(atom.as_ref()).unwrap();
    match theirs {
        Their::And(keys) => Our::And(keys.as_ref().iter().map(key).collect()),
        Their::Or(left, right) => Our::Or(vec![key(left), key(right)]),
        Their::Not(inner) => Our::Not(Box::new(key(inner))),
        Their::SequenceSet(inner) => Our::Sequence(set(inner)),
        Their::Uid(inner) => Our::Uid(set(inner)),
        Their::All => Our::All,
        Their::Answered => Our::HasFlags(Flags::ANSWERED),
        Their::Deleted => Our::HasFlags(Flags::DELETED),
        Their::Draft => Our::HasFlags(Flags::DRAFT),
        Their::Flagged => Our::HasFlags(Flags::FLAGGED),
        Their::Seen => Our::HasFlags(Flags::SEEN),
        Their::Unanswered => Our::LacksFlags(Flags::ANSWERED),
        Their::Undeleted => Our::LacksFlags(Flags::DELETED),
        Their::Undraft => Our::LacksFlags(Flags::DRAFT),
        Their::Unflagged => Our::LacksFlags(Flags::FLAGGED),
        Their::Unseen => Our::LacksFlags(Flags::SEEN),
        Their::New => Our::New,
        Their::Old => Our::Old,
        Their::Recent => Our::Recent,
        Their::Keyword(atom) => Our::HasKeyword(word(atom)),
        Their::Unkeyword(atom) => Our::LacksKeyword(word(atom)),
        Their::Bcc(text) => Our::Field(SearchField::Bcc, octets(text)),
        Their::Cc(text) => Our::Field(SearchField::Cc, octets(text)),
        Their::From(text) => Our::Field(SearchField::From, octets(text)),
        Their::Subject(text) => Our::Field(SearchField::Subject, octets(text)),
        Their::To(text) => Our::Field(SearchField::To, octets(text)),
        Their::Header(field, text) => Our::Header(String::from_utf8(octets(field)).unwrap(), octets(text)),
        Their::Body(text) => Our::Body(octets(text)),
        Their::Text(text) => Our::Text(octets(text)),
        Their::Before(day) => Our::InternalDate(Comparison::Before, date(day)),
        Their::On(day) => Our::InternalDate(Comparison::On, date(day)),
        Their::Since(day) => Our::InternalDate(Comparison::Since, date(day)),
        Their::SentBefore(day) => Our::SentDate(Comparison::Before, date(day)),
        Their::SentOn(day) => Our::SentDate(Comparison::On, date(day)),
        Their::SentSince(day) => Our::SentDate(Comparison::Since, date(day)),
        Their::Larger(octets) => Our::Larger((*octets).into()),
        Their::Smaller(octets) => Our::Smaller((*octets).into()),
        Their::Older(seconds) => Our::Older(seconds.get()),
        Their::Younger(seconds) => Our::Younger(seconds.get()),
        Their::ModSequence { modseq, .. } => Our::ModSeq(ModSeq(modseq.cast_signed())),
    }
}

/// One shape for what means the same: sets resolved, OR flat, no double NOT, no parentheses around one.
fn shape(key: &SearchKey) -> String {
    match key {
        SearchKey::And(keys) if keys.len() == 1 => shape(&keys[0]),
        SearchKey::And(keys) => format!("and({})", keys.iter().map(shape).collect::<Vec<_>>().join(" ")),
        SearchKey::Or(keys) => {
            let parts = keys.iter().map(shape).map(|text| match text.strip_prefix("or(") {
                Some(inner) => inner.trim_end_matches(';').to_owned(),
                None => text,
            });
            format!("or({};", parts.collect::<Vec<_>>().join("|"))
        }
        SearchKey::Not(inner) => match &shape(inner) {
            text if text.starts_with('!') => text[1..].to_owned(),
            text => format!("!{text}"),
        },
        SearchKey::Sequence(set) => ours(set),
        SearchKey::Uid(set) => format!("uid {}", ours(set)),
        other => format!("{other:?}"),
    }
}

fn flags(theirs: &[Flag<'_>]) -> (Flags, Keywords) {
    let (mut flags, mut keywords) = (Flags::NONE, Keywords::default());
    for flag in theirs {
        match flag {
            Flag::Answered => flags = flags | Flags::ANSWERED,
            Flag::Deleted => flags = flags | Flags::DELETED,
            Flag::Draft => flags = flags | Flags::DRAFT,
            Flag::Flagged => flags = flags | Flags::FLAGGED,
            Flag::Seen => flags = flags | Flags::SEEN,
            Flag::Keyword(atom) => assert!(keywords.insert(Keyword::new(atom.as_ref()).unwrap())),
            Flag::Extension(_) => {}
        }
    }
    (flags, keywords)
}

/// What they understood, and what we understood, in words that must be equal.
fn compare(their: &CommandBody<'_>, our: &Body) -> Option<(String, String)> {
    let pair = match (their, our) {
        (
            CommandBody::Fetch { sequence_set, macro_or_item_names, uid, modifiers },
            Body::Selected(Selected::Fetch(fetch)),
        ) => {
            let mut expected = Fetch {
                numbering: numbering(*uid),
                messages: fetch.messages.clone(),
                items: items(macro_or_item_names),
                changed_since: None,
                vanished: false,
            };
            for modifier in modifiers {
                match modifier {
                    FetchModifier::ChangedSince(modseq) => {
                        expected.changed_since = Some(ModSeq(modseq.get().cast_signed()));
                    }
                    FetchModifier::Vanished => expected.vanished = true,
                }
            }
            let their_set = ours(&set(sequence_set));
            (format!("{their_set} {expected:?}"), format!("{} {fetch:?}", ours(&fetch.messages)))
        }
        (CommandBody::Search { charset, criteria, uid }, Body::Selected(Selected::Search(search))) => {
            let expected = SearchKey::And(criteria.as_ref().iter().map(key).collect());
            let charset = charset.as_ref().map(|charset| charset.as_ref().to_owned());
            (
                format!("{:?} {charset:?} {}", numbering(*uid), shape(&expected)),
                format!(
                    "{:?} {:?} {}",
                    search.numbering,
                    search.charset,
                    shape(&SearchKey::And(search.keys.clone()))
                ),
            )
        }
        (
            CommandBody::Store { sequence_set, kind, response, flags: list, uid, modifiers },
            Body::Selected(Selected::Store(store)),
        ) => {
            let action = match kind {
                StoreType::Replace => StoreAction::Replace,
                StoreType::Add => StoreAction::Add,
                StoreType::Remove => StoreAction::Remove,
            };
            let since =
                modifiers.last().map(|StoreModifier::UnchangedSince(modseq)| ModSeq(modseq.cast_signed()));
            let silent = *response == StoreResponse::Silent;
            let (system, keywords) = flags(list);
            (
                format!(
                    "{} {:?} {action:?} {since:?} {silent} {system:?} {keywords:?}",
                    ours(&set(sequence_set)),
                    numbering(*uid)
                ),
                format!(
                    "{} {:?} {:?} {:?} {} {:?} {:?}",
                    ours(&store.messages),
                    store.numbering,
                    store.action,
                    store.unchanged_since,
                    store.silent,
                    store.flags.flags,
                    store.flags.keywords
                ),
            )
        }
        (CommandBody::Copy { sequence_set, mailbox: target, uid }, Body::Selected(Selected::Copy(copy)))
        | (CommandBody::Move { sequence_set, mailbox: target, uid }, Body::Selected(Selected::Move(copy))) => {
            (
                format!("{} {:?} {}", ours(&set(sequence_set)), numbering(*uid), mailbox(target)),
                format!("{} {:?} {}", ours(&copy.messages), copy.numbering, name(&copy.target)),
            )
        }
        (
            CommandBody::Select { mailbox: opened, parameters },
            Body::Authenticated(Authenticated::Select(select)),
        )
        | (
            CommandBody::Examine { mailbox: opened, parameters },
            Body::Authenticated(Authenticated::Examine(select)),
        ) => {
            let condstore = parameters.contains(&SelectParameter::CondStore);
            let qresync = parameters.iter().find_map(|parameter| match parameter {
                SelectParameter::QResync { uid_validity, mod_sequence_value, .. } => {
                    Some((uid_validity.get(), mod_sequence_value.get().cast_signed()))
                }
                SelectParameter::CondStore => None,
            });
            let ours = select.qresync.as_ref().map(|known| (known.uid_validity.0, known.modseq.0));
            (
                format!("{} {condstore} {qresync:?}", mailbox(opened)),
                format!("{} {} {ours:?}", name(&select.mailbox), select.condstore),
            )
        }
        (
            CommandBody::Login { username, password },
            Body::NotAuthenticated(imap_wire::command::NotAuthenticated::Login(login)),
        ) => (
            format!("{:?} {:?}", username.as_ref(), password.declassify().as_ref()),
            format!("{:?} {:?}", login.user.as_bytes(), login.password.as_bytes()),
        ),
        (CommandBody::Rename { from, to }, Body::Authenticated(Authenticated::Rename(rename))) => {
            (mailbox(from) + " " + &mailbox(to), name(&rename.from) + " " + &name(&rename.to))
        }
        (
            CommandBody::Status { mailbox: of, item_names },
            Body::Authenticated(Authenticated::Status(status)),
        ) => {
            let mut words: Vec<String> =
                item_names.iter().map(|item| format!("{item:?}").to_ascii_uppercase()).collect();
            words.dedup();
            let mut seen = Vec::new();
            words.retain(|word| {
                !seen.contains(word) && {
                    seen.push(word.clone());
                    true
                }
            });
            let ours: Vec<String> = status.items.iter().map(|item| item.as_str().replace('-', "")).collect();
            (format!("{} {words:?}", mailbox(of)), format!("{} {ours:?}", name(&status.mailbox)))
        }
        (CommandBody::List { .. }, Body::Authenticated(Authenticated::List(_)))
        | (CommandBody::Noop, Body::Any(_))
        | (CommandBody::Delete { .. }, Body::Authenticated(Authenticated::Delete(_)))
        | (CommandBody::ExpungeUid { .. }, Body::Selected(Selected::UidExpunge(_))) => return None,
        _ => (format!("{their:?}"), format!("{our:?}")),
    };
    Some(pair)
}

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    proptest::sample::select(words).prop_map(str::to_owned)
}

fn sets() -> impl Strategy<Value = String> + Clone {
    let member = one_of(&["1", "7", "*", "3:5", "9:*", "*:4", "20:10", "4294967295"]);
    proptest::collection::vec(member, 1..5).prop_map(|members| members.join(","))
}

fn strings() -> impl Strategy<Value = String> + Clone {
    one_of(&[
        "a",
        "inbox",
        "\"a b\"",
        "\"\"",
        "\"q\\\"\\\\\"",
        "{3}\r\na)b",
        "{0+}\r\n",
        "a]",
        "Archive/2026",
        "&-",
    ])
}

fn search_keys() -> impl Strategy<Value = String> {
    let flag =
        one_of(&["ALL", "SEEN", "UNSEEN", "NEW", "old", "RECENT", "UNDRAFT", "KEYWORD $x", "UNKEYWORD y"]);
    let dated = one_of(&[
        "SINCE 1-Feb-1994",
        "SENTON \"01-Jan-2026\"",
        "BEFORE 31-Dec-1999",
        "LARGER 10",
        "SMALLER 0",
        "OLDER 5",
        "MODSEQ 7",
    ]);
    let text = (one_of(&["FROM", "TO", "cc", "BCC", "SUBJECT", "BODY", "TEXT", "HEADER X-Y"]), strings());
    let leaf = prop_oneof![
        flag,
        dated,
        text.prop_map(|(word, text)| format!("{word} {text}")),
        sets(),
        sets().prop_map(|set| format!("UID {set}")),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|key| format!("NOT {key}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("OR {a} {b}")),
            proptest::collection::vec(inner, 1..4).prop_map(|keys| format!("({})", keys.join(" "))),
        ]
    })
}

fn fetch_items() -> impl Strategy<Value = String> {
    let item = one_of(&[
        "FLAGS",
        "uid",
        "ENVELOPE",
        "BODY",
        "BODYSTRUCTURE",
        "INTERNALDATE",
        "RFC822",
        "RFC822.SIZE",
        "RFC822.HEADER",
        "RFC822.TEXT",
        "BODY[]",
        "BODY.PEEK[1.2]",
        "BODY[HEADER]<0.5>",
        "BODY.PEEK[3.MIME]",
        "BODY[TEXT]",
        "BODY[1.TEXT]",
        "BODY.PEEK[HEADER.FIELDS (From \"To\")]",
        "BODY[2.HEADER.FIELDS.NOT (a)]<7.1>",
        "BINARY[1]",
        "BINARY.PEEK[1.2]<0.9>",
        "BINARY.SIZE[1]",
        "MODSEQ",
    ]);
    let list =
        proptest::collection::vec(item.clone(), 1..5).prop_map(|items| format!("({})", items.join(" ")));
    let items = prop_oneof![item, list, one_of(&["ALL", "FAST", "full"])];
    (items, one_of(&["", "", " (CHANGEDSINCE 12)"])).prop_map(|(items, modifiers)| items + &modifiers)
}

fn lines() -> impl Strategy<Value = String> {
    let uid = one_of(&["", "UID "]);
    let flag_list = one_of(&["()", "(\\Seen)", "\\Seen \\Deleted", "(\\Draft a $b)", "x y"]);
    let store = (
        uid.clone(),
        sets(),
        one_of(&["", "(UNCHANGEDSINCE 5) "]),
        one_of(&["", "+", "-"]),
        one_of(&["FLAGS", "flags.silent"]),
        flag_list,
    );
    let keys = proptest::collection::vec(search_keys(), 1..3).prop_map(|keys| keys.join(" "));
    prop_oneof![
        (uid.clone(), sets(), fetch_items())
            .prop_map(|(uid, set, items)| format!("{uid}FETCH {set} {items}")),
        (uid.clone(), one_of(&["", "CHARSET UTF-8 "]), keys)
            .prop_map(|(uid, charset, keys)| format!("{uid}SEARCH {charset}{keys}")),
        store.prop_map(|(uid, set, since, sign, word, flags)| format!(
            "{uid}STORE {set} {since}{sign}{word} {flags}"
        )),
        (uid, one_of(&["COPY", "move"]), sets(), strings())
            .prop_map(|(uid, word, set, name)| format!("{uid}{word} {set} {name}")),
        (
            one_of(&["SELECT", "EXAMINE"]),
            strings(),
            one_of(&["", " (CONDSTORE)", " (QRESYNC (1 2 3:4 (1,2 3,4)))"])
        )
            .prop_map(|(word, name, more)| format!("{word} {name}{more}")),
        (strings(), strings()).prop_map(|(user, password)| format!("LOGIN {user} {password}")),
        (strings(), strings()).prop_map(|(from, to)| format!("RENAME {from} {to}")),
        (strings(), one_of(&["(MESSAGES UNSEEN)", "(SIZE HIGHESTMODSEQ UIDNEXT)"]))
            .prop_map(|(name, items)| format!("STATUS {name} {items}")),
        (strings(), one_of(&["*", "%", "\"a/%\"", "a*"]))
            .prop_map(|(name, pattern)| format!("LIST {name} {pattern}")),
        one_of(&["NOOP", "DELETE a", "UID EXPUNGE 1:5"]),
    ]
}

/// What imap-codec takes although the grammar does not: unknown system flags, and `*` in QRESYNC.
fn known_difference(their: &CommandBody<'_>) -> bool {
    match their {
        CommandBody::Store { flags, .. } => flags.iter().any(|flag| matches!(flag, Flag::Extension(_))),
        CommandBody::Select { parameters, .. } | CommandBody::Examine { parameters, .. } => {
            parameters.iter().any(|parameter| match parameter {
                SelectParameter::QResync { known_uids, seq_match_data, .. } => {
                    let pair = seq_match_data.iter().flat_map(|(sequence, uids)| [sequence, uids]);
                    known_uids.iter().chain(pair).any(|known| set(known).has_star())
                }
                SelectParameter::CondStore => false,
            })
        }
        _ => false,
    }
}

fn agree(line: &str) -> Result<(), TestCaseError> {
    let bytes = format!("a {line}\r\n");
    let our = Command::parse(&bytes.as_bytes()[..bytes.len() - 2], NameEncoding::Utf8);
    // An error with a rest is about a shorter command: the receiver would have cut there.
    let Ok((b"", their)) = CommandCodec::default().decode(bytes.as_bytes()) else { return Ok(()) };
    if known_difference(&their.body) {
        return Ok(());
    }
    let our = our.map_err(|bad| TestCaseError::fail(format!("{line:?}: {bad}, they: {their:?}")))?;
    prop_assert_eq!(our.tag.as_str(), their.tag.as_ref());
    if let Some((expected, got)) = compare(&their.body, &our.body) {
        prop_assert_eq!(expected, got, "{}", line);
    }
    Ok(())
}

#[test]
fn both_read_every_kind_of_line() {
    for line in [
        "FETCH 1:* (UID FLAGS)",
        "SEARCH OR 1 NOT SEEN",
        "STORE 1 +FLAGS (\\Seen)",
        "SELECT inbox (CONDSTORE)",
        "LOGIN {1}\r\na b",
    ] {
        let bytes = format!("a {line}\r\n");
        assert!(CommandCodec::default().decode(bytes.as_bytes()).is_ok(), "the judge does not read {line:?}");
        agree(line).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn what_they_read_we_read_alike(line in lines()) {
        agree(&line)?;
    }

    #[test]
    fn what_they_read_of_damaged_lines_we_read_alike(
        line in lines(),
        place in any::<proptest::sample::Index>(),
        damage in proptest::option::of(proptest::sample::select(b" ()\"{}[]*:,.$0aX+-\x7f".as_slice())),
    ) {
        let mut bytes = line.into_bytes();
        let place = place.index(bytes.len());
        match damage {
            Some(byte) => bytes[place] = byte,
            None => { bytes.remove(place); }
        }
        if let Ok(line) = String::from_utf8(bytes) {
            agree(&line)?;
        }
    }
}
