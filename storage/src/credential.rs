//! Passwords and app passwords, kept as keys: argon2id for plain logins, SCRAM-SHA-256 for
//! challenges (RFC 5802, RFC 7677). Both are written when the password is set.

use crate::access::Admin;
use crate::backend::params;
use crate::entity::credential;
use crate::error::{Fault, Refusal, Result, Subject, row_fault};
use crate::transaction::{Read, Write};
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, Mac};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};
use vocabulary::{AccountId, Timestamp};

/// Memory of one argon2id computation in KiB, passes, lanes: OWASP's second choice, 19 MiB.
const ARGON2: (u32, u32, u32) = (19_456, 2, 1);
/// RFC 7677 section 4 asks for at least 4,096; what is common today is more.
const SCRAM_ITERATIONS: u32 = 15_000;
/// Longest password in bytes: hashing a longer one is an attack.
pub const PASSWORD_BYTES_MAX: usize = 1024;
/// Shortest password that may be set.
pub const PASSWORD_BYTES_MIN: usize = 4;
/// Most living app passwords of an account.
pub const APP_PASSWORDS_MAX: usize = 100;

/// The name of the main password among the credentials.
const MAIN: &str = "password";
const APP: &str = "app";

const REVOKE_MAIN: &str = "UPDATE credential SET revoked_at = ?2 \
     WHERE account_id = ?1 AND kind = 'password' AND revoked_at IS NULL";

/// The keys of a password. The password itself is nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordKeys {
    argon2: String,
    scram: ScramKeys,
}

/// What a server keeps for SCRAM-SHA-256: RFC 5802 section 3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScramKeys {
    /// Random, 16 bytes.
    pub salt: Vec<u8>,
    /// How often the hash was iterated.
    pub iterations: u32,
    /// `H(ClientKey)`.
    pub stored_key: Vec<u8>,
    /// `ServerKey`.
    pub server_key: Vec<u8>,
}

impl PasswordKeys {
    /// Computes the keys: tens of milliseconds of CPU, so never inside a transaction or on a thread
    /// that serves connections.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for a password that is too short or too long.
    pub fn new(password: &str) -> Result<Self> {
        if password.len() < PASSWORD_BYTES_MIN || password.len() > PASSWORD_BYTES_MAX {
            return Err(Refusal::Invalid("a password has 4 to 1024 bytes").into());
        }
        let mut salt = [0_u8; 16];
        getrandom::fill(&mut salt).map_err(|error| Fault::Database(error.to_string()))?;
        let argon2 =
            hasher()?.hash_password_with_salt(password.as_bytes(), &salt).map_err(row_fault)?.to_string();
        getrandom::fill(&mut salt).map_err(|error| Fault::Database(error.to_string()))?;
        Ok(Self { argon2, scram: ScramKeys::new(password, &salt, SCRAM_ITERATIONS)? })
    }

    /// Whether a password is the one. Costs the same for right and wrong.
    #[must_use]
    pub fn verify(&self, password: &str) -> bool {
        let Ok(known) = argon2::password_hash::phc::PasswordHash::new(&self.argon2) else { return false };
        password.len() <= PASSWORD_BYTES_MAX
            && hasher().is_ok_and(|hasher| hasher.verify_password(password.as_bytes(), &known).is_ok())
    }

    /// The SCRAM side.
    #[must_use]
    pub fn scram(&self) -> &ScramKeys {
        &self.scram
    }
}

impl ScramKeys {
    fn new(password: &str, salt: &[u8], iterations: u32) -> Result<Self> {
        let mut salted = [0_u8; 32];
        pbkdf2::pbkdf2::<Hmac<Sha256>>(password.as_bytes(), salt, iterations, &mut salted)
            .map_err(row_fault)?;
        let client_key = hmac(&salted, b"Client Key")?;
        Ok(Self {
            salt: salt.to_vec(),
            iterations,
            stored_key: Sha256::digest(&client_key).to_vec(),
            server_key: hmac(&salted, b"Server Key")?,
        })
    }
}

fn hmac(key: &[u8], text: &[u8]) -> Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(row_fault)?;
    mac.update(text);
    Ok(mac.finalize().into_bytes().to_vec())
}

fn hasher() -> Result<Argon2<'static>> {
    let (memory, passes, lanes) = ARGON2;
    let params = Params::new(memory, passes, lanes, None).map_err(row_fault)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// One way to prove who one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its number within the account.
    pub id: i64,
    /// `None`: the main password. Otherwise the name of the app password.
    pub app: Option<String>,
    /// The keys.
    pub keys: PasswordKeys,
    /// When it was set.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// How exact `last_used_at` is: a login each second is one write a minute.
const LAST_USED_STEP_MS: i64 = 60_000;

impl<'tx> Read<'tx> {
    /// The living credentials of an account, the main password first.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn credentials(&self, _admin: &Admin<'tx>, account: AccountId) -> Result<Vec<Credential>> {
        let find = credential::Entity::find()
            .filter(credential::Column::AccountId.eq(account.0))
            .filter(credential::Column::RevokedAt.is_null())
            .order_by_desc(credential::Column::Kind)
            .order_by_asc(credential::Column::CredentialId);
        self.connection.find(find)?.into_iter().map(credential_of).collect()
    }
}

