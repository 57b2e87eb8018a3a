//! The ledger of ActiveSync: each requirement that speaks of the server is shown by a test, or listed as not
//! shown with a reason.
//!
//! A test cites a requirement in lines of comment right above it, or in it, that hold nothing else,
//! `MS-ASCMD R4569 R4570`, or in a table that it reads: a `.tsv` with a line `# shown by FILE TEST` and ids like `MS-ASCMD_R4569`.
//! A citation within a sentence explains and proves nothing; it does not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::source::{Source, read, root, rust_sources, sources};

const REQUIREMENTS: &str = "tests/activesync/requirements.tsv";
const OTHERS: &str = "tests/activesync/other_requirements.tsv";
const NOT_COVERED: &str = "tests/activesync/not_covered.tsv";
/// Where a failing test leaves the list as it should be: an ignored folder.
const PROPOSAL: &str = ".test-tools/not_covered.tsv";
const SHOWN_BY: &str = "# shown by ";
/// Where a test leaves the counts, for `tests/run` to print.
const COUNTS: &str = ".test-tools/ledger.txt";
/// Why a requirement is not shown; the head of the list explains them.
const REASONS: &[&str] =
    &["client", "versions", "rights", "documents", "informative", "absent", "whole", "exchange", "later"];
/// What is known of all requirements of a section, and of those below it, that no test shows: document, sections, reason.
const SECTIONS: &[(&str, &[&str], &str)] = &[
    ("MS-ASRM", &["2", "3", "4", "5", "6", "7"], "rights"),
    ("MS-ASDOC", &["2", "3", "4", "5", "6", "7"], "documents"),
    // Password and Version of what lies in a document library.
    ("MS-ASCMD", &["2.2.3.132.1", "2.2.3.197"], "documents"),
    // Code pages are given to namespaces.
    ("MS-ASWBXML", &["1"], "informative"),
    // Parts of a place that no calendar here holds.
    (
        "MS-ASAIRS",
        &[
            "2.2.2.1", "2.2.2.4", "2.2.2.5", "2.2.2.6", "2.2.2.13", "2.2.2.19", "2.2.2.29", "2.2.2.34",
            "2.2.2.36", "2.2.2.38",
        ],
        "absent",
    ),
    // Order of tasks, voice mail.
    ("MS-ASEMAIL", &["2.2.2.56", "2.2.2.76", "2.2.2.81", "2.2.2.82", "2.2.2.83", "2.2.2.84"], "absent"),
    // Online meetings.
    ("MS-ASCAL", &["2.2.2.32", "2.2.2.33"], "absent"),
    // The directory has names and addresses only: Company, HomePhone, MobilePhone, Office, Phone, Title; and
    // certificates that are cut short.
    (
        "MS-ASCMD",
        &["2.2.3.33", "2.2.3.89", "2.2.3.112", "2.2.3.114", "2.2.3.121", "2.2.3.133", "2.2.3.182"],
        "absent",
    ),
    // Each answer is of such a kind: transport, data models.
    ("MS-ASCMD", &["2.1"], "whole"),
    ("MS-ASAIRS", &["2.1"], "whole"),
    ("MS-ASCAL", &["2.1", "3.2.1"], "whole"),
    ("MS-ASCNTC", &["2.1", "3.1.1", "3.2.1"], "whole"),
    ("MS-ASCON", &["2.1", "3.2.1"], "whole"),
    ("MS-ASEMAIL", &["2.1", "3.2.1"], "whole"),
    ("MS-ASNOTE", &["2.1", "3.2.1"], "whole"),
    ("MS-ASPROV", &["2.1"], "whole"),
    ("MS-ASTASK", &["2.1", "3.2.1"], "whole"),
    // The appendix on the behaviour of products.
    ("MS-ASAIRS", &["7"], "exchange"),
    ("MS-ASCAL", &["7"], "exchange"),
    ("MS-ASCMD", &["7"], "exchange"),
    ("MS-ASCNTC", &["7"], "exchange"),
    ("MS-ASEMAIL", &["7"], "exchange"),
    ("MS-ASHTTP", &["6"], "exchange"),
    ("MS-ASTASK", &["7"], "exchange"),
];

