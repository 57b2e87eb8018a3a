//! RETR and TOP (RFC 1939 sections 5 and 7).

use crate::connection::{Connection, End};
use crate::maildrop::Maildrop;
use crate::status;
use pop3_wire::{MessageNumber, MessageWriter, Response, ResponseCode, WireSize};
use session::{Room, Share};

/// Messages above this share [`LARGE_BYTES_MAX`]; below it thousands of slow readers fit anyway.
const SMALL_BYTES_MAX: u64 = 256 * 1024;
/// Most bytes of large messages that all POP3 connections together hold in memory.
const LARGE_BYTES_MAX: usize = 256 * 1024 * 1024;
/// A message is written in pieces of this size.
const PIECE_BYTES: usize = 32 * 1024;
/// Most of them for one account: one of the largest fits.
const SHARE_BYTES_MAX: usize = LARGE_BYTES_MAX / 4;
const _: () = assert!(SHARE_BYTES_MAX >= storage::CONTENT_BYTES_MAX, "a message that never has room");

static LARGE: Room = Room::new(LARGE_BYTES_MAX);

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
    let share = Share { account: maildrop.account(), bytes_max: SHARE_BYTES_MAX };
    let mut room = LARGE.enter(Some(share));
    let is_large = message.size_bytes > SMALL_BYTES_MAX;
    // Nobody waits here: who holds the room may read slowly.
    if is_large && !room.grow(usize::try_from(message.size_bytes).unwrap_or(usize::MAX)) {
        connection.say(&Response::err_code(ResponseCode::SysTemp, "busy, try again"));
        return Ok(());
    }
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
    if is_large {
        // The room is given back when the client has the message.
        connection.flush().await?;
    }
    Ok(())
}
