//! Adding, removing and renaming properties, and their defaults.

use std::collections::BTreeMap;

use lockstep_core::contract::{Contract, OptionName, Property, PropertyName};

use super::draft::{DEFINITIONS, Defined, Draft, Drawn, each_node};
use super::node_edit::NodeEdit;
use super::options::{MAX_NEW_VARIANTS, default_row, writable};
use crate::figma::json::{Member, Opening, Value, parse_new};
use crate::figma::names::{PropertyKey, points, quoted};

impl Draft<'_> {
    pub fn add_property(
        &mut self,
        name: &PropertyName,
        property: &Property,
        contract: &Contract,
    ) -> Result<(), String> {
        let text = |text: &str| self.style.string(text);
        match property {
            Property::Enum { options, default } => {
                let default =
                    default.clone().or_else(|| options.first().cloned()).ok_or("it has no options")?;
                self.add_variant_property(name, options.iter().cloned().collect(), &default, contract)
            }
            Property::Boolean { default } => {
                let default = default.unwrap_or(false).to_string();
                self.add_layer_property(name, "BOOLEAN", &default)?;
                self.notes.push(format!("no layer follows {} yet: bind one in Figma", quoted(name.as_str())));
                Ok(())
            }
            Property::Text => {
                let empty = text("");
                self.add_layer_property(name, "TEXT", &empty)?;
                self.notes.push(format!("no layer shows {} yet: bind one in Figma", quoted(name.as_str())));
                Ok(())
            }
            Property::Slot => {
                let empty = text("");
                self.add_layer_property(name, "INSTANCE_SWAP", &empty)?;
                self.notes.push(format!(
                    "no instance is swapped by {} yet: bind one in Figma",
                    quoted(name.as_str())
                ));
                Ok(())
            }
            Property::Number => Err("Figma has no number properties".to_owned()),
        }
    }

    fn add_layer_property(&mut self, name: &PropertyName, kind: &str, default: &str) -> Result<(), String> {
        if PropertyKey::of(name.as_str()).name != name.as_str() || name.as_str().is_empty() {
            return Err(format!("{} can't be the name of a Figma property", quoted(name.as_str())));
        }
        let id = (0..)
            .map(|salt| format!("#{}:0", self.session(name.as_str(), salt)))
            .find(|id| !self.has_property_id(id))
            .ok_or("no id is free")?;
        let key = format!("{name}{id}");
        let preferred = (kind == "INSTANCE_SWAP").then(|| ("preferredValues", "[]".to_owned()));
        self.define(&key, kind, default, preferred)
    }

    fn has_property_id(&self, id: &str) -> bool {
        let definitions = self.node.get(DEFINITIONS, self.file).and_then(Value::object);
        let keys =
            definitions.map(|list| list.items()).unwrap_or_default().iter().map(|it| it.key(self.file));
        keys.into_iter().any(|key| key.ends_with(id))
    }

    fn add_variant_property(
        &mut self,
        name: &PropertyName,
        options: Vec<OptionName>,
        default: &OptionName,
        contract: &Contract,
    ) -> Result<(), String> {
        writable("property", name.as_str())?;
        options.iter().try_for_each(|option| writable("option", option.as_str()))?;
        if !options.contains(default) {
            return Err(format!("{} is none of the options", quoted(default.as_str())));
        }
        if PropertyKey::of(name.as_str()).id.is_some() {
            return Err(format!("{} ends like one of Figma's own ids", quoted(name.as_str())));
        }
        let drawn = self.readable()?;
        let indent = self.inner_indent(2);
        let list: Vec<String> = options.iter().map(|option| self.style.string(option.as_str())).collect();
        let list = self.style.array(&self.style.deeper(&indent), &list, self.option_layout());
        let default_json = self.style.string(default.as_str());
        self.define(name.as_str(), "VARIANT", &default_json, Some(("variantOptions", list)))?;

        let down = self.row_height();
        for variant in &drawn {
            let extended = with_point(&variant.name, name.as_str(), default.as_str());
            self.rename_variant(variant, extended);
        }
        let all: Vec<&Drawn> = drawn.iter().collect();
        let others: Vec<&OptionName> = options.iter().filter(|option| *option != default).collect();
        let templates = if all.len() * others.len() > MAX_NEW_VARIANTS {
            self.notes.push(format!(
                "the options of {} are drawn with the other properties' defaults only: all combinations would be more than {MAX_NEW_VARIANTS} variants",
                quoted(name.as_str())
            ));
            default_row(&all, name, contract)
        } else {
            all
        };
        let mut offset = 0.0;
        for option in others {
            offset += down;
            for template in &templates {
                let copy = with_point(&template.name, name.as_str(), option.as_str());
                self.clone_variant(template, copy, offset);
            }
        }
        self.grow(offset);
        Ok(())
    }

    /// Adds a definition, its members in the order of its siblings'.
    fn define(
        &mut self,
        key: &str,
        kind: &str,
        default: &str,
        more: Option<(&str, String)>,
    ) -> Result<(), String> {
        let (file, style) = (self.file, self.style);
        let mut members = vec![
            (style.string("type"), style.string(kind)),
            (style.string("defaultValue"), default.to_owned()),
        ];
        members.extend(more.map(|(key, value)| (style.string(key), value)));
        if let Some(sibling) = self.sibling(kind) {
            members
                .sort_by_key(|(key, _)| sibling.iter().position(|other| other == key).unwrap_or(usize::MAX));
        }
        if self.node.get(DEFINITIONS, file).is_none() {
            let after = self.node.position("type", file).map_or(0, |at| at + 1);
            let empty = Member::new(style.string(DEFINITIONS), parse_new("{}", Opening::Definitions), style);
            self.node.insert(after, empty, "", style, file);
        }
        let (outer, indent) = (self.inner_indent(1), self.inner_indent(2));
        let definition = parse_new(&style.object(&indent, &members), Opening::Definition);
        let member = Member::new(style.string(key), definition, style);
        let definitions = self.definitions().ok_or("its definitions can't be read")?;
        definitions.insert(definitions.items().len(), member, &outer, style, file);
        self.node_edits.push(NodeEdit::AddDefinition {
            key: key.to_owned(),
            kind: kind.to_owned(),
            default: default.to_owned(),
        });
        Ok(())
    }

    /// The keys of a definition of the same kind, as JSON, in their order.
    fn sibling(&self, kind: &str) -> Option<Vec<String>> {
        let definitions = self.node.get(DEFINITIONS, self.file)?.object()?;
        let mut all = definitions.items().iter().filter_map(|member| member.value.object());
        let sibling = all.find(|object| object.string("type", self.file).as_deref() == Some(kind))?;
        Some(sibling.items().iter().map(|member| self.style.string(&member.key(self.file))).collect())
    }

    pub fn remove_property(&mut self, name: &PropertyName, contract: &Contract) -> Result<(), String> {
        let defined = self.defined(name)?;
        let file = self.file;
        if defined.kind == "VARIANT" {
            self.merge_variants(name, contract)?;
        } else {
            each_node(&mut self.node, file, &mut |node| {
                let references =
                    node.get_mut("componentPropertyReferences", file).and_then(Value::object_mut);
                let Some(references) = references else { return };
                let refers = |member: &Member| member.value.string(file).as_deref() == Some(&*defined.key);
                while let Some(index) = references.items().iter().position(refers) {
                    references.remove(index, file);
                }
            });
        }
        if let Some(definitions) = self.definitions() {
            definitions.remove(defined.index, file);
        }
        self.each_instance(&mut |properties| {
            let at = properties.position(&defined.key, file);
            if let Some(at) = at {
                properties.remove(at, file);
            }
            at.is_some()
        });
        self.node_edits.push(NodeEdit::RemoveDefinition { key: defined.key });
        Ok(())
    }

    /// Takes a property out of the variants' names. Of variants that would then be equal, the one with the default
    /// stays, or else the first.
    fn merge_variants(&mut self, name: &PropertyName, contract: &Contract) -> Result<(), String> {
        let drawn = self.readable()?;
        if drawn.iter().any(|variant| variant.points.len() == 1 && variant.points.contains_key(name.as_str()))
        {
            return Err("it is the only property of some variants: a set needs another one first".to_owned());
        }
        let default = contract.property(name).and_then(Property::default_text);
        let mut groups: BTreeMap<BTreeMap<String, String>, Vec<Drawn>> = BTreeMap::new();
        for variant in drawn {
            let mut rest = variant.points.clone();
            rest.remove(name.as_str());
            groups.entry(rest).or_default().push(variant);
        }
        let (mut stay, mut gone) = (Vec::new(), Vec::new());
        for mut group in groups.into_values() {
            let shows_default = |variant: &Drawn| variant.points.get(name.as_str()) == default.as_ref();
            stay.push(group.remove(group.iter().position(shows_default).unwrap_or(0)));
            gone.append(&mut group);
        }
        stay.sort_by_key(|variant| variant.index);
        gone.sort_by_key(|variant| variant.index);
        for variant in stay {
            let shorter = without_point(&variant.name, name.as_str());
            self.rename_variant(&variant, shorter);
        }
        self.remove_variants(&gone);
        Ok(())
    }

    pub fn rename_property(&mut self, from: &PropertyName, to: &PropertyName) -> Result<(), String> {
        let Defined { index, key, kind } = self.defined(from)?;
        let (file, style) = (self.file, self.style);
        let new_key = match PropertyKey::of(&key).id {
            Some(id) => format!("{to}{id}"),
            None => to.to_string(),
        };
        if PropertyKey::of(&new_key).name != to.as_str() || to.as_str().is_empty() {
            return Err(format!("{} can't be the name of a Figma property", quoted(to.as_str())));
        }
        if kind == "VARIANT" {
            writable("property", to.as_str())?;
            for variant in self.readable()? {
                let renamed = with_property(&variant.name, from.as_str(), to.as_str());
                self.rename_variant(&variant, renamed);
            }
        }
        let json = style.string(&new_key);
        if let Some(member) = self.definitions().and_then(|list| list.items_mut().get_mut(index)) {
            member.rename(json.clone());
        }
        each_node(&mut self.node, file, &mut |node| {
            let references = node.get_mut("componentPropertyReferences", file).and_then(Value::object_mut);
            for member in references.into_iter().flat_map(|list| list.items_mut()) {
                if member.value.string(file).as_deref() == Some(&*key) {
                    member.value = Value::Raw(crate::figma::json::Piece::New(json.clone()));
                }
            }
        });
        self.each_instance(&mut |properties| {
            let at = properties.position(&key, file);
            if let Some(member) = at.and_then(|at| properties.items_mut().get_mut(at)) {
                member.rename(json.clone());
            }
            at.is_some()
        });
        self.node_edits.push(NodeEdit::RenameDefinition { from: key, to: new_key });
        Ok(())
    }

    pub fn set_default(&mut self, property: &PropertyName, to: Option<&str>) -> Result<(), String> {
        let defined = self.defined(property)?;
        let to = to.ok_or("Figma needs a default for it")?;
        let json = if defined.kind == "BOOLEAN" { to.to_owned() } else { self.style.string(to) };
        let file = self.file;
        let definition = self.definition(&defined.key).ok_or("its definition can't be read")?;
        let old = definition.get("defaultValue", file).map(|value| value.text(file));
        let from = old.ok_or("its definition states no default")?;
        if from != json {
            definition.set("defaultValue", json.clone(), file);
            self.node_edits.push(NodeEdit::SetDefault { key: defined.key, from, to: json });
        }
        Ok(())
    }

    /// The indentation inside the component's node: 1 for its members, 2 for theirs.
    fn inner_indent(&self, levels: usize) -> String {
        let own = self.document.indent_before(self.document.span(&self.id).map_or(0, |span| span.start));
        (0..levels).fold(own.to_owned(), |indent, _| self.style.deeper(&indent))
    }
}

