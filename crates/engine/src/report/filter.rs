//! A part of a drift report.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use lockstep_core::{drift::Severity, merge::Moved};

use super::{DriftReport, ReportedChange, totals};
use crate::{error::EngineError, registry::no_component, workspace::config::NameGlob};

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
    pub(crate) fn wants_all(&self) -> bool {
        self.severity.is_none() && self.moved.is_none() && self.before.is_none()
    }

    fn wants(&self, reported: &ReportedChange) -> bool {
        self.severity.is_none_or(|severity| reported.change.severity == severity)
            && self.moved.is_none_or(|moved| reported.change.moved == moved)
            && self.before.is_none_or(|before| reported.since < before)
    }
}

/// The places of the components that names or globs are about, among the names of all, which are sorted.
///
/// # Errors
/// When one is about none.
pub(crate) fn matching<'n>(
    wanted: &[String],
    names: impl Iterator<Item = &'n str> + Clone,
) -> Result<Vec<usize>, EngineError> {
    let mut chosen = BTreeSet::new();
    for wanted in wanted {
        let glob = NameGlob::new(wanted).ok();
        // A name can hold what means something in a glob.
        let is_meant = |name: &str| name == wanted || glob.as_ref().is_some_and(|glob| glob.matches(name));
        let mut found = names.clone().enumerate().filter(|(_, name)| is_meant(name)).peekable();
        if found.peek().is_none() {
            return Err(no_component(wanted, names));
        }
        chosen.extend(found.map(|(place, _)| place));
    }
    Ok(chosen.into_iter().collect())
}

impl DriftReport {
    /// The report of the components that names (globs allowed) are about; of all without names.
    ///
    /// # Errors
    /// When a name is of no component.
    pub fn about(mut self, names: &[String]) -> Result<Self, EngineError> {
        if names.is_empty() {
            return Ok(self);
        }
        let mapped = self.components.iter().map(|component| &*component.name);
        let mut known: Vec<&str> =
            mapped.chain(self.unmapped.iter().map(|component| &*component.name)).collect();
        known.sort_unstable();
        let chosen = matching(names, known.iter().copied())?;
        let chosen: BTreeSet<String> = chosen.into_iter().map(|place| known[place].to_owned()).collect();
        self.components.retain(|component| chosen.contains(&component.name));
        self.unmapped.retain(|component| chosen.contains(&component.name));
        self.unmapped_designs.clear();
        self.totals = totals(&self.components, self.unmapped.len());
        Ok(self)
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_what_is_called_so_and_what_it_is_a_glob_of() {
        let known = ["Button", "Card", "Card.Header", "Odd[1]", "Open["];
        let cases: [(&[&str], &[usize]); 7] = [
            (&["Card"], &[1]),
            (&["Card*"], &[1, 2]),
            (&["Card.*", "Button"], &[0, 2]),
            (&["Card", "C*"], &[1, 2]),
            (&["Odd[1]"], &[3]),
            (&["Open["], &[4]),
            (&["*"], &[0, 1, 2, 3, 4]),
        ];
        for (wanted, expected) in cases {
            let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(matching(&wanted, known.iter().copied()).unwrap(), expected, "{wanted:?}");
        }
        for missing in ["Buton", "card", "X*", "Car[d"] {
            let error = matching(&[missing.to_owned()], known.iter().copied()).unwrap_err();
            assert_eq!(error.to_string(), format!("there is no component `{missing}`"));
        }
    }
}