/// `MS-ASCMD_R4569`, and where it is cited.
type Cited = BTreeMap<String, BTreeSet<String>>;

fn rows(path: &str) -> Vec<(usize, Vec<String>)> {
    let text = read(path);
    let is_row = |line: &&str| !line.starts_with('#') && !line.is_empty();
    let numbered = text.lines().enumerate().filter(|(_, line)| is_row(line));
    numbered
        .map(|(index, line)| (index + 1, line.split('\t').map(str::to_owned).collect::<Vec<_>>()))
        .collect()
}

/// Each id with its section.
fn requirements() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (number, columns) in rows(REQUIREMENTS) {
        let [id, section] = &columns[..] else { panic!("{REQUIREMENTS}:{number}: id and section") };
        let twice = all.insert(id.clone(), section.clone());
        assert!(twice.is_none(), "{REQUIREMENTS}:{number}: {id} stands twice");
    }
    all
}

/// Each id with section and reason.
fn not_covered() -> BTreeMap<String, (String, String)> {
    let mut all = BTreeMap::new();
    for (number, columns) in rows(NOT_COVERED) {
        let [id, section, reason] = &columns[..] else {
            panic!("{NOT_COVERED}:{number}: id, section and reason")
        };
        assert!(
            REASONS.contains(&reason.as_str()),
            "{NOT_COVERED}:{number}: {reason} is none of {REASONS:?}"
        );
        let twice = all.insert(id.clone(), (section.clone(), reason.clone()));
        assert!(twice.is_none(), "{NOT_COVERED}:{number}: {id} stands twice");
    }
    all
}

/// The numbers of the requirements outside the ledger, by document; they may be cited, and do not count.
fn others() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (number, columns) in rows(OTHERS) {
        let [document, numbers] = &columns[..] else { panic!("{OTHERS}:{number}: document and numbers") };
        for part in numbers.split(' ') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last): (u64, u64) = (first.parse().unwrap(), last.parse().unwrap());
            all.extend((first..=last).map(|id| format!("{document}_R{id}")));
        }
    }
    all
}

/// The ids of a line of comment that holds nothing else. `document` is that of the line above, if it goes on.
fn ids_of(line: &str, document: &mut Option<String>) -> Option<Vec<String>> {
    let text = line.trim().strip_prefix("//")?.trim_start_matches('/').trim();
    let mut ids = Vec::new();
    for word in text.split([' ', ',', ';']).filter(|word| !word.is_empty()) {
        let is_document = word
            .strip_prefix("MS-AS")
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_uppercase()));
        let is_number = word
            .strip_prefix('R')
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()));
        match document {
            _ if is_document => *document = Some(word.to_owned()),
            Some(document) if is_number => ids.push(format!("{document}_{word}")),
            _ => return None,
        }
    }
    (!ids.is_empty()).then_some(ids)
}

fn is_function(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("fn ") || line.starts_with("async fn ")
}

/// Comments, attributes and empty lines.
fn stands_above(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("//") || line.starts_with("#[") || line.ends_with(")]") || line.is_empty()
}

/// Whether the function in a line is a test.
fn is_test(lines: &[&str], function: usize) -> bool {
    let marks = lines[..function].iter().rev().take_while(|line| stands_above(line));
    marks.map(|mark| mark.trim()).any(|mark| {
        mark.starts_with("#[test]") || mark.starts_with("#[tokio::test") || mark.contains("::test]")
    })
}

/// The function above which a line stands, or else the one in which it stands.
fn function_of(lines: &[&str], index: usize) -> Option<usize> {
    let below = (index..lines.len()).find(|at| !stands_above(lines[*at]));
    if below.is_some_and(|at| is_function(lines[at])) {
        return below;
    }
    let indent = |line: &str| line.len() - line.trim_start().len();
    (0..index).rev().find(|at| is_function(lines[*at]) && indent(lines[*at]) < indent(lines[index]))
}

