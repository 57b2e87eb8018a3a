//! The part of a message that is its own: what it quotes of those before is in these already.

/// What stands where a quotation begins, in lower case: programs for mail mark their quotations in these ways.
const MARKERS: [&str; 11] = [
    "<blockquote",
    "class=\"gmail_quote",
    "class=\"gmail_extra",
    "class=\"moz-cite-prefix",
    "class=\"yahoo_quoted",
    "id=\"divrplyfwdmsg",
    "id=\"appendonsend",
    "id=\"reply-intro",
    "name=\"messagereplysection",
    "border-top:solid #e1e1e1",
    "border-top:solid #b5c4df",
];
const ORIGINAL: &str = "-----original message-----";

/// Elements that have no end tag.
const VOID: [&str; 11] = ["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"];

/// The HTML up to its first quotation, its elements closed; all of it if nothing would be left.
#[must_use]
pub fn unique_html(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let marker = |marker: &str| {
        let at = lower.find(marker)?;
        // An attribute: from the element that has it.
        if marker.starts_with('<') { Some(at) } else { lower.get(..at)?.rfind('<') }
    };
    let cut = MARKERS.into_iter().filter_map(marker).chain(lower.find(ORIGINAL)).min();
    let own = cut.and_then(|cut| html.get(..cut)).filter(|own| has_text(own));
    own.map_or_else(|| html.to_owned(), closed)
}

/// The plain text without quoted lines, what announces them, and what follows a line that begins an original; all of
/// it if nothing would be left.
#[must_use]
pub fn unique_text(text: &str) -> String {
    let mut own: Vec<&str> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.eq_ignore_ascii_case(ORIGINAL) {
            break;
        }
        if !trimmed.starts_with('>') {
            own.push(line);
            continue;
        }
        let announces = |line: &&str| line.trim_end().ends_with(':');
        while own.last().is_some_and(|line| line.trim().is_empty()) {
            own.pop();
        }
        if own.last().is_some_and(announces) {
            own.pop();
        }
    }
    let own = own.join("\r\n");
    let own = own.trim_end();
    if own.trim().is_empty() { text.to_owned() } else { format!("{own}\r\n") }
}

/// Whether a reader would see anything of it.
fn has_text(html: &str) -> bool {
    let lower = html.to_ascii_lowercase();
    let body = lower.find("<body").and_then(|at| html.get(at..)).unwrap_or(html);
    let visible = without_tags(body).replace("&nbsp;", "");
    !visible.trim().is_empty() || lower.contains("<img")
}

fn without_tags(html: &str) -> String {
    let mut inside = false;
    let outside = html.chars().filter(|character| {
        let is_outside = !inside && *character != '<';
        inside = (inside || *character == '<') && *character != '>';
        is_outside
    });
    outside.collect()
}

/// Ends the elements that are open at the end.
fn closed(html: &str) -> String {
    let mut open: Vec<String> = Vec::new();
    for tag in html.split('<').skip(1) {
        let Some((tag, _)) = tag.split_once('>') else { continue };
        let is_end = tag.starts_with('/');
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .map(|character| character.to_ascii_lowercase())
            .collect();
        if name.is_empty() || tag.ends_with('/') || VOID.contains(&name.as_str()) {
            continue;
        }
        if !is_end {
            open.push(name);
        } else if let Some(at) = open.iter().rposition(|one| *one == name) {
            open.truncate(at);
        }
    }
    let mut whole = html.to_owned();
    for name in open.iter().rev() {
        whole.push_str("</");
        whole.push_str(name);
        whole.push('>');
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_quoted_is_left_out() {
        for (whole, own) in [
            ("<p>Yes.</p><blockquote type=\"cite\"><p>Shall we?</p></blockquote>", "<p>Yes.</p>"),
            (
                "<html><body><div>Yes.<br><DIV class=\"gmail_quote\">On Monday</div></div></body></html>",
                "<html><body><div>Yes.<br></div></body></html>",
            ),
            ("<div>Yes<hr><div id=\"divRplyFwdMsg\">From: Ben</div></div>", "<div>Yes<hr></div>"),
            ("<p>Yes.</p><hr>-----Original Message-----<br>From: Ben", "<p>Yes.</p><hr>"),
            ("<p>No quotation at all</p>", "<p>No quotation at all</p>"),
            (
                "<body><p>&nbsp;</p><blockquote>Forwarded</blockquote></body>",
                "<body><p>&nbsp;</p><blockquote>Forwarded</blockquote></body>",
            ),
        ] {
            assert_eq!(unique_html(whole), own, "{whole}");
        }
    }

    #[test]
    fn quoted_lines_and_what_announces_them_are_left_out() {
        for (whole, own) in [
            ("Yes.\r\n\r\nOn Monday Ben wrote:\r\n> Shall we?\r\n> Ben\r\n", "Yes.\r\n"),
            ("> Shall we?\r\nYes.\r\n> When?\r\nNow.\r\n", "Yes.\r\nNow.\r\n"),
            ("Yes.\r\n-----Original Message-----\r\nFrom: Ben\r\n", "Yes.\r\n"),
            ("> all of it\r\n", "> all of it\r\n"),
            ("Nothing quoted\r\n", "Nothing quoted\r\n"),
        ] {
            assert_eq!(unique_text(whole), own, "{whole}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_a_part_of_its_own(text in "[<>/a-z=\" \n\\-]{0,60}|(<(div|br|blockquote|img|/div|p)>|hi|&nbsp;){0,12}") {
            let (html, plain) = (unique_html(&text), unique_text(&text));
            prop_assert!(text.trim().is_empty() || !html.trim().is_empty());
            prop_assert!(text.trim().is_empty() || !plain.trim().is_empty());
        }
    }
}
