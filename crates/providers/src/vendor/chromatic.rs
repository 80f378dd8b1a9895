//! Chromatic, and services like it: project tokens.

use lockstep_core::credential::{ProviderType, RotationPolicy, Verdict};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::{Answer, Facts, Probe, Setting, Settings, Unfit, Vendor, accepted, someone_else, usual};
use crate::line::{Call, below};

pub(super) struct Chromatic;

static FACTS: Facts = Facts {
    name: "chromatic",
    title: "Chromatic (project token)",
    types: &[ProviderType::Documentation],
    settings: &[Setting::usual("url", "the index's address", "https://index.chromatic.com")],
    policy: RotationPolicy { days: Some(365) },
    scopes: &[],
    features: &["published Storybooks"],
    renew: "Chromatic, the project, Manage, Configure",
};

/// What its own command line begins with: a project token for one of a session.
const QUERY: &str = "mutation ($projectToken: String!) { appToken: createAppToken(code: $projectToken) }";

impl Vendor for Chromatic {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn probe(&self, settings: &Settings, secret: &SecretString) -> Result<Probe, Unfit> {
        let url = below(&settings.address(&FACTS, "url")?, &["graphql"]);
        let body = json!({ "query": QUERY, "variables": { "projectToken": secret.expose_secret() } });
        Ok(Probe::Call(Call::post(url, body.to_string()).json()))
    }

    /// The token of a session that comes back is as secret, and looked at no further.
    fn judge(&self, answer: &Answer) -> Verdict {
        const REASON: &[&str] = &["errors/0/message"];
        if let Some(verdict) = usual(answer, REASON) {
            return verdict;
        }
        let json = answer.json();
        match (json.pointer("/data/appToken"), answer.text_at(REASON)) {
            (Some(token), _) if token.is_string() => accepted(None),
            (_, Some(reason)) if names_the_token(&reason) => Verdict::Refused { expired: false, reason },
            (_, Some(reason)) => Verdict::Unclear { code: "provider-failed", reason },
            _ => someone_else(),
        }
    }
}

fn names_the_token(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    ["token", "no app with code", "unauthorized"].iter().any(|word| reason.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::tests::assert_judges;

    #[test]
    fn answers_mean_this() {
        assert_judges(
            &Chromatic,
            &[
                (200, r#"{"data":{"appToken":"eyJh"}}"#, "accepted"),
                (200, r#"{"errors":[{"message":"No app with code 'x' found"}],"data":null}"#, "refused"),
                (200, r#"{"errors":[{"message":"Internal error"}]}"#, "unclear"),
                (200, "<html>", "unclear"),
                (401, "{}", "refused"),
            ],
        );
    }
}
