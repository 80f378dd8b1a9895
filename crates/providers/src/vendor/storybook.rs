//! A published Storybook behind a token.

use lockstep_core::credential::{ProviderType, RotationPolicy, Verdict};
use secrecy::SecretString;

use super::{
    Answer, Facts, Probe, Setting, Settings, Unfit, Vendor, accepted,
    http::{HEADER, SCHEME, with_secret},
    someone_else, usual,
};
use crate::line::{Call, below};

pub(super) struct Storybook;

static FACTS: Facts = Facts {
    name: "storybook",
    title: "Storybook (token that it is behind)",
    types: &[ProviderType::Documentation],
    settings: &[Setting::needed("url", "where the Storybook is"), HEADER, SCHEME],
    policy: RotationPolicy { days: Some(180) },
    scopes: &[],
    features: &["stories of a published Storybook"],
    renew: "whoever runs the server that the Storybook is behind",
};

impl Vendor for Storybook {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn probe(&self, settings: &Settings, secret: &SecretString) -> Result<Probe, Unfit> {
        let url = below(&settings.address(&FACTS, "url")?, &["index.json"]);
        Ok(Probe::Call(with_secret(Call::get(url), &FACTS, settings, secret)))
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        if let Some(verdict) = usual(answer, &["error", "message"]) {
            return verdict;
        }
        let index = answer.json();
        let has = |name: &str| index.get(name).is_some_and(serde_json::Value::is_object);
        if has("entries") || has("stories") { accepted(None) } else { someone_else() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::tests::assert_judges;

    #[test]
    fn answers_mean_this() {
        assert_judges(
            &Storybook,
            &[
                (200, r#"{"v":5,"entries":{}}"#, "accepted"),
                (200, r#"{"v":3,"stories":{}}"#, "accepted"),
                (200, "<html>sign in</html>", "unclear"),
                (401, "", "refused"),
                (403, "", "refused"),
                (404, "", "unclear"),
            ],
        );
    }
}
