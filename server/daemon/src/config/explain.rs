//! What is wrong with a configuration, in a line that says where and what to do.

/// Explains an error of a file: name, line, and the nearest known key if a key is unknown.
pub(crate) fn in_file(error: &toml::de::Error, text: &str, file: &str) -> String {
    let reason = reason(error);
    match error.span() {
        Some(span) => {
            let before = text.get(..span.start).unwrap_or(text);
            format!("{file}, line {}: {reason}", 1 + before.matches('\n').count())
        }
        None => format!("{file}: {reason}"),
    }
}

/// The reason alone, with a suggestion for an unknown key.
pub(crate) fn reason(error: &toml::de::Error) -> String {
    match unknown_key(error.message()) {
        Some((unknown, known)) => format!("unknown key '{unknown}'{}", suggestion(unknown, &known)),
        None => error.message().trim_end().to_owned(),
    }
}

/// serde's own wording (`Error::unknown_field`): the key in backticks, then the known ones.
fn unknown_key(message: &str) -> Option<(&str, Vec<&str>)> {
    let mut quoted = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    Some((quoted.next()?, quoted.collect()))
}

/// `; did you mean 'x'?` if one is near, otherwise all that are known.
pub(crate) fn suggestion(unknown: &str, known: &[&str]) -> String {
    match nearest(unknown, known) {
        Some(near) => format!("; did you mean '{near}'?"),
        None => format!("; known here: {}", known.join(", ")),
    }
}

/// The known word that a slip of the fingers or two away is meant.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 3);
    known
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters must be put in, left out, changed or swapped with their neighbour (optimal
/// string alignment). The words are keys: short.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
    for (index, row) in rows.iter_mut().enumerate() {
        row[0] = index;
    }
    rows[0] = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        for (j, b) in right.iter().enumerate() {
            let changed = rows[i][j] + usize::from(a != b);
            let mut best = changed.min(rows[i][j + 1] + 1).min(rows[i + 1][j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            rows[i + 1][j + 1] = best;
        }
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_known() {
        for (left, right, expected) in [
            ("", "", 0),
            ("imap", "imap", 0),
            ("imap", "imaps", 1),
            ("kitten", "sitting", 3),
            ("impa", "imap", 1),
            ("", "ab", 2),
        ] {
            assert_eq!(distance(left, right), expected, "{left} {right}");
            assert_eq!(distance(right, left), expected, "{right} {left}");
        }
    }

    #[test]
    fn only_a_near_word_is_suggested() {
        assert_eq!(nearest("directroy", &["database", "directory"]), Some("directory"));
        assert_eq!(nearest("colour", &["database", "directory"]), None);
        assert_eq!(nearest("imap_s", &["imap", "imaps"]), Some("imaps"));
    }
}
