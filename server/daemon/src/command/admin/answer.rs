//! What a command answers: words for people, JSON for programs.

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;
use std::process::ExitCode;

/// The answer of one command.
#[derive(Debug)]
pub(super) struct Answer {
    value: Value,
    text: String,
    code: ExitCode,
}

impl Answer {
    /// An answer, for programs and for people.
    pub(super) fn new(value: &impl Serialize, text: impl Into<String>) -> Result<Self> {
        Ok(Self { value: serde_json::to_value(value)?, text: text.into(), code: ExitCode::SUCCESS })
    }

    /// The same, with the exit code 1: the command did its work and found something wrong.
    pub(super) fn failed(mut self) -> Self {
        self.code = ExitCode::FAILURE;
        self
    }

    /// As it is printed.
    pub(super) fn shown(&self, json: bool) -> Result<String> {
        let mut text = if json { serde_json::to_string_pretty(&self.value)? } else { self.text.clone() };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(text)
    }

    /// How the process ends.
    pub(super) fn code(&self) -> ExitCode {
        self.code
    }
}

/// Columns for people, as wide as what stands in them.
pub(super) fn table<const COLUMNS: usize>(
    heads: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> String {
    let mut lines = vec![heads.map(str::to_owned)];
    lines.extend(rows);
    let mut widths = [0; COLUMNS];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for line in &lines {
        let padded: Vec<String> =
            line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// Words in a row, or a dash for none.
pub(super) fn joined(words: &[String]) -> String {
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_longest_word() {
        let rows = [["ä".to_owned(), "x".to_owned()], ["long".to_owned(), String::new()]];
        assert_eq!(table(["a", "b"], rows), "a     b\nä     x\nlong\n");
    }
}
