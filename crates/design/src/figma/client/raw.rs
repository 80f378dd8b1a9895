//! Objects whose members stay as they are written: what isn't looked at is neither parsed nor changed.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// Writes the text of a value.
pub(super) type Writes<'a> = &'a dyn Fn(&mut Vec<u8>);

/// An object, its members in their order and unread.
#[derive(Debug, Clone, Default)]
pub(super) struct RawObject(pub(super) Vec<(String, Box<RawValue>)>);

impl RawObject {
    /// The member of that name as it is written.
    pub(super) fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// The member of that name, read.
    pub(super) fn member<T: DeserializeOwned, E: Error>(&self, name: &'static str) -> Result<T, E> {
        let value = self.get(name).ok_or_else(|| E::missing_field(name))?;
        serde_json::from_str(value.get()).map_err(|error| E::custom(format!("{name}: {error}")))
    }

    /// Writes the object, with something else for some members: of a large one nothing is held twice.
    pub(super) fn write(&self, out: &mut Vec<u8>, instead: &[(&str, Writes<'_>)]) {
        let kept = self.0.iter().filter(|(name, _)| instead.iter().all(|(other, _)| other != name));
        let mut separate = Separator::new(out, b'{');
        for (name, value) in kept {
            separate.name(out, name);
            out.extend_from_slice(value.get().as_bytes());
        }
        for (name, value) in instead {
            separate.name(out, name);
            value(out);
        }
        out.push(b'}');
    }
}

impl<'de> Deserialize<'de> for RawObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = RawObject;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<RawObject, A::Error> {
                let mut object = RawObject::default();
                while let Some(member) = members.next_entry()? {
                    object.0.push(member);
                }
                Ok(object)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// Writes an object of members that are JSON already.
pub(super) fn write_object<'a>(out: &mut Vec<u8>, members: impl Iterator<Item = (&'a str, &'a RawValue)>) {
    let mut separate = Separator::new(out, b'{');
    for (name, value) in members {
        separate.name(out, name);
        out.extend_from_slice(value.get().as_bytes());
    }
    out.push(b'}');
}

/// Writes an array of values that are JSON already.
pub(super) fn write_array<'a>(out: &mut Vec<u8>, values: impl Iterator<Item = &'a RawValue>) {
    let mut separate = Separator::new(out, b'[');
    for value in values {
        separate.next(out);
        out.extend_from_slice(value.get().as_bytes());
    }
    out.push(b']');
}

/// Puts commas between what is written.
struct Separator {
    first: bool,
}

impl Separator {
    fn new(out: &mut Vec<u8>, opening: u8) -> Self {
        out.push(opening);
        Self { first: true }
    }

    fn next(&mut self, out: &mut Vec<u8>) {
        if !std::mem::take(&mut self.first) {
            out.push(b',');
        }
    }

    fn name(&mut self, out: &mut Vec<u8>, name: &str) {
        self.next(out);
        out.extend_from_slice(serde_json::Value::from(name).to_string().as_bytes());
        out.push(b':');
    }
}
