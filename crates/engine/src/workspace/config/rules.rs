//! Reads the sections that hold a team's decisions: mappings, ignores and accepted differences.

use std::{collections::BTreeMap, ops::Range};

use lockstep_core::contract::{ContractPath, OptionName, PropertyName};
use toml::{Spanned, de::DeValue};

use super::{
    AcceptedDifference, DesignAddress, DesignFile, IgnoreRule, MappingRule, NameGlob, PropertyRule, nearest,
    reader::{At, Finding, Findings, Section, entries_of, expect, mismatch},
    sections::bad_glob,
};

pub(super) fn read_mappings(
    root: &Section<'_, '_>,
    designs: &[DesignFile],
    findings: &mut Findings<'_>,
) -> BTreeMap<String, MappingRule> {
    const KEYS: [&str; 4] = ["design", "properties", "options", "booleans"];
    let mut rules = BTreeMap::new();
    for ((component, at), value) in root.entries("mapping", findings) {
        let name = format!("[mapping.{component}]");
        let Some(section) = Section::open(value, name, &KEYS, findings) else { continue };
        let design = section
            .text("design", findings)
            .and_then(|(text, span)| read_address(&text, &span, designs, findings));
        let rule = MappingRule {
            design,
            properties: read_properties(&section, findings),
            options: read_options(&section, findings),
            booleans: read_booleans(&section, findings),
            place: findings.place(&at),
        };
        rules.insert(component, rule);
    }
    rules
}

fn read_address(
    text: &str,
    span: &Range<usize>,
    designs: &[DesignFile],
    findings: &mut Findings<'_>,
) -> Option<DesignAddress> {
    if text.trim().is_empty() {
        let finding = Finding::new("bad-value", "`design` is empty")
            .hint("write an address such as `acme#4000:1394`, or the design component's name");
        findings.error(span, finding);
        return None;
    }
    let address = DesignAddress::parse(text);
    match &address {
        DesignAddress::Node { file, .. } if designs.iter().all(|design| design.name != *file) => {
            let names: Vec<&str> = designs.iter().map(|design| design.name.as_str()).collect();
            let hint = match nearest(file, names.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if names.is_empty() => "add a [[design]] entry of that name".to_owned(),
                None => format!("known here: {}", names.join(", ")),
            };
            let message = format!("there is no [[design]] file named `{file}`");
            findings.error(span, Finding::new("unknown-design", message).hint(hint));
            None
        }
        DesignAddress::Link(link) => {
            let found = DesignFile::of_link(designs, link);
            match (found, &link.node) {
                (Some(design), Some(node)) => {
                    Some(DesignAddress::Node { file: design.name.clone(), node: node.clone() })
                }
                (None, _) => {
                    let message = format!("no [[design]] file has the key `{}`", link.file_key);
                    let hint =
                        format!("add `key = \"{}\"` to the [[design]] entry of that file", link.file_key);
                    findings.error(span, Finding::new("unknown-design", message).hint(hint));
                    None
                }
                (Some(_), None) => {
                    let finding =
                        Finding::new("bad-value", "the address names a file, but no component in it")
                            .hint("copy the link to the component: it ends in `node-id=…`");
                    findings.error(span, finding);
                    None
                }
            }
        }
        _ => Some(address),
    }
}

fn read_properties(
    section: &Section<'_, '_>,
    findings: &mut Findings<'_>,
) -> BTreeMap<PropertyName, PropertyRule> {
    let mut rules = BTreeMap::new();
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for ((design, _), value) in section.entries("properties", findings) {
        let Some(rule) = read_property(&design, value, findings) else { continue };
        if let PropertyRule::Is(code) = &rule
            && let Some(first) = taken.insert(code.to_string(), design.clone())
        {
            let message =
                format!("the design properties `{first}` and `{design}` both stand for `{code}` in code");
            let hint = "a code property has one counterpart; a design option that is a boolean in code goes under `booleans`";
            findings.error(&value.span(), Finding::new("duplicate", message).hint(hint));
        }
        rules.insert(design.into(), rule);
    }
    rules
}

fn read_property(
    design: &str,
    value: &Spanned<DeValue<'_>>,
    findings: &mut Findings<'_>,
) -> Option<PropertyRule> {
    let example = format!("`\"{design}\" = {{ compare = false, reason = \"…\" }}`");
    match value.get_ref() {
        DeValue::String(code) => Some(PropertyRule::Is(code.to_string().into())),
        DeValue::Boolean(false) => {
            let message = format!("`{design}` is left out of the comparison without a reason");
            findings
                .error(&value.span(), Finding::new("missing-key", message).hint(format!("write {example}")));
            None
        }
        DeValue::Table(_) => {
            let name = format!("the rule for `{design}`");
            let rule = Section::open(value, &name, &["compare", "reason"], findings)?;
            let reason = rule.required("reason", &format!("write {example}"), findings)?.0;
            if rule.boolean("compare", findings) != Some(false) {
                let message = format!("{name} must say `compare = false`");
                findings
                    .error(rule.span(), Finding::new("bad-value", message).hint(format!("write {example}")));
                return None;
            }
            Some(PropertyRule::NotCompared { reason })
        }
        _ => {
            mismatch(
                value,
                &format!("`{design}`"),
                &format!("the code property's name or {example}"),
                findings,
            );
            None
        }
    }
}

