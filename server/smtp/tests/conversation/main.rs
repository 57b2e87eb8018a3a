//! SMTP conversations with a real store behind them.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say so when they fail")]

mod house;
mod lmtp;
mod submission;
