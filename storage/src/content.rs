//! Contents: immutable bytes exactly as they came, and what was parsed out of them once.

use crate::access::Grant;
use crate::backend::{Param, Row, params};
use crate::collection::Collection;
use crate::error::{Fault, Refusal, Result, row_fault};
use crate::store::Store;
use crate::transaction::{Read, Write};
use bytes::Bytes;
use vocabulary::{AccountId, Component, ContentId, Timestamp};

/// Up to this size, compressed, a content lives in its row: a delivery is one transaction and one
/// fsync. Above it the bytes go to the blob store first.
pub const INLINE_BYTES_MAX: usize = 64 * 1024;
/// Largest content that any door takes.
pub const CONTENT_BYTES_MAX: usize = 50 * 1024 * 1024;
/// A prepared content must be inserted before the collector could take its blob for an orphan.
const PREPARED_AGE_MAX_MS: i64 = 3_600_000;
/// Below this size compression gains nothing.
const COMPRESS_BYTES_MIN: usize = 256;
const COMPRESS_LEVEL: i32 = 1;

const RAW: i64 = 0;
const ZSTD: i64 = 1;

/// What a format crate found in the bytes, stored beside them. The store only keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Where the body begins.
    pub header_bytes: u32,
    /// RFC 5322 Message-ID, without brackets.
    pub message_id: Option<String>,
    /// The first words, for lists; at most 255 characters.
    pub preview: String,
    /// IMAP ENVELOPE, ready to send.
    pub envelope: Vec<u8>,
    /// IMAP BODY and BODYSTRUCTURE, ready to send: the length of the first as four bytes, big
    /// endian, then both.
    pub structure: Vec<u8>,
    /// Decoded fields, in the form of the crate that made them: of a mail what lists show, of a card what it is
    /// searched by.
    pub summary: Vec<u8>,
    /// Message-IDs that this one refers to, for the thread; not stored.
    pub references: Vec<String>,
}

/// A content that is hashed, compressed and, if large, durable as a blob: ready to be inserted.
#[derive(Debug, Clone)]
pub struct Prepared {
    account: AccountId,
    pub(crate) size_bytes: i64,
    encoding: i64,
    hash: [u8; 32],
    seal: [u8; 32],
    body: Body,
    pub(crate) parsed: Parsed,
    made_at: Timestamp,
}

#[derive(Debug, Clone)]
enum Body {
    Inline(Vec<u8>),
    Blob { name: String, stored_bytes: i64 },
}

impl Prepared {
    /// Uncompressed size.
    #[must_use]
    pub fn size_bytes(&self) -> i64 {
        self.size_bytes
    }
}

/// A content as the transaction found it; [`Store::load`] makes bytes of it.
#[derive(Debug, Clone)]
pub struct Stored {
    account: AccountId,
    content: ContentId,
    size_bytes: i64,
    encoding: i64,
    hash: Vec<u8>,
    body: StoredBody,
}

#[derive(Debug, Clone)]
enum StoredBody {
    Inline(Vec<u8>),
    Blob(String),
}

impl Stored {
    /// Uncompressed size.
    #[must_use]
    pub fn size_bytes(&self) -> i64 {
        self.size_bytes
    }
}

impl Store {
    /// Hashes and compresses a content for one account; large bytes are durable in the blob store
    /// when this returns. Happens before the transaction.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] above [`CONTENT_BYTES_MAX`]; [`Fault::Blob`].
    pub async fn prepare(&self, account: AccountId, bytes: Bytes, parsed: Parsed) -> Result<Prepared> {
        if bytes.len() > CONTENT_BYTES_MAX {
            return Err(Refusal::TooLarge { limit_bytes: CONTENT_BYTES_MAX as i64 }.into());
        }
        let key = self.context().key;
        let size_bytes = bytes.len() as i64;
        let work = move || {
            let hash = keyed_hash(&key, account, &bytes);
            let seal = seal(&key, &hash, size_bytes, &parsed);
            encode(bytes).map(|(encoding, encoded)| (hash, seal, encoding, encoded, parsed))
        };
        let (hash, seal, encoding, encoded, parsed) = off_the_runtime(size_bytes, work).await?;
        let body = if encoded.len() <= INLINE_BYTES_MAX {
            Body::Inline(encoded.into())
        } else {
            let name = blob_name(account, &hash)?;
            let stored_bytes = encoded.len() as i64;
            self.blobs().put(&name, encoded).await?;
            Body::Blob { name, stored_bytes }
        };
        Ok(Prepared { account, size_bytes, encoding, hash, seal, body, parsed, made_at: self.clock().now() })
    }

