//! `protocol/SPECIFICATIONS.tsv` and the citations in the code tell the same story.
//!
//! A citation is a document (`RFC 9051`, `MS-ASCMD`), with or without `section` and a number after it.
//! One without a section, or with a requirement number (`R4569`), needs the row `*` of its document.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{read, root, rust_sources};

const TABLE: &str = "protocol/SPECIFICATIONS.tsv";
/// Where a failing test leaves the rows to add: an ignored folder.
const PROPOSAL: &str = ".test-tools/missing_specifications.tsv";
const STATUSES: &[&str] = &["yes", "partial", "no", "unread"];
const WHOLE: &str = "*";

type Citation = (String, String);

#[derive(Debug)]
struct Row {
    status: String,
    files: Vec<String>,
}

/// The text of comments and code with line breaks and comment marks gone, so that a citation may wrap.
fn unwrapped(text: &str) -> String {
    let bare = |line: &str| line.trim().trim_start_matches(['/', '!']).trim().to_owned();
    text.lines().map(bare).collect::<Vec<_>>().join(" ")
}

/// The document that a text begins with, and what follows it.
fn document(text: &str) -> Option<(String, &str)> {
    let end = |rest: &str, ok: fn(char) -> bool| rest.find(|c: char| !ok(c)).unwrap_or(rest.len());
    if let Some(rest) = text.strip_prefix("RFC ") {
        let digits = end(rest, |c| c.is_ascii_digit());
        return (digits >= 3).then(|| (format!("RFC {}", &rest[..digits]), &rest[digits..]));
    }
    let rest = text.strip_prefix("MS-")?;
    let letters = end(rest, |c| c.is_ascii_uppercase() || c.is_ascii_digit());
    // `MS-ASAcceptMultiPart` is a header, not a document.
    let ends = !rest[letters..].starts_with(|c: char| c.is_ascii_alphanumeric());
    (letters >= 2 && ends).then(|| (format!("MS-{}", &rest[..letters]), &rest[letters..]))
}

/// `2.2.1`, `A` or `B.2` at the beginning of a text.
fn section_number(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(text.len());
    let number = text[..end].trim_end_matches('.');
    let first = number.split('.').next().unwrap_or_default();
    let plausible = !first.is_empty()
        && (first.chars().all(|c| c.is_ascii_digit())
            || (first.len() == 1 && first.chars().all(char::is_uppercase)));
    plausible.then(|| (number, &text[number.len()..]))
}

/// The sections named right after a document: `section 3.1`, `sections 3.1, 3.2 and 4`, `§3`, `appendix B`.
fn sections(text: &str) -> Vec<String> {
    let mut rest = text.trim_start();
    let Some(word) = ["sections", "section", "Sections", "Section", "appendix", "Appendix", "§§", "§"]
        .iter()
        .find(|word| rest.starts_with(**word))
    else {
        return Vec::new();
    };
    rest = rest[word.len()..].trim_start();
    let mut found = Vec::new();
    while let Some((number, after)) = section_number(rest) {
        found.push(number.to_owned());
        let after = after.trim_start();
        // A lone letter after `and` begins a sentence, not a section.
        let Some(next) = [", and ", ", ", "and ", "to "].iter().find_map(|join| after.strip_prefix(join))
        else {
            break;
        };
        if !next.starts_with(|c: char| c.is_ascii_digit()) {
            break;
        }
        rest = next;
    }
    found
}

fn citations(text: &str) -> BTreeSet<Citation> {
    let text = unwrapped(text);
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("RFC ").chain(text.match_indices("MS-")) {
        // `X-MS-ANNIVERSARY` is a property.
        if text[..at].ends_with('-') {
            continue;
        }
        let Some((document, rest)) = document(&text[at..]) else { continue };
        let sections = sections(rest);
        if sections.is_empty() {
            found.insert((document, WHOLE.to_owned()));
        } else {
            found.extend(sections.into_iter().map(|section| (document.clone(), section)));
        }
    }
    found
}

fn rows() -> BTreeMap<Citation, Row> {
    let text = read(TABLE);
    let mut rows = BTreeMap::new();
    for (index, line) in
        text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty())
    {
        let place = format!("{TABLE}:{}", index + 1);
        let columns: Vec<&str> = line.split('\t').collect();
        let [document, section, status, files] = columns[..] else {
            panic!("{place}: four columns separated by tabs, not {}", columns.len());
        };
        assert!(STATUSES.contains(&status), "{place}: status {status} is none of {STATUSES:?}");
        let files = files.split_whitespace().map(str::to_owned).collect();
        let row = Row { status: status.to_owned(), files };
        let twice = rows.insert((document.to_owned(), section.to_owned()), row);
        assert!(twice.is_none(), "{place}: {document} {section} has two rows");
    }
    rows
}

