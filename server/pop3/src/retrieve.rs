//! RETR and TOP (RFC 1939 sections 5 and 7).

use crate::connection::{Connection, End};
use crate::maildrop::Maildrop;
use crate::status;
use pop3_wire::{MessageNumber, MessageWriter, Response, WireSize};
use tokio::sync::Semaphore;

/// Messages above this share [`LARGE_BYTES_MAX`]; below it thousands of slow readers fit anyway.
const SMALL_BYTES_MAX: u64 = 256 * 1024;
/// Most bytes of large messages that all POP3 connections together hold in memory.
const LARGE_BYTES_MAX: usize = 256 * 1024 * 1024;
/// A message is written in pieces of this size.
const PIECE_BYTES: usize = 32 * 1024;

static LARGE: Semaphore = Semaphore::const_new(LARGE_BYTES_MAX);

/// Sends a message, or its header and the first lines of its body.
pub(crate) async fn run(
    maildrop: &Maildrop,
    number: MessageNumber,
    top_lines: Option<u32>,
    connection: &mut Connection,
) -> Result<(), End> {
    let message = match maildrop.message(number) {
        Ok(message) => message,
        Err(missing) => {
            connection.say(&missing);
            return Ok(());
        }
    };
    // The answers before this one must not wait for the room that this one needs.
    connection.flush().await?;
    let room = u32::try_from(message.size_bytes).unwrap_or(u32::MAX).min(LARGE_BYTES_MAX as u32);
    // The semaphore is never closed.
    let _room = match message.size_bytes > SMALL_BYTES_MAX {
        true => LARGE.acquire_many(room).await.ok(),
        false => None,
    };
    let bytes = match maildrop.load(message).await {
        Ok(bytes) => bytes,
        Err(error) => {
            connection.say(&status::response(&error));
            return Ok(());
        }
    };
    let mut writer = match top_lines {
        Some(lines) => {
            connection.say(&Response::ok("top of message follows"));
            MessageWriter::top(lines)
        }
        None => {
            let mut size = WireSize::new();
            size.add(&bytes);
            connection.say(&Response::ok(format!("{} octets", size.finish())));
            MessageWriter::whole()
        }
    };
    for piece in bytes.chunks(PIECE_BYTES) {
        if writer.is_complete() {
            break;
        }
        writer.write(piece, connection.out());
        connection.flush_if_full().await?;
    }
    writer.finish(connection.out());
    Ok(())
}
