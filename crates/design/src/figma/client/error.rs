//! Why a call failed, and what to do next.

use serde::Deserialize;

use super::RateLimit;

/// Why Figma gave no usable answer. No error holds the token.
#[derive(Debug, thiserror::Error)]
pub enum FigmaError {
    /// The address to call is none.
    #[error("`{address}` is no address to call Figma at")]
    Address {
        /// The address.
        address: String,
    },
    /// The client could not be set up.
    #[error("no client for HTTP could be set up: {cause}")]
    Setup {
        /// What is wrong.
        cause: String,
    },
    /// No answer, or one that broke off.
    #[error("{call}: the connection failed ({cause})")]
    Connection {
        /// The call.
        call: String,
        /// What went wrong.
        cause: String,
    },
    /// The quota is used up. Park the work.
    #[error("{call}: Figma's quota is used up; {limit}")]
    Parked {
        /// The call.
        call: String,
        /// When it can go on, and what the plan is.
        limit: RateLimit,
    },
    /// The token is unknown, expired, or may not do this.
    #[error("{call}: Figma refused the token ({reason})")]
    Refused {
        /// The call.
        call: String,
        /// What Figma says.
        reason: String,
    },
    /// There is no such file, or the token doesn't see it.
    #[error("{call}: not found ({reason})")]
    NotFound {
        /// The call.
        call: String,
        /// What Figma says.
        reason: String,
    },
    /// Another status than success.
    #[error("{call}: Figma answered {status} ({reason})")]
    Status {
        /// The call.
        call: String,
        /// The HTTP status.
        status: u16,
        /// What Figma says.
        reason: String,
    },
    /// The answer is larger than allowed.
    #[error("{call}: the answer is larger than {limit} bytes")]
    TooLarge {
        /// The call.
        call: String,
        /// The most bytes that are read.
        limit: usize,
    },
    /// Figma gives nothing for a node that it has just named.
    #[error("GET /v1/files/{key}/nodes: Figma leaves out the node {node}, which the file has")]
    Incomplete {
        /// The file's key.
        key: String,
        /// The node.
        node: String,
    },
    /// The file changed each time while it was read.
    #[error("the file {key} changed each time while it was read")]
    Unsteady {
        /// The file's key.
        key: String,
    },
    /// The answer is not what Figma documents.
    #[error("{call}: the answer can't be read ({cause})")]
    Malformed {
        /// The call.
        call: String,
        /// What is wrong, and where.
        cause: String,
    },
}

impl FigmaError {
    /// Whether the same call may succeed a moment later.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Self::Connection { .. } | Self::Status { status: 500..=599, .. })
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Address { .. } => "use https://api.figma.com; without TLS only this machine is called",
            Self::Setup { .. } => "look at the token: it is one line of letters, digits, `-` and `_`",
            Self::Connection { .. } => {
                "check the network, or allow more time with --timeout, and fetch again"
            }
            Self::Parked { .. } => "fetch again then: calls made before are refused, and may count",
            Self::Refused { .. } => {
                "make a new token with the scopes file_content:read and file_metadata:read, and put it in the old one's place"
            }
            Self::NotFound { .. } => "check the file's key, and that the token's owner may open the file",
            Self::Status { .. } => {
                "fetch again later; https://status.figma.com says whether Figma has trouble"
            }
            Self::TooLarge { .. } => "allow more with --max-size: no part of the file is smaller",
            Self::Incomplete { .. } => {
                "fetch again; if it stays so, open the file in Figma and look at that node"
            }
            Self::Unsteady { .. } => "fetch again when nobody is at it",
            Self::Malformed { .. } => {
                "fetch again; if it stays so, a proxy may be answering in Figma's place"
            }
        }
    }

    /// A stable code in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "bad-address",
            Self::Setup { .. } => "no-client",
            Self::Connection { .. } => "no-connection",
            Self::Parked { .. } => "parked",
            Self::Refused { .. } => "token-refused",
            Self::NotFound { .. } => "file-not-found",
            Self::Status { .. } => "figma-failed",
            Self::TooLarge { .. } => "answer-too-large",
            Self::Incomplete { .. } => "incomplete",
            Self::Unsteady { .. } => "changed-meanwhile",
            Self::Malformed { .. } => "malformed-answer",
        }
    }

    /// Whether fewer nodes at once may succeed.
    pub(super) fn asks_for_less(&self) -> bool {
        matches!(self, Self::Status { status: 400 | 413, .. } | Self::TooLarge { .. })
    }
}

/// Both shapes of Figma's errors: `{status, err}` and `{error, status, message}`.
#[derive(Deserialize)]
struct ErrorAnswer {
    err: Option<String>,
    message: Option<String>,
}

/// The reason that an error answer gives, shortened; of what is no such answer, nothing is repeated.
pub(super) fn reason(body: &[u8]) -> String {
    let answer: Option<ErrorAnswer> = serde_json::from_slice(body).ok();
    match answer.and_then(|answer| answer.err.or(answer.message)) {
        Some(reason) => reason.chars().filter(|c| !c.is_control()).take(300).collect(),
        None => "no reason given".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_of_error_answers_give_their_reason() {
        for (body, expected) in [
            (r#"{"status":403,"err":"Token expired"}"#, "Token expired"),
            (r#"{"error":true,"status":400,"message":"Request too large"}"#, "Request too large"),
            ("<html>bad gateway</html>", "no reason given"),
            (r#"{"err":7}"#, "no reason given"),
        ] {
            assert_eq!(reason(body.as_bytes()), expected, "{body}");
        }
    }
}
