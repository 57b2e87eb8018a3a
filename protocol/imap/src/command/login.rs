//! LOGIN: RFC 9051 section 6.2.3.

use std::fmt;

use crate::{Input, SyntaxError};

/// ```abnf
/// login = "LOGIN" SP userid SP password
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// Who.
    pub user: String,
    /// The password, in UTF-8.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive() // never the password
    }
}

impl Login {
    pub(super) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        input.space()?;
        let user = input.text()?.into_owned();
        input.space()?;
        let password = input.text()?.into_owned();
        Ok(Self { user, password })
    }
}

#[cfg(test)]
mod tests {
    use crate::command::testing::{read, refuses};
    use crate::command::{Body, NotAuthenticated};

    #[test]
    fn known_answers() {
        for (text, user, password) in [
            ("LOGIN anna secret", "anna", "secret"),
            ("login \"an na\" \"a\\\"b\"", "an na", "a\"b"),
            ("LOGIN {11+}\r\nFRED FOOBAR {7+}\r\nfat man", "FRED FOOBAR", "fat man"), // RFC 7888 section 3
            ("LOGIN {0}\r\n \"\"", "", ""),
            ("LOGIN anna \"pässwörd\"", "anna", "pässwörd"),
        ] {
            let Ok(Body::NotAuthenticated(NotAuthenticated::Login(login))) = read(text) else {
                panic!("{text}")
            };
            assert_eq!((login.user.as_str(), login.password.as_str()), (user, password));
            assert!(!format!("{login:?}").contains("password"));
        }
        refuses(&[("LOGIN", 7), ("LOGIN a", 9), ("LOGIN a ", 10), ("LOGIN a b c", 12), ("LOGIN (a) b", 8)]);
    }
}