    /// A keyed hash of bytes for one account: to recognise them again without keeping them.
    #[must_use]
    pub fn fingerprint(&self, account: AccountId, bytes: &[u8]) -> [u8; 32] {
        keyed_hash(&self.context().key, account, bytes)
    }

    /// The bytes of a content, verified: damaged ones are never served.
    ///
    /// # Errors
    /// [`Fault::Damaged`] if the hash does not fit or the blob is lost, [`Fault::Blob`] if it cannot be read.
    pub async fn load(&self, stored: Stored) -> Result<Bytes> {
        let Stored { account, content, size_bytes, encoding, hash, body } = stored;
        let damaged = move || Fault::Damaged { account: account.0, content: content.0 };
        let encoded = match body {
            StoredBody::Inline(bytes) => Bytes::from(bytes),
            StoredBody::Blob(name) => self.blobs().get(&name).await?.ok_or_else(damaged)?,
        };
        let key = self.context().key;
        let work = move || {
            let bytes = match encoding {
                RAW => encoded,
                _ => {
                    let capacity = usize::try_from(size_bytes).map_err(row_fault)?.min(CONTENT_BYTES_MAX);
                    zstd::bulk::decompress(&encoded, capacity).map_err(|_| damaged())?.into()
                }
            };
            let fits = bytes.len() as i64 == size_bytes && keyed_hash(&key, account, &bytes)[..] == hash[..];
            if fits { Ok(bytes) } else { Err(damaged().into()) }
        };
        off_the_runtime(size_bytes, work).await
    }

    /// Takes back a prepared content that was not inserted. Only after a refusal: after a fault its
    /// row may have been committed all the same.
    pub async fn discard(&self, prepared: Prepared) {
        if let Body::Blob { name, .. } = prepared.body
            && let Err(error) = self.blobs().delete(&name).await
        {
            tracing::warn!(%error, "an unused blob stays until the collector finds it");
        }
    }
}

/// Hashing and packing of large bytes does not hold up the connections of its thread.
async fn off_the_runtime<T: Send + 'static>(
    size_bytes: i64,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    /// Below this size the hop costs more than the work.
    const BYTES_MIN: i64 = 256 * 1024;
    if size_bytes < BYTES_MIN {
        return work();
    }
    tokio::task::spawn_blocking(work).await.map_err(|error| Fault::Panic(error.to_string()))?
}

fn encode(bytes: Bytes) -> Result<(i64, Bytes)> {
    if bytes.len() < COMPRESS_BYTES_MIN {
        return Ok((RAW, bytes));
    }
    let packed = zstd::bulk::compress(&bytes, COMPRESS_LEVEL).map_err(row_fault)?;
    // Packing that gains less than a tenth costs more at every reading than it saves.
    if packed.len() + packed.len() / 10 < bytes.len() { Ok((ZSTD, packed.into())) } else { Ok((RAW, bytes)) }
}

/// Keyed by the store and the account: equal hashes of two accounts say nothing.
pub(crate) fn keyed_hash(key: &[u8; 32], account: AccountId, bytes: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(&account.0.to_be_bytes());
    hasher.update(bytes);
    *hasher.finalize().as_bytes()
}

/// Covers everything of the row that is not the body: a flipped bit in it is found by `check`.
fn seal(key: &[u8; 32], hash: &[u8], size_bytes: i64, parsed: &Parsed) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(key);
    let message_id = parsed.message_id.as_deref().unwrap_or_default();
    let fields: [&[u8]; 6] = [
        hash,
        message_id.as_bytes(),
        parsed.preview.as_bytes(),
        &parsed.envelope,
        &parsed.structure,
        &parsed.summary,
    ];
    hasher.update(&size_bytes.to_be_bytes());
    hasher.update(&parsed.header_bytes.to_be_bytes());
    for field in fields {
        hasher.update(&(field.len() as u64).to_be_bytes());
        hasher.update(field);
    }
    *hasher.finalize().as_bytes()
}

fn blob_name(account: AccountId, hash: &[u8; 32]) -> Result<String> {
    let mut tail = [0_u8; 8];
    getrandom::fill(&mut tail).map_err(|error| Fault::Blob(error.to_string()))?;
    let name = crate::open::hex(hash);
    let (shelf, rest) = name.split_at(2);
    Ok(format!("{}/{shelf}/{rest}-{}", account.0, crate::open::hex(&tail)))
}

