//! The states of an undo entry, and the window in which it can be undone.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{step::Machine, word::words};

/// How long an operation can be undone.
pub const UNDO_WINDOW: TimeDelta = TimeDelta::hours(24);

/// How many of the newest operations can be undone.
pub const UNDO_OPERATIONS: usize = 50;

words! {
    /// The state of an undo entry. It follows from the entry's times; it is not stored.
    UndoState ("undo state") {
        /// In effect: it can be undone.
        Created = "created",
        /// Undone: it can be redone.
        Undone = "undone",
        /// Too old, and never undone.
        Expired = "expired",
    }
}

impl Machine for UndoState {
    const MACHINE: &'static str = "undo entry";

    fn allows(self, to: Self) -> bool {
        // Back from `undone` is a redo.
        matches!((self, to), (Self::Created, Self::Undone | Self::Expired) | (Self::Undone, Self::Created))
    }
}

impl UndoState {
    /// The state of an entry at a time.
    pub fn at(now: DateTime<Utc>, expiration: DateTime<Utc>, undone_at: Option<DateTime<Utc>>) -> Self {
        match undone_at {
            Some(_) => Self::Undone,
            None if expiration < now => Self::Expired,
            None => Self::Created,
        }
    }
}

words! {
    /// What was asked of an undo entry.
    UndoAction ("undo action") {
        /// Take it back.
        Undo = "undo",
        /// Apply it again.
        Redo = "redo",
    }
}

words! {
    /// How an act ended, as the records tell it.
    Outcome ("outcome") {
        /// It was done.
        Done = "done",
        /// It was not allowed, or not possible.
        Refused = "refused",
        /// It was tried and failed.
        Failed = "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::assert_steps;

    #[test]
    fn an_undo_entry_takes_these_steps_and_no_others() {
        use UndoState::{Created, Expired, Undone};
        assert_steps(&[(Created, Undone), (Created, Expired), (Undone, Created)]);
    }

    #[test]
    fn the_state_follows_from_the_times() {
        let t = |hour: i64| DateTime::from_timestamp(hour * 3600, 0).unwrap();
        for (now, undone_at, state) in [
            (23, None, UndoState::Created),
            (24, None, UndoState::Created),
            (25, None, UndoState::Expired),
            (23, Some(1), UndoState::Undone),
            (25, Some(1), UndoState::Undone),
        ] {
            assert_eq!(
                UndoState::at(t(now), t(0) + UNDO_WINDOW, undone_at.map(t)),
                state,
                "{now} {undone_at:?}"
            );
        }
    }
}
