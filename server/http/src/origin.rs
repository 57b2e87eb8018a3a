//! By which name a client calls us.

use actix_web::HttpRequest;

/// How the client called us: scheme and host, in front of every path. Whoever invents the headers that it is made of
/// leads only those astray to whom it could write any link.
#[must_use]
pub fn origin(request: &HttpRequest) -> String {
    let connection = request.connection_info();
    let host = connection.host();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    if host.is_empty() || !host.bytes().all(is_plain) {
        return String::new();
    }
    let scheme = if connection.scheme() == "https" { "https" } else { "http" };
    format!("{scheme}://{host}")
}