/// A variant's name with one more point at its end.
fn with_point(name: &str, property: &str, option: &str) -> String {
    format!("{}, {property}={option}", name.trim_end())
}

/// A variant's name without a property; the rest stays as the designer wrote it.
fn without_point(name: &str, property: &str) -> String {
    let points = points(name).unwrap_or_default();
    let Some(index) = points.iter().position(|point| point.property == property) else {
        return name.to_owned();
    };
    let (gone, next) = (points[index], points.get(index + 1));
    let range = match next {
        // The comma and the blanks after it go, so that the next point starts where this one did.
        Some(next) if index == 0 => gone.start..next.property_at,
        _ => gone.start.saturating_sub(1)..gone.end,
    };
    let mut shorter = name.to_owned();
    shorter.replace_range(range, "");
    shorter
}

/// A variant's name with a property under another name.
fn with_property(name: &str, from: &str, to: &str) -> String {
    let mut renamed = name.to_owned();
    if let Some(point) = points(name).unwrap_or_default().into_iter().find(|point| point.property == from) {
        renamed.replace_range(point.property_at..point.property_at + from.len(), to);
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_what_the_designer_wrote() {
        let name = "Size = S,Tone=🔥,  State=Default";
        assert_eq!(without_point(name, "Size"), "Tone=🔥,  State=Default");
        assert_eq!(without_point(name, "Tone"), "Size = S,  State=Default");
        assert_eq!(without_point(name, "State"), "Size = S,Tone=🔥");
        assert_eq!(without_point(name, "None"), name);
        assert_eq!(with_property(name, "Tone", "Farbe"), "Size = S,Farbe=🔥,  State=Default");
        assert_eq!(with_point(name, "On", "True"), "Size = S,Tone=🔥,  State=Default, On=True");
    }
}
