//! The time-zone service: RFC 7808. It tells everybody what the database says that we reckon with.
//!
//! Liberties: the definitions reach from 1970 on, where iCalendar programs begin; `last-modified` is the year of the
//! database. Absent: leap seconds, truncation at an end, other
//! formats than iCalendar, aliases, the escapes of patterns, which no name needs.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use calendar::{Transition, Zone};
use dav_wire::{Href, Segment, date_time, parse_date_time};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Where it is.
pub(crate) const PATH: &str = "/dav/timezones";
const PATH_SEGMENTS: usize = 2;
const WELL_KNOWN: &str = "/.well-known/timezone{slash:/?}";
/// Longest range of which the changes are told, in milliseconds: 200 years.
const RANGE_MS_MAX: i64 = 200 * 366 * 86_400_000;

pub(crate) fn configure(config: &mut web::ServiceConfig) {
    let redirect =
        || async { HttpResponse::MovedPermanently().insert_header((header::LOCATION, PATH)).finish() };
    config.service(web::resource(WELL_KNOWN).to(redirect));
    config.service(web::resource([PATH, "/dav/timezones/{path:.*}"]).route(web::get().to(handle)));
}

/// RFC 7808 section 5.
async fn handle(request: HttpRequest) -> HttpResponse {
    let query = web::Query::<HashMap<String, String>>::from_query(request.query_string());
    let (Ok(href), Ok(query)) = (Href::parse(request.uri().path()), query) else {
        return problem(StatusCode::BAD_REQUEST, "invalid-action");
    };
    let segments: Vec<&str> = href.segments.iter().skip(PATH_SEGMENTS).map(Segment::as_str).collect();
    let text = |name: &str| query.get(name).map(String::as_str);
    match segments.as_slice() {
        [] | ["capabilities"] => answer(&capabilities()),
        ["zones"] => match (text("pattern"), text("changedsince")) {
            (None, None) => answer(&listed(|_| true)),
            (Some(pattern), None) => found(pattern),
            (None, Some(token)) if token == Zone::iana_version() => answer(&listed(|_| false)),
            (None, Some(_)) => problem(StatusCode::BAD_REQUEST, "invalid-changedsince"),
            (Some(_), Some(_)) => problem(StatusCode::BAD_REQUEST, "invalid-action"),
        },
        ["zones", name @ ..] => {
            let (name, of_changes) = match name {
                [name @ .., "observances"] => (name, true),
                name => (name, false),
            };
            // A slash of a name may come as it is or encoded.
            let Some(zone) = Zone::by_iana_name(&name.join("/")) else {
                return problem(StatusCode::NOT_FOUND, "tzid-not-found");
            };
            if of_changes { changes(&zone, text("start"), text("end")) } else { definition(&zone, &request) }
        }
        _ => problem(StatusCode::BAD_REQUEST, "invalid-action"),
    }
}

/// RFC 7808 section 5.1.
fn capabilities() -> Value {
    let action = |name: &str, template: &str, parameters: Value| json!({"name": name, "uri-template": template, "parameters": parameters});
    let optional = |name: &str| json!({"name": name, "required": false, "multi": false});
    let required = |name: &str| json!({"name": name, "required": true, "multi": false});
    json!({
        "version": 1,
        "info": {
            "primary-source": format!("IANA:{}", Zone::iana_version()),
            "formats": ["text/calendar"],
            "truncated": {
                "any": false,
                "ranges": [{"start": "1970-01-01T00:00:00Z", "end": "*"}],
                "untruncated": false
            }
        },
        "actions": [
            action("capabilities", &format!("{PATH}/capabilities"), json!([])),
            action("list", &format!("{PATH}/zones{{?changedsince}}"), json!([optional("changedsince")])),
            action("get", &format!("{PATH}/zones{{/tzid}}"), json!([])),
            action(
                "expand",
                &format!("{PATH}/zones{{/tzid}}/observances{{?start,end}}"),
                json!([required("start"), required("end")])
            ),
            action("find", &format!("{PATH}/zones{{?pattern}}"), json!([required("pattern")])),
        ]
    })
}

