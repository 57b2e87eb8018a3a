//! On a real store, with a clock that the test moves.

use super::*;
use crate::Context;
use std::sync::atomic::{AtomicI64, Ordering};
use storage::{Database, NewAccount, Options, Write};
use vocabulary::{AccountClass, EmailAddress};

const HOME: &str = "192.0.2.7";
const ELSEWHERE: &str = "198.51.100.7";
const DRAINED: Duration = Duration::from_secs(60);

/// A server with `anna@blumen.test` (password `right`, one app password `phone-pass` named
/// `phone`), which is of the kind `imap`.
struct House {
    context: Context,
    anna: AccountId,
    now_ms: Arc<AtomicI64>,
    _directory: tempfile::TempDir,
}

impl House {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let now_ms = Arc::new(AtomicI64::new(1_700_000_000_000));
        let clock = {
            let now_ms = Arc::clone(&now_ms);
            Clock::new(move || Timestamp(now_ms.load(Ordering::SeqCst)))
        };
        let database = Database::Sqlite(directory.path().join("store.sqlite"));
        let store = Store::open(Options::new(database, directory.path().to_owned(), clock)).await.unwrap();
        let limits = Limits { wrong_answer_ms_min: 0, ..Limits::default() };
        let context = Context::new(store, "mail.blumen.test", limits).await.unwrap();
        let mut house = Self { context, anna: AccountId(0), now_ms, _directory: directory };
        let keys = (PasswordKeys::new("right").unwrap(), PasswordKeys::new("phone-pass").unwrap());
        house.anna = house
            .admin(move |tx, admin| {
                tx.create_domain(admin, "blumen.test", "de")?;
                let anna = tx.create_account(admin, &account("anna@blumen.test"))?;
                tx.set_password(admin, anna, &keys.0)?;
                tx.add_app_password(admin, anna, "phone", &keys.1)?;
                Ok(anna)
            })
            .await;
        house
    }

    async fn admin<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: for<'tx> FnOnce(&mut Write<'tx>, &storage::Admin<'tx>) -> storage::Result<T> + Send + 'static,
    {
        let house = Principal::System { door: Door::Admin };
        let accounts: &[AccountId] = if self.anna == AccountId(0) { &[] } else { &[self.anna] };
        let done = self.context.store.write(&house, accounts, move |tx| {
            let admin = tx.administer()?;
            work(tx, &admin)
        });
        done.await.unwrap()
    }

    async fn knock(&self, user: &str, password: &str, door: Door, peer: &str) -> Result<Login, Denied> {
        let peer = peer.parse().unwrap();
        self.context.authenticator.password(user, password, door, peer, None).await
    }

    async fn login(&self, user: &str, password: &str) -> Result<Login, Denied> {
        self.knock(user, password, Door::Imap, HOME).await
    }

    fn hashes(&self) -> u64 {
        self.context.authenticator.hashes_computed()
    }

    fn pass(&self, seconds: i64) {
        self.now_ms.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }
}

fn account(address: &str) -> NewAccount {
    NewAccount {
        address: EmailAddress::parse(address).unwrap(),
        kind: AccountKind::Imap,
        class: AccountClass::Person,
        name: "Anna".to_owned(),
        language: None,
        quota_bytes: None,
    }
}

fn is_wrong(outcome: &Result<Login, Denied>) -> bool {
    matches!(outcome, Err(Denied::Wrong))
}

#[tokio::test]
async fn the_right_password_opens_in_every_way_of_writing_the_name() {
    let house = House::new().await;
    let anna = house.anna;
    house
        .admin(move |tx, admin| {
            tx.add_alias(admin, anna, &EmailAddress::parse("anna.huber@blumen.test").unwrap())
        })
        .await;
    for name in [
        "anna@blumen.test",
        "Anna@Blumen.Test",
        "anna",
        "BLUMEN\\anna",
        "blumen.test\\anna",
        "anna+phone@blumen.test",
        "anna.huber@blumen.test",
    ] {
        let login = house.login(name, "right").await.unwrap();
        assert_eq!(login.account.id, house.anna, "{name}");
        assert_eq!(login.principal, Principal::account(house.anna, Door::Imap));
    }
}

