//! Databases of their own for tests, on the PostgreSQL that `tests/run` has started.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::mail::unique;
use crate::tool::run_tool;

const PATIENCE: Duration = Duration::from_secs(60);

/// The URL of the server's own database.
pub(crate) fn server() -> String {
    std::env::var("KONTOR_TEST_POSTGRES").expect(
        "KONTOR_TEST_POSTGRES is the URL of a PostgreSQL where databases may be made; `tests/run` starts one",
    )
}

/// Whether there is a database of this name.
pub(crate) fn exists(name: &str) -> bool {
    let question = format!("SELECT 'there is one' FROM pg_database WHERE datname = '{name}'");
    psql(&question).contains("\nthere is one\n")
}

/// Makes a database, empty or as a copy; gives its URL.
pub(crate) fn create(name: &str, template: Option<&str>) -> String {
    let copied = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
    psql(&format!("CREATE DATABASE {name}{copied}"));
    let server = server();
    let (base, _database) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

/// A copy with a name of its own; gives its URL.
pub(crate) fn copy_of(template: &str) -> String {
    create(&format!("kontor_{}", unique()), Some(template))
}

/// Drops a database, by its name or URL. Runs while a test may be failing already, so it must not fail
/// itself: the whole server is thrown away later.
pub(crate) fn drop_quietly(database: &str) {
    let name = database.rsplit('/').next().unwrap_or(database);
    let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    let Ok(server) = std::env::var("KONTOR_TEST_POSTGRES") else { return };
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--quiet", "--command", &statement, &server]);
    let _status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
}

fn psql(statement: &str) -> String {
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1"]);
    command.args(["--command", statement, &server()]);
    run_tool(&mut command, PATIENCE).success()
}
