//! What the code says of one component.

use std::collections::BTreeMap;

use lockstep_core::{
    contract::{OptionName, Property as ContractProperty, PropertyName},
    statement::{NotCompared, Statement, WhyNotCompared},
};

use super::{
    choice::{Choice, Choices},
    classify::{Class, is_html_attribute},
    discover::Exported,
    union_members::unions,
};
use crate::{
    Framework,
    facts::{Range, Type, TypeBody, Value, jsdoc},
    model::{DeclarationForm, Place, PropertyOrigin, ScannedComponent},
    resolve::{
        Binding, DefaultSource, Evaluator, FileId, Object, PlaceKind, Property, Scope, Thunk, Ty, joined,
        member,
    },
};

/// States the contract of an exported component.
pub(crate) fn state<'p>(
    evaluator: &Evaluator<'p>,
    choices: &Choices<'p>,
    framework: Framework,
    exported: &Exported<'p>,
) -> ScannedComponent {
    evaluator.restart();
    let mut writer = Writer {
        evaluator,
        choices,
        framework,
        exported,
        statement: Statement::default(),
        origins: BTreeMap::new(),
    };
    let props = writer.props();
    for reason in &props.open {
        writer.statement.open.push(open_reason(reason));
    }
    for (name, property) in &props.properties {
        writer.property(name, property);
    }
    if props.dom {
        writer.states_of_elements(&props);
    }
    writer.statement.unions = unions(evaluator, &props, &writer.statement.contract);
    let props_type = exported.shape.props.as_ref().and_then(|props| writer.props_type(props));
    ScannedComponent {
        name: exported.name.clone(),
        framework,
        package: None,
        declared: writer.place(exported.file, exported.declared),
        props_type,
        description: exported.doc.and_then(|doc| doc.text.as_deref().map(str::to_owned)),
        deprecated: exported.doc.and_then(|doc| doc.deprecated.as_deref().map(str::to_owned)),
        statement: writer.statement,
        origins: writer.origins,
    }
}

fn open_reason(reason: &str) -> String {
    if reason.starts_with('`') {
        format!("extends {reason}")
    } else {
        format!("not all props are known: {reason}")
    }
}

struct Writer<'e, 'p> {
    evaluator: &'e Evaluator<'p>,
    choices: &'e Choices<'p>,
    framework: Framework,
    exported: &'e Exported<'p>,
    statement: Statement,
    origins: BTreeMap<PropertyName, PropertyOrigin>,
}

/// The default of a prop and where it is written.
struct Default {
    text: Option<String>,
    places: Vec<(FileId, Range)>,
}

