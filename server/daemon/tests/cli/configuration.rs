//! What `kontor` says of a configuration.

use super::{House, kontor, text};

#[test]
fn a_wrong_configuration_is_refused_with_the_line() {
    let house = House::new();
    std::fs::write(house.config(), "[store]\n# here\ndirectroy = \"x\"\n").unwrap();
    let told = house.refused(&["domain", "list"], "");
    assert!(told.contains("line 3: unknown key 'directroy'; did you mean 'directory'?"), "{told}");

    std::fs::write(house.config(), "[listen]\nimaps = [\"127.0.0.1:0\"]\n").unwrap();
    let output = kontor().args(["serve", "--check", "--config"]).arg(house.config()).output().unwrap();
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("server.hostname") && told.contains("tls:"), "{told}");

    let output = kontor()
        .args(["serve", "--check", "--config"])
        .arg(house.config())
        .env("KONTOR_LISTEN_IMPA", "127.0.0.1:0")
        .output()
        .unwrap();
    assert!(text(&output.stderr).contains("did you mean 'imap'?"), "{}", text(&output.stderr));
}

#[test]
fn a_sound_configuration_passes_the_check_and_opens_nothing() {
    let house = House::new();
    let directory = house.folder.path().join("never-made");
    let text_of = format!(
        "[server]\nhostname = \"mail.blumen.test\"\n[store]\ndirectory = {:?}\n[listen]\nlmtp = [\"127.0.0.1:0\"]\n",
        directory.display().to_string()
    );
    std::fs::write(house.config(), text_of).unwrap();
    let output = kontor().args(["serve", "--check", "--config"]).arg(house.config()).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!directory.exists());
}

#[test]
fn no_configuration_opens_a_door_to_plain_http() {
    let house = House::with_doors();
    house.new_certificate();
    let config = std::fs::read_to_string(house.config()).unwrap();
    std::fs::write(house.config(), config.replace("https = ", "http = ")).unwrap();
    let output = kontor().args(["serve", "--check", "--config"]).arg(house.config()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("unknown key 'http'"), "{}", text(&output.stderr));
}
