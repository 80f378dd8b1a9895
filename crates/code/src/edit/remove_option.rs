//! An option goes, from every place that it stands in.

use lockstep_core::contract::{OptionName, Property, PropertyName};

use super::{
    code_connect,
    containers::{Container, each_held, site},
    draft::{Draft, Refusal},
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
    let places = origin.options.get(option).map(Vec::as_slice).unwrap_or_default();
    if places.is_empty() {
        return Err(Refusal::new(&origin.declared, format!("`{option}` has no known place")));
    }
    each_held(session, property, |source, _| {
        for place in places.iter().filter(|place| place.file == source.file) {
            let site = site(source, place)?;
            if let Container::Lone(literal) = site.container {
                return Err(source.refuse(literal.span, format!("`{option}` is the only option left here")));
            }
            draft.extend(&source.file, site.container.list(source).remove(site.index)?);
            variant_map::remove_compounds(source, &site.chain, property, Some(option), &mut draft)?;
        }
        Ok(())
    })?;
    stories::drop_option(session, property, option, &mut draft)?;
    code_connect::remove_option(session, property, option, &mut draft)?;
    Ok(draft)
}
