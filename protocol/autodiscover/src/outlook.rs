//! The answer for Outlook: MS-OXDSCLI section 2.2.4.1.
//!
//! Absent: ActiveSync among the protocols, for which this schema has no word.

use crate::Schema;
use crate::write::Writer;

/// What Outlook is told of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook<'a> {
    /// Name of the person; may be empty.
    pub display_name: &'a str,
    /// The address that the person is called by.
    pub address: &'a str,
    /// What to do.
    pub account: Account<'a>,
}

/// What Outlook shall do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account<'a> {
    /// Use these servers, the first of each purpose by preference.
    Settings(Vec<Server<'a>>),
    /// Ask again for another address.
    RedirectAddress(&'a str),
}

/// A server of mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server<'a> {
    /// What it speaks.
    pub kind: Kind,
    /// Its name.
    pub host: &'a str,
    /// Its port.
    pub port: u16,
    /// How the line is kept secret.
    pub encryption: Encryption,
}

/// Protocols of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Reading.
    Imap,
    /// Fetching.
    Pop3,
    /// Sending.
    Smtp,
}

/// How a line is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte.
    Implicit,
    /// STARTTLS.
    StartTls,
}

impl Outlook<'_> {
    /// The document.
    #[must_use]
    pub fn xml(&self) -> String {
        Writer::answer(Some(Schema::Outlook.namespace()), |response| {
            response.within("User", |user| {
                if !self.display_name.is_empty() {
                    user.leaf("DisplayName", self.display_name);
                }
                user.leaf("AutoDiscoverSMTPAddress", self.address);
            });
            response.within("Account", |account| {
                account.leaf("AccountType", "email");
                match &self.account {
                    Account::Settings(servers) => {
                        account.leaf("Action", "settings");
                        for server in servers {
                            account.within("Protocol", |protocol| server.write(self.address, protocol));
                        }
                    }
                    Account::RedirectAddress(address) => {
                        account.leaf("Action", "redirectAddr");
                        account.leaf("RedirectAddr", address);
                    }
                }
            });
        })
    }
}

impl Server<'_> {
    fn write(&self, login: &str, protocol: &mut Writer) {
        let (kind, sends) = match self.kind {
            Kind::Imap => ("IMAP", false),
            Kind::Pop3 => ("POP3", false),
            Kind::Smtp => ("SMTP", true),
        };
        // Encryption overrides SSL; older programs know SSL only.
        let (ssl, encryption) = match self.encryption {
            Encryption::Implicit => ("on", "SSL"),
            Encryption::StartTls => ("off", "TLS"),
        };
        protocol.leaf("Type", kind);
        protocol.leaf("Server", self.host);
        protocol.leaf("Port", &self.port.to_string());
        protocol.leaf("DomainRequired", "off");
        protocol.leaf("LoginName", login);
        protocol.leaf("SPA", "off");
        protocol.leaf("SSL", ssl);
        protocol.leaf("Encryption", encryption);
        protocol.leaf("AuthRequired", "on");
        if sends {
            protocol.leaf("UsePOPAuth", "off");
            protocol.leaf("SMTPLast", "off");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // MS-OXDSCLI section 2.2.4.1
    #[test]
    fn servers_are_told_with_their_ports_and_encryption() {
        let server = |kind, port, encryption| Server { kind, host: "mail.a.test", port, encryption };
        let servers = vec![
            server(Kind::Imap, 993, Encryption::Implicit),
            server(Kind::Pop3, 995, Encryption::Implicit),
            server(Kind::Smtp, 587, Encryption::StartTls),
        ];
        let account = Account::Settings(servers);
        let xml = Outlook { display_name: "Anna", address: "anna@a.test", account }.xml();
        for part in [
            "<Response xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a\"><User>\
             <DisplayName>Anna</DisplayName><AutoDiscoverSMTPAddress>anna@a.test</AutoDiscoverSMTPAddress></User><Account>\
             <AccountType>email</AccountType><Action>settings</Action><Protocol><Type>IMAP</Type>\
             <Server>mail.a.test</Server><Port>993</Port><DomainRequired>off</DomainRequired>\
             <LoginName>anna@a.test</LoginName><SPA>off</SPA><SSL>on</SSL><Encryption>SSL</Encryption>\
             <AuthRequired>on</AuthRequired></Protocol>",
            "<Type>POP3</Type><Server>mail.a.test</Server><Port>995</Port>",
            "<SSL>off</SSL><Encryption>TLS</Encryption><AuthRequired>on</AuthRequired><UsePOPAuth>off</UsePOPAuth>\
             <SMTPLast>off</SMTPLast></Protocol></Account></Response></Autodiscover>",
        ] {
            assert!(xml.contains(part), "{part}\n{xml}");
        }
    }

    #[test]
    fn a_person_who_moved_is_looked_for_at_the_new_address() {
        let account = Account::RedirectAddress("anna@b.test");
        let xml = Outlook { display_name: "", address: "anna@a.test", account }.xml();
        assert!(
            xml.contains("<Action>redirectAddr</Action><RedirectAddr>anna@b.test</RedirectAddr>"),
            "{xml}"
        );
        assert!(!xml.contains("DisplayName"), "{xml}");
    }
}
