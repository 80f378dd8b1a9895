//! From definitions, or from the names of variants, to a statement.

use std::collections::{BTreeMap, BTreeSet};

use lockstep_core::contract::{OptionName, Property, PropertyName, normalise, sha256_hex};
use lockstep_core::diagnostic::DiagnosticSeverity;
use lockstep_core::statement::{Identity, NotCompared, Statement, Token, WhyNotCompared};

use super::names::{PropertyKey, quoted};
use super::read::{Definition, Scalar};
use crate::Variant;

/// Something odd about a component; the caller knows which file it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub code: &'static str,
    pub severity: DiagnosticSeverity,
    pub message: String,
    pub hint: Option<String>,
}

impl Finding {
    pub fn warning(code: &'static str, message: String, hint: &str) -> Self {
        Self { code, severity: DiagnosticSeverity::Warning, message, hint: Some(hint.to_owned()) }
    }
}

/// The statement that definitions make. `variants` give the options their identities.
pub(crate) fn from_definitions(
    definitions: &[(String, Definition)],
    variants: &[Variant],
    findings: &mut Vec<Finding>,
) -> Statement {
    let mut statement = Statement::default();
    for (key, definition) in definitions {
        let PropertyKey { name, id } = PropertyKey::of(key);
        let property_name = PropertyName::from(name);
        if statement.contract.properties.contains_key(&property_name) {
            findings.push(Finding::warning(
                "duplicate-property",
                format!(
                    "there are two properties {}; the second ({}) was left out",
                    quoted(name),
                    quoted(key)
                ),
                "rename one of them in the design",
            ));
            statement.not_compared.push(NotCompared {
                property: key.as_str().into(),
                why: WhyNotCompared::Unread,
                detail: format!("another property is also called {}", quoted(name)),
            });
            continue;
        }
        match property_of(name, definition, variants, findings) {
            Some(property) => {
                if let Some(id) = id {
                    statement.identities.properties.insert(property_name.clone(), Identity::token(id));
                }
                if let Scalar::Text(text) = &definition.description
                    && !text.trim().is_empty()
                {
                    statement.descriptions.insert(property_name.clone(), text.trim().to_owned());
                }
                statement.contract.properties.insert(property_name, property);
            }
            None => statement.not_compared.push(NotCompared {
                property: property_name,
                why: WhyNotCompared::Unread,
                detail: unread_detail(definition),
            }),
        }
    }
    identify(&mut statement, variants);
    lookalikes(&statement, findings);
    statement
}

/// The statement that the names of variants make, where there are no definitions. Which option is the default, and
/// whether there are boolean, text or slot properties, names do not tell.
pub(crate) fn from_names(variants: &[Variant], findings: &mut Vec<Finding>) -> Statement {
    let mut options: BTreeMap<PropertyName, BTreeSet<OptionName>> = BTreeMap::new();
    for (property, option) in variants.iter().flat_map(|variant| variant.points.iter()) {
        options.entry(property.clone()).or_default().insert(option.clone());
    }
    let contract = options
        .into_iter()
        .map(|(name, options)| (name, Property::Enum { options: options.into(), default: None }))
        .collect();
    let mut statement = Statement { contract, ..Statement::default() };
    identify(&mut statement, variants);
    lookalikes(&statement, findings);
    statement
}

fn property_of(
    name: &str,
    definition: &Definition,
    variants: &[Variant],
    findings: &mut Vec<Finding>,
) -> Option<Property> {
    let Scalar::Text(kind) = &definition.kind else { return None };
    match kind.as_str() {
        "VARIANT" => variant_property(name, definition, variants, findings),
        "BOOLEAN" => Some(Property::boolean(match &definition.default_value {
            Scalar::Bool(value) => Some(*value),
            Scalar::Text(text) => text.parse().ok(),
            _ => None,
        })),
        "TEXT" => Some(Property::Text),
        "INSTANCE_SWAP" | "SLOT" => Some(Property::Slot),
        _ => None,
    }
}