#[tokio::test]
async fn a_name_alone_opens_nothing_once_there_are_two_domains() {
    let house = House::new().await;
    house.admin(|tx, admin| tx.create_domain(admin, "zweite.test", "de").map(drop)).await;
    assert!(is_wrong(&house.login("anna", "right").await));
    assert!(house.login("anna@blumen.test", "right").await.is_ok());
}

#[tokio::test]
async fn the_device_is_part_of_the_principal() {
    let house = House::new().await;
    let peer = HOME.parse().unwrap();
    let device = Some("PHONE1".to_owned());
    let login = house.context.authenticator.password("anna", "right", Door::Imap, peer, device).await;
    assert_eq!(login.unwrap().principal.device(), Some("PHONE1"));
}

#[tokio::test]
async fn a_wrong_password_an_unknown_user_and_an_unknown_domain_are_the_same_and_are_hashed() {
    let house = House::new().await;
    // Without app passwords, the cost of a known user is that of an unknown one exactly.
    let anna = house.anna;
    house.admin(move |tx, admin| tx.revoke_app_password(admin, anna, "phone")).await;
    for name in ["anna@blumen.test", "nobody@blumen.test", "anna@elsewhere.test", "not a name", ""] {
        let before = house.hashes();
        assert!(is_wrong(&house.login(name, "wrong").await), "{name}");
        assert_eq!(house.hashes(), before + 1, "{name}");
    }
}

#[tokio::test]
async fn what_is_too_long_is_wrong_without_any_work() {
    let house = House::new().await;
    let before = house.hashes();
    assert!(is_wrong(&house.login("anna", &"x".repeat(PASSWORD_BYTES_MAX + 1)).await));
    assert!(is_wrong(&house.login(&"x".repeat(USER_BYTES_MAX + 1), "right").await));
    assert_eq!(house.hashes(), before);
}

#[tokio::test]
async fn a_suspended_account_is_a_wrong_password_also_when_it_was_just_in_use() {
    let house = House::new().await;
    let anna = house.anna;
    assert!(house.login("anna", "right").await.is_ok());
    house.admin(move |tx, admin| tx.suspend_account(admin, anna, true)).await;
    let before = house.hashes();
    assert!(is_wrong(&house.login("anna", "right").await));
    assert_eq!(house.hashes(), before + 1, "it costs what another wrong one costs");
    house.admin(move |tx, admin| tx.suspend_account(admin, anna, false)).await;
    assert!(house.login("anna", "right").await.is_ok());
}

#[tokio::test]
async fn a_closed_door_is_told_only_to_who_has_the_password() {
    let house = House::new().await;
    let knock = |password| house.knock("anna", password, Door::ActiveSync, HOME);
    assert!(is_wrong(&knock("wrong").await));
    for _ in 0..2 {
        let closed = knock("right").await;
        assert!(
            matches!(closed, Err(Denied::DoorClosed { kind: AccountKind::Imap, door: Door::ActiveSync })),
            "{closed:?}"
        );
    }
}

#[tokio::test]
async fn an_app_password_opens_and_a_revoked_one_does_not_at_once() {
    let house = House::new().await;
    let anna = house.anna;
    let main = house.login("anna", "right").await.unwrap();
    let app = house.login("anna", "phone-pass").await.unwrap();
    assert_ne!(main.credential_id, app.credential_id);
    assert!(house.login("anna", "phone-pass").await.is_ok());
    house.admin(move |tx, admin| tx.revoke_app_password(admin, anna, "phone")).await;
    assert!(is_wrong(&house.login("anna", "phone-pass").await));
    assert!(house.login("anna", "right").await.is_ok());
}

#[tokio::test]
async fn a_changed_password_holds_at_once() {
    let house = House::new().await;
    let anna = house.anna;
    assert!(house.login("anna", "right").await.is_ok());
    let keys = PasswordKeys::new("fresh").unwrap();
    house.admin(move |tx, admin| tx.set_password(admin, anna, &keys)).await;
    assert!(is_wrong(&house.login("anna", "right").await));
    assert!(house.login("anna", "fresh").await.is_ok());
}

