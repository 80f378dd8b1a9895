//! Language models behind an API as OpenAI's.

use lockstep_core::credential::{ProviderType, RotationPolicy, Verdict};
use secrecy::SecretString;

use super::{Answer, Facts, Probe, Setting, Settings, Unfit, Vendor, accepted, limited, someone_else, usual};
use crate::line::{Call, below};

pub(super) struct OpenAi;

static FACTS: Facts = Facts {
    name: "openai",
    title: "OpenAI or an endpoint like it (API key)",
    types: &[ProviderType::Ai],
    settings: &[Setting::usual("url", "the API's address with its version", "https://api.openai.com/v1")],
    policy: RotationPolicy { days: Some(90) },
    scopes: &[("api.model.read", "lists models")],
    features: &["language models; nothing of Lockstep uses them yet"],
    renew: "the provider's page for API keys",
};

const REASON: &[&str] = &["error/message", "error", "message"];

impl Vendor for OpenAi {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn probe(&self, settings: &Settings, secret: &SecretString) -> Result<Probe, Unfit> {
        let url = below(&settings.address(&FACTS, "url")?, &["models"]);
        Ok(Probe::Call(Call::get(url).bearer(secret)))
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        let said = answer.text_at(REASON).unwrap_or_default().to_lowercase();
        // A key that is known, and may do other things than this.
        if matches!(answer.status, 401 | 403) && said.contains("scope") {
            return limited("the scope api.model.read, to list models");
        }
        match usual(answer, REASON) {
            Some(verdict) => verdict,
            None if answer.json()["data"].is_array() => accepted(None),
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
            &OpenAi,
            &[
                (200, r#"{"object":"list","data":[]}"#, "accepted"),
                (401, r#"{"error":{"message":"Incorrect API key provided"}}"#, "refused"),
                (403, r#"{"error":"Missing scopes: api.model.read"}"#, "limited"),
                (429, r#"{"error":{"code":"insufficient_quota"}}"#, "unclear"),
                (200, "<html>", "unclear"),
            ],
        );
    }
}
