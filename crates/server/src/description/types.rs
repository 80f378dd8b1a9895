//! The schemas of what comes in and of what goes out, gathered under one name each.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{
    JsonSchema, Schema, SchemaGenerator,
    generate::{Contract, SchemaSettings},
};
use serde_json::Value;

const PLACE: &str = "#/components/schemas/";

/// A type may take more than it gives: what has a default need not be sent, and always comes. So there is one generator for
/// each way.
pub(crate) struct Types {
    given: SchemaGenerator,
    told: SchemaGenerator,
}

impl Types {
    pub(crate) fn new() -> Self {
        Self { given: generator(Contract::Deserialize), told: generator(Contract::Serialize) }
    }

    /// Of what comes in. A reference in it may change its name at the end: see [`Types::schemas`].
    pub(crate) fn given<T: JsonSchema>(&mut self) -> Schema {
        self.given.subschema_for::<T>()
    }

    /// The members of a query.
    pub(crate) fn members<T: JsonSchema>(&mut self) -> Schema {
        T::json_schema(&mut self.given)
    }

    /// Of what goes out.
    pub(crate) fn told<T: JsonSchema>(&mut self) -> Schema {
        self.told.subschema_for::<T>()
    }

    /// Every schema by its name, and how those of what comes in are called that are others than of what goes out: the
    /// same name with `Given` after it.
    pub(crate) fn schemas(mut self) -> (BTreeMap<String, Value>, Renamed) {
        let told: BTreeMap<String, Value> = self.told.take_definitions(true).into_iter().collect();
        let given: BTreeMap<String, Value> = self.given.take_definitions(true).into_iter().collect();
        let renamed = Renamed::between(&given, &told);
        let mut all = told;
        for (name, mut schema) in given {
            renamed.apply(&mut schema);
            all.insert(renamed.name(name), schema);
        }
        (all, renamed)
    }
}

fn generator(contract: Contract) -> SchemaGenerator {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    settings.contract = contract;
    settings.into_generator()
}

/// The names of what comes in that are of something else in what goes out.
#[derive(Debug, Default)]
pub(crate) struct Renamed(BTreeSet<String>);

impl Renamed {
    fn between(given: &BTreeMap<String, Value>, told: &BTreeMap<String, Value>) -> Self {
        let is_other = |name: &String| told.get(name).is_some_and(|schema| *schema != given[name]);
        let mut renamed: BTreeSet<String> = given.keys().filter(|name| is_other(name)).cloned().collect();
        loop {
            // What refers to one of them is another one itself.
            let refers = |schema: &Value| references(schema).iter().any(|name| renamed.contains(*name));
            let more: Vec<String> = given
                .iter()
                .filter(|(name, schema)| {
                    told.contains_key(*name) && !renamed.contains(*name) && refers(schema)
                })
                .map(|(name, _)| name.clone())
                .collect();
            if more.is_empty() {
                return Self(renamed);
            }
            renamed.extend(more);
        }
    }

    fn name(&self, name: String) -> String {
        if self.0.contains(&name) { name + "Given" } else { name }
    }

    /// Has what comes in refer to its own.
    pub(crate) fn apply(&self, schema: &mut Value) {
        match schema {
            Value::Object(members) => {
                for (key, member) in members {
                    match member {
                        Value::String(place) if key == "$ref" => {
                            if let Some(name) = place.strip_prefix(PLACE) {
                                *place = format!("{PLACE}{}", self.name(name.to_owned()));
                            }
                        }
                        _ => self.apply(member),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.apply(item)),
            _ => {}
        }
    }
}

/// The names that a schema refers to.
fn references(schema: &Value) -> Vec<&str> {
    match schema {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(|place| place.as_str()?.strip_prefix(PLACE));
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Same {
        count: u8,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Lenient {
        #[serde(default)]
        count: u8,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Holder {
        same: Same,
        inner: Vec<Lenient>,
    }

    #[test]
    fn what_comes_in_has_a_name_of_its_own_where_it_is_another() {
        let mut types = Types::new();
        types.told::<Holder>();
        let mut given = types.given::<Holder>().to_value();
        let (schemas, renamed) = types.schemas();
        renamed.apply(&mut given);
        assert_eq!(given, json!({ "$ref": "#/components/schemas/HolderGiven" }));
        assert_eq!(
            schemas.keys().collect::<Vec<_>>(),
            ["Holder", "HolderGiven", "Lenient", "LenientGiven", "Same"]
        );
        assert_eq!(schemas["Lenient"]["required"], json!(["count"]));
        assert_eq!(schemas["LenientGiven"].get("required"), None);
        assert_eq!(
            schemas["HolderGiven"]["properties"]["inner"]["items"]["$ref"],
            "#/components/schemas/LenientGiven"
        );
        assert_eq!(schemas["HolderGiven"]["properties"]["same"]["$ref"], "#/components/schemas/Same");
    }
}
