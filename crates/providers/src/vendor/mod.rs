//! Whom credentials open: one small file a vendor, which says what it needs, how a secret is tried, and what an answer means.

mod browserstack;
mod chromatic;
mod chromium;
mod figma;
mod http;
mod openai;
mod penpot;
mod posthog;
mod slack;
mod slack_webhook;
mod smtp;
mod storybook;
mod webhook;

use std::collections::BTreeMap;

use lockstep_core::credential::{Accepted, ProviderType, RotationPolicy, Verdict};
use secrecy::SecretString;
use url::Url;

pub use smtp::{MailServer, Security};
pub(crate) use webhook::signing_key;

use crate::{
    line::{self, Answer, Call, Line, LineError},
    secret::{Mask, Variable},
};

/// What is to be known of a vendor.
#[derive(Debug)]
pub struct Facts {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its name for people, with what the secret is.
    pub title: &'static str,
    /// What its credentials are for; the first one unless it is said.
    pub types: &'static [ProviderType],
    /// What it needs beside the secret.
    pub settings: &'static [Setting],
    /// How long a secret may be in use unless it is said.
    pub policy: RotationPolicy,
    /// What its scopes mean to Lockstep.
    pub scopes: &'static [(&'static str, &'static str)],
    /// What it makes possible.
    pub features: &'static [&'static str],
    /// Where a new secret is made.
    pub renew: &'static str,
}

/// Something that a vendor needs beside the secret.
#[derive(Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// What holds where it is not given; it must be, where this is none and it is needed.
    pub default: Option<&'static str>,
    /// Whether it must be given.
    pub needed: bool,
    /// The environment variable that says it for this machine.
    pub variable: Option<&'static str>,
}

impl Setting {
    const fn needed(name: &'static str, about: &'static str) -> Self {
        Self { name, about, default: None, needed: true, variable: None }
    }

    const fn usual(name: &'static str, about: &'static str, default: &'static str) -> Self {
        Self { name, about, default: Some(default), needed: false, variable: None }
    }

    const fn optional(name: &'static str, about: &'static str) -> Self {
        Self { name, about, default: None, needed: false, variable: None }
    }

    const fn or_variable(self, variable: &'static str) -> Self {
        Self { variable: Some(variable), ..self }
    }
}

/// The settings of a credential, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings(pub BTreeMap<String, String>);

/// Settings or a secret that a vendor can't use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unfit {
    /// What is wrong. Nothing of the secret is in it.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Unfit {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

/// How a secret is tried.
pub enum Probe {
    /// By a call.
    Call(Call),
    /// By signing in to a mail server.
    Mail(MailServer),
    /// Nobody needs to be asked.
    Known(Verdict),
}

/// A vendor.
pub trait Vendor: Sync {
    /// What is to be known of it.
    fn facts(&self) -> &'static Facts;

    /// How a secret is tried. It changes nothing there, and costs nothing.
    ///
    /// # Errors
    /// When the settings or the secret can't be right.
    fn probe(&self, settings: &Settings, secret: &SecretString) -> Result<Probe, Unfit>;

    /// What the answer to the probe's call means. A text of the answer may stand in the reason: it is masked later.
    fn judge(&self, answer: &Answer) -> Verdict;
}

/// Every vendor, by provider type and name.
pub const VENDORS: &[&dyn Vendor] = &[
    &figma::Figma,
    &penpot::Penpot,
    &slack::Slack,
    &slack_webhook::SlackWebhook,
    &smtp::Smtp,
    &webhook::Webhook,
    &chromatic::Chromatic,
    &storybook::Storybook,
    &browserstack::BrowserStack,
    &chromium::Chromium,
    &http::Endpoint,
    &openai::OpenAi,
    &posthog::PostHog,
];

/// The vendor of that name.
pub fn vendor(name: &str) -> Option<&'static dyn Vendor> {
    VENDORS.iter().copied().find(|vendor| vendor.facts().name == name)
}

