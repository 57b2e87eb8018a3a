//! HTML to text and back.

/// Longest HTML that is laid out; the rest is left out.
const HTML_BYTES_MAX: usize = 1 << 20;
/// Deepest nesting, and most tags, that are handed to the layout; above, tags are only taken out.
const NESTING_MAX: usize = 100;
const TAGS_MAX: usize = 20_000;
/// Columns of the laid out text: wide, because clients break lines themselves.
const COLUMNS: usize = 200;

/// Readable text of an HTML body. Work and depth are bounded: HTML that is nested or split up beyond
/// measure is only stripped of its tags.
#[must_use]
pub fn html_to_text(html: &str) -> String {
    let html = html.get(..html.floor_char_boundary(HTML_BYTES_MAX)).unwrap_or_default();
    if !is_modest(html) {
        return strip(html);
    }
    let layout = html2text::config::plain().raw_mode(true).no_link_wrapping().allow_width_overflow();
    layout.string_from_read(html.as_bytes(), COLUMNS).unwrap_or_else(|_| strip(html))
}

/// Whether the tags are few and nest little, judged without parsing: a depth that is never too small.
fn is_modest(html: &str) -> bool {
    let bytes = html.as_bytes();
    let (mut depth, mut tags) = (0_usize, 0_usize);
    for at in memchr::memchr_iter(b'<', bytes) {
        tags += 1;
        match bytes.get(at + 1) {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(b'a'..=b'z' | b'A'..=b'Z') if !is_void(bytes.get(at + 1..).unwrap_or_default()) => {
                depth += 1
            }
            _ => {}
        }
        if depth > NESTING_MAX || tags > TAGS_MAX {
            return false;
        }
    }
    true
}

/// Whether a tag has no content and no end.
fn is_void(tag: &[u8]) -> bool {
    const VOID: [&str; 13] = [
        "br", "img", "hr", "meta", "link", "input", "col", "area", "base", "embed", "source", "track", "wbr",
    ];
    let name = name_of(tag);
    VOID.iter().any(|void| name.eq_ignore_ascii_case(void.as_bytes()))
}

fn name_of(tag: &[u8]) -> &[u8] {
    let end = tag.iter().take(16).position(|b| !b.is_ascii_alphanumeric()).unwrap_or(tag.len().min(16));
    tag.get(..end).unwrap_or_default()
}

/// Takes tags, comments, styles and scripts out, in one pass; blocks end lines.
pub(crate) fn strip(html: &str) -> String {
    const BLOCKS: [&str; 16] = [
        "p",
        "br",
        "div",
        "tr",
        "li",
        "ul",
        "ol",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "hr",
        "blockquote",
        "pre",
        "title",
    ];
    let mut out = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        push_text(&mut out, text);
        let after = tag.get(1..).unwrap_or_default();
        let name = name_of(after.strip_prefix('/').unwrap_or(after).as_bytes());
        if name.is_empty() && !after.starts_with(['!', '/', '?']) {
            out.push('<');
            rest = after;
            continue;
        }
        if BLOCKS.iter().any(|block| name.eq_ignore_ascii_case(block.as_bytes())) && !out.ends_with('\n') {
            out.push('\n');
        }
        rest = if after.starts_with("!--") {
            after_end(after, "-->")
        } else if ["style", "script", "head"]
            .iter()
            .any(|hidden| after.len() >= hidden.len() && name.eq_ignore_ascii_case(hidden.as_bytes()))
            && !after.starts_with('/')
        {
            after_closing_tag(after, name)
        } else {
            after_end(after, ">")
        };
    }
    push_text(&mut out, rest);
    out
}

fn after_end<'t>(text: &'t str, end: &str) -> &'t str {
    text.find(end).and_then(|at| text.get(at + end.len()..)).unwrap_or_default()
}

/// What follows `</name ...>`; a hidden element that is never closed hides all.
fn after_closing_tag<'t>(text: &'t str, name: &[u8]) -> &'t str {
    for at in memchr::memmem::find_iter(text.as_bytes(), b"</") {
        let found = text.get(at + 2..).unwrap_or_default();
        if name_of(found.as_bytes()).eq_ignore_ascii_case(name) {
            return after_end(found, ">");
        }
    }
    ""
}

/// Appends text with its entities decoded and white space made single.
fn push_text(out: &mut String, text: &str) {
    const ENTITY_BYTES_MAX: usize = 12;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first == '&' {
            let window = rest.as_bytes().iter().take(ENTITY_BYTES_MAX);
            if let Some((entity, tail)) =
                window.into_iter().position(|b| *b == b';').map(|at| rest.split_at(at + 1))
            {
                mail_parser::decoders::html::add_html_token(out, entity.as_bytes(), false);
                rest = tail;
                continue;
            }
        }
        if first.is_whitespace() {
            if !out.is_empty() && !out.ends_with(char::is_whitespace) {
                out.push(' ');
            }
        } else {
            out.push(first);
        }
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
    }
}

/// Plain text as an HTML fragment: escaped, lines kept.
#[must_use]
pub fn text_to_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => {}
            '\n' => out.push_str("<br>\r\n"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn html_becomes_readable_text() {
        let html = "<html><head><title>x</title><style>p { color: red }</style></head><body><h1>Gr&uuml;&szlig;e</h1>\
                    <p>Erste<br>Zeile &amp; <a href=\"http://x.test/\">Link</a></p><ul><li>eins<li>zwei</ul><!-- c --></body></html>";
        let text = html_to_text(html);
        for piece in ["Gr\u{fc}\u{df}e", "Erste\nZeile & ", "Link", "eins", "zwei"] {
            assert!(text.contains(piece), "{piece} in {text:?}");
        }
        assert!(!text.contains("color") && !text.contains('<'));
        let stripped = strip(html);
        assert_eq!(stripped.trim(), "Gr\u{fc}\u{df}e\nErste\nZeile & Link\neins\nzwei");
    }

    #[test]
    fn text_is_escaped_on_its_way_to_html() {
        assert_eq!(text_to_html("a < b & \"c\"\r\nd"), "a &lt; b &amp; &quot;c&quot;<br>\r\nd");
    }

    #[test]
    fn deep_html_is_stripped_instead_of_laid_out() {
        let deep = format!("{}tief{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
        assert_eq!(html_to_text(&deep).trim(), "tief");
        assert!(is_modest(&"<div>".repeat(NESTING_MAX)));
        assert!(!is_modest(&"<div>".repeat(NESTING_MAX + 1)));
    }

    proptest! {
        #[test]
        fn any_html_is_read(html in "(<|>|/|!--|-->|&|;|#x41|amp|style|table|tr|td|p| |\u{fc}|x|=|\"){0,60}") {
            prop_assert!(strip(&html).len() <= html.len() * 4);
            prop_assert!(html_to_text(&html).len() <= html.len() * 20 + 1_000);
        }
    }
}
