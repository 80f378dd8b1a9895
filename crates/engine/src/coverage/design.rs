//! What a design draws of a component, in code's spelling.

use lockstep_core::{contract::Contract, coverage::Points};
use lockstep_design::Variant;

use crate::registry::Current;

/// The design's contract and its variants; nothing where the component stands for no design component.
pub(super) fn drawn(current: &Current, index: usize) -> Option<(&Contract, Vec<Points>)> {
    let comparison = &current.entries[index].compared.as_ref()?.comparison;
    let design = &current.design(index)?.component;
    let in_code = |variant: &Variant| comparison.correspondence.to_code(|name| variant.points.get(name));
    let mut variants: Vec<Points> = design.variants.iter().map(in_code).collect();
    // Variants that differ in what is not compared, as interaction states, are one.
    variants.sort();
    variants.dedup();
    if variants.is_empty() {
        variants.push(Points::new());
    }
    Some((&comparison.design, variants))
}