/// Asks a provider what it thinks of a secret. Nothing of the secret is in what comes back.
///
/// # Errors
/// When the settings or the secret can't be right, so that nobody was asked.
pub async fn validate(
    vendor: &dyn Vendor,
    settings: &Settings,
    secret: &SecretString,
    line: &Line,
) -> Result<Verdict, Unfit> {
    settings.check(vendor.facts())?;
    let verdict = match vendor.probe(settings, secret)? {
        Probe::Known(verdict) => verdict,
        Probe::Mail(server) => server.try_sign_in(secret).await,
        Probe::Call(call) => match line.ask(&call).await {
            Ok(answer) => vendor.judge(&answer),
            Err(LineError::Unfit(message)) => {
                return Err(Unfit::new(message, "check that the whole secret was given, and nothing else"));
            }
            Err(error) => Verdict::Unclear { code: "unreachable", reason: error.to_string() },
        },
    };
    Ok(masked(verdict, &Mask::of(secret)))
}

fn masked(verdict: Verdict, mask: &Mask) -> Verdict {
    let all = |texts: Vec<String>| texts.iter().map(|text| mask.told(text)).collect();
    match verdict {
        Verdict::Accepted(Accepted { account, scopes, expires_at, lacks }) => Verdict::Accepted(Accepted {
            account: account.map(|account| mask.told(&account)),
            scopes: all(scopes),
            expires_at,
            lacks: all(lacks),
        }),
        Verdict::Refused { expired, reason } => Verdict::Refused { expired, reason: mask.told(&reason) },
        Verdict::Unclear { code, reason } => Verdict::Unclear { code, reason: mask.told(&reason) },
    }
}

