//! The message that is answered or forwarded, added to somebody's own words by the server.
//!
//! The text of the original stands below the words, in each form that they have; if the original has HTML and the words
//! have none, they get it. Pictures that the HTML shows come along, of a forwarded message all other parts too, byte for
//! byte. What is signed or encrypted would be worth nothing in pieces: such a message is forwarded as a whole, and to one's
//! own nothing is added.

use crate::message::Message;
use crate::new_part::Text;
use crate::rework::{Node, Rework};
use crate::{describe, html, normalise_line_ends};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write;

/// What the original is added for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Manner {
    /// It is answered: its text.
    Reply,
    /// It is passed on: all of it.
    Forward,
}

/// A message with the one that it answers or forwards added. `introduction` stands above the quoted text; boundaries are
/// made of `seed`.
#[must_use]
pub fn with_original(own: &[u8], original: &[u8], manner: Manner, introduction: &str, seed: &str) -> Vec<u8> {
    let own = normalise_line_ends(own);
    let summary = describe(&own).summary;
    if summary.is_signed || summary.is_encrypted {
        return own.into_owned();
    }
    let old = describe(original);
    let mut rework = Rework::new(&own, seed);
    if manner == Manner::Reply {
        thread(&mut rework, &own, old.message_id.as_deref(), &old.references);
    }
    let is_opaque = old.summary.is_signed || old.summary.is_encrypted;
    if is_opaque && manner == Manner::Forward {
        let head = b"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n".to_vec();
        // Whom its sender did not name to the others.
        let shown = crate::header::remove(original, &["Bcc", "Resent-Bcc"]);
        rework.append(Node::new(head, shown.into_owned()));
        return rework.finish();
    }
    let (words, theirs) = (Message::parse(&own), Message::parse(original));
    let shows_html = quote(&mut rework, &words, &theirs, introduction);
    let own_ids: HashSet<String> = summary.attachments.into_iter().map(|file| file.content_id).collect();
    let html = if shows_html { theirs.html_body().unwrap_or_default() } else { String::new() };
    let shown = shown_ids(&html);
    let mut pictures = Vec::new();
    for leaf in theirs.leaves() {
        if leaf.is_body("plain") || leaf.is_body("html") {
            continue;
        }
        let id = leaf.part.content.id.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let id = id.trim_matches(['<', '>', ' ']);
        let is_shown = !id.is_empty() && shown.contains(id);
        let is_root = theirs.part(0).is_some_and(|root| std::ptr::eq(root, leaf.part));
        if is_shown && own_ids.contains(id) {
            continue;
        }
        let node = || Node::foreign(&theirs, leaf.part, is_root);
        match manner {
            _ if is_shown => pictures.push(node()),
            Manner::Forward => rework.append(node()),
            Manner::Reply => {}
        }
    }
    if !pictures.is_empty() {
        rework.relate(pictures);
    }
    rework.finish()
}

/// The Content-IDs that HTML names; no more than a message has parts for. Where a URL ends depends on what it stands in: in
/// an attribute at its quote, in a style also at a bracket or an entity, so that a target can be two.
fn shown_ids(html: &str) -> HashSet<&str> {
    /// Longest id, in bytes: a line of a header has no more.
    const ID_BYTES_MAX: usize = 1_000;
    /// Most targets that are looked at: hostile HTML is nothing else.
    const TARGETS_MAX: usize = 10_000;
    let mut ids = HashSet::new();
    for (at, scheme) in html.match_indices("cid:").take(TARGETS_MAX) {
        let rest = html.get(at + scheme.len()..).unwrap_or_default();
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'<' | b'>');
        let end = rest.bytes().take(ID_BYTES_MAX).position(|byte| is_end(&byte));
        let end = end.unwrap_or_else(|| rest.floor_char_boundary(ID_BYTES_MAX));
        let whole = rest.get(..end).unwrap_or_default();
        ids.insert(whole);
        ids.extend(whole.split([')', '&', '\\']).next());
    }
    ids
}

/// RFC 5322 section 3.6.4, if the client has not done it.
fn thread(rework: &mut Rework<'_>, own: &[u8], id: Option<&str>, references: &[String]) {
    let Some(id) = id.filter(|_| crate::header::find(own, "In-Reply-To").is_none()) else { return };
    let field = |name: &str, ids: &mut dyn Iterator<Item = &str>| {
        let mut field = format!("{name}:");
        for id in ids {
            let clean: String = id.chars().filter(char::is_ascii_graphic).collect();
            // Folded at each.
            let _ = write!(field, "\r\n <{clean}>");
        }
        field = field.replacen(":\r\n <", ": <", 1);
        field.push_str("\r\n");
        field.into_bytes()
    };
    rework.set_raw("In-Reply-To", Some(field("In-Reply-To", &mut std::iter::once(id))));
    if crate::header::find(own, "References").is_none() {
        let mut ids = references.iter().map(String::as_str).filter(|known| *known != id).chain([id]);
        rework.set_raw("References", Some(field("References", &mut ids)));
    }
}

