//! An option goes, from every place that it stands in.

use lockstep_core::contract::{OptionName, Property, PropertyName};

use super::{
    call_sites, code_connect,
    containers::Container,
    draft::{Draft, Refusal, all_of, forbidden_by},
    held::{Role, each_held},
    rename_option::{forbid_comparisons, forbid_reads},
    session::Session,
    stories, variant_map,
};

pub(super) fn draft(
    session: &Session<'_>,
    property: &PropertyName,
    option: &OptionName,
) -> Result<Draft, Refusal> {
    let mut draft = Draft::default();
    let origin = session.origin(property)?;
    let defaults = session.relatives(property).into_iter().filter_map(|relative| {
        let Some(Property::Enum { default: Some(default), .. }) =
            relative.component.statement.contract.property(property)
        else {
            return None;
        };
        let stated = relative.component.origins.get(property).and_then(|origin| origin.default.first());
        let reason =
            format!("`{option}` is the default of `{property}`; another default must be chosen first");
        (default == option).then(|| (stated.unwrap_or(&origin.declared).clone(), reason))
    });
    let mut defaults: Vec<_> = defaults.collect();
    defaults.dedup();
    let defaults = forbidden_by(defaults);
    each_held(session, property, |source, held| {
        for held in held.iter().filter(|held| held.options.contains(option)) {
            let Some(index) = held.container.position_of(source, option.as_str()) else {
                return Err(source.refuse(held.container.span(), format!("`{option}` is not spelt out here")));
            };
            if held.role == Role::Declares && !held.is_whole(source) {
                let reason =
                    "the property takes only some of the options listed here; others may need this one";
                return Err(source.refuse(held.container.span(), reason));
            }
            if let Container::Lone(literal) = held.container {
                return Err(source.refuse(literal.span, format!("`{option}` is the only option left here")));
            }
            draft.extend(&source.file, held.container.list(source).remove(index)?);
            variant_map::remove_compounds(source, &held.chain, property, Some(option), &mut draft)?;
        }
        Ok(())
    })?;
    if draft.changes.is_empty() {
        return Err(Refusal::new(&origin.declared, format!("`{option}` has no known place")));
    }
    let stories = stories::drop_option(session, property, option, &mut draft);
    code_connect::remove_option(session, property, option, &mut draft)?;
    all_of([
        defaults,
        forbid_comparisons(session, property, option),
        forbid_reads(session, property, option),
        stories,
        call_sites::forbid_uses_of_option(session, property, option, &draft),
    ])?;
    Ok(draft)
}
