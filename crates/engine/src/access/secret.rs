//! What the hub makes up for people and programs to hold.

use lockstep_core::contract::sha256_hex;

use crate::error::EngineError;

/// 32 random bytes in hex, after a word that tells what they are for. It is shown once; its hash is kept.
pub struct Secret(String);

impl Secret {
    /// A new one.
    pub(crate) fn new(prefix: &str) -> Result<Self, EngineError> {
        use std::fmt::Write as _;
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)
            .map_err(|error| EngineError::Bug(format!("the system gives no random bytes: {error}")))?;
        let mut text = prefix.to_owned();
        for byte in bytes {
            // Writing into a string can't fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok(Self(text))
    }

    /// The secret, to be shown once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> String {
        hash(&self.0)
    }

    /// A part that tells it from others and opens nothing.
    pub(crate) fn fingerprint(&self, prefix: &str) -> String {
        let shown: String = self.0.chars().take(prefix.len() + 6).collect();
        format!("{shown}…")
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is kept of a secret. It has 256 bits, so that a fast hash does.
pub(crate) fn hash(secret: &str) -> String {
    sha256_hex(secret.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_alike_and_none_is_shown_by_accident() {
        let (one, other) = (Secret::new("lockstep_").unwrap(), Secret::new("lockstep_").unwrap());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), 9 + 64);
        assert_eq!(format!("{one:?}"), "Secret(…)");
        assert_eq!(one.fingerprint("lockstep_").chars().count(), 9 + 6 + 1);
        assert!(!one.hash().contains(&one.expose()[9..]));
    }
}
