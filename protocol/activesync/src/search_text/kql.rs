//! The keyword query language of Find, as far as mail has such properties: MS-ASCMD section 2.2.3.80.1.
//!
//! Words, `"phrases"`, `property:value`, `AND`, `OR`, `NOT` (and a minus), brackets. Words that stand beside each
//! other must all be there; restrictions of the same property that stand beside each other are alternatives.
//!
//! Liberties: words are found within words, so a final `*` says nothing more; a property that is not known is a
//! word like any other; a bracket or quotation mark that is missing at the end is thought of; days are those of
//! Greenwich. Absent: `NEAR`, `ONEAR`, `WORDS`, `XRANK`, and times of day.

use chrono::NaiveDate;
use mime::search::{Expression, Field};
use vocabulary::Timestamp;

use super::{TERMS_MAX, TEXT_BYTES_MAX, Term, Unsearchable};
use crate::date;

/// Deepest nesting of brackets.
pub const DEPTH_MAX: usize = 16;
const DAY_MS: i64 = 86_400_000;

/// What a restriction is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Property {
    Field(Field),
    /// From, To, Cc or Bcc.
    Participants,
    Body,
    Attachment,
    HasAttachments,
    Received,
    Sent,
}

const PROPERTIES: &[(&str, Property)] = &[
    ("subject", Property::Field(Field::Subject)),
    ("from", Property::Field(Field::From)),
    ("to", Property::Field(Field::To)),
    ("cc", Property::Field(Field::Cc)),
    ("bcc", Property::Field(Field::Bcc)),
    ("participants", Property::Participants),
    ("body", Property::Body),
    ("attachment", Property::Attachment),
    ("attachments", Property::Attachment),
    ("attachmentnames", Property::Attachment),
    ("hasattachment", Property::HasAttachments),
    ("hasattachments", Property::HasAttachments),
    ("received", Property::Received),
    ("sent", Property::Sent),
];

/// How a property relates to its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is,
    IsNot,
    AtLeast,
    AtMost,
    Above,
    Below,
}

/// Longer ones first.
const OPERATORS: &[(&str, Operator)] = &[
    ("<>", Operator::IsNot),
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    (":", Operator::Is),
    ("=", Operator::Is),
    (">", Operator::Above),
    ("<", Operator::Below),
];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Restriction(Property, Operator),
    Text(String),
}

/// Reads a text; `now` says which day is today.
///
/// # Errors
/// [`Unsearchable`].
pub fn parse(text: &str, now: Timestamp) -> Result<Expression<Term>, Unsearchable> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Unsearchable::TooComplex);
    }
    let tokens = tokens(text);
    let texts = tokens.iter().filter(|token| matches!(token, Token::Text(_)));
    if texts.count() > TERMS_MAX {
        return Err(Unsearchable::TooComplex);
    }
    let mut parser = Parser { tokens: tokens.into_iter().peekable(), now, depth: 0, terms: 0 };
    let mut parts = vec![parser.alternatives(None)?];
    while parser.tokens.next().is_some() {
        // A bracket that closes nothing.
        parts.push(parser.alternatives(None)?);
    }
    if parser.terms == 0 {
        return Err(Unsearchable::Empty);
    }
    Ok(joined(parts, Expression::All))
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '(' => take(&mut tokens, rest, Token::Open),
            ')' => take(&mut tokens, rest, Token::Close),
            '"' => {
                let inner = rest.get(1..).unwrap_or_default();
                let (phrase, behind) = inner.split_once('"').unwrap_or((inner, ""));
                let phrase = phrase.split_whitespace().collect::<Vec<_>>().join(" ");
                if !phrase.is_empty() {
                    tokens.push(Token::Text(phrase));
                }
                behind
            }
            '-' if rest.chars().nth(1).is_some_and(|next| !next.is_whitespace()) => {
                take(&mut tokens, rest, Token::Not)
            }
            '+' => rest.get(1..).unwrap_or_default(),
            _ => word(&mut tokens, rest),
        };
        rest = rest.trim_start();
    }
    tokens
}

fn take<'t>(tokens: &mut Vec<Token>, rest: &'t str, token: Token) -> &'t str {
    tokens.push(token);
    rest.get(1..).unwrap_or_default()
}

/// A word, or the property and operator that it begins with. What is left.
fn word<'t>(tokens: &mut Vec<Token>, rest: &'t str) -> &'t str {
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"')).unwrap_or(rest.len());
    let (word, behind) = rest.split_at(end);
    for (name, property) in PROPERTIES {
        let named = word.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
        let tail = if named { word.get(name.len()..).unwrap_or_default() } else { "" };
        let operator = OPERATORS.iter().find(|(sign, _)| tail.starts_with(sign));
        if let Some((sign, operator)) = operator {
            tokens.push(Token::Restriction(*property, *operator));
            let value = tail.get(sign.len()..).unwrap_or_default();
            if !value.is_empty() {
                tokens.push(Token::Text(value.to_owned()));
            }
            return behind;
        }
    }
    tokens.push(match word {
        "AND" => Token::And,
        "OR" => Token::Or,
        "NOT" => Token::Not,
        word => Token::Text(word.to_owned()),
    });
    behind
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    now: Timestamp,
    depth: usize,
    terms: usize,
}