fn credential_of(row: credential::Model) -> Result<Credential> {
    Ok(Credential {
        id: row.credential_id,
        app: (row.kind == APP).then_some(row.name),
        keys: PasswordKeys {
            argon2: row.argon2,
            scram: ScramKeys {
                salt: row.scram_salt,
                iterations: u32::try_from(row.scram_iterations).map_err(row_fault)?,
                stored_key: row.scram_stored_key,
                server_key: row.scram_server_key,
            },
        },
        created_at: Timestamp(row.created_at),
        last_used_at: row.last_used_at.map(Timestamp),
    })
}

impl<'tx> Write<'tx> {
    /// Sets the main password: the old one is gone with this commit. The account must be declared.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an account that is not there.
    pub fn set_password(
        &mut self,
        _admin: &Admin<'tx>,
        account: AccountId,
        keys: &PasswordKeys,
    ) -> Result<()> {
        self.counter(account)?;
        self.wake(account);
        self.connection.execute(REVOKE_MAIN, params![account.0, self.now().0])?;
        self.put_credential(account, MAIN, "", keys).map(drop)
    }

    /// Takes the main password away: nobody can log in with it any more; app passwords stay. The account
    /// must be declared.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is none.
    pub fn remove_password(&mut self, _admin: &Admin<'tx>, account: AccountId) -> Result<()> {
        self.counter(account)?;
        self.wake(account);
        match self.connection.execute(REVOKE_MAIN, params![account.0, self.now().0])? {
            0 => Err(Refusal::NotFound(Subject::Credential).into()),
            _ => Ok(()),
        }
    }

    /// Adds an app password under a name that no living one of the account has.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`], [`Refusal::Invalid`] for an empty name or too many.
    pub fn add_app_password(
        &mut self,
        admin: &Admin<'tx>,
        account: AccountId,
        name: &str,
        keys: &PasswordKeys,
    ) -> Result<i64> {
        self.account_row(account)?;
        let living = self.credentials(admin, account)?;
        if name.trim().is_empty() || living.len() > APP_PASSWORDS_MAX {
            return Err(Refusal::Invalid("an app password needs a name, and there are at most 100").into());
        }
        if living.iter().any(|one| one.app.as_deref() == Some(name)) {
            return Err(Refusal::AlreadyExists(Subject::Credential).into());
        }
        self.put_credential(account, APP, name, keys)
    }

    fn put_credential(&self, account: AccountId, kind: &str, name: &str, keys: &PasswordKeys) -> Result<i64> {
        let id = self.take_number("credential")?;
        let row = credential::ActiveModel {
            account_id: Set(account.0),
            credential_id: Set(id),
            kind: Set(kind.to_owned()),
            name: Set(name.to_owned()),
            argon2: Set(keys.argon2.clone()),
            scram_salt: Set(keys.scram.salt.clone()),
            scram_iterations: Set(i64::from(keys.scram.iterations)),
            scram_stored_key: Set(keys.scram.stored_key.clone()),
            scram_server_key: Set(keys.scram.server_key.clone()),
            created_at: Set(self.now().0),
            last_used_at: Set(None),
            revoked_at: Set(None),
        };
        self.connection.change(&credential::Entity::insert(row))?;
        Ok(id)
    }

    /// Revokes an app password by name: the next command that uses it is refused.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn revoke_app_password(&mut self, _admin: &Admin<'tx>, account: AccountId, name: &str) -> Result<()> {
        const REVOKE: &str = "UPDATE credential SET revoked_at = ?3 \
             WHERE account_id = ?1 AND kind = 'app' AND name = ?2 AND revoked_at IS NULL";
        self.wake(account);
        match self.connection.execute(REVOKE, params![account.0, name, self.now().0])? {
            0 => Err(Refusal::NotFound(Subject::Credential).into()),
            _ => Ok(()),
        }
    }

    /// Notes that a credential was used.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn credential_used(&mut self, _admin: &Admin<'tx>, account: AccountId, id: i64) -> Result<()> {
        const USED: &str = "UPDATE credential SET last_used_at = ?3 WHERE account_id = ?1 AND credential_id = ?2 \
             AND (last_used_at IS NULL OR last_used_at < ?4)";
        let now = self.now().0;
        self.connection.execute(USED, params![account.0, id, now, now - LAST_USED_STEP_MS]).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_itself_only() {
        let keys = PasswordKeys::new("päss wörd").unwrap();
        assert!(keys.verify("päss wörd"));
        assert!(!keys.verify("pass word"));
        assert!(PasswordKeys::new("abc").is_err());
        assert!(PasswordKeys::new(&"x".repeat(1025)).is_err());
        assert!(PasswordKeys::new(&"x".repeat(1024)).is_ok());
    }

    /// RFC 7677 section 3: the example exchange's salt, iterations and server signature.
    #[test]
    fn scram_keys_match_the_rfc() {
        use base64::Engine;
        let base64 = base64::engine::general_purpose::STANDARD;
        let salt = base64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let keys = ScramKeys::new("pencil", &salt, 4096).unwrap();
        let auth = "n=user,r=rOprNGfwEbeRWgbNEkqO,\
            r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
            c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let signature = hmac(&keys.server_key, auth.as_bytes()).unwrap();
        assert_eq!(base64.encode(signature), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }
}
