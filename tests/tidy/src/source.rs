//! The files of the repository as the rules see them.

use std::fs;
use std::path::{Path, PathBuf};

/// One text file. `path` is relative to the root of the repository, with `/`.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// The part that ships: nothing of a test file, and of others what stands above the tests.
    pub(crate) fn product(&self) -> &str {
        if self.is_test_file() { "" } else { &self.text[..self.tests_begin()] }
    }

    /// The part that only tests see.
    pub(crate) fn tests(&self) -> &str {
        if self.is_test_file() { &self.text } else { &self.text[self.tests_begin()..] }
    }

    /// Lines with their numbers, for messages.
    pub(crate) fn lines_with(&self, part: &str, pattern: &str) -> Vec<String> {
        let offset = part.as_ptr() as usize - self.text.as_ptr() as usize;
        let first = self.text[..offset].lines().count();
        part.lines()
            .enumerate()
            .filter(|(_, line)| line.contains(pattern))
            .map(|(index, line)| format!("{}:{}: {}", self.path, first + index + 1, line.trim()))
            .collect()
    }

    fn is_test_file(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.contains("/benches/")
    }

    /// Tests stand at the bottom: from the first `#[cfg(test)]` that opens a module to the end.
    fn tests_begin(&self) -> usize {
        self.text
            .match_indices("#[cfg(test)]\n")
            .find(|(at, attribute)| {
                let rest = &self.text[at + attribute.len()..];
                rest.starts_with("mod ") && rest.lines().next().is_some_and(|line| line.ends_with('{'))
            })
            .map_or(self.text.len(), |(at, _)| at)
    }
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All Rust files of the workspace.
pub(crate) fn rust_sources() -> Vec<Source> {
    sources(&["protocol", "storage", "server", "web", "tests"], &["rs"])
}

/// All files below `folders` with one of these extensions, in order of their paths.
pub(crate) fn sources(folders: &[&str], extensions: &[&str]) -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    for folder in folders {
        walk(&root, &root.join(folder), extensions, &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "no file found below {folders:?}");
    found
}

fn walk(root: &Path, folder: &Path, extensions: &[&str], found: &mut Vec<Source>) {
    const NOT_OURS: &[&str] = &["target", "node_modules", "corpus", "artifacts"];
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        if path.is_dir() {
            if !NOT_OURS.contains(&name.as_ref()) {
                walk(root, &path, extensions, found);
            }
        } else if path.extension().is_some_and(|e| extensions.contains(&e.to_string_lossy().as_ref())) {
            found.push(Source {
                path: path.strip_prefix(root).unwrap().to_string_lossy().into_owned(),
                text: fs::read_to_string(&path).unwrap(),
            });
        }
    }
}

#[test]
fn tests_begin_at_the_test_module_and_not_before() {
    let source = Source {
        path: "storage/src/a.rs".to_owned(),
        text: "#[cfg(test)]\nuse x;\nfn ships() {}\n#[cfg(test)]\nmod tests {\n    fn checks() {}\n}\n"
            .to_owned(),
    };
    assert!(source.product().contains("ships") && !source.product().contains("checks"));
    assert!(source.tests().contains("checks") && !source.tests().contains("ships"));
    assert_eq!(source.lines_with(source.tests(), "checks"), ["storage/src/a.rs:6: fn checks() {}"]);
}
