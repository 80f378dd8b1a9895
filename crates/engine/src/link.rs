//! Which design component each component stands for, by the strongest authority that says so.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lockstep_code::model::{CodeConnection, ConnectedKind};
use lockstep_core::{
    contract::{NormalisedName, OptionName, normalise},
    diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace},
    mapping::{BooleanRule, MappingSource, PropertyRule, Rules},
};

use crate::{
    connections,
    sides::{CodeEntry, DesignEntry, Sides},
    workspace::config::{self, CONFIG_FILE, Config, DesignAddress, FigmaLink, MappingRule},
};

/// A component and the design component it stands for, as indexes into the sides that were linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Which of [`Sides::designs`].
    pub design: usize,
    /// Who says so.
    pub source: MappingSource,
    /// How properties and options correspond, of all authorities together.
    pub rules: Rules,
}

/// The links of all components, and what was wrong with what people said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// By the component's index in [`Sides::components`].
    pub links: BTreeMap<usize, Link>,
    /// Addresses that point nowhere, design components that two components claim.
    pub diagnostics: Vec<Diagnostic>,
}

/// Links every component that an authority links. Names that two share on one side link nothing.
pub fn link(config: &Config, sides: &Sides) -> Links {
    let mut linker =
        Linker { config, sides, finder: Finder::new(sides), result: Links::default(), taken: HashMap::new() };
    for authority in [Linker::by_config, Linker::by_code_connect, Linker::by_story, Linker::by_name] {
        for index in 0..sides.components.len() {
            if linker.result.links.contains_key(&index) {
                continue;
            }
            if let Some((design, source)) = authority(&mut linker, index) {
                linker.claim(index, design, source);
            }
        }
    }
    linker.connections_hold();
    linker.unknown_components();
    linker.result
}

struct Linker<'a> {
    config: &'a Config,
    sides: &'a Sides,
    finder: Finder<'a>,
    result: Links,
    taken: HashMap<usize, usize>,
}

/// Finds design components by address and by name.
struct Finder<'a> {
    by_node: HashMap<(&'a str, &'a str), usize>,
    by_name: HashMap<NormalisedName, Vec<usize>>,
    components_by_name: HashMap<NormalisedName, Vec<usize>>,
}

impl<'a> Finder<'a> {
    fn new(sides: &'a Sides) -> Self {
        let mut finder =
            Self { by_node: HashMap::new(), by_name: HashMap::new(), components_by_name: HashMap::new() };
        for (index, DesignEntry { source, component, .. }) in sides.designs.iter().enumerate() {
            finder.by_node.insert((source.as_str(), component.node_id.as_str()), index);
            for variant in &component.variants {
                finder.by_node.entry((source.as_str(), variant.node_id.as_str())).or_insert(index);
            }
            finder.by_name.entry(normalise(&component.name)).or_default().push(index);
        }
        for (index, CodeEntry { component, .. }) in sides.components.iter().enumerate() {
            finder.components_by_name.entry(normalise(&component.name)).or_default().push(index);
        }
        finder
    }

    fn node(&self, file: &str, node: &str) -> Option<usize> {
        self.by_node.get(&(file, node)).copied()
    }

    fn named(&self, name: &str) -> &[usize] {
        self.by_name.get(&normalise(name)).map_or(&[], Vec::as_slice)
    }
}

type Found = Option<(usize, MappingSource)>;

