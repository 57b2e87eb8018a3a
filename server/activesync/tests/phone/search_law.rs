//! The law of searching: whatever is asked, the results are exactly the mails that a reader would take for matching,
//! the newest first, in ranges of any order.

use activesync_wire::server_id::FolderId;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use vocabulary::{CollectionKind, Rights, Role};
use wbxml::Element;

use crate::phone::Phone;
use crate::search::{free, mailbox, range, within};
use crate::world::on_each_database;

const MAILS: usize = 60;
const QUERIES: usize = 40;
const WORDS: [&str; 6] = ["ash", "bir", "birch", "C\u{e9}dar", "dogwood", "elm"];

/// What a mail says, and in which folder it is.
#[derive(Debug, Clone)]
struct Mail {
    folder: usize,
    subject: String,
    from: String,
    cc: String,
    body: String,
    file: String,
    hidden: String,
}

impl Mail {
    fn bytes(&self, number: usize) -> String {
        let Self { subject, from, cc, body, file, hidden, .. } = self;
        format!(
            "From: {from} <f@x.test>\nTo: t@x.test\nCc: {cc} <c@x.test>\nX-Hidden: {hidden}\nSubject: {number} {subject}\n\
             MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n\
             {body}\n--b\nContent-Type: application/x\nContent-Disposition: attachment; filename={file}.bin\n\n\
             {hidden}\n--b--\n"
        )
    }

    /// Naive: all that is read, in one text.
    fn has(&self, word: &str) -> bool {
        let Self { subject, from, cc, body, file, .. } = self;
        let read = format!("{subject} {from} {cc} {body} {file}").to_lowercase();
        read.contains(&word.to_lowercase())
    }
}

fn words(count: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&WORDS), count).prop_map(|words| words.join(" "))
}

fn mails() -> impl Strategy<Value = Vec<Mail>> {
    let ascii =
        || prop::sample::select(&["ash", "bir", "birch", "dogwood", "elm", "none"]).prop_map(str::to_owned);
    let parts = (0..4_usize, words(0..3), words(0..2), words(0..2), words(0..3), ascii(), words(0..3));
    let mail = parts.prop_map(|(folder, subject, from, cc, body, file, hidden)| Mail {
        folder,
        subject,
        from,
        cc,
        body,
        file,
        hidden,
    });
    prop::collection::vec(mail, MAILS)
}

/// Words, a folder or all, and ranges.
type Query = (String, Option<usize>, Vec<(usize, usize)>);

fn queries() -> impl Strategy<Value = Vec<Query>> {
    let ranges = prop::collection::vec((0..MAILS, 0..20_usize), 1..4);
    let query = (words(1..4), prop::option::weighted(0.3, 0..3_usize), ranges);
    prop::collection::vec(query, QUERIES)
}

#[test]
fn every_result_matches_and_nothing_that_matches_is_missing() {
    on_each_database(async |world| {
        let mut runner = TestRunner::deterministic();
        let (mails, queries) = (mails(), queries());
        let mails = mails.new_tree(&mut runner).unwrap().current();
        let queries = queries.new_tree(&mut runner).unwrap().current();
        let people = world.people().await;
        let folders: [FolderId; 4] = [
            world.folder(people.anna, Role::Inbox).await,
            world.make_folder(people.anna, CollectionKind::Mail, "More").await,
            world.make_folder(people.ben, CollectionKind::Mail, "Shared").await,
            // This one anna does not see.
            world.make_folder(people.ben, CollectionKind::Mail, "Closed").await,
        ];
        world.share(folders[2], people.anna, Rights::of(&[Rights::LOOKUP, Rights::READ])).await;
        for (number, mail) in mails.iter().enumerate() {
            let minutes = i64::try_from(number).unwrap();
            world.deliver(folders[mail.folder], &mail.bytes(number), world.minutes_ago(minutes)).await;
        }
        let phone = Phone::new(world, &people.anna_address, "phone", "16.1", folders[0]).await;
        let mut results = 0;
        for (words, folder, ranges) in queries {
            let is_wanted = |mail: &Mail| {
                mail.folder < 3
                    && folder.is_none_or(|folder| mail.folder == folder)
                    && words.split(' ').all(|word| mail.has(word))
            };
            let matching = mails.iter().enumerate().filter(|&(_, mail)| is_wanted(mail));
            let expected: Vec<String> = matching
                .map(|(number, mail)| format!("{number} {}", mail.subject).trim().to_owned())
                .collect();
            let mut and: Vec<Element> = vec![free(&words)];
            and.extend(folder.map(|folder| within(folders[folder])));
            for (first, length) in ranges {
                let answer = mailbox(&phone, &and, &[range(&format!("{first}-{}", first + length))]).await;
                let page: Vec<String> = expected.iter().skip(first).take(length + 1).cloned().collect();
                let subjects: Vec<String> =
                    answer.subjects().into_iter().map(|subject| subject.trim().to_owned()).collect();
                assert_eq!(subjects, page, "{words} in {folder:?} from {first}");
                assert_eq!(answer.total, Some(expected.len().to_string()), "{words} in {folder:?}");
            }
            results += expected.len();
        }
        assert!(results > QUERIES, "the queries find something");
    });
}
