//! The vocabularies of the registry's rows.

use crate::{step::Machine, word::words};

words! {
    /// How a component stands to its design component.
    MappingStatus ("mapping status") {
        /// No design component is linked.
        Unmapped = "unmapped",
        /// Linked, and no drift.
        Mapped = "mapped",
        /// Linked, and drift was found.
        Drift = "drift",
    }
}

words! {
    /// What a journal entry is about.
    JournalKind ("journal kind") {
        /// A component of a sync operation.
        Sync = "sync",
        /// A component being undone.
        Undo = "undo",
        /// A component being redone.
        Redo = "redo",
    }
}

words! {
    /// How far a journalled write has come.
    JournalPhase ("journal phase") {
        /// What will be written is durable; nothing is written yet.
        Intent = "intent",
        /// Bytes may have changed.
        Writing = "writing",
        /// All bytes are in place and not yet recorded as done.
        Written = "written",
        /// Done and recorded.
        Committed = "committed",
        /// Everything is as it was before.
        RolledBack = "rolled_back",
    }
}

impl Machine for JournalPhase {
    const MACHINE: &'static str = "journal entry";

    fn allows(self, to: Self) -> bool {
        matches!(
            (self, to),
            (Self::Intent, Self::Writing | Self::RolledBack)
                | (Self::Writing, Self::Written | Self::RolledBack)
                | (Self::Written, Self::Committed | Self::RolledBack)
        )
    }
}

words! {
    /// Where a user comes from.
    UserKind ("user kind") {
        /// The operating system's user of a local workspace.
        OsUser = "os_user",
        /// A user with a password of this hub.
        Local = "local",
        /// A user of an identity provider.
        Oidc = "oidc",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::assert_steps;

    #[test]
    fn a_journal_entry_takes_these_steps_and_no_others() {
        use JournalPhase::{Committed, Intent, RolledBack, Writing, Written};
        assert_steps(&[
            (Intent, Writing),
            (Intent, RolledBack),
            (Writing, Written),
            (Writing, RolledBack),
            (Written, Committed),
            (Written, RolledBack),
        ]);
    }
}
