//! The states of a browser test session.

use crate::{step::Machine, word::words};

words! {
    /// The state of a browser test session.
    SessionStatus ("session status") {
        /// The browser is at it.
        Running = "running",
        /// The story rendered, and everything held.
        Passed = "passed",
        /// It ended with a reason: an exception, a failed play, a violation, a difference.
        Failed = "failed",
        /// It was cut off: a timeout, a lost browser, a cancellation.
        Aborted = "aborted",
    }
}

impl Machine for SessionStatus {
    const MACHINE: &'static str = "browser test session";

    fn allows(self, to: Self) -> bool {
        matches!((self, to), (Self::Running, Self::Passed | Self::Failed | Self::Aborted))
    }
}

words! {
    /// What a session leaves behind.
    ArtifactKind ("test artifact kind") {
        /// A picture of the rendered story.
        Screenshot = "screenshot",
        /// A picture of what differs from the baseline picture.
        VisualDiff = "visual_diff",
        /// The console's lines.
        ConsoleLog = "console_log",
        /// The accessibility findings.
        Accessibility = "accessibility",
        /// A trace of the page's run.
        Trace = "trace",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::assert_steps;

    #[test]
    fn a_session_takes_these_steps_and_no_others() {
        use SessionStatus::{Aborted, Failed, Passed, Running};
        assert_steps(&[(Running, Passed), (Running, Failed), (Running, Aborted)]);
    }
}
