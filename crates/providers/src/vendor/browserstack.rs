//! BrowserStack, and services like it: access keys.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use lockstep_core::credential::{ProviderType, RotationPolicy, Verdict};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Answer, Facts, Probe, Setting, Settings, Unfit, Vendor, accepted, someone_else, usual};
use crate::line::{Call, below};

pub(super) struct BrowserStack;

static FACTS: Facts = Facts {
    name: "browserstack",
    title: "BrowserStack (access key)",
    types: &[ProviderType::Testing],
    settings: &[
        Setting::needed("user", "the user name that the access key is of"),
        Setting::usual("url", "the API's address", "https://api.browserstack.com"),
    ],
    policy: RotationPolicy { days: Some(180) },
    scopes: &[],
    features: &["browsers elsewhere"],
    renew: "BrowserStack, Account, Settings, Access key",
};

impl Vendor for BrowserStack {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn probe(&self, settings: &Settings, secret: &SecretString) -> Result<Probe, Unfit> {
        let url = below(&settings.address(&FACTS, "url")?, &["automate", "plan.json"]);
        let user = settings.get(&FACTS, "user").unwrap_or_default();
        let pair = BASE64_STANDARD.encode(format!("{user}:{}", secret.expose_secret()));
        Ok(Probe::Call(Call::get(url).header("authorization", format!("Basic {pair}"))))
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        if let Some(verdict) = usual(answer, &["error", "message"]) {
            return verdict;
        }
        let plan = answer.json();
        match plan.is_object() {
            true => accepted(plan["automate_plan"].as_str()),
            false => someone_else(),
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
            &BrowserStack,
            &[
                (200, r#"{"automate_plan":"Enterprise","parallel_sessions_max_allowed":5}"#, "accepted"),
                (401, "HTTP Basic: Access denied.", "refused"),
                (200, "<html>", "unclear"),
            ],
        );
    }
}
