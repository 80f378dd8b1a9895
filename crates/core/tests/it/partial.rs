//! What a sync leaves out stays what it was: the same change, moved by the same side.

use std::collections::BTreeSet;

use lockstep_core::{
    baseline::Baseline,
    contract::{Contract, ContractPath, OptionName, Property, PropertyName},
    direction::Direction,
    drift::{Change, detect},
    edit::ContractEdit,
    mapping::Comparison,
    plan::{ComponentSelection, Decision, decide},
    statement::{Identities, Identity},
};
use proptest::prelude::*;

/// One side with the identities of its parts, which outlive renames as those of real files do.
#[derive(Debug, Clone)]
pub(crate) struct Side {
    pub(crate) contract: Contract,
    pub(crate) identities: Identities,
    next: usize,
}

impl Side {
    pub(crate) fn of(contract: &Contract) -> Self {
        let mut side = Self { contract: Contract::default(), identities: Identities::default(), next: 0 };
        for (name, property) in &contract.properties {
            side.apply(&ContractEdit::AddProperty { name: name.clone(), property: property.clone() });
        }
        side
    }

    fn fresh(&mut self) -> Identity {
        self.next += 1;
        Identity::token(format!("#{}", self.next))
    }

    fn identify(&mut self, name: &PropertyName, property: &Property) {
        self.identities.options.remove(name);
        for option in property.options() {
            let identity = self.fresh();
            self.identities.options.entry(name.clone()).or_default().insert(option.clone(), identity);
        }
    }

    /// Applies an edit that fits, and says whether it did.
    pub(crate) fn apply(&mut self, edit: &ContractEdit) -> bool {
        if edit.apply(&mut self.contract).is_err() {
            return false;
        }
        match edit {
            ContractEdit::AddProperty { name, property } => {
                let identity = self.fresh();
                self.identities.properties.insert(name.clone(), identity);
                self.identify(name, property);
            }
            ContractEdit::RemoveProperty { name } => {
                self.identities.properties.remove(name);
                self.identities.options.remove(name);
            }
            ContractEdit::RenameProperty { from, to } => {
                let identity = self.identities.properties.remove(from);
                self.identities.properties.extend(identity.map(|identity| (to.clone(), identity)));
                let options = self.identities.options.remove(from);
                self.identities.options.extend(options.map(|options| (to.clone(), options)));
            }
            ContractEdit::ChangeKind { name, to } => self.identify(name, to),
            ContractEdit::AddOption { property, option } => {
                let identity = self.fresh();
                self.identities.options.entry(property.clone()).or_default().insert(option.clone(), identity);
            }
            ContractEdit::RemoveOption { property, option } => {
                self.identities.options.entry(property.clone()).or_default().remove(option);
            }
            ContractEdit::RenameOption { property, from, to } => {
                let options = self.identities.options.entry(property.clone()).or_default();
                let identity = options.remove(from);
                if let Some(identity) = identity {
                    options.insert(to.clone(), identity);
                }
            }
            ContractEdit::SetDefault { .. } => {}
        }
        true
    }
}

pub(crate) fn compared(code: &Side, design: &Side) -> Comparison {
    Comparison {
        code: code.contract.clone(),
        design: design.contract.clone(),
        code_identities: code.identities.clone(),
        design_identities: design.identities.clone(),
        ..Comparison::default()
    }
}

pub(crate) fn agreed() -> impl Strategy<Value = Contract> {
    let enumeration = proptest::collection::btree_set("[a-d]", 2..5).prop_map(|options| Property::Enum {
        options: options.into_iter().map(OptionName::from).collect(),
        default: None,
    });
    let property =
        prop_oneof![3 => enumeration, 1 => Just(Property::boolean(None)), 1 => Just(Property::Text)];
    proptest::collection::btree_map("[p-r]".prop_map(PropertyName::from), property, 1..4)
        .prop_map(|properties| Contract { properties: properties.into() })
}

pub(crate) fn edit() -> impl Strategy<Value = ContractEdit> {
    let property = || "[p-t]".prop_map(PropertyName::from);
    let option = || "[a-g]".prop_map(OptionName::from);
    prop_oneof![
        1 => property().prop_map(|name| ContractEdit::AddProperty { name, property: Property::boolean(None) }),
        1 => property().prop_map(|name| ContractEdit::RemoveProperty { name }),
        2 => (property(), property()).prop_map(|(from, to)| ContractEdit::RenameProperty { from, to }),
        2 => (property(), option()).prop_map(|(property, option)| ContractEdit::AddOption { property, option }),
        2 => (property(), option()).prop_map(|(property, option)| ContractEdit::RemoveOption { property, option }),
        3 => (property(), option(), option())
            .prop_map(|(property, from, to)| ContractEdit::RenameOption { property, from, to }),
    ]
}

/// What a change says, whatever the words and the name that its property has meanwhile.
fn gist(change: &Change) -> String {
    let part = match change.path {
        ContractPath::Property(_) => "property",
        ContractPath::Default(_) => "default",
        ContractPath::Option(..) => "option",
    };
    format!("{part} {} {}: {} | {}", change.kind, change.moved, change.code, change.design)
}

fn sorted<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<String> {
    let mut all: Vec<String> = changes.into_iter().map(gist).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn a_partial_sync_leaves_the_rest_as_it_was(
        agreed in agreed(),
        code_edits in proptest::collection::vec(edit(), 0..5),
        design_edits in proptest::collection::vec(edit(), 0..5),
        keep in proptest::collection::vec(any::<bool>(), 32),
        direction in prop_oneof![Just(Direction::CodeToDesign), Just(Direction::DesignToCode), Just(Direction::Bidirectional)],
    ) {
        let (mut code, mut design) = (Side::of(&agreed), Side::of(&agreed));
        let baseline = Baseline::first(&compared(&code, &design));
        code_edits.iter().for_each(|edit| _ = code.apply(edit));
        design_edits.iter().for_each(|edit| _ = design.apply(edit));
        let before = compared(&code, &design);
        let changes = detect(&before, Some(&baseline));
        let exclude: BTreeSet<ContractPath> =
            changes.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(change, _)| change.path.clone()).collect();
        let mut selection = ComponentSelection::all(direction);
        selection.exclude = exclude;
        let plan = decide(&changes, &selection, &before.code, &before.design);
        for planned in &plan.code_edits {
            prop_assert!(code.apply(&planned.edit));
        }
        for planned in &plan.design_edits {
            prop_assert!(design.apply(&planned.edit));
        }
        let after = compared(&code, &design);
        let advanced = Baseline::advance(Some(&baseline), &before, &after);
        let left = plan.changes.iter().filter(|planned| matches!(planned.decision, Decision::Leave { .. }));
        let now = detect(&after, Some(&advanced));
        // Two that say the same are in step, whichever way they came there.
        if after.code == after.design {
            return Ok(());
        }
        prop_assert_eq!(sorted(&now), sorted(left.map(|planned| &planned.change)));
    }
}
