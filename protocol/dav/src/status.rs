//! HTTP status codes as they stand in multistatus bodies.

use std::fmt;

/// A status code. Display gives a status line: RFC 4918 section 14.28.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(pub u16);

impl Status {
    /// RFC 9110 section 15.3.1.
    pub const OK: Self = Self(200);
    /// RFC 9110 section 15.3.2.
    pub const CREATED: Self = Self(201);
    /// RFC 9110 section 15.3.5.
    pub const NO_CONTENT: Self = Self(204);
    /// RFC 4918 section 11.1.
    pub const MULTI_STATUS: Self = Self(207);
    /// RFC 9110 section 15.5.1.
    pub const BAD_REQUEST: Self = Self(400);
    /// RFC 9110 section 15.5.2.
    pub const UNAUTHORIZED: Self = Self(401);
    /// RFC 9110 section 15.5.4.
    pub const FORBIDDEN: Self = Self(403);
    /// RFC 9110 section 15.5.5.
    pub const NOT_FOUND: Self = Self(404);
    /// RFC 9110 section 15.5.6.
    pub const METHOD_NOT_ALLOWED: Self = Self(405);
    /// RFC 9110 section 15.5.7.
    pub const NOT_ACCEPTABLE: Self = Self(406);
    /// RFC 9110 section 15.5.10.
    pub const CONFLICT: Self = Self(409);
    /// RFC 9110 section 15.5.13.
    pub const PRECONDITION_FAILED: Self = Self(412);
    /// RFC 9110 section 15.5.16.
    pub const UNSUPPORTED_MEDIA_TYPE: Self = Self(415);
    /// RFC 4918 section 11.3.
    pub const LOCKED: Self = Self(423);
    /// RFC 4918 section 11.4.
    pub const FAILED_DEPENDENCY: Self = Self(424);
    /// RFC 9110 section 15.6.1.
    pub const INTERNAL_SERVER_ERROR: Self = Self(500);
    /// RFC 4918 section 11.5.
    pub const INSUFFICIENT_STORAGE: Self = Self(507);

    fn reason(self) -> &'static str {
        match self {
            Self::OK => "OK",
            Self::CREATED => "Created",
            Self::NO_CONTENT => "No Content",
            Self::MULTI_STATUS => "Multi-Status",
            Self::BAD_REQUEST => "Bad Request",
            Self::UNAUTHORIZED => "Unauthorized",
            Self::FORBIDDEN => "Forbidden",
            Self::NOT_FOUND => "Not Found",
            Self::METHOD_NOT_ALLOWED => "Method Not Allowed",
            Self::NOT_ACCEPTABLE => "Not Acceptable",
            Self::CONFLICT => "Conflict",
            Self::PRECONDITION_FAILED => "Precondition Failed",
            Self::UNSUPPORTED_MEDIA_TYPE => "Unsupported Media Type",
            Self::LOCKED => "Locked",
            Self::FAILED_DEPENDENCY => "Failed Dependency",
            Self::INTERNAL_SERVER_ERROR => "Internal Server Error",
            Self::INSUFFICIENT_STORAGE => "Insufficient Storage",
            Self(_) => "",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP/1.1 {} {}", self.0, self.reason())
    }
}