impl Linker<'_> {
    fn by_config(&mut self, index: usize) -> Found {
        let entry = &self.sides.components[index];
        let (rule, address) =
            self.config.mapping.get(&entry.name).and_then(|rule| Some((rule, rule.design.as_ref()?)))?;
        let found = match address {
            DesignAddress::Node { file, node } => self.finder.node(file, node),
            DesignAddress::Name(name) => match self.finder.named(name) {
                [one] => Some(*one),
                [] => None,
                several => {
                    let places = several
                        .iter()
                        .map(|index| self.sides.designs[*index].address())
                        .collect::<Vec<_>>()
                        .join(", ");
                    self.complain(
                        CONFIG_FILE,
                        Some(rule.place),
                        "ambiguous-design",
                        format!("`{name}` is the name of several design components"),
                        format!("write the address of the one you mean: {places}"),
                    );
                    return None;
                }
            },
            DesignAddress::Link(_) => None,
        };
        match found {
            Some(design) => Some((design, MappingSource::Config)),
            None => {
                let message = format!(
                    "[mapping.{}] points to `{address}`, which is in none of the design files",
                    entry.name
                );
                self.complain(
                    CONFIG_FILE,
                    Some(rule.place),
                    "dead-mapping",
                    message,
                    "point it to another design component, or take it out with `lockstep map unset`".into(),
                );
                None
            }
        }
    }

    fn by_code_connect(&mut self, index: usize) -> Found {
        let connections = self.connections(index);
        let targets: Vec<_> = connections
            .into_iter()
            .map(|connection| (connection.clone(), self.figma_node(&connection.url)))
            .collect();
        let mut found = None;
        for (connection, target) in targets {
            match target {
                Some(design) => {
                    let source = MappingSource::CodeConnect {
                        file: connection.declared.file.to_string(),
                        line: connection.declared.line,
                    };
                    found = found.or(Some((design, source)));
                }
                None => {
                    let message = format!(
                        "the Code Connect address of `{}` points to no design component of this workspace",
                        self.sides.components[index].name
                    );
                    let hint = "point it to the component's node, or remove the file if the design component is gone";
                    self.complain(
                        &connection.declared.file,
                        Some(place(&connection.declared)),
                        "dead-code-connect",
                        message,
                        hint.into(),
                    );
                }
            }
        }
        found
    }

    fn by_story(&mut self, index: usize) -> Found {
        let story = self.sides.stories_of(index).find(|story| story.design_url.is_some())?;
        let design = self.figma_node(story.design_url.as_deref()?)?;
        Some((design, MappingSource::StoryUrl { story: story.id.clone() }))
    }

    fn by_name(&mut self, index: usize) -> Found {
        let name = &self.sides.components[index].component.name;
        let [design] = self.finder.named(name) else { return None };
        let [_] = self.finder.components_by_name.get(&normalise(name)).map_or(&[][..], Vec::as_slice) else {
            return None;
        };
        Some((*design, MappingSource::ExactName))
    }

    /// A figma.com address as a design component: by the file's key, or, where no design file states its key, by the
    /// node id when only one file has it.
    fn figma_node(&self, url: &str) -> Option<usize> {
        let link = FigmaLink::parse(url)?;
        if let Some(DesignAddress::Node { file, node }) = self.config.design_address_of(&link) {
            return self.finder.node(&file, &node);
        }
        let node = link.node?;
        let keyless = self.config.design.iter().filter(|file| file.key.is_none());
        let mut found = keyless.filter_map(|file| self.finder.node(&file.name, &node));
        match (found.next(), found.next()) {
            (Some(design), None) => Some(design),
            _ => None,
        }
    }

    fn connections(&self, index: usize) -> Vec<&CodeConnection> {
        let mut connections: Vec<_> = self.sides.connections_of(index).collect();
        // A connection for some variants only speaks after one for the whole component.
        connections.sort_by_key(|connection| !connection.variant.is_empty());
        connections
    }

    fn claim(&mut self, index: usize, design: usize, source: MappingSource) {
        if let Some(first) = self.taken.get(&design) {
            let (first, second) = (&self.sides.components[*first].name, &self.sides.components[index]);
            let message = format!(
                "`{}` and `{first}` both stand for the design component {}",
                second.name,
                self.sides.designs[design].address()
            );
            let hint = format!(
                "link one of them elsewhere with `lockstep map set`; `{}` stays unmapped until then",
                second.name
            );
            let file = second.component.declared.file.to_string();
            return self.complain(
                &file,
                Some(place(&second.component.declared)),
                "design-claimed-twice",
                message,
                hint,
            );
        }
        self.taken.insert(design, index);
        let name = &self.sides.components[index].name;
        let config = self.config.mapping.get(name).map(config_rules).unwrap_or_default();
        let rules = self
            .connections(index)
            .into_iter()
            .fold(config, |rules, connection| rules.or(connect_rules(connection)));
        self.result.links.insert(index, Link { design, source, rules });
    }

    /// What Code Connect files say of the design components that their addresses lead to.
    fn connections_hold(&mut self) {
        for index in 0..self.sides.components.len() {
            let connections = self.connections(index);
            let is_only_one = connections.len() == 1;
            let found: Vec<Diagnostic> = connections
                .into_iter()
                .filter_map(|connection| Some((connection, self.figma_node(&connection.url)?)))
                .flat_map(|(connection, design)| {
                    let (code, design) = (&self.sides.components[index], &self.sides.designs[design]);
                    connections::check(connection, code, &design.component, is_only_one)
                })
                .collect();
            self.result.diagnostics.extend(found);
        }
    }

    /// Mappings of components that code does not export.
    fn unknown_components(&mut self) {
        let known: BTreeSet<&str> = self.sides.components.iter().map(|entry| entry.name.as_str()).collect();
        for (name, rule) in &self.config.mapping {
            if !known.contains(name.as_str()) {
                let hint = match config::nearest(name, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "take it out with `lockstep map unset`, or check that the component is exported"
                        .to_owned(),
                };
                self.complain(
                    CONFIG_FILE,
                    Some(rule.place),
                    "unknown-component",
                    format!("[mapping.{name}] is about a component that code does not export"),
                    hint,
                );
            }
        }
    }

    fn complain(&mut self, file: &str, place: Option<TextPlace>, code: &str, message: String, hint: String) {
        self.result.diagnostics.push(Diagnostic {
            file: file.to_owned(),
            place,
            severity: DiagnosticSeverity::Warning,
            code: code.to_owned(),
            message,
            hint: Some(hint),
        });
    }
}

