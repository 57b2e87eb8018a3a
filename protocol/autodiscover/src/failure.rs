//! The answer to a request that nobody can answer: MS-OXDSCLI section 2.2.4.1.1.3, MS-ASCMD R3818.

use crate::write::Writer;

/// An Error of the service itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong.
    pub code: ErrorCode,
    /// The time of the day in milliseconds since midnight, UTC.
    pub time_ms: u32,
    /// Of the server: the same in all of its answers.
    pub id: u32,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// 500: no such address, as far as whoever asks may know.
    UnknownAddress,
    /// 600: it is not a request.
    InvalidRequest,
    /// 601: it asks for a schema that is not served.
    UnknownSchema,
}

impl ErrorCode {
    /// The number, and the words for it.
    fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::UnknownAddress => ("500", "The email address can't be found."),
            Self::InvalidRequest => ("600", "Invalid Request"),
            Self::UnknownSchema => ("601", "The requested schema version is not supported."),
        }
    }
}

impl Failure {
    /// The document.
    #[must_use]
    pub fn xml(&self) -> String {
        let (seconds, ms) = (self.time_ms / 1000, self.time_ms % 1000);
        let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
        let time = format!("{hours:02}:{minutes:02}:{:02}.{ms:03}0000", seconds % 60);
        let (code, message) = self.code.told();
        let id = self.id.to_string();
        Writer::answer(None, |response| {
            response.element("Error", &[("Time", time.as_str()), ("Id", id.as_str())], |error| {
                error.leaf("ErrorCode", code);
                error.leaf("Message", message);
                error.leaf("DebugData", "");
            });
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // MS-ASCMD R1636 R1638 R1642 R3818
    #[test]
    fn a_failure_says_its_code_time_and_server() {
        let xml = Failure { code: ErrorCode::InvalidRequest, time_ms: 61_005_012, id: 7 }.xml();
        let error = "<Response><Error Time=\"16:56:45.0120000\" Id=\"7\"><ErrorCode>600</ErrorCode><Message>Invalid \
                     Request</Message><DebugData></DebugData></Error></Response>";
        assert!(xml.contains(error), "{xml}");
        for (code, number) in [(ErrorCode::UnknownSchema, "601"), (ErrorCode::UnknownAddress, "500")] {
            let xml = Failure { code, time_ms: 0, id: 0 }.xml();
            assert!(xml.contains(&format!("<ErrorCode>{number}</ErrorCode>")), "{xml}");
        }
    }
}
