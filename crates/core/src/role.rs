//! Who may do what.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::word::words;

words! {
    /// What a user may do, from least to most.
    Role ("role") {
        /// Reads.
        Viewer = "viewer",
        /// Reads, scans, plans, syncs.
        Developer = "developer",
        /// Everything but users and the tokens of others.
        Maintainer = "maintainer",
        /// Everything.
        Admin = "admin",
    }
}

words! {
    /// What can be asked for.
    Action ("action") {
        /// Reading everything but secrets.
        Read = "read",
        /// Reading the code and the design into the registry.
        Scan = "scan",
        /// Previewing a sync.
        Plan = "plan",
        /// A manual sync.
        Sync = "sync",
        /// Starting a browser test session.
        StartSession = "start_session",
        /// Taking a sync back.
        Undo = "undo",
        /// Applying an undone sync again.
        Redo = "redo",
        /// Changing mappings, ignores and accepted differences.
        Map = "map",
        /// Accepting a suggested mapping.
        AcceptSuggestion = "accept_suggestion",
        /// Changing schedules.
        Schedule = "schedule",
        /// Changing channels and what they are told.
        NotificationSettings = "notification_settings",
        /// Creating, rotating, revoking and validating credentials.
        Credentials = "credentials",
        /// Changing users.
        Users = "users",
        /// Changing the tokens of others.
        TokensOfOthers = "tokens_of_others",
    }
}

impl Action {
    /// The least role that may do it.
    pub fn needs(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Scan | Self::Plan | Self::Sync | Self::StartSession => Role::Developer,
            Self::Undo
            | Self::Redo
            | Self::Map
            | Self::AcceptSuggestion
            | Self::Schedule
            | Self::NotificationSettings
            | Self::Credentials => Role::Maintainer,
            Self::Users | Self::TokensOfOthers => Role::Admin,
        }
    }
}

/// An act that the role does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{action}` needs the role `{needs}`; yours is `{role}`")]
pub struct NotAllowed {
    /// What was asked for.
    pub action: Action,
    /// The least role that may do it.
    pub needs: Role,
    /// The role of who asked.
    pub role: Role,
}

impl Role {
    /// Whether this role may do that.
    ///
    /// # Errors
    /// When it may not: the refusal names the role that is needed.
    pub fn allowed(self, action: Action) -> Result<(), NotAllowed> {
        let needs = action.needs();
        if self >= needs { Ok(()) } else { Err(NotAllowed { action, needs, role: self }) }
    }
}

/// What a token may be used for: no more than this, whatever its owner may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Scopes(pub BTreeSet<Action>);

/// What somebody may do here and now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What their role allows …
    pub role: Role,
    /// … and no more than the token does that they came with, if it was one.
    pub scopes: Option<Scopes>,
}

/// An act that is not granted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotGranted {
    /// The role does not allow it.
    #[error(transparent)]
    Role(#[from] NotAllowed),
    /// The token does not.
    #[error("`{0}` is not among the scopes of this token")]
    Scope(Action),
}

impl Grant {
    /// What a role allows.
    pub fn of_role(role: Role) -> Self {
        Self { role, scopes: None }
    }

    /// Whether that may be done.
    ///
    /// # Errors
    /// When it may not: the refusal names the role or the scope that is needed.
    pub fn allowed(&self, action: Action) -> Result<(), NotGranted> {
        self.role.allowed(action)?;
        match &self.scopes {
            Some(Scopes(scopes)) if !scopes.contains(&action) => Err(NotGranted::Scope(action)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table() {
        let table = [
            (Action::Read, "amdv"),
            (Action::Scan, "amd"),
            (Action::Plan, "amd"),
            (Action::Sync, "amd"),
            (Action::StartSession, "amd"),
            (Action::Undo, "am"),
            (Action::Redo, "am"),
            (Action::Map, "am"),
            (Action::AcceptSuggestion, "am"),
            (Action::Schedule, "am"),
            (Action::NotificationSettings, "am"),
            (Action::Credentials, "am"),
            (Action::Users, "a"),
            (Action::TokensOfOthers, "a"),
        ];
        assert_eq!(table.len(), Action::ALL.len());
        for (action, letters) in table {
            for role in Role::ALL {
                let may = letters.contains(&role.as_str()[..1]);
                assert_eq!(role.allowed(action).is_ok(), may, "{role} {action}");
            }
        }
        insta::assert_snapshot!(
            Role::Viewer.allowed(Action::Undo).unwrap_err(),
            @"`undo` needs the role `maintainer`; yours is `viewer`"
        );
    }

    #[test]
    fn a_token_gives_no_more_than_its_scopes_and_no_more_than_the_role() {
        let scopes = Scopes([Action::Read, Action::Undo].into());
        assert_eq!(serde_json::to_string(&scopes).unwrap(), r#"["read","undo"]"#);
        let grant = |role| Grant { role, scopes: Some(scopes.clone()) };
        assert_eq!(grant(Role::Maintainer).allowed(Action::Undo), Ok(()));
        assert!(matches!(grant(Role::Developer).allowed(Action::Undo), Err(NotGranted::Role(_))));
        insta::assert_snapshot!(
            grant(Role::Admin).allowed(Action::Sync).unwrap_err(),
            @"`sync` is not among the scopes of this token"
        );
        assert_eq!(Grant::of_role(Role::Developer).allowed(Action::Sync), Ok(()));
    }
}
