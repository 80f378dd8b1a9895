//! Signed webhooks: the key that a receiver checks what comes with (Standard Webhooks).

use base64::{Engine as _, prelude::BASE64_STANDARD};
use lockstep_core::credential::{ProviderType, RotationPolicy, Verdict};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::{Answer, Facts, Probe, Settings, Unfit, Vendor, accepted, someone_else};

pub(super) struct Webhook;

static FACTS: Facts = Facts {
    name: "webhook",
    title: "Signed webhooks (signing key, as `whsec_` and base64)",
    types: &[ProviderType::Notification],
    settings: &[],
    policy: RotationPolicy { days: Some(365) },
    scopes: &[],
    features: &["signed webhooks"],
    renew: "the receiver's settings, or `openssl rand -base64 32` on both sides",
};

/// The bytes of a signing key.
///
/// # Errors
/// When it is none of 24 to 64 bytes in base64.
pub(crate) fn signing_key(secret: &SecretString) -> Result<Zeroizing<Vec<u8>>, Unfit> {
    let text = secret.expose_secret();
    let bytes = BASE64_STANDARD.decode(text.strip_prefix("whsec_").unwrap_or(text)).map(Zeroizing::new);
    bytes.ok().filter(|bytes| (24..=64).contains(&bytes.len())).ok_or_else(|| {
        Unfit::new(
            "the secret is no signing key: it is `whsec_` and 24 to 64 bytes in base64",
            "`openssl rand -base64 32` makes one",
        )
    })
}

impl Vendor for Webhook {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    /// Only a receiver could say whether the key is theirs, and only of a message.
    fn probe(&self, _: &Settings, secret: &SecretString) -> Result<Probe, Unfit> {
        signing_key(secret).map(|_| Probe::Known(accepted(None)))
    }

    fn judge(&self, _: &Answer) -> Verdict {
        someone_else()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signing_key_is_long_enough() {
        for (secret, is_key) in [
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true),
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true),
            ("whsec_c2hvcnQ=", false),
            ("whsec_not base64", false),
        ] {
            assert_eq!(signing_key(&secret.into()).is_ok(), is_key, "{secret}");
        }
    }
}
