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
    serde_json::to_string_pretty(&Envelope { schema, data }).unwrap_or_else(|error| failed(&error))
}

/// The same on one line, for commands that go on and on.
pub fn envelope_line<T: Serialize>(schema: &str, data: &T) -> String {
    serde_json::to_string(&Envelope { schema, data }).unwrap_or_else(|error| failed(&error))
}

/// Only a map whose keys are no strings can't be serialised.
fn failed(error: &serde_json::Error) -> String {
    format!(
        "{{\"schema\":\"lockstep.error/1\",\"data\":{{\"kind\":\"internal\",\"message\":{:?}}}}}",
        error.to_string()
    )
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
