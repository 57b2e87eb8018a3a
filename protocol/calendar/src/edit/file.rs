//! Files of objects, wherever their bytes are: kept by the server (RFC 8607), or in the object itself (RFC 5545 section
//! 3.8.1.1). Links to elsewhere are none.

use std::collections::BTreeSet;

use content_line::{Document, Line};
use vocabulary::Timestamp;

use super::attachment::{managed_id_of, with_occurrences};
use super::{EditError, Instance, patched};
use crate::component::Component;
use crate::{Invalid, read};

/// Most files that are told of one object.
const FILES_MAX: usize = 100;

/// A file that a component has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachedFile {
    /// Whether the component stands for the whole, and not for an occurrence that differs.
    pub is_of_whole: bool,
    /// By what it is known: the MANAGED-ID, or the Base64 text of its bytes.
    pub key: String,
    /// Its bytes are not in the object.
    pub is_managed: bool,
    /// FMTTYPE; empty if it is not said.
    pub media_type: String,
    /// FILENAME, or what others write; empty if it is not said.
    pub name: String,
    /// About how many bytes it has.
    pub size_bytes: u64,
}

/// The files of an object, those of the same key once, the whole's first.
///
/// # Errors
/// If the bytes are no calendar object.
pub fn files(bytes: &[u8]) -> Result<Vec<AttachedFile>, Invalid> {
    let document = Document::parse(bytes)?;
    let object = read::object(&document)?;
    let mut files: Vec<AttachedFile> = Vec::new();
    let is_of_whole = |component: &&Component| component.recurrence.is_none();
    let whole = object.components.iter().filter(is_of_whole);
    for component in whole.chain(object.components.iter().filter(|one| !is_of_whole(one))) {
        for (_, line) in document.properties(component.lines, "ATTACH") {
            let Some(file) = file(line, component.recurrence.is_none()) else { continue };
            if files.len() < FILES_MAX && files.iter().all(|known| known.key != file.key) {
                files.push(file);
            }
        }
    }
    Ok(files)
}

/// Takes files from all components, or from some instances of a series. Those that are not there are left alone.
///
/// # Errors
/// If the bytes are no calendar object, or one of the instances does not exist.
pub fn remove_files(
    bytes: &[u8],
    instances: Option<&[Instance]>,
    keys: &BTreeSet<&str>,
    at: Timestamp,
) -> Result<Vec<u8>, EditError> {
    let bytes = with_occurrences(bytes, instances)?;
    patched(&bytes, |patch| {
        for component in patch.meant(instances)? {
            let lines = patch.document.properties(component.lines, "ATTACH");
            let is_gone = |line: &Line<'_>| key(line).is_some_and(|(key, _)| keys.contains(key.as_str()));
            let gone: Vec<usize> = lines.filter(|(_, line)| is_gone(line)).map(|(place, _)| place).collect();
            if !gone.is_empty() {
                gone.into_iter().for_each(|line| patch.edit.remove(line));
                patch.stamp(component, at);
            }
        }
        Ok(())
    })
}

/// The key of a line, and whether the server keeps the bytes.
fn key(line: &Line<'_>) -> Option<(String, bool)> {
    if let Some(id) = managed_id_of(line).filter(|id| !id.is_empty()) {
        return Some((id.into_owned(), true));
    }
    let is = |name: &str, value: &str| {
        line.parameter_value(name).is_some_and(|known| known.eq_ignore_ascii_case(value))
    };
    let is_inline = is("ENCODING", "BASE64") || is("VALUE", "BINARY");
    is_inline.then(|| (line.value().trim().to_owned(), false)).filter(|(text, _)| !text.is_empty())
}

fn file(line: &Line<'_>, is_of_whole: bool) -> Option<AttachedFile> {
    let (key, is_managed) = key(line)?;
    let said = |names: &[&str]| {
        let value = names.iter().find_map(|name| line.parameter_value(name));
        value.unwrap_or_default().chars().filter(|c| !c.is_control()).collect::<String>()
    };
    let size = said(&["SIZE"]).parse().ok();
    let decoded = u64::try_from(key.trim_end_matches('=').len()).unwrap_or(u64::MAX) / 4 * 3;
    Some(AttachedFile {
        is_of_whole,
        is_managed,
        media_type: said(&["FMTTYPE"]),
        name: said(&["FILENAME", "X-FILENAME", "X-LABEL", "X-APPLE-FILENAME"]),
        size_bytes: if is_managed { size.unwrap_or(0) } else { decoded },
        key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(lines: &str) -> Vec<u8> {
        format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T000000Z\r\n\
             {lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        .into_bytes()
    }

    // RFC 5545 section 3.8.1.1, RFC 8607 section 4.
    #[test]
    fn files_are_found_wherever_their_bytes_are_and_taken_out_alone() {
        let bytes = event(
            "ATTACH;MANAGED-ID=m;FILENAME=a.pdf;FMTTYPE=application/pdf;SIZE=7:https://x.test/a\r\n\
             ATTACH;VALUE=BINARY;ENCODING=BASE64;FILENAME=b.txt:AAEC\r\n\
             ATTACH:https://elsewhere.test/c\r\n",
        );
        let found = files(&bytes).unwrap();
        let seen: Vec<_> =
            found.iter().map(|one| (&*one.key, one.is_managed, &*one.name, one.size_bytes)).collect();
        assert_eq!(seen, [("m", true, "a.pdf", 7), ("AAEC", false, "b.txt", 3)]);
        assert_eq!(found[0].media_type, "application/pdf");
        let left = remove_files(&bytes, None, &BTreeSet::from(["m", "none"]), Timestamp(0)).unwrap();
        assert_eq!(files(&left).unwrap().iter().map(|one| &*one.key).collect::<Vec<_>>(), ["AAEC"]);
        assert!(String::from_utf8(left).unwrap().contains("elsewhere.test/c"));
    }
}