/// Citations of one file; each that belongs to no test is an error.
fn cited_in(source: &Source, cited: &mut Cited, errors: &mut Vec<String>) {
    let lines: Vec<&str> = source.text.lines().collect();
    let mut document = None;
    for (index, line) in lines.iter().enumerate() {
        let Some(ids) = ids_of(line, &mut document) else {
            document = None;
            continue;
        };
        let place = format!("{}:{}", source.path, index + 1);
        if function_of(&lines, index).is_some_and(|function| is_test(&lines, function)) {
            for id in ids {
                cited.entry(id).or_default().insert(place.clone());
            }
        } else {
            errors.push(format!("{place}: cites {} in no test", ids.join(" ")));
        }
    }
}

/// Citations of one table, which a test must read.
fn cited_in_table(table: &Source, cited: &mut Cited, errors: &mut Vec<String>) {
    let Some(by) = table.text.lines().find_map(|line| line.strip_prefix(SHOWN_BY)) else { return };
    let name = table.path.rsplit('/').next().unwrap_or_default();
    let (file, test) = by.split_once(' ').unwrap_or((by, ""));
    let code = read(file);
    if !code.contains(&format!("fn {test}(")) || !code.contains(name) {
        errors.push(format!("{}: {file} has no test {test} that reads {name}", table.path));
        return;
    }
    for (index, line) in table.text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        for word in line.split(['\t', ' ']).filter(|word| word.starts_with("MS-AS") && word.contains("_R")) {
            cited.entry(word.to_owned()).or_default().insert(format!("{}:{}", table.path, index + 1));
        }
    }
}

fn citations(errors: &mut Vec<String>) -> Cited {
    let mut cited = Cited::new();
    for source in rust_sources().iter().filter(|source| !source.path.starts_with("tests/tidy/")) {
        // Empty lines for what ships, so that numbers of lines are those of the file.
        let before = "\n".repeat(source.product().matches('\n').count());
        let tests = Source { path: source.path.clone(), text: before + source.tests() };
        cited_in(&tests, &mut cited, errors);
    }
    for table in sources(&["protocol", "server", "tests"], &["tsv"]) {
        cited_in_table(&table, &mut cited, errors);
    }
    cited
}

