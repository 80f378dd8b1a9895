//! Any HTTP endpoint: what lets a secret in with success, and answers 401 or 403 to others.

use lockstep_core::credential::{ProviderType, RotationPolicy, Verdict};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Answer, Facts, Probe, Setting, Settings, Unfit, Vendor, accepted, usual};
use crate::line::Call;

pub(super) struct Endpoint;

/// The header that a secret goes in.
pub(super) const HEADER: Setting =
    Setting::usual("header", "the header that the secret goes in", "authorization");
/// What stands before it there.
pub(super) const SCHEME: Setting =
    Setting::usual("scheme", "the word before it in the header; `none` for none", "Bearer");

static FACTS: Facts = Facts {
    name: "http",
    title: "Any HTTP endpoint (token in a header)",
    types: &[ProviderType::Documentation, ProviderType::Testing],
    settings: &[Setting::needed("url", "an address that answers with success to the secret"), HEADER, SCHEME],
    policy: RotationPolicy { days: Some(180) },
    scopes: &[],
    features: &["what stands behind the endpoint"],
    renew: "whoever runs the endpoint",
};

/// The call with the secret in the header that the settings name.
pub(super) fn with_secret(call: Call, facts: &Facts, settings: &Settings, secret: &SecretString) -> Call {
    let get = |name| settings.get(facts, name).unwrap_or_default();
    let value = match get("scheme") {
        "none" | "" => secret.expose_secret().to_owned(),
        scheme => format!("{scheme} {}", secret.expose_secret()),
    };
    call.header(get("header"), value)
}

impl Vendor for Endpoint {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn probe(&self, settings: &Settings, secret: &SecretString) -> Result<Probe, Unfit> {
        let call = Call::get(settings.address(&FACTS, "url")?);
        Ok(Probe::Call(with_secret(call, &FACTS, settings, secret)))
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        usual(answer, &["error", "message", "detail", "title"]).unwrap_or_else(|| accepted(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::tests::assert_judges;

    #[test]
    fn answers_mean_this() {
        assert_judges(
            &Endpoint,
            &[
                (200, "whatever", "accepted"),
                (204, "", "accepted"),
                (401, r#"{"message":"the token has expired"}"#, "expired"),
                (403, "", "refused"),
                (404, "", "unclear"),
            ],
        );
    }
}
