//! Which variants a component declares, by the strategy that a team counts by.

use std::collections::BTreeMap;

use super::Warning;
use crate::{
    contract::{Contract, OptionName, Property, PropertyName, VariantName},
    statement::{Statement, UnionMember},
    word::words,
};

words! {
    /// What is counted.
    Strategy ("coverage strategy") {
        /// Each option of each property, whatever goes with it.
        EachOption = "each-option",
        /// Every variant that the design draws.
        DesignVariants = "design-variants",
        /// Each pair of options of two properties.
        Pairwise = "pairwise",
    }
}

/// An option of each of some properties.
pub type Points = BTreeMap<PropertyName, OptionName>;

/// So many pairs are counted at most; a component with more is counted by its options.
pub const MOST_PAIRS: usize = 20_000;

/// What the design draws of a component.
#[derive(Debug, Clone, Copy)]
pub struct Drawn<'a> {
    /// What the design states, in code's spelling.
    pub contract: &'a Contract,
    /// Its variants, in code's spelling; one without any properties where it draws a single component.
    pub variants: &'a [Points],
}

/// The variants that are counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// By name, each with its options.
    pub variants: BTreeMap<VariantName, Points>,
    /// Why they are others than the strategy says.
    pub warnings: Vec<Warning>,
}

/// The variants that a component declares. One without options has a single variant: itself.
pub fn declared(strategy: Strategy, code: &Statement, design: Option<Drawn<'_>>) -> Declared {
    let mut declared = Declared::default();
    let points: Vec<Points> = match (strategy, design) {
        (Strategy::EachOption, _) => each_option(&code.contract),
        (Strategy::DesignVariants, Some(design)) => design.variants.to_vec(),
        (Strategy::DesignVariants, None) => {
            declared.warnings.push(Warning::new(
                "no-design",
                "it stands for no design component, so that its options are counted in place of drawn variants",
            ));
            each_option(&code.contract)
        }
        (Strategy::Pairwise, _) => match pairs(code) {
            Ok(pairs) => pairs,
            Err(count) => {
                let message = format!(
                    "it has {count} pairs of options, more than the {MOST_PAIRS} that are counted: its options are \
                     counted alone"
                );
                declared.warnings.push(Warning::new("too-many-pairs", message));
                each_option(&code.contract)
            }
        },
    };
    declared.variants = points.into_iter().map(|points| (VariantName::of(&points), points)).collect();
    if declared.variants.is_empty() {
        declared.variants.insert(VariantName::of(&Points::new()), Points::new());
    }
    declared
}

fn each_option(contract: &Contract) -> Vec<Points> {
    let axes = axes(contract).into_iter();
    axes.flat_map(|(name, options)| {
        options.into_iter().map(move |option| Points::from([(name.clone(), option)]))
    })
    .collect()
}

/// The pairs that can be given together. A component with options of a single property has no pairs: its options count.
fn pairs(code: &Statement) -> Result<Vec<Points>, usize> {
    let axes = axes(&code.contract);
    if axes.len() < 2 {
        return Ok(each_option(&code.contract));
    }
    let total: usize = axes.iter().map(|(_, options)| options.len()).sum();
    let squares: usize = axes.iter().map(|(_, options)| options.len().saturating_pow(2)).sum();
    let count = total.saturating_pow(2).saturating_sub(squares) / 2;
    if count > MOST_PAIRS {
        return Err(count);
    }
    let mut pairs = Vec::with_capacity(count);
    for (place, (one, ones)) in axes.iter().enumerate() {
        for (other, others) in axes.iter().skip(place + 1) {
            for (this, that) in ones.iter().flat_map(|this| others.iter().map(move |that| (this, that))) {
                let goes = |union: &Vec<UnionMember>| {
                    union.iter().any(|member| allows(member, one, this) && allows(member, other, that))
                };
                if code.unions.iter().all(goes) {
                    pairs.push(Points::from([
                        ((*one).clone(), this.clone()),
                        ((*other).clone(), that.clone()),
                    ]));
                }
            }
        }
    }
    Ok(pairs)
}

/// Whether a member of a union lets a property have an option; it says nothing of properties that all members agree on.
fn allows(member: &UnionMember, property: &PropertyName, option: &OptionName) -> bool {
    member.options.get(property).is_none_or(|options| options.contains(option))
}

