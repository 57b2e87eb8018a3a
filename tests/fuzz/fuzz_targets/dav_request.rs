//! Any bytes are a request body, a header, a path or a token, or an error of it; what was read is the same
//! when it is written and read again.
//!
//! The first byte says which: up to 127 a body, which is given to all methods, above it a text.

#![no_main]

use dav_wire::header::{
    ByteRange, Depth, Destination, If, LockToken, Overwrite, Prefer, StateToken, Timeout,
};
use dav_wire::method::{
    ACES_MAX, Instruction, LockInfo, MakeCollection, MultiPut, PROPERTIES_MAX, PropFind, PropPatch,
    SetAcl,
};
use dav_wire::property::{ActiveLock, lock_answer};
use dav_wire::push::{DontNotify, PushRegister};
use dav_wire::report::Report;
use dav_wire::sharing::{SHAREES_MAX, SharingRequest};
use dav_wire::xml::{Element, Limits, parse};
use dav_wire::{
    Detail, ETagList, Href, MultiStatus, Property, PropertyAnswer, RequestError, SyncToken, Value, http_date,
    parse_http_date,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| match input.split_first() {
    Some((0..=127, body)) => read_body(body),
    Some((_, text)) => read_text(&String::from_utf8_lossy(text)),
    None => (),
});

fn read_body(body: &[u8]) {
    if let Ok(root) = parse(body, &Limits::REQUEST) {
        read_back(&root);
        if let Some(property) = Property::from_name(root.name()) {
            let _ = property.read(&root);
        }
        if let Ok(Some(SharingRequest::Share(changes))) = SharingRequest::parse(&root) {
            assert!(changes.len() <= SHAREES_MAX);
        }
        match PushRegister::read(&root) {
            Ok(register) => assert!(register.content_update || register.property_update),
            Err(unmet) => read_refusal(&RequestError::Refused(unmet)),
        }
        let _ = MultiPut::parse(root);
    }
    if let Ok(PropFind::Prop(names) | PropFind::AllProp { include: names }) = PropFind::parse(body) {
        assert!(names.len() <= PROPERTIES_MAX);
    }
    if let Ok(patch) = PropPatch::parse(body) {
        for instruction in &patch.instructions {
            if let Instruction::Set(property) = instruction {
                read_back(property);
            }
        }
    }
    if let Ok(made) = MakeCollection::parse_mkcol(body) {
        let _ = made.resource_types();
    }
    let _ = MakeCollection::parse_mkcalendar(body);
    match SetAcl::parse(body) {
        Ok(acl) => assert!(acl.entries.len() <= ACES_MAX),
        Err(error) => read_refusal(&error),
    }
    if let Ok(Some(LockInfo { scope, owner })) = LockInfo::parse(body) {
        let lock = ActiveLock {
            scope,
            depth: Depth::Infinity,
            owner,
            timeout_s: 1,
            token: "urn:uuid:1".into(),
            root: "/".into(),
        };
        let limits = Limits { depth_max: 68, ..Limits::STORED };
        parse(&lock_answer(&[lock]), &limits).expect("an answer to LOCK is well-formed");
    }
    if let Err(error) = Report::parse(body) {
        read_refusal(&error);
    }
}

fn read_refusal(error: &RequestError) {
    if let RequestError::Refused(precondition) = error {
        parse(&precondition.body(), &Limits::REQUEST).expect("an error body is well-formed");
    }
}

/// An element survives its stored form, and cannot break an answer that it stands in.
fn read_back(element: &Element) {
    assert_eq!(Element::decode(&element.encode()).as_ref(), Ok(element));
    let mut answer = MultiStatus::new(Detail::Full);
    let properties = [PropertyAnswer::value(element.name.clone(), Value::Dead(element.clone()))];
    answer.response(&element.text(), &properties);
    parse(&answer.finish(), &Limits { depth_max: 68, ..Limits::STORED }).expect("an answer is well-formed");
}

fn read_text(text: &str) {
    if let Ok(href) = Href::parse(text) {
        assert_eq!(Href::parse(&href.to_string()), Ok(href));
    }
    if let Ok(token) = text.parse::<SyncToken>() {
        assert_eq!(token.to_string(), text);
    }
    let _ = ETagList::parse(text);
    if let Ok(wanted) = If::parse(text) {
        read_again(&wanted);
    }
    if let Ok(LockToken(uri)) = LockToken::parse(text) {
        assert_eq!(LockToken::parse(&format!("<{uri}>")), Ok(LockToken(uri)));
    }
    let _ = Timeout::parse(text);
    if let ByteRange::Part(first, last) = ByteRange::parse(text, 1000) {
        assert!(first <= last && last < 1000);
    }
    let _ = Depth::parse(text);
    let _ = Destination::parse(text);
    let _ = Overwrite::parse(Some(text));
    let _ = Prefer::parse([text], Some(text));
    let _ = DontNotify::parse([text]);
    if let Some(time) = parse_http_date(text) {
        assert_eq!(parse_http_date(&http_date(time)), Some(time));
    }
}

/// What a condition says is the same when it is written plainly and read again.
fn read_again(wanted: &If) {
    let mut plain = String::new();
    let mut resource = None;
    for list in &wanted.lists {
        assert!(!list.conditions.is_empty());
        if list.resource != resource {
            resource.clone_from(&list.resource);
            plain.extend(resource.iter().map(|resource| format!("<{resource}> ")));
        }
        plain.push('(');
        for condition in &list.conditions {
            plain.push_str(if condition.not { "Not " } else { "" });
            match &condition.state {
                StateToken::Uri(uri) => plain.push_str(&format!("<{uri}> ")),
                StateToken::ETag(tag) => {
                    let weak = if tag.weak { "W/" } else { "" };
                    plain.push_str(&format!("[{weak}\"{}\"] ", tag.opaque));
                }
            }
        }
        plain.push_str(") ");
    }
    // What had no spaces where they may stand has become longer than is read.
    if plain.len() <= 8 * 1024 {
        assert_eq!(If::parse(&plain).as_ref(), Ok(wanted));
    }
}