impl<'p> Writer<'_, 'p> {
    fn props(&self) -> Object<'p> {
        let shape = &self.exported.shape;
        let mut object = match &shape.props {
            Some(props) => match self.evaluator.force(props) {
                Ty::Object(object) => (*object).clone(),
                Ty::Unresolved(reason) => Object { open: vec![reason], ..Object::default() },
                Ty::Union(members) => {
                    let mut all = joined(&members).unwrap_or_default();
                    for member in members.iter() {
                        if let Ty::Unresolved(reason) = member {
                            all.open_because(reason.clone());
                        }
                    }
                    all
                }
                Ty::Opaque(what) => {
                    Object { open: vec![format!("its props are {what}").into()], ..Object::default() }
                }
                _ => Object::default(),
            },
            None => self.untyped(),
        };
        for reason in &shape.open {
            object.open_because(reason.clone());
        }
        object
    }

    /// Without a type, props are what `propTypes` lists and what is destructured.
    fn untyped(&self) -> Object<'p> {
        let mut object = Object::default();
        for source in &self.exported.shape.prop_types {
            if let Value::Object(members, _) = source.value {
                object.inherit(&self.evaluator.prop_types(members, source.file));
            }
        }
        for (taken, _) in self.exported.shape.taken.iter().take(1) {
            for property in taken.iter() {
                object
                    .properties
                    .entry(&*property.name)
                    .or_insert_with(|| Property::optional(Thunk::ready(Ty::unresolved("it has no type"))));
            }
        }
        object
    }

    /// Attributes of the element that a component takes by name are states that it draws itself.
    fn states_of_elements(&mut self, props: &Object<'p>) {
        for (taken, _) in self.exported.shape.taken.clone().into_iter().take(1) {
            for property in taken {
                let is_state = matches!(
                    &*property.name,
                    "disabled" | "checked" | "required" | "readOnly" | "selected" | "open"
                );
                if is_state && !props.properties.contains_key(&*property.name) {
                    self.property(&property.name, &Property::optional(Thunk::ready(Ty::Boolean)));
                }
            }
        }
    }

    fn property(&mut self, name: &'p str, property: &Property<'p>) {
        if self.framework.owns(name) {
            return self.set_aside(name, WhyNotCompared::Framework, "");
        }
        self.evaluator.grant_property();
        let classified = self.choices.classified(self.evaluator, &property.ty);
        let (class, choice) = (&classified.class, &*classified.choice);
        if is_for_elements(name, class) {
            return self.set_aside(name, WhyNotCompared::HtmlAttribute, "");
        }
        if !property.optional && !matches!(class, Class::Impossible) {
            self.statement.required.insert(name.into());
        }
        let default = self.default(name, property);
        let mut note = "";
        let stated = match class {
            Class::Enum { suggested, .. } => {
                let names = choice.names.clone();
                let default =
                    default.text.as_deref().map(OptionName::from).filter(|name| names.contains(name));
                if *suggested {
                    note = "Other values are allowed beside the options.";
                    let reason = "other values are allowed beside them".to_owned();
                    self.statement.open_options.insert(name.into(), reason);
                }
                ContractProperty::Enum { options: names, default }
            }
            Class::Boolean => ContractProperty::Boolean {
                default: default.text.as_deref().and_then(|text| text.parse().ok()),
            },
            Class::Text => ContractProperty::Text,
            Class::Number => ContractProperty::Number,
            Class::Slot => ContractProperty::Slot,
            Class::NoCounterpart(what) => return self.set_aside(name, WhyNotCompared::NoCounterpart, what),
            Class::Unresolved(reason) => return self.set_aside(name, WhyNotCompared::Unresolved, reason),
            Class::Impossible => return,
        };
        let key = PropertyName::from(name);
        self.identify(&key, property, choice);
        self.describe(&key, property, note);
        if let Some(origin) = self.origin(&stated, property, choice, &default) {
            self.origins.insert(key.clone(), origin);
        }
        self.statement.contract.properties.insert(key, stated);
    }

    fn set_aside(&mut self, name: &str, why: WhyNotCompared, detail: &str) {
        self.statement.not_compared.push(NotCompared {
            property: name.into(),
            why,
            detail: detail.to_owned(),
        });
    }

    fn describe(&mut self, key: &PropertyName, property: &Property<'p>, note: &str) {
        let text = property.doc.and_then(|doc| doc.text.as_deref()).unwrap_or_default();
        let text = if note.is_empty() || text.is_empty() {
            format!("{text}{note}")
        } else {
            format!("{text} {note}")
        };
        if !text.is_empty() {
            self.statement.descriptions.insert(key.clone(), text);
        }
        if let Some(deprecated) = property.doc.and_then(|doc| doc.deprecated.as_deref()) {
            self.statement.deprecated.insert(key.clone(), deprecated.to_owned());
        }
    }

    fn default(&self, name: &str, property: &Property<'p>) -> Default {
        let shape = &self.exported.shape;
        let mut sources: Vec<DefaultSource<'p>> = Vec::new();
        for (taken, file) in &shape.taken {
            let mut named = taken.iter().filter(|taken| &*taken.name == name).peekable();
            let is_taken = named.peek().is_some();
            sources.extend(
                named
                    .filter_map(|taken| taken.default.as_ref())
                    .map(|value| DefaultSource { value, file: *file }),
            );
            // What takes a prop decides on it: the component that the rest is handed on to no longer sees it.
            if is_taken {
                break;
            }
        }
        for source in &shape.default_props {
            if let Some((members, file)) = self.evaluator.object_members_of(source.value, source.file)
                && let Some(value) = member(members, name)
            {
                sources.push(DefaultSource { value, file });
            }
        }
        sources.extend(property.default);
        let written = sources.iter().find_map(|source| self.evaluator.literal(*source));
        let documented = property.doc.and_then(|doc| doc.default.as_deref()).map(|text| {
            // `@default Size.SMALL` names a constant of the file as often as not.
            let constant = property.place.and_then(|place| self.evaluator.named_literal(text, place.file));
            constant.map_or_else(|| jsdoc::unquoted(text), |literal| literal.as_text())
        });
        Default {
            text: written.map(|literal| literal.as_text()).or(documented).map(str::to_owned),
            places: sources.iter().map(|source| (source.file, source.value.range())).collect(),
        }
    }

    fn identify(&mut self, key: &PropertyName, property: &Property<'p>, choice: &Choice) {
        if let Some(place) = property.place {
            self.statement.identities.properties.insert(key.clone(), self.choices.identity(place));
        }
        if !choice.identities.is_empty() {
            self.statement.identities.options.insert(key.clone(), choice.identities.clone());
        }
    }

    fn origin(
        &self,
        stated: &ContractProperty,
        property: &Property<'p>,
        choice: &Choice,
        default: &Default,
    ) -> Option<PropertyOrigin> {
        let place = property.place?;
        let forms = &choice.forms;
        let is_own = self.evaluator.project.file(place.file).own;
        let form = match (forms.len(), forms.first()) {
            _ if !is_own => DeclarationForm::Computed,
            (0, _) if place.kind == PlaceKind::Variant => DeclarationForm::VariantMap,
            (0, _) if matches!(stated, ContractProperty::Enum { .. }) => DeclarationForm::Computed,
            (0, _) => DeclarationForm::Plain,
            (1, Some(form)) => *form,
            _ => DeclarationForm::Computed,
        };
        Some(PropertyOrigin {
            declared: self.place(place.file, place.range),
            form,
            options: choice.places.clone(),
            default: default.places.iter().map(|(file, range)| self.place(*file, *range)).collect(),
        })
    }

    fn place(&self, file: FileId, range: Range) -> Place {
        self.evaluator.project.place(file, range)
    }

    /// The braces between which a new property of the component would stand.
    fn props_type(&self, props: &Thunk<'p>) -> Option<Place> {
        match props {
            Thunk::Type(ty, scope) => self.object_place(ty, scope, 0),
            Thunk::All(all) => all.iter().find_map(|thunk| self.props_type(thunk)),
            _ => None,
        }
    }

    fn object_place(&self, ty: &'p Type, scope: &Scope<'p>, depth: usize) -> Option<Place> {
        const DEEPEST: usize = 8;
        if depth > DEEPEST {
            return None;
        }
        let own = |file: FileId| self.evaluator.project.file(file).own;
        match ty {
            Type::Object(object) => own(scope.file).then(|| self.place(scope.file, object.range)),
            Type::Intersection(members) => members
                .iter()
                .find(|member| matches!(member, Type::Object(_)))
                .or(members.first())
                .and_then(|member| self.object_place(member, scope, depth + 1)),
            Type::Reference { path, arguments } => {
                let [name] = &**path else {
                    return arguments.first().and_then(|first| self.object_place(first, scope, depth + 1));
                };
                match self.evaluator.project.lookup(scope.file, name) {
                    Some(Binding::Local { file, name }) => {
                        let declaration = self.evaluator.project.facts(file).types_named(name).first()?;
                        match &declaration.body {
                            TypeBody::Interface { object, .. } => {
                                own(file).then(|| self.place(file, object.range))
                            }
                            TypeBody::Alias(ty) => self.object_place(ty, &Scope::top(file), depth + 1),
                            _ => None,
                        }
                    }
                    _ => arguments.first().and_then(|first| self.object_place(first, scope, depth + 1)),
                }
            }
            _ => None,
        }
    }
}

/// Whether a prop is an attribute of elements that no designer draws. A choice that the library lists is its own, and so
/// is a place for content: no attribute takes one.
fn is_for_elements(name: &str, class: &Class<'_>) -> bool {
    if matches!(class, Class::Slot) {
        return false;
    }
    if let Class::Enum { options, .. } = class {
        if name == "type" {
            return options
                .iter()
                .all(|option| matches!(option.value.as_text(), "button" | "submit" | "reset"));
        }
        return name.starts_with("aria-") || (is_html_attribute(name) && options.len() < 2);
    }
    is_html_attribute(name) || (name == "type" && matches!(class, Class::Text))
}