fn place(at: &lockstep_code::model::Place) -> TextPlace {
    TextPlace { line: at.line, column: 1, start: at.start, end: at.end }
}

fn config_rules(rule: &MappingRule) -> Rules {
    let properties = rule.properties.iter().map(|(design, rule)| {
        let rule = match rule {
            config::PropertyRule::Is(code) => PropertyRule::Is(code.clone()),
            config::PropertyRule::NotCompared { reason } => {
                PropertyRule::NotCompared { reason: reason.clone() }
            }
        };
        (design.to_string(), rule)
    });
    let options = rule.options.iter().map(|(property, options)| {
        (property.clone(), options.iter().map(|(design, code)| (design.to_string(), code.clone())).collect())
    });
    let booleans = rule.booleans.iter().map(|((property, option), code)| BooleanRule {
        property: property.to_string(),
        option: option.to_string(),
        code: code.clone(),
    });
    Rules { properties: properties.collect(), options: options.collect(), booleans: booleans.collect() }
}

/// What a Code Connect file says about names. An `enum` of which one option gives `true` is a boolean in code.
fn connect_rules(connection: &CodeConnection) -> Rules {
    let mut rules = Rules::default();
    for property in &connection.properties {
        let Some(code) = &property.code else { continue };
        if property.reads == ConnectedKind::Other {
            continue;
        }
        if property.reads == ConnectedKind::Enum {
            let trues: Vec<&String> = property
                .options
                .iter()
                .filter(|(_, value)| *value == serde_json::Value::Bool(true))
                .map(|(option, _)| option)
                .collect();
            if let ([only], true) = (&trues[..], property.options.iter().all(|(_, value)| value.is_boolean()))
            {
                rules.booleans.push(BooleanRule {
                    property: property.design.clone(),
                    option: (*only).clone(),
                    code: code.clone(),
                });
                continue;
            }
            let options = rules.options.entry(code.clone()).or_default();
            for (design, value) in &property.options {
                if let Some(option) = option_name(value) {
                    options.insert(design.clone(), option);
                }
            }
        }
        rules.properties.insert(property.design.clone(), PropertyRule::Is(code.clone()));
    }
    rules
}

pub(crate) fn option_name(value: &serde_json::Value) -> Option<OptionName> {
    match value {
        serde_json::Value::String(text) => Some(text.as_str().into()),
        serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Some(value.to_string().into()),
        _ => None,
    }
}
