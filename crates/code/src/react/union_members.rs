//! Which options go together: what each member of a union of object types allows.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use lockstep_core::{
    contract::{Contract, OptionName, Property as ContractProperty, PropertyName},
    statement::UnionMember,
};

use crate::resolve::{Evaluator, Object, Ty};

/// A union of more object types than these tells a person nothing.
const MAX_MEMBERS: usize = 32;

type Options = BTreeMap<PropertyName, BTreeSet<OptionName>>;

/// The unions that props are made of, as far as their members allow different options.
pub(super) fn unions<'p>(
    evaluator: &Evaluator<'p>,
    props: &Object<'p>,
    contract: &Contract,
) -> Vec<Vec<UnionMember>> {
    let mut all = Vec::new();
    for union in &props.unions {
        let members = union_members(evaluator, union, contract).unwrap_or_default();
        if !members.is_empty() && !all.contains(&members) {
            all.push(members);
        }
    }
    all
}

/// Nothing where the members differ in no option, or where one can't be told.
fn union_members<'p>(
    evaluator: &Evaluator<'p>,
    union: &Rc<[Ty<'p>]>,
    contract: &Contract,
) -> Option<Vec<UnionMember>> {
    if !(2..=MAX_MEMBERS).contains(&union.len()) {
        return None;
    }
    evaluator.grant_property();
    let mut allowed = vec![Options::new(); union.len()];
    for (name, property) in &contract.properties {
        let Some(of_each) = options_of_each(evaluator, union, name, property) else { continue };
        if of_each.windows(2).any(|pair| matches!(pair, [a, b] if a != b)) {
            for (member, options) in allowed.iter_mut().zip(of_each) {
                member.insert(name.clone(), options);
            }
        }
    }
    let mut members: Vec<UnionMember> = Vec::new();
    for member in allowed.into_iter().map(|options| UnionMember { options }) {
        if !members.contains(&member) {
            members.push(member);
        }
    }
    (members.len() > 1).then_some(members)
}

fn options_of_each<'p>(
    evaluator: &Evaluator<'p>,
    union: &[Ty<'p>],
    name: &PropertyName,
    property: &ContractProperty,
) -> Option<Vec<BTreeSet<OptionName>>> {
    let is_option = |option: &OptionName| match property {
        ContractProperty::Enum { options, .. } => options.contains(option),
        ContractProperty::Boolean { .. } => true,
        _ => false,
    };
    if !matches!(property, ContractProperty::Enum { .. } | ContractProperty::Boolean { .. }) {
        return None;
    }
    let objects = union.iter().map(|member| match member {
        Ty::Object(object) => Some(object),
        _ => None,
    });
    let of_member = |object: &Rc<Object<'p>>| {
        let mut options = BTreeSet::new();
        if let Some(property) = object.properties.get(name.as_str()) {
            add_options(&evaluator.force(&property.ty), &mut options)?;
        }
        options.retain(|option| is_option(option));
        Some(options)
    };
    objects.map(|object| of_member(object?)).collect()
}

/// Nothing where the type is more than a choice.
fn add_options(ty: &Ty<'_>, options: &mut BTreeSet<OptionName>) -> Option<()> {
    for member in ty.members() {
        match member {
            Ty::Literal(literal) => {
                options.insert(literal.value.as_text().into());
            }
            Ty::Boolean => options.extend(["false".into(), "true".into()]),
            Ty::Nothing | Ty::Never => {}
            Ty::Union(_) => add_options(member, options)?,
            _ => return None,
        }
    }
    Some(())
}
