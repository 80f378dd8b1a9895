//! Slack: bot tokens.

use lockstep_core::credential::{Accepted, ProviderType, RotationPolicy, Verdict};
use secrecy::SecretString;

use super::{Answer, Facts, Probe, Setting, Settings, Unfit, Vendor, someone_else, usual};
use crate::line::{Call, below};

pub(super) struct Slack;

static FACTS: Facts = Facts {
    name: "slack",
    title: "Slack (bot token)",
    types: &[ProviderType::Notification],
    settings: &[Setting::usual("url", "the API's address", "https://slack.com/api")],
    policy: RotationPolicy { days: Some(365) },
    scopes: &[
        ("chat:write", "posts messages"),
        ("channels:history", "looks up whether a message is there already, before it is sent again"),
    ],
    features: &["messages in Slack"],
    renew: "api.slack.com/apps, the app, OAuth & Permissions",
};

/// What Slack calls tokens that it doesn't take, or no longer.
const REFUSALS: &[&str] = &[
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "org_login_required",
];

impl Vendor for Slack {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn probe(&self, settings: &Settings, secret: &SecretString) -> Result<Probe, Unfit> {
        let url = below(&settings.address(&FACTS, "url")?, &["auth.test"]);
        Ok(Probe::Call(Call::post(url, "{}").json().bearer(secret)))
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        if let Some(verdict) = usual(answer, &["error"]) {
            return verdict;
        }
        let json = answer.json();
        match (json["ok"].as_bool(), json["error"].as_str()) {
            (Some(true), _) => {
                let scopes = answer.header("x-oauth-scopes").unwrap_or_default();
                let scopes: Vec<String> = scopes
                    .split(',')
                    .map(str::trim)
                    .filter(|scope| !scope.is_empty())
                    .map(str::to_owned)
                    .collect();
                let is_lacking = !scopes.is_empty() && !scopes.iter().any(|scope| scope == "chat:write");
                let lacks = is_lacking.then(|| "the scope chat:write, to post messages".to_owned());
                let account = [json["user"].as_str(), json["team"].as_str()].into_iter().flatten();
                Verdict::Accepted(Accepted {
                    account: Some(account.collect::<Vec<_>>().join(" in ")).filter(|name| !name.is_empty()),
                    scopes,
                    expires_at: None,
                    lacks: lacks.into_iter().collect(),
                })
            }
            (Some(false), Some(error)) if REFUSALS.contains(&error) => {
                Verdict::Refused { expired: error == "token_expired", reason: error.to_owned() }
            }
            (Some(false), Some(error)) => {
                Verdict::Unclear { code: "provider-failed", reason: error.to_owned() }
            }
            _ => someone_else(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::tests::{answer, assert_judges, word};

    #[test]
    fn answers_mean_this() {
        assert_judges(
            &Slack,
            &[
                (200, r#"{"ok":true,"team":"Acme","user":"lockstep"}"#, "accepted"),
                (200, r#"{"ok":false,"error":"invalid_auth"}"#, "refused"),
                (200, r#"{"ok":false,"error":"token_revoked"}"#, "refused"),
                (200, r#"{"ok":false,"error":"token_expired"}"#, "expired"),
                (200, r#"{"ok":false,"error":"internal_error"}"#, "unclear"),
                (200, r#"{"ok":false,"error":"ratelimited"}"#, "unclear"),
                (200, "<html>", "unclear"),
            ],
        );
        let mut scoped = answer(200, r#"{"ok":true,"team":"Acme","user":"lockstep"}"#);
        scoped.headers = vec![("x-oauth-scopes".into(), "chat:write,channels:history".into())];
        let verdict = Slack.judge(&scoped);
        assert_eq!(word(&verdict), "accepted");
        assert!(matches!(verdict, Verdict::Accepted(Accepted { account: Some(name), scopes, .. })
            if name == "lockstep in Acme" && scopes.len() == 2));
        scoped.headers[0].1 = "channels:read".into();
        assert_eq!(word(&Slack.judge(&scoped)), "limited");
    }
}
