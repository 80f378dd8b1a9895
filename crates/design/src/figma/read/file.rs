//! The top of a file.

use std::cell::Cell;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess};

use super::node::{NodeSeed, RawNode};
use super::raw::{MapEntry, Members, Record, Scalar, Shape, shaped};
use super::shape::TopLevel;
use crate::LooksLike;

/// What matters of a whole file.
#[derive(Debug, Default)]
pub(crate) struct RawFile {
    pub name: Option<String>,
    pub version: Option<String>,
    pub last_modified: Option<String>,
    /// The document, unless it holds no component at all.
    pub document: Option<RawNode>,
    pub components: Vec<(String, MapEntry)>,
    pub component_sets: Vec<(String, MapEntry)>,
}

/// Reads a whole file, or says what the input looks like instead.
pub(crate) struct FileSeed<'a> {
    pub too_deep: &'a Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for FileSeed<'_> {
    type Value = Result<RawFile, LooksLike>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        shaped(self, deserializer)
    }
}

impl<'de> Shape<'de> for FileSeed<'_> {
    type Value = Result<RawFile, LooksLike>;

    fn scalar(self, scalar: Scalar) -> Self::Value {
        let top = match scalar {
            Scalar::Text(_) => "a text",
            Scalar::Bool(_) => "true or false",
            Scalar::Integer(_) => "a number",
            Scalar::Other => "null or a number",
        };
        Err(LooksLike::OtherJson { top: top.to_owned() })
    }

    fn array<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Err(LooksLike::OtherJson { top: "an array".to_owned() }))
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut file = RawFile::default();
        let mut top = TopLevel::default();
        while let Some(key) = members.next_key::<String>()? {
            match key.as_str() {
                "document" => {
                    top.has_document = true;
                    file.document =
                        members.next_value_seed(NodeSeed { depth: 0, too_deep: self.too_deep })?;
                }
                "components" => file.components = members.next_value::<EntryMap>()?.0,
                "componentSets" => file.component_sets = members.next_value::<EntryMap>()?.0,
                "name" => file.name = members.next_value::<Scalar>()?.text(),
                "version" => file.version = members.next_value::<Scalar>()?.text(),
                "lastModified" => file.last_modified = members.next_value::<Scalar>()?.text(),
                "status" => top.status = Some(members.next_value()?),
                "err" | "message" => top.reason = members.next_value::<Scalar>()?.text().or(top.reason),
                "meta" => top.meta = members.next_value::<Members<IgnoredAny>>()?.0,
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
            top.saw(key);
        }
        Ok(if top.has_document { Ok(file) } else { Err(top.looks_like()) })
    }
}

struct EntryMap(Vec<(String, MapEntry)>);

impl<'de> Deserialize<'de> for EntryMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Members(entries) = Members::<Record<MapEntry>>::deserialize(deserializer)?;
        Ok(Self(entries.unwrap_or_default().into_iter().map(|(id, record)| (id, record.0)).collect()))
    }
}
