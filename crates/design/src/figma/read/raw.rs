//! The parts of a file that matter, each read leniently: a field of an unexpected type is no reason to refuse a file.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// How to make something of any JSON value. What is not overridden is skipped, to any depth, without recursion.
pub(crate) trait Shape<'de>: Sized {
    type Value;

    /// Makes it of a scalar; also called, with [`Scalar::Other`], for arrays and objects that are skipped.
    fn scalar(self, scalar: Scalar) -> Self::Value;

    fn array<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self.scalar(Scalar::Other))
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(self.scalar(Scalar::Other))
    }
}

/// Reads the next value, whatever it is, as the shape says.
pub(crate) fn shaped<'de, S: Shape<'de>, D: Deserializer<'de>>(
    shape: S,
    deserializer: D,
) -> Result<S::Value, D::Error> {
    struct ShapeVisitor<S>(S);
    impl<'de, S: Shape<'de>> Visitor<'de> for ShapeVisitor<S> {
        type Value = S::Value;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value")
        }
        fn visit_bool<E>(self, value: bool) -> Result<S::Value, E> {
            Ok(self.0.scalar(Scalar::Bool(value)))
        }
        fn visit_i64<E>(self, value: i64) -> Result<S::Value, E> {
            Ok(self.0.scalar(Scalar::Integer(value)))
        }
        fn visit_u64<E>(self, value: u64) -> Result<S::Value, E> {
            Ok(self.0.scalar(i64::try_from(value).map_or(Scalar::Other, Scalar::Integer)))
        }
        fn visit_f64<E>(self, _: f64) -> Result<S::Value, E> {
            Ok(self.0.scalar(Scalar::Other))
        }
        fn visit_str<E>(self, value: &str) -> Result<S::Value, E> {
            Ok(self.0.scalar(Scalar::Text(value.to_owned())))
        }
        fn visit_string<E>(self, value: String) -> Result<S::Value, E> {
            Ok(self.0.scalar(Scalar::Text(value)))
        }
        fn visit_unit<E>(self) -> Result<S::Value, E> {
            Ok(self.0.scalar(Scalar::Other))
        }
        fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<S::Value, A::Error> {
            self.0.array(items)
        }
        fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<S::Value, A::Error> {
            self.0.object(members)
        }
    }
    deserializer.deserialize_any(ShapeVisitor(shape))
}

/// Any JSON value, of which only scalars are kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Scalar {
    Bool(bool),
    Text(String),
    Integer(i64),
    #[default]
    Other,
}

impl Scalar {
    pub fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Itself;
        impl Shape<'_> for Itself {
            type Value = Scalar;
            fn scalar(self, scalar: Scalar) -> Scalar {
                scalar
            }
        }
        shaped(Itself, deserializer)
    }
}

/// The items of an array; nothing where another value stands.
#[derive(Debug, Clone)]
pub(crate) struct Items<T>(pub Vec<T>);

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsItems<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Shape<'de> for AsItems<T> {
            type Value = Items<T>;
            fn scalar(self, _: Scalar) -> Items<T> {
                Items::default()
            }
            fn array<A: SeqAccess<'de>>(self, mut items: A) -> Result<Items<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Items(list))
            }
        }
        shaped(AsItems(PhantomData), deserializer)
    }
}

/// The members of an object in their order; nothing where another value stands.
#[derive(Debug, Clone)]
pub(crate) struct Members<T>(pub Option<Vec<(String, T)>>);

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Members<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsMembers<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Shape<'de> for AsMembers<T> {
            type Value = Members<T>;
            fn scalar(self, _: Scalar) -> Members<T> {
                Members(None)
            }
            fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Members<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(member) = members.next_entry()? {
                    list.push(member);
                }
                Ok(Members(Some(list)))
            }
        }
        shaped(AsMembers(PhantomData), deserializer)
    }
}

/// A record; its default where another value stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record<T>(pub T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Record<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsRecord<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Default> Shape<'de> for AsRecord<T> {
            type Value = Record<T>;
            fn scalar(self, _: Scalar) -> Record<T> {
                Record::default()
            }
            fn object<A: MapAccess<'de>>(self, members: A) -> Result<Record<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(Record)
            }
        }
        shaped(AsRecord(PhantomData), deserializer)
    }
}

/// One entry of `componentPropertyDefinitions`, as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Definition {
    #[serde(rename = "type")]
    pub kind: Scalar,
    pub default_value: Scalar,
    pub variant_options: Items<Scalar>,
    pub description: Scalar,
}

/// One entry of the top-level `components` or `componentSets`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct MapEntry {
    pub key: Scalar,
    pub name: Scalar,
    pub description: Scalar,
    pub remote: Scalar,
    pub component_set_id: Scalar,
    pub documentation_links: Items<Record<Link>>,
}

impl MapEntry {
    pub fn is_remote(&self) -> bool {
        self.remote == Scalar::Bool(true)
    }

    pub fn links(&mut self) -> Vec<String> {
        std::mem::take(&mut self.documentation_links.0)
            .into_iter()
            .filter_map(|link| link.0.uri.text())
            .collect()
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Link {
    pub uri: Scalar,
}
