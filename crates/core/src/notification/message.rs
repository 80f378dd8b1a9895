//! What an event says to people, whichever channel it goes by.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::EventType;

/// How urgent a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// All is well.
    Good,
    /// Somebody should look.
    Warn,
    /// Something is broken.
    Bad,
}

/// A message: a title, and lines below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// One line.
    pub title: String,
    /// How urgent it is.
    pub tone: Tone,
    /// The particulars, a line each, as plain text.
    pub lines: Vec<String>,
}

impl Message {
    /// What an event of that type says with that payload.
    pub fn of(event_type: EventType, payload: &Value) -> Self {
        match event_type {
            EventType::DriftDetected if payload.get("given_up").is_some() => given_up(payload),
            EventType::DriftDetected => drift(payload),
            EventType::SyncCompleted => sync(payload),
            EventType::CredentialStatus => credential(payload),
            EventType::CoverageSummary => plain("Coverage was computed", Tone::Good, payload),
            EventType::Digest => plain("The last day", Tone::Good, payload),
            EventType::BrowserTestFailure => plain("A browser test session failed", Tone::Bad, payload),
        }
    }
}

/// A payload as an event of that type has it, to be looked at.
pub fn example(event_type: EventType) -> Value {
    match event_type {
        EventType::DriftDetected => json!({ "components": 2, "changes": 3, "names": ["Button", "Card"] }),
        EventType::SyncCompleted => json!({
            "operation": "0193f0c4-5b5e-7c3a-9d1e-000000000001", "status": "partial", "components": 3,
            "applied": ["Badge", "Button"], "failed": ["Card"],
        }),
        EventType::CredentialStatus => json!({
            "credential": "figma", "vendor": "figma", "status": "valid", "days": 7,
            "impact": "figma expires in 7 days: 14 components, the schedule nightly-sync, 2 channels",
            "next_step": "make a new one, then `lockstep credential rotate figma`",
        }),
        EventType::CoverageSummary => json!({ "components": 14, "variant_coverage_pct": 87.5 }),
        EventType::Digest => json!({ "drifting": 3, "syncs": 2 }),
        EventType::BrowserTestFailure => {
            json!({ "story": "components-button--primary", "reason": "the play function threw" })
        }
    }
}

fn text<'a>(payload: &'a Value, name: &str) -> &'a str {
    payload.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn count(payload: &Value, name: &str) -> u64 {
    payload.get(name).and_then(Value::as_u64).unwrap_or_default()
}

fn counted(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// `Button, Card and 3 more`; nothing of no names.
fn names(payload: &Value, name: &str, of: u64) -> Option<String> {
    let names: Vec<&str> = payload.get(name)?.as_array()?.iter().filter_map(Value::as_str).collect();
    let more = of.saturating_sub(names.len() as u64);
    match (names.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(names.join(", ")),
        (false, more) => Some(format!("{} and {more} more", names.join(", "))),
    }
}

fn drift(payload: &Value) -> Message {
    let components = count(payload, "components");
    let changes = counted(count(payload, "changes"), "change");
    Message {
        title: format!("New drift: {changes} in {}", counted(components, "component")),
        tone: Tone::Warn,
        lines: names(payload, "names", components)
            .into_iter()
            .chain(["`lockstep drift` shows who moved, and why it is said".to_owned()])
            .collect(),
    }
}

fn given_up(payload: &Value) -> Message {
    let title = format!("{} could not be evaluated", counted(count(payload, "given_up"), "component"));
    let next = "`lockstep queue` shows why, `lockstep queue retry` tries again";
    Message { title, tone: Tone::Bad, lines: vec![next.to_owned()] }
}

fn sync(payload: &Value) -> Message {
    let of = counted(count(payload, "components"), "component");
    let (title, tone) = match text(payload, "status") {
        "completed" => (format!("Synced {of}"), Tone::Good),
        "partial" => (format!("Synced some of {of}"), Tone::Warn),
        status => (format!("A sync of {of} ended as {status}"), Tone::Bad),
    };
    let listed = |what: &str, name: &str| names(payload, name, 0).map(|names| format!("{what}: {names}"));
    let operation = text(payload, "operation");
    let undo = (!operation.is_empty() && tone != Tone::Bad).then(|| {
        format!("`lockstep undo {}` takes it back within 24 hours", operation.get(..8).unwrap_or(operation))
    });
    let lines = [listed("Done", "applied"), listed("Failed", "failed"), undo].into_iter().flatten().collect();
    Message { title, tone, lines }
}

fn credential(payload: &Value) -> Message {
    let name = text(payload, "credential");
    let (title, tone) = match (payload.get("days").and_then(Value::as_i64), text(payload, "status")) {
        (Some(0), _) => (format!("The credential {name} is due today"), Tone::Bad),
        (Some(days), _) => {
            let days = counted(days.unsigned_abs(), "day");
            (format!("The credential {name} is due within {days}"), Tone::Warn)
        }
        (None, "valid") => (format!("The credential {name} is valid"), Tone::Good),
        (None, status) => (format!("The credential {name} is {status}"), Tone::Bad),
    };
    let lines = ["reason", "impact", "next_step"].map(|part| text(payload, part).to_owned());
    let wanted = |line: &String| !line.is_empty();
    let lines = lines.into_iter().filter(wanted).take(if tone == Tone::Good { 0 } else { 3 }).collect();
    Message { title, tone, lines }
}

fn plain(title: &str, tone: Tone, payload: &Value) -> Message {
    // Neither the order of a map nor what a database makes of it is to be told.
    let members: BTreeMap<&String, &Value> = payload.as_object().into_iter().flatten().collect();
    let line = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{}: {text}", name.replace('_', " ")),
        value => format!("{}: {value}", name.replace('_', " ")),
    };
    Message { title: title.to_owned(), tone, lines: members.into_iter().map(line).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_happened_and_what_to_do() {
        let told = |event_type: &EventType| {
            let message = Message::of(*event_type, &example(*event_type));
            format!("{}\n  {}", message.title, message.lines.join("\n  "))
        };
        let all: Vec<String> = EventType::ALL.iter().map(told).collect();
        insta::assert_snapshot!(all.join("\n"), @"
        Synced some of 3 components
          Done: Badge, Button
          Failed: Card
          `lockstep undo 0193f0c4` takes it back within 24 hours
        New drift: 3 changes in 2 components
          Button, Card
          `lockstep drift` shows who moved, and why it is said
        Coverage was computed
          components: 14
          variant coverage pct: 87.5
        The last day
          drifting: 3
          syncs: 2
        The credential figma is due within 7 days
          figma expires in 7 days: 14 components, the schedule nightly-sync, 2 channels
          make a new one, then `lockstep credential rotate figma`
        A browser test session failed
          reason: the play function threw
          story: components-button--primary
        ");
    }

    #[test]
    fn whatever_stands_in_a_payload_is_a_message() {
        for event_type in EventType::ALL {
            for payload in [
                Value::Null,
                json!([1]),
                json!({ "names": 7, "components": "x", "days": -1, "operation": "é" }),
            ] {
                assert!(!Message::of(*event_type, &payload).title.is_empty());
            }
        }
    }
}
