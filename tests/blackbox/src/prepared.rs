//! The demo's data, made once for each build of the server and copied for each test: to fill a store takes
//! seconds, and what a test needs is a store that is full. That filling works is tested in server/daemon.
//!
//! They lie beside the server's binary, so they go with it.

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::demo::{ended, launch, send_sigterm};
use crate::postgres;
use crate::tool::run_tool;

const COPYING: Duration = Duration::from_secs(60);

/// A store that no server has open.
pub(crate) struct Prepared {
    /// The demo's directory.
    data: PathBuf,
    /// The name of its database, if that is on PostgreSQL.
    template: Option<String>,
}

impl Prepared {
    /// The data of this binary on SQLite or PostgreSQL; made if nobody has made them yet.
    pub(crate) fn of(binary: &Path, on_postgres: bool) -> Self {
        let root = binary.parent().unwrap().join("blackbox-data");
        std::fs::create_dir_all(&root).unwrap();
        let key = fingerprint(binary, on_postgres);
        let kind = if on_postgres { "postgres" } else { "sqlite" };
        let folder = root.join(format!("{kind}-{key:016x}"));
        let template = on_postgres.then(|| format!("kontor_template_{key:016x}"));
        // Tests are processes of their own: one of them makes the data, the others wait for it.
        let lock = File::create(root.join(format!("{kind}.lock"))).unwrap();
        lock.lock().unwrap();
        let exists = template.as_ref().is_none_or(|name| postgres::exists(name));
        if !exists || !folder.join("complete").exists() {
            forget_older(&root, kind);
            std::fs::create_dir(&folder).unwrap();
            fill(&folder, template.as_deref());
            File::create(folder.join("complete")).unwrap();
        }
        Self { data: folder.join("data"), template }
    }

    /// Copies them to `folder/data`; gives the URL of the database's copy.
    pub(crate) fn copy_to(&self, folder: &Path) -> Option<String> {
        let mut command = Command::new("cp");
        command.arg("--archive").arg(&self.data).arg(folder.join("data"));
        run_tool(&mut command, COPYING).success();
        self.template.as_deref().map(postgres::copy_of)
    }
}

/// Another build, or another server of databases, has other data.
fn fingerprint(binary: &Path, on_postgres: bool) -> u64 {
    let built = std::fs::metadata(binary).unwrap();
    let mut hasher = DefaultHasher::new();
    (built.len(), built.mtime(), built.mtime_nsec()).hash(&mut hasher);
    if on_postgres {
        postgres::server().hash(&mut hasher);
    }
    hasher.finish()
}

fn forget_older(root: &Path, kind: &str) {
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name.starts_with(&format!("{kind}-")) {
            std::fs::remove_dir_all(path).unwrap();
        }
    }
}

/// Lets a demo fill a store, and ends it.
fn fill(folder: &Path, template: Option<&str>) {
    let database = template.map(|name| {
        postgres::drop_quietly(name);
        postgres::create(name, None)
    });
    let (mut process, _) = launch(folder, database.as_deref(), &[]);
    send_sigterm(&process);
    assert_eq!(ended(&mut process), Some(0), "the demo that fills a store ends well");
}
