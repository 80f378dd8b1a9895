//! Which names the hub answers to while it speaks to this machine alone: a page on the web could else have its own name
//! lead here, and read what the hub says to a browser.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{StatusCode, header::HOST},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::{
    address::{Exposure, is_loopback},
    hub::Shared,
    problem::Problem,
};

/// Lets pass what is addressed to this machine.
pub(crate) async fn check(State(hub): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|value| value.to_str().ok());
    if hub.exposure == Exposure::Loopback && !host.is_some_and(names_this_machine) {
        return Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "wrong-host",
            "the request is addressed to another host than this machine",
            "use http://127.0.0.1 or http://localhost, or start the hub with --behind-proxy",
        )
        .into_response();
    }
    next.run(request).await
}

fn names_this_machine(host: &str) -> bool {
    let has_port = |rest: &str| rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port);
    if let Some((address, rest)) = host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        return has_port(rest)
            && address.parse().is_ok_and(|address: std::net::Ipv6Addr| is_loopback(address.into()));
    }
    let (name, rest) = host.split_at(host.find(':').unwrap_or(host.len()));
    let is_here = name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(is_loopback);
    is_here && has_port(rest)
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine() {
        for (host, expected) in [
            ("localhost", true),
            ("LocalHost:7420", true),
            ("127.0.0.1:7420", true),
            ("[::1]:7420", true),
            ("[::1]", true),
            ("", false),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example:7420", false),
            ("localhost:7420@evil.example", false),
            ("[::1", false),
            ("[::2]:7420", false),
            ("10.0.0.1", false),
        ] {
            assert_eq!(names_this_machine(host), expected, "{host}");
        }
    }
}
