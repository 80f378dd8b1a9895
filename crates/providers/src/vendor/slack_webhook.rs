//! Slack: incoming webhooks, whose whole address is the secret.

use lockstep_core::credential::{ProviderType, RotationPolicy, Verdict};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Answer, Facts, Probe, Settings, Unfit, Vendor, accepted, someone_else, usual};
use crate::line::{Call, address};

pub(super) struct SlackWebhook;

static FACTS: Facts = Facts {
    name: "slack-webhook",
    title: "Slack (address of an incoming webhook)",
    types: &[ProviderType::Notification],
    settings: &[],
    policy: RotationPolicy { days: Some(365) },
    scopes: &[],
    features: &["messages in one channel of Slack"],
    renew: "api.slack.com/apps, the app, Incoming Webhooks",
};

/// What Slack answers to an empty message that comes to a webhook that exists.
const KNOWN: &[&str] = &["no_text", "invalid_payload", "missing_text_or_fallback_or_attachments"];

impl Vendor for SlackWebhook {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    /// An empty message: Slack refuses it, and says thereby that it knows the address.
    fn probe(&self, _: &Settings, secret: &SecretString) -> Result<Probe, Unfit> {
        let url = address(secret.expose_secret()).map_err(|error| {
            Unfit::new(
                format!("the secret is no webhook's address: {error}"),
                "copy it from the app's page: https://hooks.slack.com/services/…",
            )
        })?;
        Ok(Probe::Call(Call::post(url, "{}").json()))
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        let said = String::from_utf8_lossy(&answer.body);
        let said = said.trim();
        match answer.status {
            400 if KNOWN.contains(&said) => accepted(None),
            403 | 404 | 410 if !said.starts_with('<') => {
                Verdict::Refused { expired: false, reason: said.to_owned() }
            }
            _ => usual(answer, &[]).unwrap_or_else(someone_else),
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
            &SlackWebhook,
            &[
                (400, "no_text", "accepted"),
                (400, "invalid_payload", "accepted"),
                (400, "user_not_found", "unclear"),
                (403, "invalid_token", "refused"),
                (404, "no_service", "refused"),
                (404, "<html>", "unclear"),
                (410, "channel_is_archived", "refused"),
                (200, "ok", "unclear"),
            ],
        );
        let refused = SlackWebhook.probe(&Settings::default(), &"T0/B0/canary".into()).err().unwrap();
        assert!(!refused.message.contains("canary"), "{refused}");
    }
}
