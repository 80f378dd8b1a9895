//! Adding, removing and renaming the options of a variant property.

use std::collections::BTreeSet;

use lockstep_core::contract::{Contract, OptionName, Property, PropertyName};
use lockstep_core::edit::ContractEdit;

use super::draft::{Draft, Drawn};
use super::node_edit::NodeEdit;
use crate::figma::json::{ArrayLayout, Piece, Value};
use crate::figma::names::{points, quoted};

/// How many variants one edit may draw before it keeps to the row of defaults.
pub(super) const MAX_NEW_VARIANTS: usize = 500;

impl Draft<'_> {
    /// Draws an option: a copy of each variant that shows the property's default.
    pub fn add_option(
        &mut self,
        property: &PropertyName,
        option: &OptionName,
        contract: &Contract,
    ) -> Result<(), String> {
        let defined = self.defined_variant(property)?;
        writable("option", option.as_str())?;
        let drawn = self.readable()?;
        let default = contract.property(property).and_then(Property::default_text);
        let shows = |variant: &Drawn| variant.points.get(property.as_str()).cloned();
        let template = default
            .filter(|default| drawn.iter().any(|variant| shows(variant).as_ref() == Some(default)))
            .or_else(|| drawn.iter().find_map(shows))
            .ok_or_else(|| {
                format!("no variant shows {}, so there is none to copy", quoted(property.as_str()))
            })?;
        let mut templates: Vec<&Drawn> =
            drawn.iter().filter(|variant| shows(variant).as_ref() == Some(&template)).collect();
        if templates.len() > MAX_NEW_VARIANTS {
            templates = default_row(&templates, property, contract);
            self.notes.push(format!(
                "{property}={option} is drawn with the other properties' defaults only: all combinations would be more than {MAX_NEW_VARIANTS} variants"
            ));
        }
        let (file, json) = (self.file, self.style.string(option.as_str()));
        let style = self.style;
        let options =
            self.definition(&defined.key).and_then(|it| it.get_mut("variantOptions", file)?.array_mut());
        let options = options.ok_or("its definition lists no options")?;
        options.insert(options.items().len(), Value::Raw(Piece::New(json)), "", style, file);
        let (key, added) = (defined.key, option.to_string());
        self.node_edits.push(NodeEdit::AddOption { key, option: added });
        let down = self.row_height();
        let copies: Vec<(Drawn, String)> = templates
            .into_iter()
            .map(|variant| (variant.clone(), with_option(&variant.name, property.as_str(), option.as_str())))
            .collect();
        for (variant, name) in copies {
            self.clone_variant(&variant, name, down);
        }
        self.grow(down);
        Ok(())
    }

    /// Removes an option with its variants. Gives the new default when the option was the default and one of the
    /// edits still to come sets another.
    pub fn remove_option(
        &mut self,
        property: &PropertyName,
        option: &OptionName,
        contract: &Contract,
        rest: &[ContractEdit],
    ) -> Result<Option<String>, String> {
        let defined = self.defined_variant(property)?;
        let drawn = self.readable()?;
        let Some(Property::Enum { options, default }) = contract.property(property) else {
            return Err(format!("{} is no variant property", quoted(property.as_str())));
        };
        if options.len() < 2 {
            return Err(format!(
                "{} is the last option: remove the property instead",
                quoted(option.as_str())
            ));
        }
        let is_default = default.as_ref() == Some(option);
        let new_default = if is_default {
            let next = next_default(property, rest)
                .filter(|next| options.contains(&OptionName::from(next.as_str())));
            Some(next.filter(|next| next != option.as_str()).ok_or_else(|| {
                format!("{} is the default: choose another default first", quoted(option.as_str()))
            })?)
        } else {
            None
        };
        let (gone, kept): (Vec<Drawn>, Vec<Drawn>) = drawn.into_iter().partition(|variant| {
            variant.points.get(property.as_str()).map(String::as_str) == Some(option.as_str())
        });
        if kept.is_empty() {
            return Err(format!("all variants show {}", quoted(option.as_str())));
        }
        only_drawn_there(&gone, &kept, property)?;
        if let Some(default) = &new_default {
            self.set_default(property, Some(default))?;
        }
        let file = self.file;
        let options =
            self.definition(&defined.key).and_then(|it| it.get_mut("variantOptions", file)?.array_mut());
        if let Some(options) = options
            && let Some(index) = position(options.items(), option.as_str(), file)
        {
            options.remove(index, file);
        }
        self.node_edits.push(NodeEdit::RemoveOption { key: defined.key, option: option.to_string() });
        self.remove_variants(&gone);
        Ok(new_default)
    }

    /// Renames an option wherever the file names it.
    pub fn rename_option(
        &mut self,
        property: &PropertyName,
        from: &OptionName,
        to: &OptionName,
    ) -> Result<(), String> {
        let defined = self.defined_variant(property)?;
        writable("option", to.as_str())?;
        let drawn = self.readable()?;
        let (file, json) = (self.file, self.style.string(to.as_str()));
        if let Some(definition) = self.definition(&defined.key) {
            if let Some(options) = definition.get_mut("variantOptions", file).and_then(Value::array_mut)
                && let Some(index) = position(options.items(), from.as_str(), file)
                && let Some(item) = options.items_mut().get_mut(index)
            {
                *item = Value::Raw(Piece::New(json.clone()));
            }
            if definition.string("defaultValue", file).is_some_and(|default| default.trim() == from.as_str())
            {
                definition.set("defaultValue", json.clone(), file);
            }
        }
        let key = defined.key.clone();
        self.node_edits.push(NodeEdit::RenameOption { key, from: from.to_string(), to: to.to_string() });
        for variant in drawn {
            if variant.points.get(property.as_str()).map(String::as_str) == Some(from.as_str()) {
                let name = with_option(&variant.name, property.as_str(), to.as_str());
                self.rename_variant(&variant, name);
            }
        }
        self.each_instance(&mut |properties| {
            let Some(record) = properties.get_mut(&defined.key, file).and_then(Value::object_mut) else {
                return false;
            };
            let shows = record.string("value", file).is_some_and(|value| value.trim() == from.as_str());
            if shows {
                record.set("value", json.clone(), file);
            }
            shows
        });
        Ok(())
    }

    /// The variant options of a new definition, laid out as its siblings' are.
    pub fn option_layout(&self) -> ArrayLayout {
        let definitions = self.node.get(super::draft::DEFINITIONS, self.file).and_then(Value::object);
        let siblings = definitions.map(|list| list.items()).unwrap_or_default().iter();
        let inline = siblings
            .filter_map(|member| {
                Some(member.value.object()?.get("variantOptions", self.file)?.text(self.file))
            })
            .any(|options| !options.contains('\n'));
        if inline { ArrayLayout::Inline } else { ArrayLayout::Lines }
    }
}

