//! PostHog, of its cloud or of one's own: personal API keys.

use lockstep_core::credential::{ProviderType, RotationPolicy, Verdict};
use secrecy::SecretString;

use super::{Answer, Facts, Probe, Setting, Settings, Unfit, Vendor, accepted, limited, someone_else, usual};
use crate::line::{Call, below};

pub(super) struct PostHog;

static FACTS: Facts = Facts {
    name: "posthog",
    title: "PostHog (personal API key)",
    types: &[ProviderType::Analytics],
    settings: &[Setting::usual("url", "where PostHog is", "https://us.posthog.com")],
    policy: RotationPolicy { days: Some(180) },
    scopes: &[("user:read", "says whose key it is"), ("query:read", "reads usage")],
    features: &["usage analytics; nothing of Lockstep uses them yet"],
    renew: "PostHog, Settings, Personal API keys",
};

impl Vendor for PostHog {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn probe(&self, settings: &Settings, secret: &SecretString) -> Result<Probe, Unfit> {
        let mut url = below(&settings.address(&FACTS, "url")?, &["api", "users", "@me"]);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push("");
        }
        Ok(Probe::Call(Call::get(url).bearer(secret)))
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        const REASON: &[&str] = &["detail", "code"];
        let said = answer.text_at(REASON).unwrap_or_default().to_lowercase();
        if answer.status == 403 && said.contains("scope") {
            return limited("the scope user:read, to say whose it is");
        }
        match (usual(answer, REASON), answer.text_at(&["email", "uuid"])) {
            (Some(verdict), _) => verdict,
            (None, Some(account)) => accepted(Some(&account)),
            (None, None) => someone_else(),
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
            &PostHog,
            &[
                (200, r#"{"uuid":"1","email":"ada@example.com"}"#, "accepted"),
                (401, r#"{"detail":"Personal API key found in request is invalid."}"#, "refused"),
                (403, r#"{"detail":"API key missing required scope 'user:read'"}"#, "limited"),
                (200, "<html>", "unclear"),
            ],
        );
    }
}