const INSERT: &str = "INSERT INTO content (account_id, content_id, refs, size_bytes, stored_bytes, encoding, key_id, \
     hash, seal, created_at, header_bytes, blob_name, message_id, preview, envelope, structure, summary, body) \
     VALUES (?1, ?2, 1, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
const SAME_BLOB: &str = "SELECT content_id FROM content \
     WHERE account_id = ?1 AND hash = ?2 AND blob_name IS NOT NULL AND seal = ?3 LIMIT 1";
const ADD_REFS: &str = "UPDATE content SET refs = refs + ?3 WHERE account_id = ?1 AND content_id = ?2";
const PARSED: &str = "SELECT i.uid, c.header_bytes, c.message_id, c.preview, c.envelope, c.structure, c.summary \
     FROM item i JOIN content c ON c.account_id = i.account_id AND c.content_id = i.content_id \
     WHERE i.account_id = ?1 AND i.collection_id = ?2 AND i.uid BETWEEN ?3 AND ?4 AND i.vanished_at = 0 \
     AND i.private <= ?5 ORDER BY i.uid";
macro_rules! summaries {
    () => {
        "SELECT i.uid, c.summary \
         FROM item i JOIN content c ON c.account_id = i.account_id AND c.content_id = i.content_id \
         WHERE i.account_id = ?1 AND i.collection_id = ?2 AND i.vanished_at = 0 AND i.private <= ?3"
    };
}
const SUMMARIES: &str = concat!(summaries!(), " ORDER BY i.uid");
const SUMMARIES_OF_COMPONENT: &str = concat!(summaries!(), " AND i.component = ?4 ORDER BY i.uid");
const STORED: &str = "SELECT i.uid, c.content_id, c.size_bytes, c.encoding, c.hash, c.blob_name, c.body \
     FROM item i JOIN content c ON c.account_id = i.account_id AND c.content_id = i.content_id \
     WHERE i.account_id = ?1 AND i.collection_id = ?2 AND i.uid BETWEEN ?3 AND ?4 \
     AND (i.vanished_at = 0 OR ?5 = 1) AND i.private <= ?6 ORDER BY i.uid";
impl Write<'_> {
    /// A content is prepared for one account, and for an hour.
    pub(crate) fn refuse_unusable(&self, account: AccountId, prepared: &Prepared) -> Result<()> {
        if prepared.account != account {
            return Err(row_fault("a content was prepared for another account"));
        }
        if self.now().0 - prepared.made_at.0 > PREPARED_AGE_MAX_MS {
            return Err(Refusal::Busy.into());
        }
        Ok(())
    }

    /// Adds a content with one reference, or another reference to the same large bytes.
    pub(crate) fn add_content(&mut self, account: AccountId, prepared: &Prepared) -> Result<ContentId> {
        let (blob, stored_bytes, body) = match &prepared.body {
            Body::Inline(bytes) => (None, bytes.len() as i64, Some(bytes.as_slice())),
            Body::Blob { name, stored_bytes } => {
                let same = self
                    .connection
                    .int(SAME_BLOB, params![account.0, &prepared.hash[..], &prepared.seal[..]])?;
                if let Some(same) = same {
                    self.add_content_refs(account, ContentId(same), 1)?;
                    return Ok(ContentId(same));
                }
                (Some(name.as_str()), *stored_bytes, None)
            }
        };
        let content = self.next_content(account)?;
        let parsed = &prepared.parsed;
        let params = [
            Param::Int(account.0),
            Param::Int(content.0),
            Param::Int(prepared.size_bytes),
            Param::Int(stored_bytes),
            Param::Int(prepared.encoding),
            Param::Bytes(&prepared.hash),
            Param::Bytes(&prepared.seal),
            Param::Int(self.now().0),
            Param::Int(i64::from(parsed.header_bytes)),
            Param::OptText(blob),
            Param::OptText(parsed.message_id.as_deref()),
            Param::Text(&parsed.preview),
            Param::Bytes(&parsed.envelope),
            Param::Bytes(&parsed.structure),
            Param::Bytes(&parsed.summary),
            Param::OptBytes(body),
        ];
        self.connection.execute(INSERT, &params)?;
        Ok(content)
    }

    pub(crate) fn add_content_refs(&self, account: AccountId, content: ContentId, count: i64) -> Result<()> {
        self.connection.execute(ADD_REFS, params![account.0, content.0, count]).map(drop)
    }
}

