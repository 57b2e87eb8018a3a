//! The answer for phones: MS-ASCMD section 2.2.1.1.

use crate::Schema;
use crate::write::Writer;

/// What a phone is told of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone<'a> {
    /// Language of the person, such as `en`.
    pub language: &'a str,
    /// Name of the person; may be empty.
    pub display_name: &'a str,
    /// The address that the person is called by (MS-ASCMD R2228); of an unknown one, as it was asked for.
    pub address: &'a str,
    /// What to do.
    pub action: Action<'a>,
}

/// What a phone shall do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action<'a> {
    /// Use ActiveSync at this URL.
    Settings {
        /// Of the resource.
        url: &'a str,
    },
    /// Ask again for another address.
    Redirect {
        /// The address.
        address: &'a str,
    },
    /// Give up.
    Error {
        /// For the person.
        message: &'a str,
        /// For whoever looks after the server.
        debug_data: &'a str,
    },
}

/// Protocol error, the only status there is: MS-ASCMD R4001 R4002.
const PROTOCOL_ERROR: &str = "2";

impl Phone<'_> {
    /// The document.
    #[must_use]
    pub fn xml(&self) -> String {
        Writer::answer(Some(Schema::MobileSync.namespace()), |response| {
            let country = if self.language == "en" { "us" } else { self.language };
            response.leaf("Culture", &format!("{}:{country}", self.language));
            response.within("User", |user| {
                if !self.display_name.is_empty() {
                    user.leaf("DisplayName", self.display_name);
                }
                user.leaf("EMailAddress", self.address);
            });
            response.within("Action", |action| self.action.write(action));
        })
    }
}

impl Action<'_> {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Settings { url } => writer.within("Settings", |settings| {
                settings.within("Server", |server| {
                    server.leaf("Type", "MobileSync");
                    server.leaf("Url", url);
                    server.leaf("Name", url); // MS-ASCMD R3484
                });
            }),
            Self::Redirect { address } => writer.leaf("Redirect", address),
            Self::Error { message, debug_data } => writer.within("Error", |error| {
                error.leaf("Status", PROTOCOL_ERROR);
                error.leaf("Message", message);
                error.leaf("DebugData", debug_data);
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(action: Action<'_>) -> String {
        let phone = Phone { language: "en", display_name: "Anna & Co <x>", address: "anna@a.test", action };
        let xml = phone.xml();
        let begin = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<Autodiscover xmlns=\"http://schemas.microsoft.com/\
                     exchange/autodiscover/responseschema/2006\"><Response xmlns=\"http://schemas.microsoft.com/exchange/\
                     autodiscover/mobilesync/responseschema/2006\"><Culture>en:us</Culture><User><DisplayName>Anna &amp; \
                     Co &lt;x&gt;</DisplayName><EMailAddress>anna@a.test</EMailAddress></User><Action>";
        let rest = xml.strip_prefix(begin).unwrap_or_else(|| panic!("{xml}"));
        rest.strip_suffix("</Action></Response></Autodiscover>").unwrap_or_else(|| panic!("{xml}")).to_owned()
    }

    // MS-ASCMD R806 R1027 R1028 R1084 R1086 R1458 R1518 R1586 R1982 R2480 R2482 R2562 R2564 R2624 R2626 R2862 R2886 R2888 R2890
    // R3482 R3484 R3815 R3890 R4648 R4693
    #[test]
    fn a_phone_is_told_where_to_go() {
        let url = "https://mail.a.test/Microsoft-Server-ActiveSync";
        assert_eq!(
            shown(Action::Settings { url }),
            format!(
                "<Settings><Server><Type>MobileSync</Type><Url>{url}</Url><Name>{url}</Name></Server></Settings>"
            )
        );
    }

    // MS-ASCMD R1474 R1632 R1634 R1899 R2442 R2694 R3998 R4001
    #[test]
    fn a_phone_is_sent_on_or_told_why_not() {
        assert_eq!(shown(Action::Redirect { address: "anna@b.test" }), "<Redirect>anna@b.test</Redirect>");
        assert_eq!(
            shown(Action::Error { message: "No \u{1}.", debug_data: "User" }),
            "<Error><Status>2</Status><Message>No .</Message><DebugData>User</DebugData></Error>"
        );
    }
}
