//! Components that an input only lists: their nodes, and with them all definitions, are elsewhere.

use chrono::{DateTime, Utc};
use lockstep_core::statement::Statement;

use super::contract::{Finding, from_names};
use super::names::{point_map, quoted};
use crate::{ComponentKind, ContractSource, DesignComponent, NodeId, Points, Variant};

/// A listed component or set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listed {
    pub node_id: String,
    pub key: Option<String>,
    pub name: String,
    pub page: Option<String>,
    pub path: Vec<String>,
    pub description: Option<String>,
    pub documentation: Vec<String>,
    pub last_changed: Option<DateTime<Utc>>,
}

impl Listed {
    /// The listed set with its listed variants.
    pub fn into_set(self, variants: Vec<Variant>, why: &str, findings: &mut Vec<Finding>) -> DesignComponent {
        let mut statement = from_names(&variants, findings);
        statement.open.push(format!("{why}: boolean, text and slot properties and defaults are not known"));
        let note = format!("{why}: its properties were read from the names of its variants");
        self.into_component(ComponentKind::Set, statement, variants, note)
    }

    /// The listed component without variants.
    pub fn into_single(self, why: &str) -> DesignComponent {
        let statement =
            Statement { open: vec![format!("{why}: its properties are not known")], ..Statement::default() };
        let note = format!("{why}: its properties were not read");
        self.into_component(ComponentKind::Single, statement, Vec::new(), note)
    }

    fn into_component(
        self,
        kind: ComponentKind,
        statement: Statement,
        variants: Vec<Variant>,
        note: String,
    ) -> DesignComponent {
        DesignComponent {
            node_id: self.node_id.into(),
            key: self.key,
            name: self.name,
            page: self.page,
            path: self.path,
            kind,
            source: ContractSource::Listed,
            statement,
            variants,
            description: self.description,
            documentation: self.documentation,
            notes: vec![note],
            last_changed: self.last_changed,
        }
    }
}

/// A variant from its node's id and name. A name without points is reported, and the variant kept without them.
pub(crate) fn variant_of(set: &str, id: NodeId, name: String, findings: &mut Vec<Finding>) -> Variant {
    let points = point_map(&name).map(Points::from_iter).unwrap_or_else(|error| {
        findings.push(Finding::warning(
            "unreadable-variant-name",
            format!("the variant {} of {} shows no options: {error}", quoted(&name), quoted(set)),
            "name variants `Property=Option, Property=Option`",
        ));
        Points::default()
    });
    Variant { node_id: id, name, points }
}
