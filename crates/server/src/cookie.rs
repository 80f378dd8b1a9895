//! The cookie of a browser's session.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::address::Exposure;

/// How long a browser keeps it, in seconds: as long as a session goes on at most.
const LASTS: u32 = 7 * 24 * 60 * 60;

/// `__Host-` makes browsers take it only over TLS, from this very host.
fn name(exposure: Exposure) -> &'static str {
    match exposure {
        Exposure::Loopback => "lockstep_session",
        Exposure::BehindProxy => "__Host-lockstep_session",
    }
}

/// What the browser holds, if anything.
pub(crate) fn held(headers: &HeaderMap, exposure: Exposure) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name(exposure)).map(|(_, value)| value)
}

/// What gives it to the browser; scripts can't read it, and other sites can't have it sent along but by a link.
pub(crate) fn given(session: &str, exposure: Exposure) -> Option<HeaderValue> {
    let secure = if exposure == Exposure::Loopback { "" } else { "; Secure" };
    let name = name(exposure);
    let text = format!("{name}={session}; Path=/; HttpOnly; SameSite=Lax; Max-Age={LASTS}{secure}");
    HeaderValue::from_str(&text).ok()
}

/// What takes it from the browser.
pub(crate) fn taken(exposure: Exposure) -> Option<HeaderValue> {
    let secure = if exposure == Exposure::Loopback { "" } else { "; Secure" };
    let name = name(exposure);
    HeaderValue::from_str(&format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_is_found_among_other_cookies() {
        for (cookies, exposure, expected) in [
            ("lockstep_session=abc", Exposure::Loopback, Some("abc")),
            ("a=b; lockstep_session=abc; c=d", Exposure::Loopback, Some("abc")),
            ("xlockstep_session=abc", Exposure::Loopback, None),
            ("lockstep_session", Exposure::Loopback, None),
            ("lockstep_session=abc", Exposure::BehindProxy, None),
            ("__Host-lockstep_session=abc", Exposure::BehindProxy, Some("abc")),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(cookies));
            assert_eq!(held(&headers, exposure), expected, "{cookies}");
        }
    }

    #[test]
    fn over_tls_browsers_are_told_so() {
        let text = |exposure| given("abc", exposure).unwrap().to_str().unwrap().to_owned();
        assert_eq!(
            text(Exposure::Loopback),
            "lockstep_session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800"
        );
        assert_eq!(
            text(Exposure::BehindProxy),
            "__Host-lockstep_session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800; Secure"
        );
    }
}