impl Read<'_> {
    pub(crate) fn parsed_rows<R>(
        &self,
        grant: &Grant<'_, R>,
        first: u32,
        last: u32,
        mut each: impl FnMut(u32, Parsed) -> Result<()>,
    ) -> Result<()> {
        let Collection { account, id, .. } = grant.collection();
        let params = params![account.0, id.0, i64::from(first), i64::from(last), grant.private_max()];
        self.connection.for_each(PARSED, params, |row| {
            let uid = u32::try_from(row.int(0)?).map_err(row_fault)?;
            each(uid, parsed_of(row, 1)?)
        })
    }

    pub(crate) fn summary_rows<R>(
        &self,
        grant: &Grant<'_, R>,
        component: Option<Component>,
        mut each: impl FnMut(u32, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let Collection { account, id, .. } = grant.collection();
        let private = grant.private_max();
        let of_row = |row: &Row<'_>| -> Result<()> {
            each(u32::try_from(row.int(0)?).map_err(row_fault)?, row.bytes(1)?)
        };
        match component {
            None => self.connection.for_each(SUMMARIES, params![account.0, id.0, private], of_row),
            Some(component) => {
                let params = params![account.0, id.0, private, component.as_str()];
                self.connection.for_each(SUMMARIES_OF_COMPONENT, params, of_row)
            }
        }
    }

    pub(crate) fn stored_rows<R>(
        &self,
        grant: &Grant<'_, R>,
        first: u32,
        last: u32,
        vanished_too: bool,
        mut each: impl FnMut(u32, Stored) -> Result<()>,
    ) -> Result<()> {
        let Collection { account, id, .. } = grant.collection();
        let (first, last, vanished) = (i64::from(first), i64::from(last), i64::from(vanished_too));
        let params = params![account.0, id.0, first, last, vanished, grant.private_max()];
        let account = *account;
        self.connection.for_each(STORED, params, |row| {
            let uid = u32::try_from(row.int(0)?).map_err(row_fault)?;
            each(uid, stored_of(account, row, 1)?)
        })
    }
}

pub(crate) fn parsed_of(row: &Row<'_>, at: usize) -> Result<Parsed> {
    Ok(Parsed {
        header_bytes: u32::try_from(row.int(at)?).map_err(row_fault)?,
        message_id: row.opt_text(at + 1)?.map(str::to_owned),
        preview: row.text(at + 2)?.to_owned(),
        envelope: row.bytes(at + 3)?.to_vec(),
        structure: row.bytes(at + 4)?.to_vec(),
        summary: row.bytes(at + 5)?.to_vec(),
        references: Vec::new(),
    })
}

pub(crate) fn stored_of(account: AccountId, row: &Row<'_>, at: usize) -> Result<Stored> {
    let body = match row.opt_text(at + 4)? {
        Some(name) => StoredBody::Blob(name.to_owned()),
        None => StoredBody::Inline(row.bytes(at + 5)?.to_vec()),
    };
    Ok(Stored {
        account,
        content: ContentId(row.int(at)?),
        size_bytes: row.int(at + 1)?,
        encoding: row.int(at + 2)?,
        hash: row.bytes(at + 3)?.to_vec(),
        body,
    })
}

const CHECK: &str = "SELECT account_id, content_id, size_bytes, encoding, hash, blob_name, body, seal, header_bytes, \
     message_id, preview, envelope, structure, summary FROM content \
     WHERE (account_id, content_id) > (?1, ?2) ORDER BY account_id, content_id LIMIT ?3";

/// A content as `check` reads it.
pub(crate) struct Checked {
    pub(crate) account: AccountId,
    pub(crate) content: ContentId,
    pub(crate) stored: Stored,
    pub(crate) seal_fits: bool,
}

impl Read<'_> {
    /// A page of all contents of the house, with their seals recomputed.
    pub(crate) fn contents_to_check(&self, after: (i64, i64), count: i64) -> Result<Vec<Checked>> {
        let key = self.context.key;
        self.connection.rows(CHECK, params![after.0, after.1, count], |row| {
            let account = AccountId(row.int(0)?);
            let stored = stored_of(account, row, 1)?;
            let fresh = seal(&key, &stored.hash, stored.size_bytes, &parsed_of(row, 8)?);
            Ok(Checked { account, content: stored.content, seal_fits: fresh[..] == *row.bytes(7)?, stored })
        })
    }
}