/// Puts the quoted text below the words. Whether there is HTML that shows what the original's shows.
fn quote(rework: &mut Rework<'_>, words: &Message<'_>, theirs: &Message<'_>, introduction: &str) -> bool {
    let (their_text, their_html) = (theirs.text_body(), theirs.html_body());
    let (has_plain, has_html) = (rework.has_plain(), rework.has_html());
    let wants_html = has_html || their_html.is_some();
    let wants_plain = has_plain || !has_html;
    let plain = wants_plain.then(|| {
        let quoted = their_text.as_deref().map(Cow::Borrowed);
        let made = || Cow::Owned(their_html.as_deref().map(crate::html_to_text).unwrap_or_default());
        let (own, flow) = words.last_text("plain").unwrap_or_default();
        let below = format!("{introduction}\r\n{}", quoted.unwrap_or_else(made));
        match flow {
            Some(deletes_space) => {
                Text::plain(format!("{own}\r\n\r\n{}", stuffed(&below))).flowed(deletes_space)
            }
            None => Text::plain(format!("{own}\r\n\r\n{below}")),
        }
    });
    let html = wants_html.then(|| {
        let quoted = their_html.as_deref().map(Cow::Borrowed);
        let made = || Cow::Owned(html::text_to_html(their_text.as_deref().unwrap_or_default()));
        let below =
            format!("<hr>{}<br>\r\n{}", html::text_to_html(introduction), quoted.unwrap_or_else(made));
        let own = match words.last_text("html") {
            Some((own, _)) => own,
            None => html::text_to_html(&words.last_text("plain").unwrap_or_default().0),
        };
        Text::html(above_end(&own, &below))
    });
    match (plain, html) {
        (Some(plain), Some(html)) if has_plain && has_html => {
            rework.set_last(&plain);
            rework.set_last(&html);
        }
        (Some(plain), Some(html)) => rework.set_last_plain(&plain, &html),
        (Some(text), None) | (None, Some(text)) if has_plain || has_html => rework.set_last(&text),
        (plain, html) => rework.insert(plain.as_ref(), html.as_ref()),
    }
    wants_html
}

