//! Numbers that name things. None of them is ever used twice (FAULTS: identifiers never come back).

use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// One domain, `example.org`: the wall that delegation never crosses.
    DomainId(i64)
);
number!(
    /// One account, whatever its addresses are called today.
    AccountId(i64)
);
number!(
    /// One group of accounts of one domain.
    GroupId(i64)
);
number!(
    /// One folder, counted within its account.
    CollectionId(i64)
);
number!(
    /// The identity that an item keeps when it moves between folders of its account (RFC 8474
    /// EMAILID); counted within the account.
    ItemId(i64)
);
number!(
    /// One immutable content, counted within its account.
    ContentId(i64)
);
number!(
    /// Unique identifier of a message in its mailbox: RFC 9051 section 2.3.1.1. Never 0 on the wire.
    Uid(u32)
);
number!(
    /// RFC 9051 section 2.3.1.1; from a counter of the account, never from the clock.
    UidValidity(u32)
);
number!(
    /// A change number of one account: `incarnation * 2^40 + n`. RFC 7162 allows 63 bits.
    ModSeq(i64)
);

impl ModSeq {
    /// How many bits the running number has below the incarnation.
    pub const INCARNATION_SHIFT: u32 = 40;

    /// Before every change.
    pub const ZERO: Self = Self(0);

    /// The first number of an incarnation of the store.
    #[must_use]
    pub fn start_of(incarnation: u16) -> Self {
        Self(i64::from(incarnation) << Self::INCARNATION_SHIFT)
    }

    /// Which incarnation of the store gave this number.
    #[must_use]
    pub fn incarnation(self) -> i64 {
        self.0 >> Self::INCARNATION_SHIFT
    }
}