/// RFC 7808 section 5.2.
fn listed(is_wanted: impl Fn(&str) -> bool) -> Value {
    let version = Zone::iana_version();
    let year = version.get(..4).unwrap_or("1970");
    let zones = Zone::iana_names().filter(|name| is_wanted(name)).map(|name| {
        json!({
            "tzid": name,
            "etag": version,
            "last-modified": format!("{year}-01-01T00:00:00Z"),
            "publisher": "IANA",
            "version": version
        })
    });
    json!({"synctoken": version, "timezones": zones.collect::<Vec<_>>()})
}

/// RFC 7808 section 5.5: a star at either end stands for anything, and `_` for a space.
fn found(pattern: &str) -> HttpResponse {
    let plain = |text: &str| text.to_lowercase().replace('_', " ");
    let (from_start, to_end) = (!pattern.starts_with('*'), !pattern.ends_with('*'));
    let wanted = plain(pattern.strip_prefix('*').unwrap_or(pattern));
    let wanted = wanted.strip_suffix('*').unwrap_or(&wanted);
    if wanted.is_empty() || wanted.contains(['*', '\\']) {
        return problem(StatusCode::BAD_REQUEST, "invalid-pattern");
    }
    answer(&listed(|name| {
        let name = plain(name);
        match (from_start, to_end) {
            (true, true) => name == wanted,
            (true, false) => name.starts_with(wanted),
            (false, true) => name.ends_with(wanted),
            (false, false) => name.contains(wanted),
        }
    }))
}

/// RFC 7808 section 5.3.
fn definition(zone: &Zone, request: &HttpRequest) -> HttpResponse {
    let tag = tag();
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        return HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish();
    }
    HttpResponse::Ok()
        .insert_header((header::ETAG, tag))
        .content_type("text/calendar; charset=utf-8")
        .body(zone.full_calendar())
}

/// All definitions change with the database.
fn tag() -> String {
    format!("\"{}\"", Zone::iana_version())
}

/// RFC 7808 section 5.4.
fn changes(zone: &Zone, start: Option<&str>, end: Option<&str>) -> HttpResponse {
    let Some(start) = start.and_then(parse_date_time) else {
        return problem(StatusCode::BAD_REQUEST, "invalid-start");
    };
    let Some(end) =
        end.and_then(parse_date_time).filter(|end| *end > start && end.0 - start.0 <= RANGE_MS_MAX)
    else {
        return problem(StatusCode::BAD_REQUEST, "invalid-end");
    };
    let first = zone.offset_s_at(start);
    // What holds at the beginning counts as one of them.
    let at_start =
        Transition { at: start, name: zone.name_at(start), offset_from_s: first, offset_to_s: first };
    let observances = std::iter::once(at_start).chain(zone.transitions(&(start..end))).map(|change| {
        json!({
            "name": change.name,
            "onset": date_time(change.at),
            "utc-offset-from": change.offset_from_s,
            "utc-offset-to": change.offset_to_s
        })
    });
    let mut answer = answer(&json!({
        "tzid": zone.name(),
        "start": date_time(start),
        "end": date_time(end),
        "observances": observances.collect::<Vec<_>>()
    }));
    if let Ok(tag) = tag().parse() {
        answer.headers_mut().insert(header::ETAG, tag);
    }
    answer
}

fn answer(document: &Value) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(document.to_string())
}

/// RFC 7808 section 5, RFC 7807.
fn problem(status: StatusCode, error: &str) -> HttpResponse {
    let document = json!({
        "type": format!("urn:ietf:params:tzdist:error:{error}"),
        "title": error,
        "status": status.as_u16()
    });
    HttpResponse::build(status).content_type("application/problem+json").body(document.to_string())
}
