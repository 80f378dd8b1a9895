//! What a provider's answer means for a credential.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::CredentialStatus;

/// What was learned of a secret by asking its provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The provider takes it.
    Accepted(Accepted),
    /// The provider doesn't know it, or no longer.
    Refused {
        /// Whether it is too old, as far as the provider says.
        expired: bool,
        /// What the provider said.
        reason: String,
    },
    /// Nothing: nobody answered, or not as this provider does.
    Unclear {
        /// A stable code: `unreachable`.
        code: &'static str,
        /// What happened instead.
        reason: String,
    },
}

/// What a provider says of a secret that it takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Whose it is, in the provider's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What it may be used for, where the provider says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// When it ends, where the provider says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// What it lacks for something that Lockstep does with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
}

/// Why the provider was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// To see whether what is recorded still holds.
    Check,
    /// Because a secret shall take the place of the one before.
    Rotation,
}

/// What follows for the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// It takes this step.
    Step(CredentialStatus),
    /// It stays as it is, and is as the provider says.
    Confirmed,
    /// It stays as it is: nothing was learned.
    Nothing,
    /// The provider takes the secret, but a record in this state becomes valid by rotation only.
    NeedsRotation,
    /// The secret must not take the place of the one before.
    NotTaken,
}

impl Verdict {
    /// What it means for a record in the state `status`.
    pub fn means(&self, status: CredentialStatus, occasion: Occasion) -> Consequence {
        use CredentialStatus::{Expired, Pending, Revoked, Valid};
        match (self, occasion, status) {
            (Self::Unclear { .. }, Occasion::Check, _) => Consequence::Nothing,
            (Self::Unclear { .. } | Self::Refused { .. }, Occasion::Rotation, _) => Consequence::NotTaken,
            (Self::Accepted(_), _, Valid) => Consequence::Confirmed,
            (Self::Accepted(_), _, Pending) | (Self::Accepted(_), Occasion::Rotation, Revoked | Expired) => {
                Consequence::Step(Valid)
            }
            (Self::Accepted(_), Occasion::Check, Revoked | Expired) => Consequence::NeedsRotation,
            (Self::Refused { expired: true, .. }, Occasion::Check, Valid) => Consequence::Step(Expired),
            (Self::Refused { expired: false, .. }, Occasion::Check, Valid) => Consequence::Step(Revoked),
            (Self::Refused { .. }, Occasion::Check, Pending | Revoked | Expired) => Consequence::Confirmed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::Machine as _;

    fn verdicts() -> [Verdict; 4] {
        let refused = |expired| Verdict::Refused { expired, reason: String::new() };
        [
            Verdict::Accepted(Accepted::default()),
            refused(false),
            refused(true),
            Verdict::Unclear { code: "unreachable", reason: String::new() },
        ]
    }

    #[test]
    fn the_whole_table() {
        use Consequence::{Confirmed, NeedsRotation, NotTaken, Nothing, Step};
        use CredentialStatus::{Expired, Pending, Revoked, Valid};
        // Accepted, refused, refused as too old, unclear.
        let table = [
            (Pending, Occasion::Check, [Step(Valid), Confirmed, Confirmed, Nothing]),
            (Valid, Occasion::Check, [Confirmed, Step(Revoked), Step(Expired), Nothing]),
            (Revoked, Occasion::Check, [NeedsRotation, Confirmed, Confirmed, Nothing]),
            (Expired, Occasion::Check, [NeedsRotation, Confirmed, Confirmed, Nothing]),
            (Pending, Occasion::Rotation, [Step(Valid), NotTaken, NotTaken, NotTaken]),
            (Valid, Occasion::Rotation, [Confirmed, NotTaken, NotTaken, NotTaken]),
            (Revoked, Occasion::Rotation, [Step(Valid), NotTaken, NotTaken, NotTaken]),
            (Expired, Occasion::Rotation, [Step(Valid), NotTaken, NotTaken, NotTaken]),
        ];
        assert_eq!(table.len(), CredentialStatus::ALL.len() * 2);
        for (status, occasion, expected) in table {
            for (verdict, expected) in verdicts().iter().zip(expected) {
                let found = verdict.means(status, occasion);
                assert_eq!(found, expected, "{status} {occasion:?} {verdict:?}");
                if let Step(to) = found {
                    assert!(status.allows(to), "{status} can't go to {to}");
                }
            }
        }
    }
}
