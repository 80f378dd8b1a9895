//! The lists that hold a property's options, in all files: those that declare it, and those that have to follow.

use std::collections::{BTreeMap, BTreeSet};

use lockstep_core::contract::{OptionName, PropertyName};
use oxc_allocator::Allocator;
use oxc_ast::AstKind;

use super::{
    class_maps::{class_maps, type_names},
    containers::{Container, site},
    draft::Refusal,
    names::{names, whole_file},
    session::Session,
    syntax::{Source, span_of},
};
use crate::model::{DeclarationForm, Place, PropertyOrigin};

/// A list that holds options of a property.
pub(super) struct Held<'a> {
    pub(super) container: Container<'a>,
    pub(super) chain: Vec<AstKind<'a>>,
    /// The index of the last member that is an option.
    pub(super) last: usize,
    pub(super) options: BTreeSet<OptionName>,
    pub(super) role: Role,
}

/// What a list is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It says which options there are.
    Declares,
    /// It has an entry for each option, such as the classes that it stands for.
    Follows,
}

impl<'a> Held<'a> {
    /// Whether every option of the list is one of the property's: else something stands between the two.
    pub(super) fn is_whole(&self, source: &Source<'a>) -> bool {
        let members = self.container.list(source).members.len();
        (0..members)
            .filter_map(|index| self.container.option_at(index))
            .all(|option| self.options.contains(&option.into()))
    }
}

/// Calls `visit` with each file that holds options of a property, and the lists in it.
pub(super) fn each_held(
    session: &Session<'_>,
    property: &PropertyName,
    mut visit: impl FnMut(&Source<'_>, Vec<Held<'_>>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let origin = session.origin(property)?;
    let declaring = files_of(origin);
    if declaring.is_empty() {
        let reason = format!("the options of `{property}` have no known place");
        return Err(Refusal::new(&origin.declared, reason));
    }
    let mut aliases = spelt_by_owner(session, property);
    for place in &declaring {
        let allocator = Allocator::default();
        let source = session.source(&allocator, place)?;
        let mut held = declared_in(&source, origin)?;
        for alias in type_names(&source, origin, &held) {
            for (file, known) in session.type_users(&source.file, &alias) {
                aliases.entry(file).or_default().extend(known);
            }
        }
        let known = aliases.remove(&source.file).unwrap_or_default();
        held.extend(class_maps(session, &source, property, origin, &held, known));
        held.sort_by_key(|held| held.container.span().start);
        visit(&source, held)?;
    }
    let mut others = vec![session.component.declared.file.to_string(), origin.declared.file.to_string()];
    others.extend(aliases.keys().filter(|file| session.holds(file, &["Record<", " in "])).cloned());
    others.sort_unstable();
    others.dedup();
    for file in others.iter().filter(|file| declaring.iter().all(|known| *known.file != ***file)) {
        let allocator = Allocator::default();
        // A file that can't be edited need not be: the options are declared elsewhere.
        let Ok(source) = session.source(&allocator, &whole_file(file)) else { continue };
        let known = aliases.remove(file).unwrap_or_default();
        let held = class_maps(session, &source, property, origin, &[], known);
        if !held.is_empty() {
            visit(&source, held)?;
        }
    }
    Ok(())
}

/// The property's type as files that know its owner can spell it: `ButtonProps['size']`.
fn spelt_by_owner(session: &Session<'_>, property: &PropertyName) -> BTreeMap<String, BTreeSet<String>> {
    let mut spelt: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, names) in names(session, property) {
        for owner in names.types {
            let known = spelt.entry(file.clone()).or_default();
            for access in [format!("{owner}['{property}']"), format!("{owner}[\"{property}\"]")] {
                known.insert(format!("NonNullable<{access}>"));
                known.insert(access);
            }
        }
    }
    spelt
}

/// Whether the lists that declare a property's options are no other property's too: an edit of one would change both.
///
/// # Errors
/// The list that another property shares.
pub(super) fn unshared(session: &Session<'_>, property: &PropertyName) -> Result<(), Refusal> {
    each_held(session, property, |source, held| {
        for held in held.iter().filter(|held| held.role == Role::Declares) {
            let span = held.container.span();
            let inside = |place: &Place| place.file == source.file && span.contains_inclusive(span_of(place));
            let others =
                session.component.origins.iter().filter(|(name, other)| {
                    *name != property && other.options.values().flatten().any(inside)
                });
            let names: Vec<String> = others.map(|(name, _)| format!("`{name}`")).collect();
            if !names.is_empty() {
                let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
                let more = if names.len() > 3 { " and others" } else { "" };
                let reason = format!("the options of {shown}{more} stand in the same list");
                return Err(source.refuse(span, reason));
            }
        }
        Ok(())
    })
}

/// Where an option that was just added stands in the lists that declare it.
pub(super) fn places_of(session: &Session<'_>, property: &PropertyName, option: &OptionName) -> Vec<Place> {
    let mut places = Vec::new();
    // What can't be read any more has no place.
    let _ = each_held(session, property, |source, held| {
        for held in held.iter().filter(|held| held.role == Role::Declares) {
            let index = held.container.position_of(source, option.as_str());
            let span = index.and_then(|index| held.container.option_span(source, index));
            places.extend(span.map(|span| source.place(span)));
        }
        Ok(())
    });
    places
}

/// The lists of one parsed file in which the scan found options.
fn declared_in<'a>(source: &Source<'a>, origin: &PropertyOrigin) -> Result<Vec<Held<'a>>, Refusal> {
    let mut held: Vec<Held<'a>> = Vec::new();
    for (option, places) in &origin.options {
        for place in places.iter().filter(|place| place.file == source.file) {
            let site = site(source, place)?;
            match held.iter_mut().find(|held| held.container.span() == site.container.span()) {
                Some(held) => {
                    held.last = held.last.max(site.index);
                    held.options.insert(option.clone());
                }
                None => held.push(Held {
                    container: site.container,
                    chain: site.chain,
                    last: site.index,
                    options: BTreeSet::from([option.clone()]),
                    role: role(origin.form, site.container),
                }),
            }
        }
    }
    Ok(held)
}

fn role(form: DeclarationForm, container: Container<'_>) -> Role {
    use DeclarationForm::{ConstArray, ConstObject, PropTypes, VariantMap};
    let declares = match container {
        Container::Enum(_) | Container::Union(_) | Container::Lone(_) => true,
        Container::Keys(_) | Container::Values(_) => matches!(form, VariantMap | ConstObject),
        Container::Array(_) => matches!(form, ConstArray | PropTypes),
    };
    if declares { Role::Declares } else { Role::Follows }
}

/// The files that the options of a property stand in, each with one place in it.
fn files_of(origin: &PropertyOrigin) -> Vec<Place> {
    let mut files: Vec<Place> = Vec::new();
    for place in origin.options.values().flatten() {
        if !files.iter().any(|known| known.file == place.file) {
            files.push(place.clone());
        }
    }
    files
}
