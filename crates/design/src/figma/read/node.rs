//! The node tree, pruned while it is read to what leads to components.

use std::cell::Cell;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess};

use super::MAX_NODE_DEPTH;
use super::raw::{Definition, Members, Record, Scalar, Shape, shaped};

/// A node that is a component, a set, or holds some.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawNode {
    pub id: Option<String>,
    pub name: String,
    pub kind: NodeKind,
    /// The definitions in their order; `None` when the node has none.
    pub definitions: Option<Vec<(String, Definition)>>,
    pub children: Vec<RawNode>,
}

/// The kinds of node that are told apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Page,
    ComponentSet,
    Component,
    #[default]
    Other,
}

/// Reads one node: `None` when neither it nor anything below it is a component.
#[derive(Clone, Copy)]
pub(crate) struct NodeSeed<'a> {
    pub depth: usize,
    /// Set when nodes are nested deeper than [`MAX_NODE_DEPTH`], to tell that error from others.
    pub too_deep: &'a Cell<bool>,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Field {
    Id,
    Name,
    Type,
    ComponentPropertyDefinitions,
    Children,
    #[serde(other)]
    Other,
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = Option<RawNode>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.depth > MAX_NODE_DEPTH {
            self.too_deep.set(true);
            return Err(D::Error::custom("nodes are nested too deep"));
        }
        shaped(self, deserializer)
    }
}

impl<'de> Shape<'de> for NodeSeed<'_> {
    type Value = Option<RawNode>;

    /// A `null` among nodes, or anything else that is no object, is no node.
    fn scalar(self, _: Scalar) -> Self::Value {
        None
    }

    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut node = RawNode::default();
        // `type` may come after `children`, so children are pruned before it is known what holds them.
        while let Some(field) = members.next_key()? {
            match field {
                Field::Id => node.id = members.next_value::<Scalar>()?.text(),
                Field::Name => node.name = members.next_value::<Scalar>()?.text().unwrap_or_default(),
                Field::Type => node.kind = members.next_value::<NodeKind>()?,
                Field::ComponentPropertyDefinitions => {
                    let Members(definitions) = members.next_value::<Members<Record<Definition>>>()?;
                    node.definitions = definitions
                        .map(|list| list.into_iter().map(|(key, record)| (key, record.0)).collect());
                }
                Field::Children => node.children = members.next_value_seed(ChildrenSeed(self))?,
                Field::Other => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        let matters =
            matches!(node.kind, NodeKind::Component | NodeKind::ComponentSet) || !node.children.is_empty();
        Ok(matters.then_some(node))
    }
}

struct ChildrenSeed<'a>(NodeSeed<'a>);

impl<'de> DeserializeSeed<'de> for ChildrenSeed<'_> {
    type Value = Vec<RawNode>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        shaped(self, deserializer)
    }
}

impl<'de> Shape<'de> for ChildrenSeed<'_> {
    type Value = Vec<RawNode>;

    fn scalar(self, _: Scalar) -> Self::Value {
        Vec::new()
    }

    fn array<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let seed = NodeSeed { depth: self.0.depth + 1, ..self.0 };
        let mut kept = Vec::new();
        while let Some(node) = items.next_element_seed(seed)? {
            kept.extend(node);
        }
        Ok(kept)
    }
}

impl<'de> Deserialize<'de> for NodeKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsKind;
        impl Shape<'_> for AsKind {
            type Value = NodeKind;
            fn scalar(self, scalar: Scalar) -> NodeKind {
                match scalar {
                    Scalar::Text(text) => match text.as_str() {
                        "CANVAS" => NodeKind::Page,
                        "COMPONENT_SET" => NodeKind::ComponentSet,
                        "COMPONENT" => NodeKind::Component,
                        _ => NodeKind::Other,
                    },
                    _ => NodeKind::Other,
                }
            }
        }
        shaped(AsKind, deserializer)
    }
}
