//! Whom an account writes to: the people that a phone offers first.
//!
//! Each mail that is sent raises the rank of its recipients. A rank is the logarithm of a sum in which every mail counts
//! half of one sent a month later, so ranks of different days compare as they are and never need to be reckoned
//! anew. Rows are bounded: the lowest rank goes.

use crate::access::Admin;
use crate::backend::params;
use crate::error::Result;
use crate::transaction::{Read, Write};
use vocabulary::{AccountId, EmailAddress, Timestamp};

/// Most people that are remembered of an account.
pub const RECIPIENTS_KEPT_MAX: i64 = 1_000;
/// Recipients of one mail that count: beyond it is a mailing, not people.
pub const RECIPIENTS_OF_A_MAIL_MAX: usize = 50;
/// Longest name that is kept, in characters.
const NAME_CHARACTERS_MAX: usize = 200;
/// After this time a mail counts half.
const HALF_LIFE_MS: f64 = 30.0 * 86_400_000.0;
/// Steps of rank in a half-life.
const SCALE: f64 = 1_000.0;

/// Somebody to whom an account writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Names it among the recipients of the account; never given again.
    pub id: i64,
    /// The address, as mail goes there.
    pub address: String,
    /// The name that stood with it last; may be empty.
    pub name: String,
    /// The higher, the more and the later was written.
    pub rank: i64,
}

/// The rank after one more mail.
fn raised(rank: Option<i64>, now: Timestamp) -> i64 {
    let today = now.0.max(0) as f64 / HALF_LIFE_MS;
    let raised = match rank {
        None => today,
        Some(rank) => {
            let before = rank as f64 / SCALE;
            let (high, low) = (today.max(before), today.min(before));
            high + (low - high).exp2().ln_1p() / std::f64::consts::LN_2
        }
    };
    (raised * SCALE).round() as i64
}

impl<'tx> Read<'tx> {
    /// The people an account writes to, the highest rank first. Its owner and the house may ask.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] for others.
    pub fn recipients(&self, account: AccountId, limit: usize) -> Result<Vec<Recipient>> {
        const HIGHEST: &str = "SELECT recipient_id, address, name, rank FROM recipient WHERE account_id = ?1 \
             ORDER BY rank DESC, recipient_id LIMIT ?2";
        self.require_owner(account)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.connection.rows(HIGHEST, params![account.0, limit], |row| {
            Ok(Recipient {
                id: row.int(0)?,
                address: row.text(1)?.to_owned(),
                name: row.text(2)?.to_owned(),
                rank: row.int(3)?,
            })
        })
    }
}

impl<'tx> Write<'tx> {
    /// Remembers to whom an account, which is declared, has written: addresses with the names that stand with them.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn note_recipients(
        &mut self,
        _admin: &Admin<'tx>,
        account: AccountId,
        people: &[(EmailAddress, String)],
    ) -> Result<()> {
        const FIND: &str =
            "SELECT recipient_id, name, rank FROM recipient WHERE account_id = ?1 AND address = ?2";
        const ADD: &str = "INSERT INTO recipient (account_id, address, recipient_id, name, rank) \
             VALUES (?1, ?2, ?3, ?4, ?5)";
        const RAISE: &str =
            "UPDATE recipient SET name = ?3, rank = ?4 WHERE account_id = ?1 AND address = ?2";
        const TRIM: &str = "DELETE FROM recipient WHERE account_id = ?1 AND address IN ( \
             SELECT address FROM recipient WHERE account_id = ?1 ORDER BY rank DESC, recipient_id DESC \
             LIMIT 1000000 OFFSET ?2)";
        let now = self.now();
        for (address, name) in people.iter().take(RECIPIENTS_OF_A_MAIL_MAX) {
            let address = address.to_string();
            let name: String = name.chars().filter(|c| !c.is_control()).take(NAME_CHARACTERS_MAX).collect();
            let known = self
                .connection
                .row(FIND, params![account.0, &address], |row| Ok((row.text(1)?.to_owned(), row.int(2)?)))?;
            match known {
                Some((old, rank)) => {
                    let name = if name.is_empty() { old } else { name };
                    let rank = raised(Some(rank), now);
                    self.connection.execute(RAISE, params![account.0, &address, &name, rank])?;
                }
                None => {
                    let id = self.next_objects(account, 1)?.0;
                    let rank = raised(None, now);
                    self.connection.execute(ADD, params![account.0, &address, id, &name, rank])?;
                }
            }
        }
        if !people.is_empty() {
            self.connection.execute(TRIM, params![account.0, RECIPIENTS_KEPT_MAX])?;
            self.wake(account);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 86_400_000;

    #[test]
    fn more_and_later_mails_rank_higher() {
        let day = |day: i64| Timestamp((20_000 + day) * DAY_MS);
        let sent = |days: &[i64]| days.iter().fold(None, |rank, at| Some(raised(rank, day(*at)))).unwrap();
        assert!(sent(&[10]) > sent(&[9]));
        assert!(sent(&[9, 10]) > sent(&[10]));
        assert!(sent(&[0, 1, 2, 3]) > sent(&[5]), "four mails of last week against one of today");
        assert!(sent(&[0, 1, 2, 3]) < sent(&[200]), "and against one of half a year later");
        let (one, two) = (sent(&[0]), sent(&[0, 0]));
        assert_eq!(two - one, 1_000, "twice as much is a half-life more");
        // The order of two people does not depend on when it is asked, nor does a clock that went back break it.
        assert!(raised(Some(sent(&[10])), day(5)) > sent(&[10]));
    }
}
