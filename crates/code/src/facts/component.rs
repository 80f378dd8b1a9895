//! Components that are declared as a whole: a file with markup, or an entry of a manifest.

use serde::{Deserialize, Serialize};

use super::{Doc, Range, TakenProperty, Text, Type, TypeParameter, Value};

/// A component, as far as one file tells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ComponentFacts {
    /// The whole of it.
    pub range: Range,
    pub parameters: Vec<TypeParameter>,
    /// The type of its props.
    pub props: Option<Type>,
    /// Its props as values: `defineProps({ … })`.
    pub runtime: Vec<Value>,
    /// A component's options as a value: `export default { props, extends }`.
    pub options: Option<Value>,
    /// What is destructured from its props.
    pub taken: Vec<TakenProperty>,
    /// An object with defaults by name.
    pub defaults: Option<Value>,
    /// Properties that are declared one by one.
    pub declared: Vec<DeclaredProperty>,
    pub slots: Vec<Slot>,
    /// A type with a member for each slot.
    pub slot_types: Option<Type>,
    /// Names of fields that nothing but code sets.
    pub fields: Vec<Text>,
    /// The class in the same scope that makes it.
    pub class: Option<Text>,
    /// Why it may have more than is listed.
    pub open: Vec<Text>,
}

/// A property that is declared by itself: `defineModel`, `export let`, a member in a manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DeclaredProperty {
    pub name: Text,
    pub range: Range,
    pub ty: Option<Type>,
    /// Its definition as a value, in place of a type.
    pub definition: Option<Value>,
    pub default: Option<Value>,
    pub doc: Option<Box<Doc>>,
}

/// A place for content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Slot {
    /// Without one in the code, `default`.
    pub name: Text,
    pub range: Range,
    pub doc: Option<Box<Doc>>,
}

impl ComponentFacts {
    /// Adds a property once: what is declared nearer goes before.
    pub fn declare(&mut self, property: DeclaredProperty) {
        let known = self.declared.iter().any(|known| known.name == property.name);
        if !known && !self.fields.contains(&property.name) {
            self.declared.push(property);
        }
    }

    /// Takes note of a field that is no property of the contract.
    pub fn set_aside(&mut self, name: &str) {
        let known = self.declared.iter().any(|known| &*known.name == name);
        if !known && self.fields.iter().all(|field| &**field != name) {
            self.fields.push(name.into());
        }
    }

    /// Adds a slot once.
    pub fn add_slot(&mut self, slot: Slot) {
        if self.slots.iter().all(|known| known.name != slot.name) {
            self.slots.push(slot);
        }
    }
}