/// Lines that are not joined by RFC 3676 section 4, and are read as they are.
fn stuffed(text: &str) -> String {
    let line = |line: &str| {
        let line = line.trim_end_matches(['\r', ' ']);
        let is_stuffed = line.starts_with([' ', '>']) || line.starts_with("From ");
        if is_stuffed { format!(" {line}") } else { line.to_owned() }
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\r\n")
}

/// Puts something at the end of what an HTML document shows.
fn above_end(document: &str, below: &str) -> String {
    let lower = document.to_ascii_lowercase();
    let end = lower.rfind("</body").or_else(|| lower.rfind("</html")).unwrap_or(document.len());
    let (above, rest) = document.split_at_checked(end).unwrap_or((document, ""));
    format!("{above}{below}{rest}")
}

impl Message<'_> {
    /// The last text that is shown in a form, and for flowed text (RFC 3676 section 4) whether spaces are deleted.
    fn last_text(&self, sub: &str) -> Option<(String, Option<bool>)> {
        let leaves = self.leaves();
        let leaf = leaves.iter().rfind(|leaf| leaf.is_body(sub))?;
        let is = |name: &str, value: &[u8]| {
            let parameter = leaf.part.content.parameters.plain(name);
            parameter.is_some_and(|known| known.eq_ignore_ascii_case(value))
        };
        Some((self.part_text(leaf.part), is("format", b"flowed").then(|| is("delsp", b"yes"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WORDS: &[u8] =
        b"From: a@x.test\r\nTo: b@x.test\r\nSubject: Re: x\r\nX-Own: kept\r\n\r\nMy words.\r\n";

    /// A message of parts, each with its fields and its body.
    fn mixed(kind: &str, parts: &[(&str, &str)]) -> Vec<u8> {
        let mut message = format!(
            "From: b@x.test\r\nMessage-ID: <old@x.test>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/{kind}; boundary=outer\r\n\r\n"
        );
        for (fields, body) in parts {
            message.push_str(&format!("--outer\r\n{fields}\r\n\r\n{body}\r\n"));
        }
        message.push_str("--outer--\r\n");
        message.into_bytes()
    }

    /// The bytes of all leaves, as they stand.
    fn leaves(message: &[u8]) -> Vec<Vec<u8>> {
        let parsed = Message::parse(message);
        parsed.leaves().iter().map(|leaf| parsed.body(leaf.part).unwrap_or_default().to_vec()).collect()
    }

    fn forwarded(own: &[u8], original: &[u8]) -> Vec<u8> {
        with_original(own, original, Manner::Forward, "From: b", "seed")
    }

    const HTML: (&str, &str) = ("Content-Type: text/html", "<p>Theirs <img src=\"cid:pic@x\"></p>");
    const PICTURE: (&str, &str) =
        ("Content-Type: image/gif\r\nContent-ID: <pic@x>\r\nContent-Transfer-Encoding: base64", "R0lG");
    const FILE: (&str, &str) = (
        "Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Transfer-Encoding: base64",
        "MDEy\r\nMzQ1",
    );
    const CALENDAR: (&str, &str) =
        ("Content-Type: text/calendar; method=REQUEST", "BEGIN:VCALENDAR\r\nEND:VCALENDAR");

    #[test]
    fn a_reply_quotes_in_each_form_and_shows_the_pictures() {
        let original = mixed("related", &[HTML, PICTURE, FILE]);
        let reply = with_original(WORDS, &original, Manner::Reply, "From: b", "seed");
        let parsed = Message::parse(&reply);
        let text = parsed.text_body().unwrap();
        assert!(text.starts_with("My words.") && text.contains("From: b\r\nTheirs"), "{text}");
        let html = parsed.html_body().unwrap();
        assert!(html.starts_with("My words.") && html.contains("cid:pic@x"), "{html}");
        let files = describe(&reply).summary.attachments;
        assert_eq!(files.iter().map(|file| file.content_id.as_str()).collect::<Vec<_>>(), ["pic@x"]);
        assert_eq!(parsed.header_values("In-Reply-To"), ["<old@x.test>"]);
        assert_eq!(parsed.header_values("X-Own"), ["kept"]);
        assert_eq!(parsed.content_type(&[]).unwrap(), "multipart/related");
    }

    #[test]
    fn a_plain_reply_to_plain_text_stays_plain() {
        let original = b"From: b@x.test\r\n\r\nTheir text.\r\n";
        let reply = with_original(WORDS, original, Manner::Reply, "From: b", "seed");
        assert_eq!(describe(&reply).summary.attachments.len(), 0);
        assert_eq!(Message::parse(&reply).content_type(&[]).unwrap(), "text/plain");
        assert!(Message::parse(&reply).html_body().is_none());
    }

    #[test]
    fn html_words_alone_get_html_alone_above_the_end_of_the_document() {
        let own = b"From: a@x.test\r\nContent-Type: text/html\r\n\r\n<html><body><b>Mine</b></body></html>";
        let reply = with_original(own, b"\r\n5 < 6\r\n", Manner::Reply, "From: b", "seed");
        let parsed = Message::parse(&reply);
        assert!(parsed.text_body().is_none());
        let html = parsed.html_body().unwrap();
        assert!(html.contains("5 &lt; 6") && html.ends_with("</body></html>"), "{html}");
    }

    #[test]
    fn a_flowed_text_stays_flowed_and_joins_no_quoted_lines() {
        let own = b"Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\nMy long \r\nwords.\r\n";
        let reply = with_original(own, b"\r\none \r\n two\r\nFrom x\r\n", Manner::Reply, "From: b", "seed");
        let text = String::from_utf8(reply).unwrap();
        assert!(text.contains("format=flowed; delsp=yes"), "{text}");
        assert!(
            text.contains("My long \r\nwords.") && text.contains("\r\none\r\n  two\r\n From x"),
            "{text}"
        );
    }

    #[test]
    fn what_is_signed_or_encrypted_stays_whole() {
        let signed = mixed(
            "signed; protocol=\"application/pkcs7-signature\"",
            &[("Content-Type: text/plain", "Signed."), ("Content-Type: application/pkcs7-signature", "AAAA")],
        );
        let forward = forwarded(WORDS, &signed);
        let parsed = Message::parse(&forward);
        assert_eq!(parsed.content_type(&[2]).unwrap(), "message/rfc822");
        assert_eq!(&*parsed.decoded(&[2]).unwrap(), &signed[..]);
        assert_eq!(with_original(&signed, WORDS, Manner::Reply, "", "seed"), signed);
    }

    #[test]
    fn whom_a_signed_mail_reached_in_secret_is_not_passed_on() {
        let parts =
            [("Content-Type: text/plain", "Bcc: x"), ("Content-Type: application/pkcs7-signature", "AAAA")];
        let signed = mixed("signed; protocol=\"application/pkcs7-signature\"", &parts);
        let with = |bcc: &str| [bcc.as_bytes(), &signed[..]].concat();
        let sent = with("Bcc: secret@x.test,\r\n other@x.test\r\nResent-bcc: third@x.test\r\n");
        let forward = forwarded(WORDS, &sent);
        assert_eq!(&*Message::parse(&forward).decoded(&[2]).unwrap(), &signed[..]);
    }

    #[test]
    fn what_html_shows_is_found_wherever_it_names_it() {
        let html = "<img src=\"cid:a(1).png@x\"> <img src=cid:b> <p style=\"background:url(cid:c) x\"> \
            <p style=\"background:url(&quot;cid:d&quot;)\"> <img src='cid:e\u{fc}'> cid:";
        let shown = shown_ids(html);
        for id in ["a(1).png@x", "b", "c", "d", "e\u{fc}"] {
            assert!(shown.contains(id), "{id}: {shown:?}");
        }
        assert!(!shown.contains("a"), "another picture");
        let many: String = (0..40_000).map(|number| format!("cid:{number} ")).collect();
        let shown = shown_ids(&many);
        assert!(shown.contains("9999") && shown.len() <= 10_000, "{}", shown.len());
    }

    #[test]
    fn an_invitation_is_passed_on_as_it_is() {
        let original = mixed("alternative", &[("Content-Type: text/plain", "Come"), CALENDAR]);
        let forward = forwarded(WORDS, &original);
        let found = Message::parse(&forward).calendar_body();
        assert_eq!(found.as_deref(), Some(CALENDAR.1));
        assert!(String::from_utf8(forward).unwrap().contains(CALENDAR.0));
    }

    #[test]
    fn a_file_of_its_own_and_a_boundary_that_occurs_in_it_do_no_harm() {
        let own = mixed("mixed", &[("Content-Type: text/plain", "Mine")]);
        let original =
            b"From: b@x.test\r\nContent-Type: application/x; name=a.bin\r\n\r\n--outer\r\n\r\n--outer--";
        let forward = forwarded(&own, original);
        assert!(leaves(&forward).iter().any(|leaf| leaf == b"--outer\r\n\r\n--outer--"));
        assert!(Message::parse(&forward).text_body().unwrap().starts_with("Mine"));
    }

    fn part() -> impl Strategy<Value = (String, String)> {
        let fields = prop_oneof![
            Just("Content-Type: image/gif\r\nContent-ID: <pic@x>"),
            Just("Content-Type: application/x-y"),
            Just("Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt"),
            Just("Content-Type: text/calendar; method=REQUEST"),
            Just("Content-Type: message/rfc822"),
        ];
        (fields.prop_map(str::to_owned), "[a-z=<>: \\-]{0,20}(\r\n[a-z=<>:\\-]{0,20}){0,4}")
    }

    proptest! {
        #[test]
        fn a_forward_keeps_the_bytes_of_every_part(
            own_parts in proptest::collection::vec(part(), 0..4),
            their_parts in proptest::collection::vec(part(), 0..5),
            html in any::<bool>(),
            kind in prop_oneof![Just("mixed"), Just("related")],
        ) {
            let text = if html { HTML } else { ("Content-Type: text/plain", "Theirs") };
            let with_text = |text, parts: &[(String, String)]| {
                let parts = parts.iter().map(|(fields, body)| (fields.as_str(), body.as_str()));
                mixed(kind, &std::iter::once(text).chain(parts).collect::<Vec<_>>())
            };
            let own = with_text(("Content-Type: text/plain", "Mine"), &own_parts);
            let original = with_text(text, &their_parts);
            let forward = forwarded(&own, &original);
            let kept = leaves(&forward);
            let is_repeated = |fields: &str| {
                html && fields.contains("pic@x") && own_parts.iter().any(|(own, _)| own.contains("pic@x"))
            };
            for (fields, body) in own_parts.iter().chain(their_parts.iter().filter(|part| !is_repeated(&part.0))) {
                prop_assert!(kept.iter().any(|leaf| leaf == body.as_bytes()), "{fields} {body:?} is lost");
            }
            let count = |message: &[u8]| describe(message).summary.attachments.len();
            let repeated = their_parts.iter().filter(|part| is_repeated(&part.0)).count();
            prop_assert_eq!(count(&forward), count(&own) + count(&original) - repeated);
            prop_assert!(Message::parse(&forward).text_body().unwrap().contains("Theirs"));
        }

        #[test]
        fn any_bytes_can_be_answered(own in "[ -~\r\n]{0,200}", original in "[ -~\r\n]{0,200}", forward in any::<bool>()) {
            let manner = if forward { Manner::Forward } else { Manner::Reply };
            let made = with_original(own.as_bytes(), original.as_bytes(), manner, "From: b", "seed");
            prop_assert!(!made.is_empty());
        }
    }
}
