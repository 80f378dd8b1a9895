//! The description of the API as a page for people: every operation, and every type that it takes or gives.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::Value;

use super::model::{Answer, OpenApi, Operation, Parameter, Place, Response};
use crate::html::escaped;

pub(crate) const TITLE: &str = "The API of this hub";
pub(crate) const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}\
h2{margin-top:3rem}h3{margin:2rem 0 0;font-size:1rem}h4{margin:.75rem 0 0;font-size:.9rem}p{margin:.25rem 0}\
code{font:.9em ui-monospace,monospace}table{border-collapse:collapse;width:100%;margin:.25rem 0}\
th,td{text-align:left;vertical-align:top;padding:.15rem 1rem .15rem 0;border-bottom:1px solid #8884}th{font-weight:600}";

const SCHEMAS: &str = "#/components/schemas/";
const RESPONSES: &str = "#/components/responses/";
/// Types within types that are written out in a line; what is deeper has a name of its own.
const DEEPEST: usize = 6;

/// The page's body.
pub(crate) fn body(document: &OpenApi) -> String {
    let mut html = format!(
        "<p>{}</p><p>For programs: <a href=\"/api/v1/openapi.json\">openapi.json</a> (OpenAPI {}, version {}).</p>",
        rich(document.info.description),
        document.openapi,
        escaped(document.info.version)
    );
    let mut by_tag: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (path, methods) in &document.paths {
        for (method, operation) in methods {
            let shown = shown(document, path, method, operation);
            by_tag.entry(operation.tags.first().copied().unwrap_or_default()).or_default().push(shown);
        }
    }
    let to = |tag: &&str| format!("<a href=\"#{0}\">{0}</a>", escaped(tag));
    let tags: Vec<String> = by_tag.keys().map(to).collect();
    push(&mut html, format_args!("<nav><p>{} · <a href=\"#types\">types</a></p></nav>", tags.join(" · ")));
    for (tag, operations) in &by_tag {
        push(&mut html, format_args!("<h2 id=\"{0}\">{0}</h2>{1}", escaped(tag), operations.concat()));
    }
    html.push_str("<h2 id=\"types\">Types</h2>");
    for (name, schema) in &document.components.schemas {
        html.push_str(&shown_type(name, schema));
    }
    html
}

/// Writing to a text can't fail.
fn push(html: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = html.write_fmt(arguments);
}

fn shown(document: &OpenApi, path: &str, method: &str, operation: &Operation) -> String {
    let mut html = format!(
        "<section id=\"{}\"><h3><code>{} {}</code></h3><p>{}. {}</p>",
        escaped(operation.operation_id),
        escaped(&method.to_ascii_uppercase()),
        escaped(path),
        escaped(operation.summary),
        rich(&operation.description)
    );
    if !operation.parameters.is_empty() {
        let rows: String = operation.parameters.iter().map(parameter).collect();
        push(&mut html, format_args!("<h4>Parameters</h4><table>{rows}</table>"));
    }
    for media in operation.request_body.iter().flat_map(|body| body.content.values()) {
        push(&mut html, format_args!("<h4>Body</h4><p>{}</p>", type_of(media.schema.as_value(), 0)));
    }
    html.push_str("<h4>Answers</h4><table>");
    for (status, response) in &operation.responses {
        let known = match response {
            Response::Described(answer) => Some(answer),
            Response::Known { place } => {
                place.strip_prefix(RESPONSES).and_then(|name| document.components.responses.get(name))
            }
        };
        if let Some(answer) = known {
            push(&mut html, format_args!("<tr><td>{status}</td>{}</tr>", answered(answer)));
        }
    }
    html.push_str("</table></section>");
    html
}

fn parameter(parameter: &Parameter) -> String {
    let place = match parameter.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
    };
    format!(
        "<tr><td><code>{}</code></td><td>{place}{}</td><td>{}</td><td>{}</td></tr>",
        escaped(&parameter.name),
        if parameter.required { ", required" } else { "" },
        type_of(parameter.schema.as_value(), 0),
        rich(&parameter.description)
    )
}

fn answered(answer: &Answer) -> String {
    let types: Vec<String> =
        answer.content.values().map(|media| type_of(media.schema.as_value(), 0)).collect();
    let to = |id: &&str| format!("<a href=\"#{0}\">{0}</a>", escaped(id));
    let leads: Vec<String> = answer.links.keys().map(to).collect();
    let leads = if leads.is_empty() { String::new() } else { format!("leads to {}", leads.join(", ")) };
    format!("<td>{}</td><td>{}</td><td>{leads}</td>", rich(&answer.description), types.join(" or "))
}

fn shown_type(name: &str, schema: &Value) -> String {
    let mut html = format!("<section id=\"type-{0}\"><h3><code>{0}</code></h3>", escaped(name));
    if let Some(about) = schema["description"].as_str() {
        push(&mut html, format_args!("<p>{}</p>", rich(about)));
    }
    let members = members(schema);
    if members.is_empty() {
        push(&mut html, format_args!("<p>{}</p>", type_of(schema, 0)));
    } else {
        push(&mut html, format_args!("<table>{members}</table>"));
    }
    for one in either(schema) {
        let about = one["description"].as_str().map(rich).unwrap_or_default();
        push(
            &mut html,
            format_args!("<p>{} {about}</p><table>{}</table>", constant(one), self::members(one)),
        );
    }
    html.push_str("</section>");
    html
}