/// For each citation the crates that make it, in what ships and in what tests.
#[derive(Default)]
struct Cited {
    product: BTreeSet<String>,
    tests: BTreeSet<String>,
}

/// `protocol/imap/src/x.rs` belongs to `protocol/imap`, `storage/src/x.rs` to `storage`.
fn crate_of(path: &str) -> String {
    path.split_once("/src/")
        .or_else(|| path.split_once("/tests/"))
        .map_or(path, |(folder, _)| folder)
        .to_owned()
}

fn cited() -> BTreeMap<Citation, Cited> {
    let mut all: BTreeMap<Citation, Cited> = BTreeMap::new();
    for source in rust_sources().iter().filter(|source| !source.path.starts_with("tests/tidy/")) {
        for citation in citations(source.product()) {
            all.entry(citation).or_default().product.insert(crate_of(&source.path));
        }
        for citation in citations(source.tests()) {
            all.entry(citation).or_default().tests.insert(crate_of(&source.path));
        }
    }
    all
}

#[test]
fn every_citation_has_a_row() {
    let rows = rows();
    let missing: String = cited()
        .iter()
        .filter(|(citation, _)| !rows.contains_key(citation))
        .map(|((document, section), cited)| {
            let folders: BTreeSet<_> = cited.product.union(&cited.tests).map(String::as_str).collect();
            format!("{document}\t{section}\tpartial\t{}\n", folders.into_iter().collect::<Vec<_>>().join(" "))
        })
        .collect();
    let proposal = root().join(PROPOSAL);
    std::fs::create_dir_all(proposal.parent().unwrap()).unwrap();
    std::fs::write(&proposal, &missing).unwrap();
    assert!(
        missing.is_empty(),
        "check each number against the text, then: cat {PROPOSAL} >> {TABLE}\n{}",
        missing.replace('\t', "  ")
    );
}

#[test]
fn every_row_that_says_yes_is_cited_in_code_and_in_a_test() {
    let cited = cited();
    let empty = Cited::default();
    let wrong: Vec<String> = rows()
        .iter()
        .filter(|(_, row)| row.status == "yes")
        .filter_map(|(citation, _)| {
            let places = cited.get(citation).unwrap_or(&empty);
            match (places.product.is_empty(), places.tests.is_empty()) {
                (true, _) => Some(format!("{} {}: no code cites it", citation.0, citation.1)),
                (false, true) => Some(format!("{} {}: no test cites it", citation.0, citation.1)),
                (false, false) => None,
            }
        })
        .collect();
    assert!(wrong.is_empty(), "these rows say yes:\n{}", wrong.join("\n"));
}

#[test]
fn every_row_names_files_that_exist_and_none_is_forgotten() {
    let cited = cited();
    let mut wrong = Vec::new();
    for (citation, row) in rows() {
        let missing = row.files.iter().filter(|file| !root().join(file).exists());
        wrong.extend(missing.map(|file| format!("{citation:?} names {file}, which does not exist")));
        let built = row.status == "yes" || row.status == "partial";
        if built && !cited.contains_key(&citation) {
            wrong.push(format!("nothing cites {citation:?} any more: remove its row"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn citations_are_found_in_all_their_forms() {
    let text = "\
        //! RFC 9051 section 7.5.1, and RFC 4314.\n\
        /// Wraps: RFC 3501\n/// section 6.3.11. See MS-ASCMD sections 2.2.1.21 and 2.2.3, or MS-ASHTTP §2.2.\n\
        // MS-ASCMD R4569; RFC 5321 Section 4.5.3.1. A sentence. RFC 9051 appendix B. RFCs, MS-DOS-like words, X-MS-OL, MS-ASAcceptMultiPart\n";
    let expected = [
        ("MS-ASCMD", "*"),
        ("MS-ASCMD", "2.2.1.21"),
        ("MS-ASCMD", "2.2.3"),
        ("MS-ASHTTP", "2.2"),
        ("MS-DOS", "*"),
        ("RFC 3501", "6.3.11"),
        ("RFC 4314", "*"),
        ("RFC 5321", "4.5.3.1"),
        ("RFC 9051", "7.5.1"),
        ("RFC 9051", "B"),
    ];
    let expected: BTreeSet<Citation> =
        expected.iter().map(|(d, s)| ((*d).to_owned(), (*s).to_owned())).collect();
    assert_eq!(citations(text), expected);
}
