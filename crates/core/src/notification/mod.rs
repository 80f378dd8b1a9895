//! Notification events: their states and kinds, what they say to people, and when a delivery is tried again.

pub mod burst;
pub mod digest;
mod message;
mod retry;
mod rules;

use crate::{step::Machine, word::words};

pub use digest::Digest;
pub use message::{Message, Section, Tone, example};
pub use retry::{ATTEMPTS, Next, next};
pub use rules::{BadRules, ChannelRules, QuietHours};

words! {
    /// How far the dispatch of an event, or of its delivery to one channel, has come.
    DispatchStatus ("dispatch status") {
        /// Written with the fact it tells of; no attempt yet.
        Queued = "queued",
        /// Attempts are being made.
        Retrying = "retrying",
        /// Delivered.
        Sent = "sent",
        /// Given up.
        Failed = "failed",
    }
}

impl Machine for DispatchStatus {
    const MACHINE: &'static str = "notification";

    fn allows(self, to: Self) -> bool {
        matches!((self, to), (Self::Queued, Self::Retrying) | (Self::Retrying, Self::Sent | Self::Failed))
    }
}

words! {
    /// What an event tells of; each is a category that is switched per channel.
    EventType ("event type") {
        /// A sync operation ended.
        SyncCompleted = "sync_completed",
        /// New drift was found.
        DriftDetected = "drift_detected",
        /// Coverage was computed.
        CoverageSummary = "coverage_summary",
        /// A day or a week summed up.
        Digest = "digest",
        /// A credential changed its state or is due for rotation.
        CredentialStatus = "credential_status",
        /// A browser test session failed.
        BrowserTestFailure = "browser_test_failure",
    }
}

words! {
    /// The kinds of channels.
    ChannelKind ("channel kind") {
        /// Slack's web API.
        Slack = "slack",
        /// A Slack incoming webhook.
        SlackWebhook = "slack_webhook",
        /// A signed webhook.
        Webhook = "webhook",
        /// E-mail.
        Email = "email",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::assert_steps;

    #[test]
    fn a_notification_takes_these_steps_and_no_others() {
        use DispatchStatus::{Failed, Queued, Retrying, Sent};
        assert_steps(&[(Queued, Retrying), (Retrying, Sent), (Retrying, Failed)]);
    }
}
