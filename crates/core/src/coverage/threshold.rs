//! How much coverage is enough.

use schemars::JsonSchema;
use serde::Serialize;

/// What a team asks for, in percent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Thresholds {
    /// Of all components together.
    pub overall: Option<f64>,
    /// Of each component.
    pub component: Option<f64>,
}

/// Something that is below what was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Shortfall {
    /// The component; all of them together without.
    pub component: Option<String>,
    /// What it has.
    pub percent: f64,
    /// What was asked for.
    pub wanted: f64,
}

/// The coverage of all components together: the mean of their percentages, so that an icon with two hundred names weighs
/// no more than a button. None at all are wholly covered.
#[expect(clippy::cast_precision_loss, reason = "no workspace has 2^52 components")]
pub fn overall(percents: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) =
        percents.into_iter().fold((0.0, 0_usize), |(sum, count), percent| (sum + percent, count + 1));
    // What is summed is exact to far more than the two decimals that are told.
    if count == 0 { 100.0 } else { ((sum / count as f64 + 1e-9) * 100.0).floor() / 100.0 }
}

impl Thresholds {
    /// What is below, the whole first, then components in the order given. A component may have a threshold of its own.
    pub fn shortfalls<'a>(
        &self,
        components: impl IntoIterator<Item = (&'a str, f64, Option<f64>)> + Clone,
    ) -> Vec<Shortfall> {
        let total = overall(components.clone().into_iter().map(|(_, percent, _)| percent));
        let below = |component: Option<&str>, percent: f64, wanted: Option<f64>| {
            let wanted = wanted.filter(|wanted| percent < *wanted)?;
            Some(Shortfall { component: component.map(str::to_owned), percent, wanted })
        };
        let of_components = components
            .into_iter()
            .filter_map(|(name, percent, own)| below(Some(name), percent, own.or(self.component)));
        below(None, total, self.overall).into_iter().chain(of_components).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_is_told_with_what_was_asked_for() {
        let components = [("A", 100.0, None), ("B", 50.0, None), ("C", 80.0, Some(90.0))];
        let below = |overall, component| {
            let found = Thresholds { overall, component }.shortfalls(components);
            let told = found.iter().map(|found| {
                format!("{} {}<{}", found.component.as_deref().unwrap_or("all"), found.percent, found.wanted)
            });
            told.collect::<Vec<_>>().join(", ")
        };
        assert_eq!(below(None, None), "C 80<90");
        assert_eq!(below(Some(76.0), Some(50.0)), "C 80<90");
        assert_eq!(below(Some(90.0), Some(60.0)), "all 76.66<90, B 50<60, C 80<90");
        assert_eq!(overall([]).to_string(), "100");
        assert_eq!(overall([100.0, 100.0, 100.0]).to_string(), "100");
    }
}
