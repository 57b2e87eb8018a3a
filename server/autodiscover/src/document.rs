//! What an account is told about itself.

use autodiscover_wire::{
    Account as Told, Action, Encryption, ErrorCode, Kind, Outlook, Phone, Request, Schema, Server,
};
use session::Login;
use storage::{Account, Error, Refusal};
use vocabulary::{Door, EmailAddress, Principal};
use workflow::Elsewhere;

use crate::route::failure;
use crate::{Autodiscover, MailDoor, Served};

/// A schema in the log.
pub(crate) fn word(schema: Schema) -> &'static str {
    match schema {
        Schema::MobileSync => "mobilesync",
        Schema::Outlook => "outlook",
    }
}

/// The answer to a request of somebody who has logged in.
///
/// # Errors
/// [`storage::Fault`] only.
pub(crate) async fn document(
    front_end: &Autodiscover,
    login: &Login,
    asked: &Request,
) -> storage::Result<String> {
    let account = &login.account;
    if asked.schema == Schema::MobileSync && !front_end.served.active_sync {
        return Ok(failure(front_end, ErrorCode::UnknownSchema));
    }
    if !is_of(front_end, account, &asked.address).await? {
        return Ok(unknown(front_end, account, asked));
    }
    let elsewhere = workflow::elsewhere(&front_end.context, account, Door::Web).await?;
    Ok(match asked.schema {
        Schema::MobileSync => phone(&front_end.served, account, elsewhere.as_ref()),
        Schema::Outlook => outlook(&front_end.served, account, elsewhere.as_ref()),
    })
}

/// Whether an address is one of the account's own, the other names of its domain included.
async fn is_of(front_end: &Autodiscover, account: &Account, address: &str) -> storage::Result<bool> {
    let Ok(asked) = EmailAddress::parse(address) else { return Ok(false) };
    let (id, house) = (account.id, Principal::System { door: Door::Web });
    let read = front_end.context.store.read(&house, move |tx| {
        let admin = tx.administer()?;
        match tx.account_by_address(&admin, &asked) {
            Ok(found) => Ok(found.id == id),
            Err(Error::Refusal(Refusal::NotFound(_))) => Ok(false),
            Err(error) => Err(error),
        }
    });
    read.await
}

/// The same whether somebody else has the address or nobody.
fn unknown(front_end: &Autodiscover, account: &Account, asked: &Request) -> String {
    match asked.schema {
        Schema::Outlook => failure(front_end, ErrorCode::UnknownAddress),
        Schema::MobileSync => {
            let message = "This address is not one of the account's.";
            let action = Action::Error { message, debug_data: "EMailAddress" };
            Phone { language: &account.language, display_name: "", address: &asked.address, action }.xml()
        }
    }
}

fn phone(served: &Served, account: &Account, elsewhere: Option<&Elsewhere>) -> String {
    let address = account.address.to_string();
    let (url, moved_to) = match elsewhere {
        None => (served.active_sync_url(), None),
        Some(Elsewhere::Host(host)) => (format!("https://{host}/Microsoft-Server-ActiveSync"), None),
        Some(Elsewhere::Address(address)) => (String::new(), Some(address.to_string())),
    };
    let action = match &moved_to {
        Some(address) => Action::Redirect { address },
        None if account.kind.opens(Door::ActiveSync) => Action::Settings { url: &url },
        None => Action::Error {
            message: "This account may not use ActiveSync.",
            debug_data: account.kind.as_str(),
        },
    };
    // MS-ASCMD R2228
    Phone { language: &account.language, display_name: &account.name, address: &address, action }.xml()
}

/// Where mail is has nothing to do with where phones go, unless the person has another address.
fn outlook(served: &Served, account: &Account, elsewhere: Option<&Elsewhere>) -> String {
    let address = account.address.to_string();
    let moved_to = match elsewhere {
        Some(Elsewhere::Address(address)) => Some(address.to_string()),
        Some(Elsewhere::Host(_)) | None => None,
    };
    let told = match &moved_to {
        Some(address) => Told::RedirectAddress(address),
        None => Told::Settings(servers(served, account)),
    };
    Outlook { display_name: &account.name, address: &address, account: told }.xml()
}

/// One for each purpose, of those that accounts of the kind may use.
fn servers<'a>(served: &'a Served, account: &Account) -> Vec<Server<'a>> {
    let mut servers: Vec<Server<'a>> = Vec::new();
    for MailDoor { door, port, implicit_tls } in served.mail.iter().copied() {
        let kind = match door {
            Door::Imap => Kind::Imap,
            Door::Pop3 => Kind::Pop3,
            Door::Submission => Kind::Smtp,
            Door::ActiveSync | Door::Dav | Door::Lmtp | Door::Web | Door::Admin => continue,
        };
        if account.kind.opens(door) && servers.iter().all(|known| known.kind != kind) {
            let encryption = if implicit_tls { Encryption::Implicit } else { Encryption::StartTls };
            servers.push(Server { kind, host: &served.mail_host, port, encryption });
        }
    }
    servers
}
