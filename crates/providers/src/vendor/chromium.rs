//! A Chromium elsewhere that speaks the DevTools protocol, behind a token.

use lockstep_core::credential::{ProviderType, RotationPolicy, Verdict};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Answer, Facts, Probe, Setting, Settings, Unfit, Vendor, accepted, someone_else, usual};
use crate::line::{Call, below};

pub(super) struct Chromium;

static FACTS: Facts = Facts {
    name: "chromium",
    title: "Remote Chromium (token of the endpoint)",
    types: &[ProviderType::Testing],
    settings: &[
        Setting::needed("url", "where its DevTools are, over HTTP"),
        Setting::usual("in", "where the token goes: header or query", "header"),
    ],
    policy: RotationPolicy { days: Some(180) },
    scopes: &[],
    features: &["browser test sessions elsewhere"],
    renew: "whoever runs the browsers",
};

impl Vendor for Chromium {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn probe(&self, settings: &Settings, secret: &SecretString) -> Result<Probe, Unfit> {
        let mut url = below(&settings.address(&FACTS, "url")?, &["json", "version"]);
        Ok(Probe::Call(match settings.one_of(&FACTS, "in", &["header", "query"])? {
            "query" => {
                url.query_pairs_mut().append_pair("token", secret.expose_secret());
                Call::get(url)
            }
            _ => Call::get(url).bearer(secret),
        }))
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        if let Some(verdict) = usual(answer, &["error", "message"]) {
            return verdict;
        }
        match answer.text_at(&["Browser"]) {
            Some(browser) => accepted(Some(&browser)),
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
            &Chromium,
            &[
                (200, r#"{"Browser":"Chrome/140.0.0.0","Protocol-Version":"1.3"}"#, "accepted"),
                (200, "{}", "unclear"),
                (401, "Bad or missing authentication.", "refused"),
                (404, "", "unclear"),
            ],
        );
    }
}
