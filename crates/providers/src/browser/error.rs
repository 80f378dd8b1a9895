//! What can go wrong with a browser.

use chromiumoxide::error::{CdpError, ChannelError};

/// Why a browser did not do what it was asked to. No secret of an address is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// There is none on this machine.
    #[error("no Chromium was found on this machine")]
    NotFound,
    /// The one that was named can't be started.
    #[error("{program} can't be started: {why}")]
    NotStarted {
        /// The program.
        program: String,
        /// Why.
        why: String,
    },
    /// The one that runs elsewhere does not answer.
    #[error("the browser at {address} can't be reached: {why}")]
    Unreachable {
        /// Scheme and host.
        address: String,
        /// Why.
        why: String,
    },
    /// It ended, or the connection to it did.
    #[error("the browser was lost: {0}")]
    Lost(String),
    /// A page can't be opened: `net::ERR_CONNECTION_REFUSED`.
    #[error("{0}")]
    Page(String),
    /// It did not answer in time.
    #[error("the browser did not answer in time")]
    Late,
}

impl BrowserError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotFound => {
                "install it (Debian and Ubuntu: `apt-get install chromium`), or name one: `executable` or `endpoints` under `[browser]`"
            }
            Self::NotStarted { why, .. } if why.contains("sandbox") => {
                "`sandbox = false` under `[browser]` starts it without one, where that is fine"
            }
            Self::NotStarted { .. } => {
                "does it start by hand? `executable` under `[browser]` names another one"
            }
            Self::Unreachable { .. } => "see `endpoints` under `[browser]`",
            Self::Lost(_) | Self::Page(_) | Self::Late => return None,
        })
    }

    pub(super) fn of(error: &CdpError) -> Self {
        match error {
            CdpError::Timeout => Self::Late,
            CdpError::ChannelSendError(ChannelError::Canceled(_) | ChannelError::Send(_))
            | CdpError::Ws(_)
            | CdpError::NoResponse => Self::Lost(error.to_string()),
            CdpError::JavascriptException(thrown) => {
                let told = thrown.exception.as_ref().and_then(|thrown| thrown.description.clone());
                Self::Page(told.unwrap_or_else(|| thrown.text.clone()))
            }
            other => Self::Page(other.to_string()),
        }
    }
}