/// A property and how it relates to what follows.
type Restriction = Option<(Property, Operator)>;

impl Parser {
    /// What stands on either side of `OR`, up to a closing bracket, which is left.
    fn alternatives(&mut self, within: Restriction) -> Result<Expression<Term>, Unsearchable> {
        let mut all = Vec::new();
        loop {
            all.extend(self.conjunction(within)?);
            if self.tokens.next_if_eq(&Token::Or).is_none() {
                return Ok(joined(all, Expression::Any));
            }
        }
    }

    /// What stands beside each other or on either side of `AND`; `None` for nothing.
    fn conjunction(&mut self, within: Restriction) -> Result<Option<Expression<Term>>, Unsearchable> {
        let mut all: Vec<Expression<Term>> = Vec::new();
        // The property of the last one, if another of the same would be an alternative to it.
        let mut last: Option<Property> = None;
        loop {
            match self.tokens.peek() {
                None | Some(Token::Or | Token::Close) => break,
                Some(Token::And) => {
                    self.tokens.next();
                    last = None;
                    continue;
                }
                Some(_) => {}
            }
            let property = match self.tokens.peek() {
                Some(Token::Restriction(property, Operator::Is)) if has_text(*property) => Some(*property),
                _ => None,
            };
            let one = self.negated(within)?;
            match (all.last_mut(), property) {
                (Some(before), Some(property)) if last == Some(property) => {
                    let first = std::mem::replace(before, Expression::Always(true));
                    *before = Expression::Any(vec![first, one]);
                }
                _ => all.push(one),
            }
            last = property;
        }
        Ok((!all.is_empty()).then(|| joined(all, Expression::All)))
    }

    fn negated(&mut self, within: Restriction) -> Result<Expression<Term>, Unsearchable> {
        let mut is_negated = false;
        while self.tokens.next_if_eq(&Token::Not).is_some() {
            is_negated = !is_negated;
        }
        let one = self.atom(within)?;
        Ok(if is_negated { Expression::Not(Box::new(one)) } else { one })
    }

    fn atom(&mut self, within: Restriction) -> Result<Expression<Term>, Unsearchable> {
        match self.tokens.peek() {
            Some(Token::Open) => self.bracket(within),
            Some(&Token::Restriction(property, operator)) => {
                self.tokens.next();
                match self.tokens.peek() {
                    Some(Token::Open) => self.bracket(Some((property, operator))),
                    Some(Token::Text(_)) => self.term(Some((property, operator))),
                    // Still being written.
                    _ => Ok(Expression::Always(true)),
                }
            }
            Some(Token::Text(_)) => self.term(within),
            _ => Ok(Expression::Always(true)),
        }
    }

    fn bracket(&mut self, within: Restriction) -> Result<Expression<Term>, Unsearchable> {
        self.tokens.next();
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Unsearchable::TooComplex);
        }
        let inner = self.alternatives(within)?;
        self.tokens.next_if_eq(&Token::Close);
        self.depth -= 1;
        Ok(inner)
    }

    fn term(&mut self, within: Restriction) -> Result<Expression<Term>, Unsearchable> {
        let Some(Token::Text(text)) = self.tokens.next() else { return Ok(Expression::Always(true)) };
        self.terms += 1;
        let Some((property, operator)) = within else { return Ok(leaf(&text, Term::Seen)) };
        let one = match property {
            Property::Field(field) => leaf(&text, |text| Term::Field(field, text)),
            Property::Participants => {
                let fields = [Field::From, Field::To, Field::Cc, Field::Bcc];
                let each = fields.map(|field| leaf(&text, |text| Term::Field(field, text)));
                Expression::Any(each.into())
            }
            Property::Body => leaf(&text, Term::Shown),
            Property::Attachment => leaf(&text, Term::Attachment),
            Property::HasAttachments => {
                let has = Expression::Leaf(Term::HasAttachments);
                let is_no = ["false", "no", "0"].iter().any(|no| text.eq_ignore_ascii_case(no));
                if is_no { Expression::Not(Box::new(has)) } else { has }
            }
            Property::Received => Expression::Leaf(Term::Received(self.span(&text, operator)?)),
            Property::Sent => {
                let span = self.span(&text, operator)?;
                let last = span.end.0.saturating_sub(1).div_euclid(DAY_MS);
                Expression::Leaf(Term::Sent(span.start.0.div_euclid(DAY_MS), last))
            }
        };
        Ok(if operator == Operator::IsNot { Expression::Not(Box::new(one)) } else { one })
    }

    /// The time that a date and an operator mean.
    fn span(&self, text: &str, operator: Operator) -> Result<std::ops::Range<Timestamp>, Unsearchable> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let begin = self.day(first)?.0;
        let end = self.day(last)?.1;
        let (begin, end) = match operator {
            Operator::Is | Operator::IsNot => (begin, end),
            Operator::AtLeast => (begin, i64::MAX),
            Operator::Above => (end, i64::MAX),
            Operator::AtMost => (i64::MIN, end),
            Operator::Below => (i64::MIN, begin),
        };
        Ok(Timestamp(begin)..Timestamp(end))
    }

    /// Begin and end of a day, a month, a year, or a moment with a millisecond.
    fn day(&self, text: &str) -> Result<(i64, i64), Unsearchable> {
        let today = self.now.0.div_euclid(DAY_MS) * DAY_MS;
        match text.to_ascii_lowercase().as_str() {
            "today" => return Ok((today, today + DAY_MS)),
            "yesterday" => return Ok((today - DAY_MS, today)),
            _ => {}
        }
        if let Some(moment) = date::parse(text) {
            return Ok((moment.0, moment.0.saturating_add(1)));
        }
        calendar_span(text).ok_or(Unsearchable::Date)
    }
}