#[tokio::test]
async fn a_password_that_was_right_is_not_hashed_again_for_five_minutes() {
    let house = House::new().await;
    assert!(house.login("anna", "right").await.is_ok());
    let before = house.hashes();
    for _ in 0..100 {
        assert!(house.login("anna", "right").await.is_ok());
        assert!(house.knock("anna@blumen.test", "right", Door::Pop3, ELSEWHERE).await.is_ok());
    }
    assert_eq!(house.hashes(), before);
    house.pass(5 * 60);
    assert!(house.login("anna", "right").await.is_ok());
    assert_eq!(house.hashes(), before + 1);
}

#[tokio::test]
async fn connections_that_log_in_at_once_hash_once() {
    let house = House::new().await;
    let before = house.hashes();
    let (a, b, c) = tokio::join!(
        house.login("anna", "right"),
        house.login("anna@blumen.test", "right"),
        house.login("anna", "right")
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(house.hashes(), before + 1);
}

#[tokio::test]
async fn guesses_are_throttled_over_all_doors_but_never_the_real_user() {
    let house = House::new().await;
    assert!(house.login("anna", "right").await.is_ok());
    for (number, door) in (0..10).zip([Door::Imap, Door::Pop3, Door::Submission].into_iter().cycle()) {
        assert!(is_wrong(&house.knock("anna", &format!("guess {number}"), door, HOME).await));
    }
    let before = house.hashes();
    let refused = house.login("anna", "guess 10").await;
    assert!(matches!(refused, Err(Denied::Throttled { retry_after_s: 30 })), "{refused:?}");
    assert!(matches!(house.login("anna", "phone-pass").await, Err(Denied::Throttled { .. })));
    assert_eq!(house.hashes(), before, "what is refused costs nothing");

    assert!(house.login("anna", "right").await.is_ok(), "a password that was right lately");
    assert!(house.knock("anna", "phone-pass", Door::Imap, ELSEWHERE).await.is_ok(), "another address");
    assert!(is_wrong(&house.login("bert@blumen.test", "wrong").await), "another user");
    house.pass(30);
    assert!(is_wrong(&house.login("anna", "guess 10").await), "room comes back with time");
}

#[tokio::test]
async fn an_unknown_user_is_throttled_like_a_known_one() {
    let house = House::new().await;
    for number in 0..10 {
        assert!(is_wrong(&house.login("nobody@blumen.test", &format!("guess {number}")).await));
    }
    let refused = house.login("nobody+x@blumen.test", "guess 10").await;
    assert!(matches!(refused, Err(Denied::Throttled { retry_after_s: 30 })), "{refused:?}");
}

#[tokio::test]
async fn parallel_guesses_are_counted_like_guesses_in_a_row() {
    let house = Arc::new(House::new().await);
    let mut guesses = tokio::task::JoinSet::new();
    for number in 0..30 {
        let house = Arc::clone(&house);
        guesses.spawn(async move { is_wrong(&house.login("nobody", &format!("guess {number}")).await) });
    }
    let looked_at = guesses.join_all().await.into_iter().filter(|wrong| *wrong).count();
    assert_eq!(looked_at, 10);
}

#[tokio::test]
async fn a_guess_whose_client_goes_away_is_counted() {
    let house = House::new().await;
    let anna = house.anna;
    // One computation for each guess, so that none of an abandoned guess is taken for the next one's.
    house.admin(move |tx, admin| tx.revoke_app_password(admin, anna, "phone")).await;
    for number in 0..10 {
        let guess = format!("guess {number}");
        let attempt = house.login("anna", &guess);
        let before = house.hashes();
        // Biased: the attempt is looked at until its hash is being computed, then dropped.
        tokio::select! {
            biased;
            _ = attempt => {}
            () = async { while house.hashes() == before { tokio::task::yield_now().await } } => {}
        }
    }
    assert!(matches!(house.login("anna", "guess 10").await, Err(Denied::Throttled { .. })));
}

#[tokio::test]
async fn a_wrong_answer_comes_no_sooner_than_the_limit_says() {
    let house = House::new().await;
    let limits = Arc::new(Limits { wrong_answer_ms_min: 3_600_000, ..Limits::default() });
    let context = &house.context;
    let slow = Authenticator::new(context.store.clone(), context.tasks.clone(), limits).await.unwrap();
    let peer = HOME.parse().unwrap();
    let wrong = slow.password("anna", "wrong", Door::Imap, peer, None);
    let right = async {
        while slow.hashes_computed() == 0 {
            tokio::task::yield_now().await;
        }
        // The same user from the same network: looked at when the wrong one has been judged.
        slow.password("anna", "right", Door::Imap, peer, None).await
    };
    tokio::select! {
        outcome = wrong => panic!("answered at once: {outcome:?}"),
        outcome = right => assert!(outcome.is_ok(), "the right one does not wait"),
    }
}

#[tokio::test]
async fn the_use_of_a_password_is_written_down_once_a_minute() {
    let house = House::new().await;
    let anna = house.anna;
    let last_used = || async {
        // Each time new tasks may have been started; wait for those there are.
        assert!(house.context.tasks.drained(DRAINED).await);
        let reader = Principal::System { door: Door::Admin };
        let credentials =
            house.context.store.read(&reader, move |tx| tx.credentials(&tx.administer()?, anna)).await;
        credentials.unwrap().into_iter().map(|credential| credential.last_used_at).collect::<Vec<_>>()
    };
    let start = Timestamp(house.now_ms.load(Ordering::SeqCst));
    assert!(house.login("anna", "phone-pass").await.is_ok());
    assert_eq!(last_used().await, [None, Some(start)]);
    house.pass(30);
    assert!(house.login("anna", "phone-pass").await.is_ok());
    assert_eq!(last_used().await, [None, Some(start)]);
    house.pass(31);
    assert!(house.login("anna", "phone-pass").await.is_ok());
    assert_eq!(last_used().await, [None, Some(Timestamp(start.0 + 61_000))]);
}

#[tokio::test]
async fn a_login_is_valid_until_its_password_its_account_or_its_door_is_closed() {
    let house = House::new().await;
    let (store, anna) = (&house.context.store, house.anna);
    let main = house.login("anna@blumen.test", "right").await.unwrap();
    let phone = house.login("anna@blumen.test", "phone-pass").await.unwrap();
    assert!(main.still_valid(store).await.unwrap() && phone.still_valid(store).await.unwrap());

    let keys = PasswordKeys::new("another").unwrap();
    house.admin(move |tx, admin| tx.set_password(admin, anna, &keys)).await;
    assert!(!main.still_valid(store).await.unwrap(), "the password was changed");
    assert!(phone.still_valid(store).await.unwrap(), "the app password was not");

    house.admin(move |tx, admin| tx.suspend_account(admin, anna, true)).await;
    assert!(!phone.still_valid(store).await.unwrap());
    house.admin(move |tx, admin| tx.suspend_account(admin, anna, false)).await;
    assert!(phone.still_valid(store).await.unwrap());

    house.admin(move |tx, admin| tx.set_account_kind(admin, anna, AccountKind::Pop3)).await;
    assert!(!phone.still_valid(store).await.unwrap(), "the kind pop3 has no IMAP");
    house.admin(move |tx, admin| tx.set_account_kind(admin, anna, AccountKind::Imap)).await;
    assert!(phone.still_valid(store).await.unwrap());

    house.admin(move |tx, admin| tx.revoke_app_password(admin, anna, "phone")).await;
    assert!(!phone.still_valid(store).await.unwrap());
    let again = house.login("anna@blumen.test", "another").await.unwrap();
    house.admin(move |tx, admin| tx.remove_account(admin, anna)).await;
    assert!(!again.still_valid(store).await.unwrap(), "the account is gone");
}