/// A variant's name with another option; everything else stays as the designer wrote it.
pub(super) fn with_option(name: &str, property: &str, option: &str) -> String {
    let mut renamed = name.to_owned();
    if let Some(point) = points(name).unwrap_or_default().into_iter().find(|point| point.property == property)
    {
        renamed.replace_range(point.option_at..point.option_at + point.option.len(), option);
    }
    renamed
}

/// Those variants that show the default of every other property; the first one where none does.
pub(super) fn default_row<'d>(
    variants: &[&'d Drawn],
    property: &PropertyName,
    contract: &Contract,
) -> Vec<&'d Drawn> {
    let is_default = |(name, option): (&String, &String)| {
        let name = PropertyName::from(name.as_str());
        name == *property
            || contract
                .property(&name)
                .and_then(Property::default_text)
                .is_none_or(|default| default == *option)
    };
    let row: Vec<&Drawn> =
        variants.iter().copied().filter(|variant| variant.points.iter().all(is_default)).collect();
    if row.is_empty() { variants.iter().copied().take(1).collect() } else { row }
}

/// Refuses names that Figma could not read back from a variant's name.
pub(super) fn writable(what: &str, name: &str) -> Result<(), String> {
    if name.is_empty()
        || name.trim() != name
        || name.contains([',', '='])
        || name.chars().any(char::is_control)
    {
        return Err(format!(
            "{} can't be the name of a Figma {what}: it is empty, or has commas, `=` or blanks at its ends",
            quoted(name)
        ));
    }
    Ok(())
}

fn position(options: &[Value], option: &str, file: &str) -> Option<usize> {
    options.iter().position(|value| value.string(file).is_some_and(|text| text.trim() == option))
}

fn next_default(property: &PropertyName, rest: &[ContractEdit]) -> Option<String> {
    rest.iter().find_map(|edit| match edit {
        ContractEdit::SetDefault { property: other, to: Some(to) } if other == property => Some(to.clone()),
        _ => None,
    })
}

/// Refuses a removal that would take the last drawing of another property's option with it.
fn only_drawn_there(gone: &[Drawn], kept: &[Drawn], property: &PropertyName) -> Result<(), String> {
    let points = |variants: &[Drawn]| -> BTreeSet<(String, String)> {
        let all = variants.iter().flat_map(|variant| variant.points.clone());
        all.filter(|(name, _)| name != property.as_str()).collect()
    };
    let remaining = points(kept);
    match points(gone).into_iter().find(|point| !remaining.contains(point)) {
        Some((other, option)) => Err(format!(
            "{} is drawn nowhere else: draw it with another {property} first",
            quoted(&format!("{other}={option}"))
        )),
        None => Ok(()),
    }
}