/// `2026-03-04`, `3/4/2026`, `2026-03` or `2026`.
fn calendar_span(text: &str) -> Option<(i64, i64)> {
    let is_plain = text.len() <= 10 && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'/'));
    if !is_plain {
        return None;
    }
    let midnight = |day: NaiveDate| Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis());
    let numbers: Vec<u32> = text.split(['-', '/']).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let year = |year: u32| i32::try_from(year).ok();
    let (first, next) = match (numbers.as_slice(), text.contains('/')) {
        ([y, m, d], false) => {
            let day = NaiveDate::from_ymd_opt(year(*y)?, *m, *d)?;
            (day, day.succ_opt()?)
        }
        ([m, d, y], true) => {
            let day = NaiveDate::from_ymd_opt(year(*y)?, *m, *d)?;
            (day, day.succ_opt()?)
        }
        ([y, m], false) => {
            let first = NaiveDate::from_ymd_opt(year(*y)?, *m, 1)?;
            (first, first.checked_add_months(chrono::Months::new(1))?)
        }
        ([y], _) if text.len() == 4 => {
            (NaiveDate::from_ymd_opt(year(*y)?, 1, 1)?, NaiveDate::from_ymd_opt(year(*y)? + 1, 1, 1)?)
        }
        _ => return None,
    };
    Some((midnight(first)?, midnight(next)?))
}

fn has_text(property: Property) -> bool {
    match property {
        Property::Field(_) | Property::Participants | Property::Body | Property::Attachment => true,
        Property::HasAttachments | Property::Received | Property::Sent => false,
    }
}

/// A final asterisk says nothing more; nothing but asterisks is in everything.
fn leaf(text: &str, make: impl FnOnce(String) -> Term) -> Expression<Term> {
    match text.trim_end_matches('*') {
        "" => Expression::Always(true),
        text => Expression::Leaf(make(text.to_owned())),
    }
}

