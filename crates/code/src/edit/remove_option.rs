//! An option goes, from every place that it stands in.

use lockstep_core::contract::{OptionName, Property, PropertyName};

use super::{
    code_connect,
    containers::Container,
    draft::{Draft, Refusal},
    held::{Role, each_held},
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
    if let Some(Property::Enum { default: Some(default), .. }) =
        session.component.statement.contract.property(property)
        && default == option
    {
        let place = origin.default.first().unwrap_or(&origin.declared);
        return Err(Refusal::new(
            place,
            format!("`{option}` is the default of `{property}`; another default must be chosen first"),
        ));
    }
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
    stories::drop_option(session, property, option, &mut draft)?;
    code_connect::remove_option(session, property, option, &mut draft)?;
    Ok(draft)
}