fn variant_property(
    name: &str,
    definition: &Definition,
    variants: &[Variant],
    findings: &mut Vec<Finding>,
) -> Option<Property> {
    let listed = definition.variant_options.0.iter().filter_map(|option| match option {
        Scalar::Text(text) => Some(OptionName::from(text.trim())),
        _ => None,
    });
    let mut options: BTreeSet<OptionName> = listed.collect();
    let property_name = PropertyName::from(name);
    let drawn: BTreeSet<&OptionName> =
        variants.iter().filter_map(|variant| variant.points.get(&property_name)).collect();
    for option in drawn {
        if !options.contains(option) {
            findings.push(Finding::warning(
                "option-not-defined",
                format!(
                    "the property {} has variants with {}, which its definition does not list",
                    quoted(name),
                    quoted(option.as_str())
                ),
                "open the file in Figma and let it save the set again",
            ));
            options.insert(option.clone());
        }
    }
    if options.is_empty() {
        return None;
    }
    let default = match &definition.default_value {
        Scalar::Text(text) => Some(OptionName::from(text.trim())),
        _ => None,
    };
    let known = default.filter(|default| {
        let known = options.contains(default);
        if !known {
            findings.push(Finding::warning(
                "default-not-an-option",
                format!(
                    "{} is the default of {} but none of its options",
                    quoted(default.as_str()),
                    quoted(name)
                ),
                "open the file in Figma and let it save the set again",
            ));
        }
        known
    });
    Some(Property::Enum { options: options.into(), default: known })
}

fn unread_detail(definition: &Definition) -> String {
    match &definition.kind {
        Scalar::Text(kind) if kind == "VARIANT" => "it has no options".to_owned(),
        Scalar::Text(kind) => format!("it is of the unknown type {}", quoted(kind)),
        _ => "it has no type".to_owned(),
    }
}

/// Gives options the ids of the variants that show them, and variant properties a token for each such group: both
/// stay when a designer renames the option or the property.
fn identify(statement: &mut Statement, variants: &[Variant]) {
    let mut groups: BTreeMap<&PropertyName, BTreeMap<&OptionName, Vec<&str>>> = BTreeMap::new();
    for variant in variants {
        for (property, option) in variant.points.iter() {
            groups.entry(property).or_default().entry(option).or_default().push(variant.node_id.as_str());
        }
    }
    let is_enum = |property: &PropertyName| {
        matches!(statement.contract.properties.get(property), Some(Property::Enum { .. }))
    };
    groups.retain(|property, _| is_enum(property));
    for (property, options) in groups {
        let options = options
            .into_iter()
            .map(|(option, nodes)| (option.clone(), nodes.into_iter().collect::<Identity>()))
            .collect();
        statement.identities.options.insert(property.clone(), options);
    }
    let mut owners: BTreeMap<String, Vec<PropertyName>> = BTreeMap::new();
    for (property, options) in &statement.identities.options {
        for identity in options.values() {
            let nodes: Vec<&str> = identity.tokens().iter().map(Token::as_str).collect();
            let digest = sha256_hex(nodes.join("\n").as_bytes());
            owners.entry(format!("nodes:{}", &digest[..16])).or_default().push(property.clone());
        }
    }
    for (token, properties) in owners {
        // A group that two properties share tells neither from the other.
        if let [property] = &properties[..] {
            let identity = statement.identities.properties.entry(property.clone()).or_default();
            *identity = identity.joined(&Identity::token(token));
        }
    }
}

/// Reports names that differ only in what a comparison across sides ignores.
fn lookalikes(statement: &Statement, findings: &mut Vec<Finding>) {
    let properties = statement.contract.properties.keys().map(PropertyName::as_str);
    for (one, other) in alike(properties) {
        findings.push(Finding::warning(
            "lookalike-properties",
            format!(
                "the properties {} and {} differ only in case, blanks or invisible characters",
                quoted(one),
                quoted(other)
            ),
            "rename one of them in the design, or map both by hand",
        ));
    }
    for (name, property) in &statement.contract.properties {
        for (one, other) in alike(property.options().map(OptionName::as_str)) {
            findings.push(Finding::warning(
                "lookalike-options",
                format!(
                    "the options {} and {} of {} differ only in case, blanks or invisible characters",
                    quoted(one),
                    quoted(other),
                    quoted(name.as_str())
                ),
                "rename one of them in the design, or map both by hand",
            ));
        }
    }
}

fn alike<'a>(names: impl Iterator<Item = &'a str>) -> Vec<(&'a str, &'a str)> {
    let mut first = BTreeMap::new();
    let mut pairs = Vec::new();
    for name in names {
        match first.entry(normalise(name)) {
            std::collections::btree_map::Entry::Occupied(other) => pairs.push((*other.get(), name)),
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(name);
            }
        }
    }
    pairs
}
