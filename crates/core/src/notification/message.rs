//! What an event says to people, whichever channel it goes by.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Digest, EventType, burst, digest};

/// How urgent a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// All is well.
    Good,
    /// Somebody should look.
    Warn,
    /// Something is broken.
    Bad,
}

/// A message: a title, lines below it, and sections where there is more to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Message {
    /// One line.
    pub title: String,
    /// How urgent it is.
    pub tone: Tone,
    /// The particulars, a line each, as plain text.
    pub lines: Vec<String>,
    /// What else there is, each under a heading of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<Section>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "MessageSection")]
pub struct Section {
    /// What it is about.
    pub heading: String,
    /// Where more of it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
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
            EventType::CoverageSummary => coverage(payload),
            EventType::Digest => match serde_json::from_value::<Digest>(payload.clone()) {
                Ok(digest) => digest.message(),
                Err(_) => plain("Digest", Tone::Good, payload),
            },
            EventType::BrowserTestFailure if payload.get("stories").is_some() => stories(payload),
            EventType::BrowserTestFailure => session(payload),
        }
    }
}

/// A payload as an event of that type has it, to be looked at.
pub fn example(event_type: EventType) -> Value {
    match event_type {
        EventType::DriftDetected => json!({
            "components": 2, "changes": 3, "names": ["Button", "Card"], "each": { "Button": 2, "Card": 1 },
        }),
        EventType::SyncCompleted => json!({
            "operation": "0193f0c4-5b5e-7c3a-9d1e-000000000001", "status": "partial", "components": 3,
            "applied": ["Badge", "Button"], "failed": ["Card"],
        }),
        EventType::CredentialStatus => json!({
            "credential": "figma", "vendor": "figma", "status": "valid", "days": 7,
            "impact": "figma expires in 7 days: 14 components, the schedule nightly-sync, 2 channels",
            "next_step": "make a new one, then `lockstep credential rotate figma`",
        }),
        EventType::CoverageSummary => {
            json!({ "components": 14, "percent": 87.5, "changed": 2, "missing_variants": 6 })
        }
        EventType::Digest => digest::example(),
        EventType::BrowserTestFailure => json!({
            "story": "components-button--primary", "component": "Button", "reason": "failed_play",
            "message": "Unable to find an element with the text: Save",
            "session": "0193f0c4-2222-7c3a-9d1e-000000000001",
        }),
    }
}

fn text<'a>(payload: &'a Value, name: &str) -> &'a str {
    payload.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn count(payload: &Value, name: &str) -> u64 {
    payload.get(name).and_then(Value::as_u64).unwrap_or_default()
}

pub(super) fn counted(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

fn names(payload: &Value, name: &str, of: u64) -> Option<String> {
    let names: Vec<&str> = payload.get(name)?.as_array()?.iter().filter_map(Value::as_str).collect();
    listed(&names[..names.len().min(burst::NAMES)], of.max(names.len() as u64))
}

/// `Button, Card and 3 more`; nothing of no names.
pub(super) fn listed<S: AsRef<str>>(names: &[S], of: u64) -> Option<String> {
    let more = of.saturating_sub(names.len() as u64);
    let names = names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    match (names.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(names),
        (false, more) => Some(format!("{names} and {more} more")),
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
        sections: Vec::new(),
    }
}

fn given_up(payload: &Value) -> Message {
    let title = format!("{} could not be evaluated", counted(count(payload, "given_up"), "component"));
    let next = "`lockstep queue` shows why, `lockstep queue retry` tries again";
    Message { title, tone: Tone::Bad, lines: vec![next.to_owned()], sections: Vec::new() }
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
    Message { title, tone, lines, sections: Vec::new() }
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
    Message { title, tone, lines, sections: Vec::new() }
}

fn coverage(payload: &Value) -> Message {
    let percent = payload.get("percent").and_then(Value::as_f64).unwrap_or_default();
    let of = counted(count(payload, "components"), "component");
    let missing = count(payload, "missing_variants");
    let missing = (missing > 0).then(|| format!("{} without a story", counted(missing, "variant")));
    let next = "`lockstep coverage` shows which".to_owned();
    Message {
        title: format!("Coverage is {percent}% of {of}"),
        tone: if missing.is_none() { Tone::Good } else { Tone::Warn },
        lines: missing.into_iter().chain([next]).collect(),
        sections: Vec::new(),
    }
}

fn stories(payload: &Value) -> Message {
    let failed = count(payload, "failed");
    let all: Vec<&Value> = payload.get("stories").and_then(Value::as_array).into_iter().flatten().collect();
    let more = failed.saturating_sub(all.len() as u64);
    let one = |story: &&Value| match text(story, "reason").replace('_', " ") {
        reason if reason.is_empty() => text(story, "story").to_owned(),
        reason => format!("{}: {reason}", text(story, "story")),
    };
    let more = (more > 0).then(|| format!("and {more} more"));
    let next = "`lockstep sessions` has more".to_owned();
    Message {
        title: format!("{failed} stories failed"),
        tone: Tone::Bad,
        lines: all.iter().map(one).chain(more).chain([next]).collect(),
        sections: Vec::new(),
    }
}

fn session(payload: &Value) -> Message {
    let reason = text(payload, "reason").replace('_', " ");
    let of = text(payload, "component");
    let of = (!of.is_empty()).then(|| format!("component: {of}"));
    let message = text(payload, "message").to_owned();
    let session = text(payload, "session");
    let next = (!session.is_empty())
        .then(|| format!("`lockstep sessions show {}` has more", session.get(..8).unwrap_or(session)));
    let lines = [Some(reason), of, Some(message), next];
    Message {
        title: format!("The story {} failed", text(payload, "story")),
        tone: Tone::Bad,
        lines: lines.into_iter().flatten().filter(|line| !line.is_empty()).collect(),
        sections: Vec::new(),
    }
}

fn plain(title: &str, tone: Tone, payload: &Value) -> Message {
    // Neither the order of a map nor what a database makes of it is to be told.
    let members: BTreeMap<&String, &Value> = payload.as_object().into_iter().flatten().collect();
    let line = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{}: {text}", name.replace('_', " ")),
        value => format!("{}: {value}", name.replace('_', " ")),
    };
    let lines = members.into_iter().map(line).collect();
    Message { title: title.to_owned(), tone, lines, sections: Vec::new() }
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
        Coverage is 87.5% of 14 components
          6 variants without a story
          `lockstep coverage` shows which
        Digest: 2 syncs, 3 changes opened, 1 change closed, 1 component covered less, 1 credential due, 1 story failed
          Sun 29 Nov 09:00 to Mon 30 Nov 09:00, Europe/Berlin
        The credential figma is due within 7 days
          figma expires in 7 days: 14 components, the schedule nightly-sync, 2 channels
          make a new one, then `lockstep credential rotate figma`
        The story components-button--primary failed
          failed play
          component: Button
          Unable to find an element with the text: Save
          `lockstep sessions show 0193f0c4` has more
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