fn members(schema: &Value) -> String {
    let is_required = |name: &str| {
        schema["required"].as_array().is_some_and(|required| required.iter().any(|one| one == name))
    };
    let mut sorted: Vec<(&String, &Value)> = schema["properties"].as_object().into_iter().flatten().collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    let row = |(name, member): (&String, &Value)| {
        format!(
            "<tr><td><code>{}{}</code></td><td>{}</td><td>{}</td></tr>",
            escaped(name),
            if is_required(name) { "" } else { "?" },
            type_of(member, 0),
            member["description"].as_str().map(rich).unwrap_or_default()
        )
    };
    sorted.into_iter().map(row).collect()
}

fn either(schema: &Value) -> impl Iterator<Item = &Value> {
    ["oneOf", "anyOf"].into_iter().filter_map(|word| schema[word].as_array()).flatten()
}

fn constant(schema: &Value) -> String {
    schema
        .get("const")
        .map(|value| format!("<code>{}</code>", escaped(&value.to_string())))
        .unwrap_or_default()
}

/// A type in a line, as HTML.
fn type_of(schema: &Value, depth: usize) -> String {
    if depth > DEEPEST {
        return "…".to_owned();
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|place| place.strip_prefix(SCHEMAS)) {
        return format!("<a href=\"#type-{0}\"><code>{0}</code></a>", escaped(name));
    }
    if schema.get("const").is_some() {
        return constant(schema);
    }
    let choices: Vec<String> = either(schema)
        .map(|one| type_of(one, depth + 1))
        .chain(
            schema["enum"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|word| format!("<code>{}</code>", escaped(&word.to_string()))),
        )
        .collect();
    if !choices.is_empty() {
        return choices.join(" | ");
    }
    let kinds = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let named: Vec<String> = kinds.into_iter().map(|kind| of_kind(kind, schema, depth)).collect();
    if named.is_empty() { "any".to_owned() } else { named.join(" | ") }
}

fn of_kind(kind: &str, schema: &Value, depth: usize) -> String {
    match kind {
        "array" => match schema["prefixItems"].as_array() {
            Some(items) => {
                let items: Vec<String> = items.iter().map(|item| type_of(item, depth + 1)).collect();
                format!("[{}]", items.join(", "))
            }
            None => format!("list of ({})", type_of(&schema["items"], depth + 1)),
        },
        "object" if schema["properties"].is_object() => {
            let mut members: Vec<(&String, &Value)> =
                schema["properties"].as_object().into_iter().flatten().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            let members: Vec<String> = members
                .into_iter()
                .map(|(name, member)| {
                    format!("<code>{}</code>: {}", escaped(name), type_of(member, depth + 1))
                })
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        "object" if schema["additionalProperties"].is_object() => {
            format!("by name ({})", type_of(&schema["additionalProperties"], depth + 1))
        }
        "integer" | "number" => {
            let limit = |word: &str, sign: &str| match &schema[word] {
                Value::Number(number) => format!(" {sign} {number}"),
                _ => String::new(),
            };
            format!("{}{}{}", escaped(kind), limit("minimum", "≥"), limit("maximum", "≤"))
        }
        "string" => match schema["format"].as_str() {
            Some(format) => format!("string ({})", escaped(format)),
            None => "string".to_owned(),
        },
        other => escaped(other),
    }
}

/// A text in which words between backquotes are code.
fn rich(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(place, part)| match place % 2 {
        0 => escaped(part),
        _ => format!("<code>{}</code>", escaped(part)),
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_type_is_said_in_a_line() {
        for (schema, expected) in [
            (json!({ "type": ["string", "null"] }), "string | null"),
            (json!({ "type": "string", "format": "uuid" }), "string (uuid)"),
            (json!({ "type": "integer", "minimum": 1, "maximum": 5 }), "integer ≥ 1 ≤ 5"),
            (json!({ "type": "array", "items": { "type": "string" } }), "list of (string)"),
            (json!({ "type": "object", "additionalProperties": { "type": "boolean" } }), "by name (boolean)"),
            (json!({ "const": "a<b" }), "<code>&quot;a&lt;b&quot;</code>"),
            (json!({ "$ref": "#/components/schemas/User" }), "<a href=\"#type-User\"><code>User</code></a>"),
            (json!({ "properties": {} }), "any"),
        ] {
            assert_eq!(type_of(&schema, 0), expected, "{schema}");
        }
    }

    #[test]
    fn what_is_quoted_is_code_and_all_is_escaped() {
        assert_eq!(rich("a <b> `c & d`"), "a &lt;b&gt; <code>c &amp; d</code>");
    }

    #[test]
    fn a_type_without_end_ends() {
        let mut schema = json!({ "type": "string" });
        for _ in 0..50 {
            schema = json!({ "type": "array", "items": schema });
        }
        assert!(type_of(&schema, 0).contains('…'));
    }
}