impl Settings {
    /// The setting of that name, or what is usual.
    fn get<'a>(&'a self, facts: &Facts, name: &str) -> Option<&'a str>
    where
        'static: 'a,
    {
        let usual = || facts.settings.iter().find(|setting| setting.name == name)?.default;
        self.0.get(name).map(String::as_str).or_else(usual)
    }

    /// With what the environment says of this machine, where nothing is given.
    #[must_use]
    pub fn in_environment(&self, facts: &Facts, variable: Variable<'_>) -> Self {
        let mut settings = self.clone();
        for setting in facts.settings.iter().filter(|setting| !self.0.contains_key(setting.name)) {
            if let Some(value) = setting.variable.and_then(variable) {
                settings.0.insert(setting.name.to_owned(), value);
            }
        }
        settings
    }

    /// An address among the settings.
    fn address(&self, facts: &Facts, name: &str) -> Result<Url, Unfit> {
        let text = self.get(facts, name).unwrap_or_default();
        line::address(text).map_err(|error| {
            Unfit::new(
                format!("the setting `{name}` can't be used: {error}"),
                format!("give it as `--set {name}=https://…`"),
            )
        })
    }

    /// One of several words.
    fn one_of(&self, facts: &Facts, name: &str, words: &[&'static str]) -> Result<&'static str, Unfit> {
        let given = self.get(facts, name).unwrap_or_default();
        words.iter().copied().find(|word| *word == given).ok_or_else(|| {
            Unfit::new(
                format!("the setting `{name}` is none of {}", words.join(", ")),
                format!("give `--set {name}={}`", words[0]),
            )
        })
    }

    /// Holds the settings against what the vendor knows.
    ///
    /// # Errors
    /// When one is missing or unknown.
    pub fn check(&self, facts: &Facts) -> Result<(), Unfit> {
        let known = || facts.settings.iter().map(|setting| setting.name);
        if let Some(name) = self.0.keys().find(|name| !known().any(|known| known == name.as_str())) {
            let names: Vec<&str> = known().collect();
            return Err(Unfit::new(
                format!("{} has no setting `{name}`", facts.name),
                format!("it has: {}", if names.is_empty() { "none".to_owned() } else { names.join(", ") }),
            ));
        }
        let is_missing = |setting: &&Setting| setting.needed && !self.0.contains_key(setting.name);
        match facts.settings.iter().find(is_missing) {
            None => Ok(()),
            Some(Setting { name, about, .. }) => Err(Unfit::new(
                format!("{} needs the setting `{name}`: {about}", facts.name),
                format!("give it as `--set {name}=…`"),
            )),
        }
    }
}

/// What most answers mean whoever gives them; nothing for one of success.
fn usual(answer: &Answer, reason_at: &[&str]) -> Option<Verdict> {
    let said = || answer.text_at(reason_at).unwrap_or_else(|| "no reason given".to_owned());
    let reason = format!("{} ({})", answer.status, said());
    match answer.status {
        200..=299 => None,
        401 | 403 => Some(Verdict::Refused { expired: said().to_lowercase().contains("expired"), reason }),
        300..=399 => Some(Verdict::Unclear {
            code: "redirected",
            reason: format!("{}: it is elsewhere", answer.status),
        }),
        404 | 405 | 410 => Some(Verdict::Unclear { code: "not-there", reason }),
        429 => Some(Verdict::Unclear { code: "busy", reason }),
        500.. => Some(Verdict::Unclear { code: "provider-failed", reason }),
        _ => Some(Verdict::Unclear { code: "unexpected-answer", reason }),
    }
}

/// An answer of success that is not of this vendor.
fn someone_else() -> Verdict {
    Verdict::Unclear {
        code: "unexpected-answer",
        reason: "the answer is not of this vendor: a proxy or a page of sign-in may be in its place"
            .to_owned(),
    }
}

/// Taken, by an account.
fn accepted(account: Option<&str>) -> Verdict {
    Verdict::Accepted(Accepted { account: account.map(str::to_owned), ..Accepted::default() })
}

/// Taken, without something.
fn limited(lacks: impl Into<String>) -> Verdict {
    Verdict::Accepted(Accepted { lacks: vec![lacks.into()], ..Accepted::default() })
}

/// Answers for tests, and what they come to in a word.
#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    pub(super) fn word(verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Accepted(accepted) if accepted.lacks.is_empty() => "accepted",
            Verdict::Accepted(_) => "limited",
            Verdict::Refused { expired: true, .. } => "expired",
            Verdict::Refused { .. } => "refused",
            Verdict::Unclear { .. } => "unclear",
        }
    }

    /// Holds a vendor against answers that it may get.
    pub(super) fn assert_judges(vendor: &dyn Vendor, table: &[(u16, &str, &str)]) {
        for (status, body, expected) in table {
            let verdict = vendor.judge(&answer(*status, body));
            assert_eq!(word(&verdict), *expected, "{status} {body}: {verdict:?}");
        }
        for status in [301, 302, 429, 500, 502, 503] {
            let verdict = vendor.judge(&answer(status, "<html>"));
            assert_eq!(word(&verdict), "unclear", "{status} says nothing of a secret: {verdict:?}");
        }
    }

    #[test]
    fn every_provider_type_has_vendors_and_every_vendor_a_name_of_its_own() {
        for provider in ProviderType::ALL {
            assert!(VENDORS.iter().any(|vendor| vendor.facts().types.contains(provider)), "{provider}");
        }
        for found in VENDORS {
            let facts = found.facts();
            assert!(std::ptr::eq(vendor(facts.name).unwrap().facts(), facts), "{}", facts.name);
            assert!(!facts.types.is_empty() && !facts.features.is_empty() && !facts.renew.is_empty());
        }
    }

    #[test]
    fn settings_are_held_against_the_vendor() {
        let facts = vendor("browserstack").unwrap().facts();
        let settings = |pairs: &[(&str, &str)]| {
            Settings(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        };
        assert_eq!(settings(&[("user", "ada")]).check(facts), Ok(()));
        let said = |pairs: &[(&str, &str)]| settings(pairs).check(facts).unwrap_err().to_string();
        insta::assert_snapshot!(said(&[]), @"browserstack needs the setting `user`: the user name that the access key is of");
        insta::assert_snapshot!(said(&[("user", "ada"), ("hub", "x")]), @"browserstack has no setting `hub`");
    }
}
