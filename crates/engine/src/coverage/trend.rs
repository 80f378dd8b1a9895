//! Coverage over time, from the reports that are kept and those that are archived.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use lockstep_core::{coverage::overall, ids::ComponentId};
use lockstep_store::{Store, components, coverage};
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::EngineError;

/// Coverage over time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Trend {
    /// The component that it is of; all of them together without.
    pub component: Option<String>,
    /// One a day on which something changed, oldest first.
    pub points: Vec<TrendPoint>,
}

/// Coverage at the end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct TrendPoint {
    /// The day.
    pub date: NaiveDate,
    /// What was covered, in percent.
    pub percent: f64,
    /// How many components that is of.
    pub components: usize,
}

/// The trend of one component, or of all that are there.
///
/// # Errors
/// When there is no component of that name, or the registry fails.
pub async fn trend(store: &Store, name: Option<&str>) -> Result<Trend, EngineError> {
    let mut tx = store.read().await?;
    let mut present: BTreeMap<String, ComponentId> =
        components::standing(&mut tx).await?.into_iter().map(|row| (row.name, row.id)).collect();
    if let Some(name) = name {
        present.retain(|known, _| known == name);
        if present.is_empty() {
            let hint = "`lockstep components` lists them";
            return Err(EngineError::not_found(format!("there is no component `{name}`"), hint));
        }
    }
    let present: BTreeSet<ComponentId> = present.into_values().collect();
    let points = coverage::timeline(&mut tx).await?;
    drop(tx);
    let mut events: Vec<(DateTime<Utc>, ComponentId, f64)> = Vec::new();
    for point in points.into_iter().filter(|point| present.contains(&point.component_id)) {
        let times = [Some(point.generated_at), point.confirmed_at].into_iter().flatten();
        events.extend(times.map(|at| (at, point.component_id, point.variant_coverage_pct)));
    }
    Ok(Trend { component: name.map(str::to_owned), points: by_day(events) })
}

/// What holds at the end of each day on which it is not what held before.
fn by_day(mut events: Vec<(DateTime<Utc>, ComponentId, f64)>) -> Vec<TrendPoint> {
    events.sort_by_key(|(at, id, _)| (*at, *id));
    let mut held: BTreeMap<ComponentId, f64> = BTreeMap::new();
    let mut points: Vec<TrendPoint> = Vec::new();
    let mut events = events.into_iter().peekable();
    while let Some((at, id, percent)) = events.next() {
        held.insert(id, percent);
        let date = at.date_naive();
        if events.peek().is_some_and(|(next, _, _)| next.date_naive() == date) {
            continue;
        }
        let point = TrendPoint { date, percent: overall(held.values().copied()), components: held.len() };
        let is_same = |last: &TrendPoint| {
            last.percent.to_bits() == point.percent.to_bits() && last.components == point.components
        };
        if !points.last().is_some_and(is_same) {
            points.push(point);
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_tells_what_held_at_its_end() {
        let at = |day: u32, hour: u32| {
            NaiveDate::from_ymd_opt(2026, 1, day).unwrap().and_hms_opt(hour, 0, 0).unwrap().and_utc()
        };
        let id = |number: u128| ComponentId::from(uuid::Uuid::from_u128(number));
        let points = by_day(vec![
            (at(1, 9), id(1), 50.0),
            (at(3, 9), id(1), 100.0),
            (at(1, 8), id(1), 0.0),
            (at(2, 9), id(1), 50.0),
            (at(3, 8), id(2), 0.0),
            (at(4, 8), id(1), 50.0),
        ]);
        let told: Vec<String> = points
            .iter()
            .map(|point| format!("{} {} {}", point.date, point.percent, point.components))
            .collect();
        assert_eq!(told, ["2026-01-01 50 1", "2026-01-03 50 2", "2026-01-04 25 2"]);
    }
}
