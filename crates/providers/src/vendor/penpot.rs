//! Penpot: personal access tokens, of its cloud or of one's own.

use lockstep_core::credential::{ProviderType, RotationPolicy, Verdict};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Answer, Facts, Probe, Setting, Settings, Unfit, Vendor, accepted, someone_else, usual};
use crate::line::{Call, below};

pub(super) struct Penpot;

static FACTS: Facts = Facts {
    name: "penpot",
    title: "Penpot (access token)",
    types: &[ProviderType::Design],
    settings: &[Setting::usual("url", "where Penpot is", "https://design.penpot.app")],
    policy: RotationPolicy { days: Some(180) },
    scopes: &[],
    features: &["says whose token it is; design files of Penpot are not read yet"],
    renew: "Penpot, Your account, Access tokens",
};

/// Who is signed in where nobody is.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

impl Vendor for Penpot {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn probe(&self, settings: &Settings, secret: &SecretString) -> Result<Probe, Unfit> {
        let url = below(&settings.address(&FACTS, "url")?, &["api", "rpc", "command", "get-profile"]);
        let token = format!("Token {}", secret.expose_secret());
        let call = Call::post(url, "{}").json().header("accept", "application/json");
        Ok(Probe::Call(call.header("authorization", token)))
    }

    /// A token that it doesn't know makes nobody of who asks, and that is no error to Penpot.
    fn judge(&self, answer: &Answer) -> Verdict {
        if let Some(verdict) = usual(answer, &["hint", "code", "type"]) {
            return verdict;
        }
        match answer.text_at(&["id"]).as_deref() {
            Some(NOBODY) => {
                Verdict::Refused { expired: false, reason: "Penpot doesn't know the token".to_owned() }
            }
            Some(_) => accepted(answer.text_at(&["email", "fullname"]).as_deref()),
            None => someone_else(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::tests::assert_judges;

    #[test]
    fn answers_mean_this() {
        assert_judges(
            &Penpot,
            &[
                (
                    200,
                    r#"{"id":"6a1e4b2c-0000-8000-8000-000000000001","email":"ada@example.com"}"#,
                    "accepted",
                ),
                (
                    200,
                    r#"{"id":"00000000-0000-0000-0000-000000000000","fullname":"Anonymous User"}"#,
                    "refused",
                ),
                (401, r#"{"type":"authentication","code":"authentication-required"}"#, "refused"),
                (200, "<html>", "unclear"),
            ],
        );
    }
}
