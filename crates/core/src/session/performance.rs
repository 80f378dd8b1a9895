//! What was measured of a story, and what it is allowed to take.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::word::words;

words! {
    /// Something that is measured of a story. Milliseconds count from the moment at which its page was asked for.
    Metric ("metric") {
        /// Until something was painted, in milliseconds.
        FirstContentfulPaint = "first_contentful_paint_ms",
        /// Until the largest thing was painted, in milliseconds.
        LargestContentfulPaint = "largest_contentful_paint_ms",
        /// How much moved without being asked to: a share of the page, summed over the worst second.
        CumulativeLayoutShift = "cumulative_layout_shift",
        /// How many tasks took over 50 milliseconds.
        LongTasks = "long_tasks",
        /// How long those took together, in milliseconds.
        LongTaskTime = "long_task_ms",
        /// What JavaScript holds, in bytes.
        Heap = "js_heap_bytes",
        /// How many nodes the document has.
        Nodes = "dom_nodes",
        /// What was received, in bytes, as it came over the line.
        Received = "received_bytes",
        /// Until the story had rendered and its play function had ended, in milliseconds.
        Rendered = "rendered_ms",
    }
}

/// What was measured of a story: the median over some loads, for each metric that the browser told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PerformanceSummary {
    /// Over how many loads.
    pub loads: usize,
    /// The values.
    #[serde(flatten)]
    pub metrics: BTreeMap<Metric, f64>,
}

/// What a story may take at most.
pub type Budget = BTreeMap<Metric, f64>;

/// A metric that is above its budget.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Excess {
    /// Which.
    pub metric: Metric,
    /// What was measured.
    pub measured: f64,
    /// What is allowed.
    pub budget: f64,
}

impl PerformanceSummary {
    /// The medians of what was measured in each load. What a load did not tell, the others decide.
    pub fn of(loads: &[BTreeMap<Metric, f64>]) -> Self {
        let mut values = BTreeMap::<Metric, Vec<f64>>::new();
        for (metric, value) in loads.iter().flatten() {
            if value.is_finite() {
                values.entry(*metric).or_default().push(*value);
            }
        }
        let metrics = values.into_iter().filter_map(|(metric, all)| Some((metric, median(all)?))).collect();
        Self { loads: loads.len(), metrics }
    }

    /// What is above its budget, in the order of the metrics. What was not measured is not above anything.
    pub fn above(&self, budget: &Budget) -> Vec<Excess> {
        let excess = |(metric, budget): (&Metric, &f64)| {
            let measured = *self.metrics.get(metric)?;
            (measured > *budget).then_some(Excess { metric: *metric, measured, budget: *budget })
        };
        budget.iter().filter_map(excess).collect()
    }
}

/// The value in the middle; between two of them, their mean.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *values.get(middle.checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(values: &[(Metric, f64)]) -> BTreeMap<Metric, f64> {
        values.iter().copied().collect()
    }

    #[test]
    fn the_median_of_what_was_told_counts() {
        for (values, expected) in [
            (vec![], None),
            (vec![3.0], Some(3.0)),
            (vec![9.0, 1.0], Some(5.0)),
            (vec![9.0, 1.0, 2.0], Some(2.0)),
            (vec![9.0, f64::NAN, 1.0, 2.0], Some(2.0)),
        ] {
            let loads: Vec<_> = values.iter().map(|value| load(&[(Metric::Rendered, *value)])).collect();
            let summary = PerformanceSummary::of(&loads);
            assert_eq!(summary.metrics.get(&Metric::Rendered).copied(), expected, "{values:?}");
            assert_eq!(summary.loads, values.len());
        }
        let partly = [load(&[(Metric::Heap, 7.0)]), load(&[(Metric::Heap, 9.0), (Metric::Nodes, 4.0)])];
        let summary = PerformanceSummary::of(&partly);
        assert_eq!(summary.metrics, load(&[(Metric::Heap, 8.0), (Metric::Nodes, 4.0)]));
    }

    #[test]
    fn a_budget_is_what_is_still_allowed() {
        let summary = PerformanceSummary::of(&[load(&[(Metric::LongTasks, 2.0), (Metric::Nodes, 40.0)])]);
        let above = |budget: &[(Metric, f64)]| {
            summary.above(&load(budget)).iter().map(|found| found.metric).collect::<Vec<_>>()
        };
        assert_eq!(above(&[]), []);
        assert_eq!(above(&[(Metric::LongTasks, 2.0), (Metric::Nodes, 41.0)]), []);
        assert_eq!(
            above(&[(Metric::LongTasks, 1.0), (Metric::Nodes, 39.5)]),
            [Metric::LongTasks, Metric::Nodes]
        );
        assert_eq!(above(&[(Metric::Heap, 0.0)]), [], "it was not measured");
    }

    #[test]
    fn it_is_stored_flat() {
        let summary = PerformanceSummary::of(&[load(&[(Metric::Rendered, 81.5)])]);
        let json = serde_json::to_value(&summary).unwrap();
        assert_eq!(json, serde_json::json!({"loads": 1, "rendered_ms": 81.5}));
        assert_eq!(serde_json::from_value::<PerformanceSummary>(json).unwrap(), summary);
    }
}
