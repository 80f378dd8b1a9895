//! Figma's REST API: small reads within its quota. A refusal for want of quota is handed on, never waited for.

mod error;
mod file;
mod library;
mod limits;
mod nodes;
mod raw;
mod whole;

use std::{
    sync::{
        Once,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use backon::{ExponentialBuilder, Retryable};
use chrono::Utc;
use reqwest::{StatusCode, header::HeaderValue, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::Url;

pub use error::FigmaError;
pub use file::{FileMeta, FileOutline, Page};
pub use library::{
    ContainingSet, DevResource, FigmaUser, FileVersion, Frame, Published, Variable, VariableCollection,
    VariableMode, VariableValue, Variables, Webhook,
};
pub use limits::{Quota, RateLimit, Tier, Window};
pub use nodes::{MAX_NODES, NodeEntry, Nodes};
pub use whole::WholeFile;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a call is made again that failed for a reason that passes. Each of them counts at Figma.
const MORE_ATTEMPTS: usize = 2;
/// How long to wait before the first of them; then twice as long.
const BACKOFF: Duration = Duration::from_millis(500);

/// Where Figma is.
pub const FIGMA: &str = "https://api.figma.com";

/// How much is put up with.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How long a connection may be silent.
    pub silence: Duration,
    /// The most bytes of an answer that are read.
    pub answer: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { silence: Duration::from_secs(60), answer: 1 << 30 }
    }
}

/// How a token is presented.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TokenKind {
    /// A personal access token or a plan's, in a header of Figma's own.
    #[default]
    Own,
    /// An OAuth token, as a bearer.
    OAuth,
}

/// A client that reads with one token from one address, and counts its calls.
#[derive(Debug)]
pub struct Figma {
    base: Url,
    token: SecretString,
    kind: TokenKind,
    http: reqwest::Client,
    largest: usize,
    calls: [AtomicU64; 3],
}

impl Figma {
    /// A client for the API at `base`, [`FIGMA`] but in tests.
    ///
    /// # Errors
    /// When the address is none of HTTP, is unencrypted and not this machine, or TLS can't be set up.
    pub fn new(base: &str, token: SecretString, bounds: Bounds) -> Result<Self, FigmaError> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // An error says that the program has already chosen one: fine as well.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let address = || FigmaError::Address { address: base.chars().take(200).collect() };
        let base = Url::parse(base).map_err(|_| address())?;
        let local = matches!(base.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if base.scheme() != "https" && !(base.scheme() == "http" && local) {
            return Err(address());
        }
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(bounds.silence)
            // The token is for this address only, wherever an answer points.
            .redirect(Policy::none())
            .user_agent(concat!("lockstep/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| FigmaError::Setup { cause: error.to_string() })?;
        Ok(Self {
            base,
            token,
            kind: TokenKind::Own,
            http,
            largest: bounds.answer,
            calls: Default::default(),
        })
    }

    /// The same with a token that is presented so.
    #[must_use]
    pub fn with_token_kind(self, kind: TokenKind) -> Self {
        Self { kind, ..self }
    }

    /// How many calls of that tier were made, failed ones included: they count at Figma, too.
    pub fn calls(&self, tier: Tier) -> u64 {
        self.calls[tier as usize].load(Ordering::Relaxed)
    }

    async fn get<T: DeserializeOwned>(
        &self,
        tier: Tier,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, FigmaError> {
        let call = format!("GET /{}", path.join("/"));
        let body = (|| self.send(tier, path, query, &call))
            .retry(
                ExponentialBuilder::default()
                    .with_min_delay(BACKOFF)
                    .with_max_times(MORE_ATTEMPTS)
                    .with_jitter(),
            )
            .when(FigmaError::may_pass)
            .await?;
        serde_json::from_slice(&body)
            .map_err(|error| FigmaError::Malformed { call, cause: error.to_string() })
    }

    async fn send(
        &self,
        tier: Tier,
        path: &[&str],
        query: &[(&str, &str)],
        call: &str,
    ) -> Result<Vec<u8>, FigmaError> {
        let mut url = self.base.clone();
        let no_address = || FigmaError::Address { address: self.base.to_string() };
        url.path_segments_mut().map_err(|()| no_address())?.pop_if_empty().extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let failed = |error: reqwest::Error| FigmaError::Connection {
            call: call.to_owned(),
            cause: innermost(&error.without_url()),
        };
        let token = self.token.expose_secret();
        let (header, token) = match self.kind {
            TokenKind::Own => ("x-figma-token", HeaderValue::from_str(token)),
            TokenKind::OAuth => ("authorization", HeaderValue::from_str(&format!("Bearer {token}"))),
        };
        let mut token = token.map_err(|_| FigmaError::Setup {
            cause: "the token holds characters that no token has".into(),
        })?;
        token.set_sensitive(true);
        self.calls[tier as usize].fetch_add(1, Ordering::Relaxed);
        let mut answer = self.http.get(url).header(header, token).send().await.map_err(failed)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > self.largest {
                return Err(FigmaError::TooLarge { call: call.to_owned(), limit: self.largest });
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() {
            return Ok(body);
        }
        let (call, reason) = (call.to_owned(), error::reason(&body));
        Err(match status {
            StatusCode::TOO_MANY_REQUESTS => {
                FigmaError::Parked { call, limit: RateLimit::of(&headers, Utc::now()) }
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => FigmaError::Refused { call, reason },
            StatusCode::NOT_FOUND => FigmaError::NotFound { call, reason },
            _ => FigmaError::Status { call, status: status.as_u16(), reason },
        })
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
