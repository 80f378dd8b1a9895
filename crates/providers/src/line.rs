//! The line to a provider: calls that carry a secret to its own address alone, and answers of a bounded size.

use std::{sync::Once, time::Duration};

use backon::{ExponentialBuilder, Retryable as _};
use reqwest::{
    Method,
    header::{HeaderName, HeaderValue},
    redirect::Policy,
};
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

/// The most of an answer that is read.
const LARGEST: usize = 4 << 20;

/// How much is put up with.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long a call may take.
    pub call: Duration,
    /// How often it is made again when the network fails.
    pub more_attempts: usize,
    /// How long to wait before the first of these; then twice as long.
    pub backoff: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { call: Duration::from_secs(15), more_attempts: 2, backoff: Duration::from_millis(500) }
    }
}

/// A client for providers.
#[derive(Debug, Clone)]
pub struct Line {
    http: reqwest::Client,
    patience: Patience,
}

/// A call. What it carries is never shown: the address, too, may be secret.
pub struct Call {
    method: Method,
    url: Url,
    headers: Vec<(String, SecretString)>,
    body: Option<SecretString>,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, by their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer. The address is not in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Nobody answered, or the connection broke off.
    #[error("the connection to {host} failed ({cause})")]
    Unreachable {
        /// Whom to.
        host: String,
        /// What went wrong.
        cause: String,
    },
    /// The answer is no small one.
    #[error("{host} answers with more than {LARGEST} bytes")]
    TooLarge {
        /// Who.
        host: String,
    },
    /// The secret or the address can't be sent.
    #[error("the call can't be made: {0}")]
    Unfit(&'static str),
}

/// Why an address is none to send a secret to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It is no address of HTTP.
    #[error("it is no address that begins with https://")]
    NoAddress,
    /// Whoever listens on the way would read the secret.
    #[error("a secret goes over https://, or to this machine")]
    Unencrypted,
    /// It has a part that is meant for nobody.
    #[error("it holds a user name or password")]
    UserInfo,
}

/// Reads an address that a secret may be sent to.
///
/// # Errors
/// When it is none.
pub fn address(text: &str) -> Result<Url, BadAddress> {
    let url = Url::parse(text).map_err(|_| BadAddress::NoAddress)?;
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(BadAddress::NoAddress),
    };
    match url.scheme() {
        _ if !url.username().is_empty() || url.password().is_some() => Err(BadAddress::UserInfo),
        "https" => Ok(url),
        "http" if is_here => Ok(url),
        "http" => Err(BadAddress::Unencrypted),
        _ => Err(BadAddress::NoAddress),
    }
}

/// The address below `base` by that path.
pub(crate) fn below(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

impl Call {
    /// A call that reads.
    pub fn get(url: Url) -> Self {
        Self { method: Method::GET, url, headers: Vec::new(), body: None }
    }

    /// A call that sends something.
    pub fn post(url: Url, body: impl Into<String>) -> Self {
        Self { method: Method::POST, body: Some(SecretString::from(body.into())), ..Self::get(url) }
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), SecretString::from(value.into())));
        self
    }

    /// With the secret after `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(self, secret: &SecretString) -> Self {
        let value = format!("Bearer {}", secret.expose_secret());
        self.header("authorization", value)
    }

    /// With a body of JSON.
    #[must_use]
    pub fn json(self) -> Self {
        self.header("content-type", "application/json")
    }

    /// Whom to.
    pub fn host(&self) -> String {
        let port = self.url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.url.host_str().unwrap_or_default())
    }
}

impl Answer {
    /// Whether the status says that it went well.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The first of these members that holds a text: `error/message`.
    pub fn text_at(&self, places: &[&str]) -> Option<String> {
        let json = self.json();
        let mut found = places.iter().filter_map(|place| json.pointer(&format!("/{place}"))?.as_str());
        found.next().map(str::to_owned)
    }
}

impl Line {
    /// A line.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(patience: Patience) -> Result<Self, LineError> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // An error says that the program has already chosen one: fine as well.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let http = reqwest::Client::builder()
            .connect_timeout(patience.call)
            .timeout(patience.call)
            // A secret is for its address only, wherever an answer points.
            .redirect(Policy::none())
            .user_agent(concat!("lockstep/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| LineError::Unfit("no client for HTTP could be set up"))?;
        Ok(Self { http, patience })
    }

    /// Makes a call; again, when the network fails.
    ///
    /// # Errors
    /// When nobody answers, or with too much.
    pub async fn ask(&self, call: &Call) -> Result<Answer, LineError> {
        let backoff = ExponentialBuilder::default()
            .with_min_delay(self.patience.backoff)
            .with_max_times(self.patience.more_attempts)
            .with_jitter();
        let is_passing = |error: &LineError| matches!(error, LineError::Unreachable { .. });
        (|| self.ask_once(call)).retry(backoff).when(is_passing).await
    }

    /// Makes a call once, for what must not be done twice.
    ///
    /// # Errors
    /// When nobody answers, or with too much.
    pub async fn ask_once(&self, call: &Call) -> Result<Answer, LineError> {
        let host = call.host();
        let failed = |error: reqwest::Error| LineError::Unreachable {
            host: host.clone(),
            cause: innermost(&error.without_url()),
        };
        let mut request = self.http.request(call.method.clone(), call.url.clone());
        for (name, value) in &call.headers {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| LineError::Unfit("a header has no such name"))?;
            let mut value = HeaderValue::from_str(value.expose_secret())
                .map_err(|_| LineError::Unfit("the secret holds signs that no header can"))?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        if let Some(body) = &call.body {
            request = request.body(body.expose_secret().to_owned());
        }
        let mut answer = request.send().await.map_err(failed)?;
        let headers = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
        let (status, headers) = (answer.status().as_u16(), headers.collect());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(LineError::TooLarge { host });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }
}

/// The cause at the bottom of a chain, which names what happened.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_tls_or_nowhere_else() {
        for (text, expected) in [
            ("https://api.figma.com", Ok(())),
            ("http://127.0.0.1:8080/x", Ok(())),
            ("http://localhost:8080", Ok(())),
            ("http://[::1]:9", Ok(())),
            ("http://storybook.internal", Err(BadAddress::Unencrypted)),
            ("http://127.0.0.1.example.com", Err(BadAddress::Unencrypted)),
            ("https://user:pw@example.com", Err(BadAddress::UserInfo)),
            ("ftp://example.com", Err(BadAddress::NoAddress)),
            ("example.com", Err(BadAddress::NoAddress)),
        ] {
            assert_eq!(address(text).map(drop), expected, "{text}");
        }
    }
}
