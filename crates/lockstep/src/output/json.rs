//! The form of `--json`.

use serde::Serialize;

#[derive(Serialize)]
struct Envelope<'a, T> {
    schema: &'a str,
    data: &'a T,
}

/// `{"schema": "lockstep.drift/1", "data": …}`: the number rises when a field goes or changes its meaning; new fields
/// may come at any time.
pub fn envelope<T: Serialize>(schema: &str, data: &T) -> String {
    serde_json::to_string_pretty(&Envelope { schema, data }).unwrap_or_else(|error| {
        // Only a map whose keys are no strings can't be serialised.
        format!(
            "{{\"schema\":\"lockstep.error/1\",\"data\":{{\"kind\":\"internal\",\"message\":{:?}}}}}",
            error.to_string()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_stands_first() {
        insta::assert_snapshot!(envelope("lockstep.drift/1", &serde_json::json!({"components": []})), @r#"
        {
          "schema": "lockstep.drift/1",
          "data": {
            "components": []
          }
        }
        "#);
    }
}