fn read_options(
    section: &Section<'_, '_>,
    findings: &mut Findings<'_>,
) -> BTreeMap<PropertyName, BTreeMap<OptionName, OptionName>> {
    let mut rules: BTreeMap<PropertyName, BTreeMap<OptionName, OptionName>> = BTreeMap::new();
    for ((property, _), value) in section.entries("options", findings) {
        let name = format!("the options of `{property}`");
        let Some(table) = expect(value, &name, "a table", DeValue::as_table, findings) else { continue };
        let options = rules.entry(property.as_str().into()).or_default();
        for ((design, _), value) in entries_of(table) {
            let name = format!("`{design}` in {name}");
            if let Some(code) = expect(value, &name, "the code option's name", DeValue::as_str, findings) {
                options.insert(design.into(), code.into());
            }
        }
    }
    rules
}

fn read_booleans(
    section: &Section<'_, '_>,
    findings: &mut Findings<'_>,
) -> BTreeMap<(PropertyName, OptionName), PropertyName> {
    let mut rules = BTreeMap::new();
    for ((point, at), value) in section.entries("booleans", findings) {
        let Some((property, option)) = point.split_once('=') else {
            let finding = Finding::new("bad-value", format!("`{point}` is not of the form Property=Option"))
                .hint("write for example `\"State=Disabled\" = \"isDisabled\"`");
            findings.error(&at, finding);
            continue;
        };
        let name = format!("`{point}`");
        if let Some(code) = expect(value, &name, "the code property's name", DeValue::as_str, findings) {
            rules.insert((property.trim().into(), option.trim().into()), code.into());
        }
    }
    rules
}

const REASON: &str = "say why, for those who read the report: `reason = \"…\"`";

pub(super) fn read_ignores(root: &Section<'_, '_>, findings: &mut Findings<'_>) -> Vec<IgnoreRule> {
    const KEYS: [&str; 4] = ["component", "path", "reason", "expires"];
    let mut rules = Vec::new();
    for entry in root.list("ignore", findings) {
        let Some(section) = Section::open(entry, "[[ignore]]", &KEYS, findings) else { continue };
        let component = section.required("component", "name it, or write \"*\" for all", findings);
        let path = section.required("path", "for example `path = \"properties/icon\"`", findings);
        let reason = section.required("reason", REASON, findings);
        let expires = read_date(&section, "expires", findings);
        let (Some(component), Some(path), Some((reason, _))) = (component, path, reason) else { continue };
        if !NameGlob::is_pattern(&path.0) && read_path(&path, findings).is_none() {
            continue;
        }
        let (component, path) = (read_glob(&component, findings), read_glob(&path, findings));
        let (Some(component), Some(path)) = (component, path) else { continue };
        rules.push(IgnoreRule { component, path, reason, expires, place: findings.place(section.span()) });
    }
    rules
}

fn read_glob((text, span): &At<String>, findings: &mut Findings<'_>) -> Option<NameGlob> {
    NameGlob::new(text).map_err(|error| findings.error(span, bad_glob(text, &error))).ok()
}

fn read_path((text, span): &At<String>, findings: &mut Findings<'_>) -> Option<ContractPath> {
    let read = text.parse::<ContractPath>();
    if let Err(error) = &read {
        let finding = Finding::new("bad-path", error.to_string());
        let hint = (!text.contains('/')).then(|| format!("did you mean `properties/{text}`?"));
        findings.error(span, Finding { hint, ..finding });
    }
    read.ok()
}

pub(super) fn read_accepted(root: &Section<'_, '_>, findings: &mut Findings<'_>) -> Vec<AcceptedDifference> {
    const KEYS: [&str; 6] = ["component", "path", "code", "design", "reason", "date"];
    let mut accepted = Vec::new();
    for entry in root.list("accepted", findings) {
        let Some(section) = Section::open(entry, "[[accepted]]", &KEYS, findings) else { continue };
        let component = section.required("component", "name the component", findings);
        let path = section.required("path", "for example `path = \"properties/size/default\"`", findings);
        let reason = section.required("reason", REASON, findings);
        let (code, design) = (read_json(&section, "code", findings), read_json(&section, "design", findings));
        let date = read_date(&section, "date", findings);
        let (Some((component, _)), Some(path), Some((reason, _))) = (component, path, reason) else {
            continue;
        };
        let Some(path) = read_path(&path, findings) else { continue };
        let place = findings.place(section.span());
        accepted.push(AcceptedDifference { component, path, code, design, reason, date, place });
    }
    accepted
}

fn read_json(section: &Section<'_, '_>, key: &str, findings: &mut Findings<'_>) -> Option<serde_json::Value> {
    let (text, span) = section.text(key, findings)?;
    serde_json::from_str(&text)
        .map_err(|_| {
            let finding = Finding::new("bad-value", format!("{} must be JSON text", section.key(key)))
                .hint("`lockstep accept` writes these entries; an option is written '\"large\"'");
            findings.error(&span, finding);
        })
        .ok()
}

fn read_date(section: &Section<'_, '_>, key: &str, findings: &mut Findings<'_>) -> Option<chrono::NaiveDate> {
    let value = section.get(key)?;
    let text = match value.get_ref() {
        DeValue::Datetime(date) => date.to_string(),
        DeValue::String(text) => text.to_string(),
        _ => {
            mismatch(value, &section.key(key), "a date such as 2027-01-31", findings);
            return None;
        }
    };
    let date = chrono::NaiveDate::parse_from_str(&text, "%Y-%m-%d");
    if date.is_err() {
        let message = format!("{} is no date: `{text}`", section.key(key));
        findings
            .error(&value.span(), Finding::new("bad-date", message).hint("write a day, such as 2027-01-31"));
    }
    date.ok()
}
