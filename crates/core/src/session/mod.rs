//! Browser test sessions: their states, what is judged of a story that a browser opened, what was measured, and what many
//! sessions say together.

mod history;
mod performance;
mod verdict;

pub use history::{Outcomes, Past, outcomes};
pub use performance::{Budget, Excess, Metric, PerformanceSummary};
pub use verdict::{Ending, Judging, Observed, Problem, Verdict, verdict};

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
    /// Why a session did not pass.
    SessionReason ("session reason") {
        /// The story, or what it is rendered with, threw.
        Exception = "exception",
        /// Its play function threw, or one of the checks that it makes did not hold.
        FailedPlay = "failed_play",
        /// Storybook knows no such story.
        MissingStory = "missing_story",
        /// It wrote an error to the console.
        ConsoleError = "console_error",
        /// Somebody can't use what it shows.
        AccessibilityViolation = "accessibility_violation",
        /// It looks other than what was approved.
        VisualDifference = "visual_difference",
        /// It takes more than it is allowed.
        OverBudget = "over_budget",
        /// Its tab ended: it crashed, or used up its memory.
        PageCrashed = "page_crashed",
        /// It did not come to its end in time.
        Timeout = "timeout",
        /// The browser ended, or can't be reached any more.
        BrowserLost = "browser_lost",
        /// What serves the Storybook did not answer.
        Unreachable = "unreachable",
        /// Somebody wanted it to end.
        Cancelled = "cancelled",
    }
}

impl SessionReason {
    /// The state in which a session ends for this reason.
    pub fn status(self) -> SessionStatus {
        match self {
            Self::Timeout | Self::BrowserLost | Self::Unreachable | Self::Cancelled => SessionStatus::Aborted,
            Self::Exception
            | Self::FailedPlay
            | Self::MissingStory
            | Self::ConsoleError
            | Self::AccessibilityViolation
            | Self::VisualDifference
            | Self::OverBudget
            | Self::PageCrashed => SessionStatus::Failed,
        }
    }

    /// Whether it says nothing of the story, so that trying again is worth it.
    pub fn is_infrastructure(self) -> bool {
        matches!(self, Self::BrowserLost | Self::Unreachable)
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
