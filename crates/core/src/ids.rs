//! Identifiers: one type for each kind of row, so that they can't be mixed up.
//!
//! They are made outside (from random or time-ordered UUIDs) and come in as values.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[derive(schemars::JsonSchema)]
        #[serde(transparent)]
        #[schemars(inline)]
        pub struct $name(Uuid);

        impl $name {
            /// The UUID itself.
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+ };
}

ids! {
    /// A row of `component_artifacts`.
    ComponentId,
    /// A row of `design_artifacts`.
    DesignId,
    /// A row of `sync_operations`.
    OperationId,
    /// A row of `notification_mutes`.
    MuteId,
    /// A row of `undo_stack_entries`.
    UndoEntryId,
    /// A row of `undo_events`.
    UndoEventId,
    /// A row of `credential_records`.
    CredentialId,
    /// A row of `notification_events`.
    EventId,
    /// A row of `notification_channels`.
    ChannelId,
    /// A row of `notification_deliveries`.
    DeliveryId,
    /// A row of `coverage_reports`.
    ReportId,
    /// A row of `browser_test_sessions`.
    SessionId,
    /// A row of `test_artifacts`.
    ArtifactId,
    /// A row of `drift_queue`.
    QueueEntryId,
    /// A row of `users`.
    UserId,
    /// A row of `api_tokens`.
    TokenId,
    /// A row of `sign_in_links`.
    LinkId,
    /// A row of `user_sessions`.
    UserSessionId,
    /// A row of `stories`.
    StoryId,
    /// A row of `component_baselines`.
    BaselineId,
    /// A row of `sync_journal`.
    JournalId,
    /// A row of `schedules`.
    ScheduleId,
    /// A row of `audit_log`.
    AuditId,
    /// What runs through the logs, rows and pages of one act.
    CorrelationId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_uuid_everywhere() {
        let text = "00000000-0000-4000-8000-00000000002a";
        let id: ComponentId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(serde_json::to_value(id).unwrap(), text);
        assert_eq!(ComponentId::from(id.uuid()), id);
        assert!("2a".parse::<ComponentId>().is_err());
    }
}
