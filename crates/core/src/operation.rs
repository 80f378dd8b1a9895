//! The states of a sync operation, and of a component in it.

use crate::{step::Machine, word::words};

words! {
    /// The state of a sync operation.
    OperationStatus ("operation status") {
        /// Recorded; nothing has been written.
        Pending = "pending",
        /// Being applied.
        Running = "running",
        /// Every component was applied.
        Completed = "completed",
        /// Some components were applied and some failed.
        Partial = "partial",
        /// Nothing was applied.
        Failed = "failed",
    }
}

impl Machine for OperationStatus {
    const MACHINE: &'static str = "sync operation";

    fn allows(self, to: Self) -> bool {
        matches!(
            (self, to),
            (Self::Pending, Self::Running)
                | (Self::Running, Self::Completed | Self::Failed)
                | (Self::Completed, Self::Partial)
        )
    }
}

impl OperationStatus {
    /// Whether the operation has run to its end, well or not. `completed` may still become `partial`.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Completed | Self::Partial | Self::Failed)
    }

    /// Whether some of it was applied, so that there may be something to undo.
    pub fn has_applied(self) -> bool {
        matches!(self, Self::Completed | Self::Partial)
    }

    /// The steps that lead from `running` to what the components' results add up to.
    pub fn conclude(applied: usize, failed: usize) -> &'static [Self] {
        match (applied, failed) {
            (_, 0) => &[Self::Completed],
            (0, _) => &[Self::Failed],
            _ => &[Self::Completed, Self::Partial],
        }
    }
}

words! {
    /// The state of one component in a sync operation.
    ComponentState ("component state") {
        /// Not begun.
        Waiting = "waiting",
        /// Being written.
        Applying = "applying",
        /// Written and verified.
        Applied = "applied",
        /// Left or brought back as it was.
        Failed = "failed",
        /// Left out: nothing selected, or a conflict without a choice.
        Skipped = "skipped",
    }
}

impl Machine for ComponentState {
    const MACHINE: &'static str = "component of a sync operation";

    fn allows(self, to: Self) -> bool {
        matches!(
            (self, to),
            (Self::Waiting, Self::Applying | Self::Skipped | Self::Failed)
                | (Self::Applying, Self::Applied | Self::Failed)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::assert_steps;

    #[test]
    fn an_operation_takes_these_steps_and_no_others() {
        use OperationStatus::{Completed, Failed, Partial, Pending, Running};
        assert_steps(&[(Pending, Running), (Running, Completed), (Running, Failed), (Completed, Partial)]);
        assert!(Completed.is_finished() && !Running.is_finished());
        assert!(Partial.has_applied() && !Failed.has_applied());
        insta::assert_snapshot!(
            Failed.step(Running).unwrap_err(),
            @"a sync operation can't go from `failed` to `running`; it is final"
        );
        insta::assert_snapshot!(
            Running.step(Partial).unwrap_err(),
            @"a sync operation can't go from `running` to `partial`; it can go to `completed` or `failed`"
        );
    }

    #[test]
    fn a_conclusion_is_a_walk_of_allowed_steps() {
        for (applied, failed, end) in [
            (2, 0, OperationStatus::Completed),
            (0, 0, OperationStatus::Completed),
            (0, 3, OperationStatus::Failed),
            (1, 1, OperationStatus::Partial),
        ] {
            let walked = OperationStatus::conclude(applied, failed)
                .iter()
                .try_fold(OperationStatus::Running, |state, next| state.step(*next));
            assert_eq!(walked, Ok(end));
        }
    }

    #[test]
    fn a_component_takes_these_steps_and_no_others() {
        use ComponentState::{Applied, Applying, Failed, Skipped, Waiting};
        assert_steps(&[
            (Waiting, Applying),
            (Waiting, Skipped),
            (Waiting, Failed),
            (Applying, Applied),
            (Applying, Failed),
        ]);
    }
}
