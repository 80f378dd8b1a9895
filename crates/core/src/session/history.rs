//! What many sessions of a story say together.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::SessionStatus;

/// A session that has been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past<'a> {
    /// How it stands.
    pub status: SessionStatus,
    /// The hash of the code that it was of, where that is known.
    pub code: Option<&'a str>,
}

/// How the sessions of a story, or of all stories of a component, ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Outcomes {
    /// How many passed.
    pub passed: usize,
    /// How many failed.
    pub failed: usize,
    /// How many were cut off, which says nothing of the story.
    pub aborted: usize,
    /// How many of those that passed or failed did pass, in percent.
    pub success_percent: Option<f64>,
    /// How many states of the code had sessions that passed and others that failed: more than none is flaky.
    pub flaky: usize,
}

impl Outcomes {
    /// Of several stories together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let (passed, failed) = (self.passed + other.passed, self.failed + other.failed);
        Self {
            passed,
            failed,
            aborted: self.aborted + other.aborted,
            success_percent: percent(passed, failed),
            flaky: self.flaky + other.flaky,
        }
    }
}

/// How the sessions of one story ended.
pub fn outcomes<'a>(sessions: impl IntoIterator<Item = Past<'a>>) -> Outcomes {
    let mut found = Outcomes::default();
    let mut by_code = BTreeMap::<&str, (bool, bool)>::new();
    for Past { status, code } in sessions {
        let mut ended = (false, false);
        match status {
            SessionStatus::Passed => (found.passed, ended.0) = (found.passed + 1, true),
            SessionStatus::Failed => (found.failed, ended.1) = (found.failed + 1, true),
            SessionStatus::Aborted => found.aborted += 1,
            SessionStatus::Running => {}
        }
        if let Some(code) = code {
            let seen = by_code.entry(code).or_default();
            *seen = (seen.0 || ended.0, seen.1 || ended.1);
        }
    }
    found.success_percent = percent(found.passed, found.failed);
    found.flaky = by_code.values().filter(|(passed, failed)| *passed && *failed).count();
    found
}

#[expect(clippy::cast_precision_loss, reason = "nobody counts sessions beyond 2^52")]
fn percent(passed: usize, failed: usize) -> Option<f64> {
    let all = passed + failed;
    (all > 0).then(|| passed as f64 * 100.0 / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use SessionStatus::{Aborted, Failed, Passed, Running};

    #[test]
    fn the_same_code_with_another_outcome_is_flaky() {
        let (one, other) = (Some("1f"), Some("2e"));
        for (sessions, success, flaky) in [
            (&[][..], None, 0),
            (&[(Running, one)], None, 0),
            (&[(Aborted, one), (Passed, one)], Some(100.0), 0),
            (&[(Failed, one), (Passed, other)], Some(50.0), 0),
            (&[(Failed, one), (Passed, one)], Some(50.0), 1),
            (&[(Failed, one), (Passed, one), (Passed, one), (Failed, one)], Some(50.0), 1),
            (&[(Failed, one), (Passed, one), (Passed, other), (Failed, other)], Some(50.0), 2),
            (&[(Failed, None), (Passed, None), (Passed, None), (Passed, None)], Some(75.0), 0),
        ] {
            let found = outcomes(sessions.iter().map(|(status, code)| Past { status: *status, code: *code }));
            assert_eq!((found.success_percent, found.flaky), (success, flaky), "{sessions:?}");
        }
    }

    #[test]
    fn a_component_is_all_of_its_stories() {
        let of = |statuses: &[SessionStatus]| {
            outcomes(statuses.iter().map(|status| Past { status: *status, code: Some("1f") }))
        };
        let both = of(&[Passed, Failed]).and(of(&[Passed, Passed, Aborted]));
        let expected = Outcomes { passed: 3, failed: 1, aborted: 1, success_percent: Some(75.0), flaky: 1 };
        assert_eq!(both, expected);
        assert_eq!(Outcomes::default().and(Outcomes::default()), Outcomes::default());
    }
}