/// What is known of the section of a requirement.
fn known_reason(id: &str, section: &str) -> Option<&'static str> {
    let (document, _) = id.split_once("_R")?;
    let is_below = |above: &&str| {
        section.strip_prefix(*above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let known = SECTIONS.iter().find(|(of, above, _)| *of == document && above.iter().any(is_below));
    known.map(|(_, _, reason)| *reason)
}

/// The list with what is cited taken out and what is missing put in, with the reason of its section or as `later`;
/// its head stays.
fn proposal(
    requirements: &BTreeMap<String, String>,
    listed: &BTreeMap<String, (String, String)>,
    cited: &Cited,
) -> String {
    let text = read(NOT_COVERED);
    let mut out: String =
        text.lines().take_while(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    for (id, section) in requirements.iter().filter(|(id, _)| !cited.contains_key(*id)) {
        let given = listed.get(id).map(|(_, reason)| reason.as_str()).filter(|reason| *reason != "later");
        let reason = given.or_else(|| known_reason(id, section)).unwrap_or("later");
        writeln!(out, "{id}\t{section}\t{reason}").unwrap();
    }
    out
}

#[test]
fn every_requirement_is_shown_by_a_test_or_listed_with_a_reason() {
    let (requirements, listed, others) = (requirements(), not_covered(), others());
    let mut errors = Vec::new();
    let cited = citations(&mut errors);
    for (id, places) in &cited {
        let is_known = requirements.contains_key(id) || others.contains(id);
        if !is_known {
            errors.push(format!("{id} is no requirement: {places:?}"));
        }
        if listed.contains_key(id) {
            errors.push(format!("{id} is cited ({places:?}) and listed in {NOT_COVERED}"));
        }
    }
    for (id, section) in &requirements {
        if !cited.contains_key(id) && !listed.contains_key(id) {
            errors.push(format!("{id} ({section}) is neither cited nor listed in {NOT_COVERED}"));
        }
    }
    for (id, (section, reason)) in &listed {
        if let Some(known) = known_reason(id, section).filter(|_| reason == "later") {
            errors.push(format!("{NOT_COVERED}: {id} is listed as later, and its section as {known}"));
        }
        if requirements.get(id) != Some(section) {
            errors.push(format!("{NOT_COVERED}: {id} {section} is not in {REQUIREMENTS}"));
        }
    }
    let in_ledger = cited.keys().filter(|id| requirements.contains_key(*id)).count();
    let all = requirements.len();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, reason) in listed.values() {
        *reasons.entry(reason).or_default() += 1;
    }
    let reasons: Vec<String> = reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    let counts = format!(
        "ActiveSync: {in_ledger} of {all} requirements are cited by tests ({} %), {} are listed as not shown ({}); {} more ids are cited\n",
        100 * in_ledger / all,
        listed.len(),
        reasons.join(", "),
        cited.len() - in_ledger
    );
    print!("{counts}");
    let path = |name: &str| root().join(name);
    std::fs::create_dir_all(path(PROPOSAL).parent().unwrap()).unwrap();
    std::fs::write(path(PROPOSAL), proposal(&requirements, &listed, &cited)).unwrap();
    std::fs::write(path(COUNTS), counts).unwrap();
    assert!(
        errors.is_empty(),
        "if only the list is behind: cp {PROPOSAL} {NOT_COVERED}\n{}",
        errors.join("\n")
    );
}

#[test]
fn a_section_gives_its_reason_to_those_below_it_and_to_no_other() {
    for (id, section, reason) in [
        ("MS-ASCMD_R1", "2.2.3.33", Some("absent")),
        ("MS-ASCMD_R1", "2.2.3.33.2", Some("absent")),
        ("MS-ASCMD_R1", "2.2.3.331", None),
        ("MS-ASCMD_R1", "2.2.3", None),
        ("MS-ASCAL_R1", "2.2.3.33", None),
    ] {
        assert_eq!(known_reason(id, section), reason, "{id} {section}");
    }
}

#[test]
fn citations_are_lines_of_ids_and_nothing_else() {
    let ids = |line: &str| ids_of(line, &mut None);
    assert_eq!(
        ids("    // MS-ASCMD R4569, R4570; MS-ASCAL R1").unwrap(),
        ["MS-ASCMD_R4569", "MS-ASCMD_R4570", "MS-ASCAL_R1"]
    );
    for prose in
        ["// MS-ASCMD R4569: says why", "// see MS-ASCMD R4569", "// MS-ASCMD", "// R12", "MS-ASCMD R1"]
    {
        assert_eq!(ids(prose), None, "{prose}");
    }
    assert_eq!(ids_of("// R12 R13", &mut Some("MS-ASCMD".to_owned())).unwrap().len(), 2);
}

#[test]
fn a_citation_in_no_test_is_an_error() {
    let source = |text: &str| Source { path: "a/tests/b.rs".to_owned(), text: text.to_owned() };
    let mut errors = Vec::new();
    let mut cited = Cited::new();
    let text = "// MS-ASCMD R1 R2\n// R3\n#[test]\nfn shows() {\n    // MS-ASCMD R6\n}\n\n// MS-ASCMD R4\n\
                fn helps() {\n    // MS-ASCMD R7\n}\n#[tokio::test(flavor = \"x\")]\n// MS-ASCMD R5\nasync fn waits() {}\n";
    cited_in(&source(text), &mut cited, &mut errors);
    let ids = ["MS-ASCMD_R1", "MS-ASCMD_R2", "MS-ASCMD_R3", "MS-ASCMD_R5", "MS-ASCMD_R6"];
    assert_eq!(cited.keys().collect::<Vec<_>>(), ids);
    assert_eq!(
        errors,
        ["a/tests/b.rs:8: cites MS-ASCMD_R4 in no test", "a/tests/b.rs:10: cites MS-ASCMD_R7 in no test"]
    );
}
