//! Credentials: their states and kinds, what a provider's answer means for them, when they are due, and what depends on them.

mod impact;
mod rotation;
mod verdict;

use crate::{step::Machine, word::words};

pub use impact::{Condition, Dependants, Impact};
pub use rotation::{RotationPolicy, WARNING_DAYS, warning};
pub use verdict::{Accepted, Consequence, Occasion, Verdict};

words! {
    /// The state of a credential record.
    CredentialStatus ("credential status") {
        /// Recorded, and never validated.
        Pending = "pending",
        /// The provider accepted it.
        Valid = "valid",
        /// Taken back, here or at the provider.
        Revoked = "revoked",
        /// Too old for the provider.
        Expired = "expired",
    }
}

impl Machine for CredentialStatus {
    const MACHINE: &'static str = "credential";

    fn allows(self, to: Self) -> bool {
        matches!(
            (self, to),
            (Self::Pending | Self::Revoked | Self::Expired, Self::Valid)
                | (Self::Valid, Self::Revoked | Self::Expired)
        )
    }
}

impl CredentialStatus {
    /// Whether calls may be made with it.
    pub fn is_usable(self) -> bool {
        self == Self::Valid
    }
}

words! {
    /// What a credential is for.
    ProviderType ("provider type") {
        /// Slack, webhooks, mail.
        Notification = "notification",
        /// Figma, Penpot.
        Design = "design",
        /// Storybook, documentation sites.
        Documentation = "documentation",
        /// Visual and browser test services.
        Testing = "testing",
        /// Language models.
        Ai = "ai",
        /// Usage analytics.
        Analytics = "analytics",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::assert_steps;

    #[test]
    fn a_credential_takes_these_steps_and_no_others() {
        use CredentialStatus::{Expired, Pending, Revoked, Valid};
        assert_steps(&[
            (Pending, Valid),
            (Valid, Revoked),
            (Valid, Expired),
            (Revoked, Valid),
            (Expired, Valid),
        ]);
        assert!(Valid.is_usable() && !Pending.is_usable() && !Revoked.is_usable() && !Expired.is_usable());
    }
}
