//! Where the hub listens: on this machine alone, unless somebody says that what comes in is protected.

use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpListener;

/// Who stands between the hub and those who ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// Nobody: it speaks plain HTTP, to this machine alone.
    Loopback,
    /// A proxy that speaks TLS to the outside.
    BehindProxy,
}

/// Why the hub does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Passwords and tokens would go over the network for all to read.
    #[error("{0} can be reached from other machines, and what is said there would be for all to read")]
    Unprotected(SocketAddr),
    /// The operating system refuses.
    #[error("can't listen on {address}: {source}")]
    Refused {
        /// Where.
        address: SocketAddr,
        /// The operating system's answer.
        source: std::io::Error,
    },
}

impl ListenError {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unprotected(_) => {
                "listen on 127.0.0.1, or put a proxy that speaks TLS before it and say --behind-proxy"
            }
            Self::Refused { source, .. } => match source.kind() {
                std::io::ErrorKind::AddrInUse => {
                    "another program listens there: choose another port with --listen"
                }
                std::io::ErrorKind::PermissionDenied => "choose a port above 1023 with --listen",
                _ => "choose an address of this machine with --listen",
            },
        }
    }
}

/// Listens on an address that the exposure allows.
///
/// # Errors
/// When it does not, or the operating system refuses.
pub async fn listen(address: SocketAddr, exposure: Exposure) -> Result<TcpListener, ListenError> {
    if exposure == Exposure::Loopback && !is_loopback(address.ip()) {
        return Err(ListenError::Unprotected(address));
    }
    TcpListener::bind(address).await.map_err(|source| ListenError::Refused { address, source })
}

/// Also `::ffff:127.0.0.1`, which is the same place.
pub(crate) fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for (text, expected) in [
            ("127.0.0.1", true),
            ("127.8.9.10", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("0.0.0.0", false),
            ("::", false),
            ("10.0.0.1", false),
            ("::ffff:10.0.0.1", false),
            ("192.0.2.7", false),
        ] {
            assert_eq!(is_loopback(text.parse().unwrap()), expected, "{text}");
        }
    }
}