/// One alone needs no joining; nothing at all is in everything.
fn joined(
    mut all: Vec<Expression<Term>>,
    join: fn(Vec<Expression<Term>>) -> Expression<Term>,
) -> Expression<Term> {
    match (all.len(), all.pop()) {
        (1, Some(one)) => one,
        (_, Some(last)) => {
            all.push(last);
            join(all)
        }
        (_, None) => Expression::Always(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2 March 2026, 10:00 UTC.
    const NOW: Timestamp = Timestamp(1_772_445_600_000);
    const MARCH_2: i64 = 1_772_409_600_000;

    /// As it would be written with every bracket.
    fn shown(test: &Expression<Term>) -> String {
        let list = |tests: &[Expression<Term>], sign: &str| {
            format!("({})", tests.iter().map(shown).collect::<Vec<_>>().join(sign))
        };
        match test {
            Expression::Always(verdict) => verdict.to_string(),
            Expression::All(tests) => list(tests, "&"),
            Expression::Any(tests) => list(tests, "|"),
            Expression::Not(test) => format!("!{}", shown(test)),
            Expression::Leaf(Term::Seen(text)) => text.clone(),
            Expression::Leaf(Term::Field(field, text)) => format!("{field:?}:{text}"),
            Expression::Leaf(Term::Shown(text)) => format!("Body:{text}"),
            Expression::Leaf(Term::Attachment(text)) => format!("File:{text}"),
            Expression::Leaf(Term::HasAttachments) => "Files".to_owned(),
            Expression::Leaf(Term::Received(span)) => {
                let day = |moment: Timestamp| match moment.0 {
                    i64::MIN | i64::MAX => String::new(),
                    ms => ((ms - MARCH_2) / DAY_MS).to_string(),
                };
                format!("[{}..{}]", day(span.start), day(span.end))
            }
            Expression::Leaf(Term::Sent(first, last)) => format!("sent {first}..{last}"),
        }
    }

    // MS-ASCMD R6659100910 R6659100912 R6659100913
    #[test]
    fn queries_mean_what_their_language_says() {
        for (text, expected) in [
            ("word", "word"),
            ("two words", "(two&words)"),
            ("\"a  phrase\" more", "(a phrase&more)"),
            ("a AND b OR c", "((a&b)|c)"),
            ("a OR b c", "(a|(b&c))"),
            ("(a OR b) c", "((a|b)&c)"),
            ("NOT a -b", "(!a&!b)"),
            ("NOT NOT a", "a"),
            ("and or not", "(and&or&not)"),
            ("From:anna", "From:anna"),
            ("from: anna", "From:anna"),
            ("from:\"Anna Blum\"", "From:Anna Blum"),
            ("from:anna from:ben", "(From:anna|From:ben)"),
            ("from:anna AND from:ben", "(From:anna&From:ben)"),
            ("from:anna to:ben", "(From:anna&To:ben)"),
            ("subject:(red OR blue)", "(Subject:red|Subject:blue)"),
            ("participants:x", "(From:x|To:x|Cc:x|Bcc:x)"),
            ("body:x attachment:y.pdf", "(Body:x&File:y.pdf)"),
            ("hasattachment:true", "Files"),
            ("hasattachment:FALSE", "!Files"),
            ("received>=2026-03-01", "[-1..]"),
            ("received>2026-03-01", "[0..]"),
            ("received<=3/1/2026", "[..0]"),
            ("received<2026-03-01", "[..-1]"),
            ("received:today", "[0..1]"),
            ("received:yesterday", "[-1..0]"),
            ("received:2026-03-01..2026-03-03", "[-1..2]"),
            ("received:2026-03", "[-1..30]"),
            ("received>=2026-03-01 received<2026-03-03", "([-1..]&[..1])"),
            ("received<>2026-03-02", "![0..1]"),
            ("sent=2026-03-02", "sent 20514..20514"),
            ("subject<>red", "!Subject:red"),
            ("invoice*", "invoice"),
            ("re: offer", "(re:&offer)"),
            ("http://x.test/a", "http://x.test/a"),
            ("x-y", "x-y"),
            ("(a", "a"),
            ("a) b", "(a&b)"),
            ("from: a OR", "From:a"),
            ("a subject:", "(a&true)"),
        ] {
            assert_eq!(parse(text, NOW).as_ref().map(shown), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_searched_for_is_refused() {
        for (text, error) in [
            ("", Unsearchable::Empty),
            ("()", Unsearchable::Empty),
            ("AND", Unsearchable::Empty),
            ("from:", Unsearchable::Empty),
            ("received:soon", Unsearchable::Date),
            ("received:2026-02-30", Unsearchable::Date),
        ] {
            assert_eq!(parse(text, NOW), Err(error), "{text}");
        }
        assert!(parse(&format!("{}a", "(".repeat(DEPTH_MAX)), NOW).is_ok());
        assert_eq!(parse(&format!("{}a", "(".repeat(DEPTH_MAX + 1)), NOW), Err(Unsearchable::TooComplex));
        assert!(parse(&"a ".repeat(TERMS_MAX), NOW).is_ok());
        assert_eq!(parse(&"a ".repeat(TERMS_MAX + 1), NOW), Err(Unsearchable::TooComplex));
        assert_eq!(parse(&"a".repeat(TEXT_BYTES_MAX + 1), NOW), Err(Unsearchable::TooComplex));
    }

    proptest! {
        #[test]
        fn any_text_is_a_query_or_an_error(text in "[a-z:<>=()\"* .\u{e4}0-9/-]{0,40}|(AND|OR|NOT|from:|\\(|\\)|\"| |x){0,20}") {
            let _ = parse(&text, NOW);
        }

        #[test]
        fn words_without_signs_are_all_asked_for(words in prop::collection::vec("[a-z]{1,6}", 1..10)) {
            let expected = joined(
                words.iter().map(|word| Expression::Leaf(Term::Seen(word.clone()))).collect(),
                Expression::All,
            );
            prop_assert_eq!(parse(&words.join(" "), NOW), Ok(expected));
        }
    }
}
