//! Real files as the API gives them today: what a file saved years ago, or cut down for an example, lacks is filled in by
//! the least that the document asks for.

use serde_json::{Map, Value, json};

use super::openapi::OpenApi;

/// How deep schemas are followed where a value has to be made up.
const MADE_UP: usize = 12;

impl OpenApi {
    /// Adds to an answer what its schema requires and it lacks. What is there stays.
    pub fn complete(&self, path: &str, answer: &mut Value) {
        self.fill(self.answer_schema(path), answer);
    }

    fn fill(&self, schema: &Value, value: &mut Value) {
        if let Some(reference) = schema["$ref"].as_str() {
            self.fill(self.resolve(reference), value);
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            match part.get("if") {
                Some(case) if self.holds(case, value) => self.fill(&part["then"], value),
                Some(_) => {}
                None => self.fill(part, value),
            }
        }
        for part in schema["anyOf"].as_array().into_iter().flatten() {
            if part["type"] != "null" && !value.is_null() {
                self.fill(part, value);
            }
        }
        match value {
            Value::Object(members) => self.fill_object(schema, members),
            Value::Array(items) if schema.get("items").is_some() => {
                items.iter_mut().for_each(|item| self.fill(&schema["items"], item));
            }
            _ => {}
        }
    }

    fn fill_object(&self, schema: &Value, members: &mut Map<String, Value>) {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let property = &schema["properties"][name];
            if !members.contains_key(name) && !property.is_null() {
                members.insert(name.to_owned(), self.least(property, MADE_UP));
            }
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(value) = members.get_mut(name) {
                self.fill(property, value);
            }
        }
        if schema["additionalProperties"].is_object() {
            members.values_mut().for_each(|value| self.fill(&schema["additionalProperties"], value));
        }
    }

    /// Whether a case of a discriminator is the value's.
    fn holds(&self, case: &Value, value: &Value) -> bool {
        let properties = case["properties"].as_object();
        properties.into_iter().flatten().all(|(name, is)| value.get(name) == Some(&is["const"]))
    }

    /// The least value that a schema accepts.
    fn least(&self, schema: &Value, depth: usize) -> Value {
        if depth == 0 {
            return Value::Null;
        }
        if let Some(reference) = schema["$ref"].as_str() {
            return self.least(self.resolve(reference), depth - 1);
        }
        if let Some(stated) =
            schema.get("default").or_else(|| schema["enum"].get(0)).or_else(|| schema.get("const"))
        {
            return stated.clone();
        }
        if let Some(first) = schema["oneOf"].get(0).or_else(|| schema["anyOf"].get(0)) {
            return self.least(first, depth - 1);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in parts.iter().filter(|part| part.get("if").is_none()) {
                if let Value::Object(members) = self.least(part, depth - 1) {
                    members.into_iter().for_each(|(name, value)| _ = whole.entry(name).or_insert(value));
                }
            }
            return Value::Object(whole);
        }
        if schema["type"].as_array().is_some_and(|types| types.iter().any(|one| one == "null")) {
            return Value::Null;
        }
        match schema["type"].as_str() {
            Some("string") if schema["format"] == "date-time" => json!("2026-01-01T00:00:00Z"),
            Some("string") if schema["format"] == "uri" => json!("https://www.figma.com"),
            Some("string") => json!(""),
            Some("number" | "integer") => json!(0),
            Some("boolean") => json!(false),
            Some("array") => json!([]),
            _ => {
                let mut members = Map::new();
                for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    members.insert(name.to_owned(), self.least(&schema["properties"][name], depth - 1));
                }
                Value::Object(members)
            }
        }
    }
}