/// The properties that have options, each with these.
pub(super) fn axes(contract: &Contract) -> Vec<(&PropertyName, Vec<OptionName>)> {
    let axis = |(name, property)| Some((name, options(property)?));
    contract.properties.iter().filter_map(axis).collect()
}

/// The options of a property: a boolean has two.
fn options(property: &Property) -> Option<Vec<OptionName>> {
    match property {
        Property::Enum { options, .. } => Some(options.iter().cloned().collect()),
        Property::Boolean { .. } => Some(vec!["false".into(), "true".into()]),
        Property::Text | Property::Number | Property::Slot => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> Statement {
        let contract = [
            ("size".into(), Property::enumeration(["s", "m"], Some("m"))),
            ("tone".into(), Property::enumeration(["loud", "quiet"], None)),
            ("open".into(), Property::boolean(None)),
            ("label".into(), Property::Text),
        ];
        Statement { contract: contract.into_iter().collect(), ..Statement::default() }
    }

    fn names(strategy: Strategy, code: &Statement, design: Option<Drawn<'_>>) -> String {
        let declared = declared(strategy, code, design);
        let names: Vec<&str> = declared.variants.keys().map(VariantName::as_str).collect();
        let warnings: Vec<&str> = declared.warnings.iter().map(|warning| warning.code.as_str()).collect();
        [names.join(" "), warnings.join(" ")].join(" / ")
    }

    #[test]
    fn each_strategy_counts_what_it_says() {
        let drawn = [
            Points::from([("size".into(), "s".into()), ("tone".into(), "loud".into())]),
            Points::from([("size".into(), "m".into()), ("tone".into(), "loud".into())]),
        ];
        let contract = code().contract;
        let design = Some(Drawn { contract: &contract, variants: &drawn });
        assert_eq!(
            names(Strategy::EachOption, &code(), design),
            "open=false open=true size=m size=s tone=loud tone=quiet / "
        );
        assert_eq!(names(Strategy::DesignVariants, &code(), design), "size=m,tone=loud size=s,tone=loud / ");
        assert_eq!(
            names(Strategy::Pairwise, &code(), design),
            "open=false,size=m open=false,size=s open=false,tone=loud open=false,tone=quiet open=true,size=m \
             open=true,size=s open=true,tone=loud open=true,tone=quiet size=m,tone=loud size=m,tone=quiet \
             size=s,tone=loud size=s,tone=quiet / "
        );
    }

    #[test]
    fn what_a_strategy_has_nothing_for_is_counted_by_options_and_said() {
        let nothing = Statement::default();
        for strategy in Strategy::ALL {
            let told =
                if *strategy == Strategy::DesignVariants { "default / no-design" } else { "default / " };
            assert_eq!(names(*strategy, &nothing, None), told, "{strategy}");
        }
        let single = Statement {
            contract: [("size".into(), Property::enumeration(["s", "m"], None))].into_iter().collect(),
            ..Statement::default()
        };
        assert_eq!(names(Strategy::Pairwise, &single, None), "size=m size=s / ");
        let many = |name: &str| (name.into(), Property::enumeration((0..150).map(|n| format!("{n}")), None));
        let many =
            Statement { contract: [many("a"), many("b")].into_iter().collect(), ..Statement::default() };
        let counted = declared(Strategy::Pairwise, &many, None);
        assert_eq!((counted.variants.len(), counted.warnings[0].code.as_str()), (300, "too-many-pairs"));
    }

    #[test]
    fn pairs_that_no_member_of_a_union_allows_are_not_declared() {
        let member = |size: &str, tone: &str| UnionMember {
            options: [("size", size), ("tone", tone)]
                .map(|(name, option)| (name.into(), [option.into()].into()))
                .into(),
        };
        let code = Statement { unions: vec![vec![member("s", "loud"), member("m", "quiet")]], ..code() };
        let declared = declared(Strategy::Pairwise, &code, None);
        let of_both = declared.variants.keys().filter(|name| name.as_str().starts_with("size="));
        let of_both: Vec<&str> = of_both.map(VariantName::as_str).collect();
        assert_eq!(of_both, ["size=m,tone=quiet", "size=s,tone=loud"]);
        assert_eq!(declared.variants.len(), 10);
    }
}
