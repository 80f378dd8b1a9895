//! A part of a drift report.

use chrono::{DateTime, Utc};
use lockstep_core::{drift::Severity, merge::Moved};

use super::{DriftReport, ReportedChange, totals};

/// Which changes of a report are wanted: those that are all of what is said here.
#[derive(Debug, Clone, Copy, Default)]
pub struct DriftFilter {
    /// Of this severity.
    pub severity: Option<Severity>,
    /// By who moved.
    pub moved: Option<Moved>,
    /// First seen before this.
    pub before: Option<DateTime<Utc>>,
}

impl DriftFilter {
    fn wants_all(&self) -> bool {
        self.severity.is_none() && self.moved.is_none() && self.before.is_none()
    }

    fn wants(&self, reported: &ReportedChange) -> bool {
        self.severity.is_none_or(|severity| reported.change.severity == severity)
            && self.moved.is_none_or(|moved| reported.change.moved == moved)
            && self.before.is_none_or(|before| reported.since < before)
    }
}

impl DriftReport {
    /// The report of these changes alone, counted anew; components without any are left out.
    #[must_use]
    pub fn only(mut self, filter: &DriftFilter) -> Self {
        if filter.wants_all() {
            return self;
        }
        for component in &mut self.components {
            component.changes.retain(|reported| filter.wants(reported));
        }
        self.components.retain(|component| !component.changes.is_empty());
        self.totals = totals(&self.components, self.unmapped.len());
        self
    }
}
