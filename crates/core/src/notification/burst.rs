//! Events of one kind that come together, as one message; and what of an event is left without components that are muted.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::EventType;

/// How many names a message lists; the counts are always whole.
pub const NAMES: usize = 20;
/// How many components an event tells apart, so that some can be muted.
pub const TOLD_APART: usize = 1_000;
/// How many stories one message lists.
const STORIES: usize = 20;

/// What an event tells of drift: each component with how many changes are new.
pub fn drift(each: &[(&str, usize)]) -> Value {
    let names: Vec<&str> = each.iter().take(NAMES).map(|(name, _)| *name).collect();
    let changes: usize = each.iter().map(|(_, changes)| changes).sum();
    let apart: BTreeMap<&str, usize> = each.iter().take(TOLD_APART).copied().collect();
    json!({ "components": each.len(), "changes": changes, "names": names, "each": apart })
}

/// Whether it comes in bursts, which one message can tell of.
pub fn is_of(event_type: EventType, payload: &Value) -> bool {
    match event_type {
        EventType::DriftDetected => payload.get("given_up").is_none(),
        EventType::BrowserTestFailure => true,
        _ => false,
    }
}

/// The components that an event is about, as far as it names them.
pub(super) fn components(event_type: EventType, payload: &Value) -> Vec<String> {
    let listed = |name: &str| -> Vec<String> {
        let all = payload.get(name).and_then(Value::as_array).into_iter().flatten();
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    match event_type {
        EventType::DriftDetected => match payload.get("each").and_then(Value::as_object) {
            // Those that are not told apart are nobody's to mute.
            Some(each) if (each.len() as u64) < count(payload, "components") => Vec::new(),
            Some(each) => each.keys().cloned().collect(),
            None => Vec::new(),
        },
        EventType::SyncCompleted => {
            let named: Vec<String> = listed("applied").into_iter().chain(listed("failed")).collect();
            if (named.len() as u64) < count(payload, "components") { Vec::new() } else { named }
        }
        EventType::BrowserTestFailure => {
            payload.get("component").and_then(Value::as_str).map(str::to_owned).into_iter().collect()
        }
        EventType::CoverageSummary | EventType::Digest | EventType::CredentialStatus => Vec::new(),
    }
}

/// The payload without components that are muted, where it can be told without them.
pub fn without(event_type: EventType, payload: &Value, is_muted: &dyn Fn(&str) -> bool) -> Value {
    let each = payload.get("each").and_then(Value::as_object);
    let (EventType::DriftDetected, Some(each)) = (event_type, each) else { return payload.clone() };
    let muted: Vec<&String> = each.keys().filter(|name| is_muted(name)).collect();
    if muted.is_empty() {
        return payload.clone();
    }
    let gone: u64 = muted.iter().filter_map(|name| each[name.as_str()].as_u64()).sum();
    let left: BTreeMap<&String, &Value> = each.iter().filter(|(name, _)| !muted.contains(name)).collect();
    let names: Vec<&&String> = left.keys().take(NAMES).collect();
    json!({
        "components": count(payload, "components").saturating_sub(muted.len() as u64),
        "changes": count(payload, "changes").saturating_sub(gone),
        "names": names,
        "each": left,
        "muted": muted.len(),
    })
}

/// One payload that tells of all of these, oldest first, which are of a kind that comes in bursts.
pub fn together(event_type: EventType, payloads: &[Value]) -> Value {
    match payloads {
        [one] => one.clone(),
        _ if event_type == EventType::BrowserTestFailure => {
            let stories: Vec<&Value> = payloads.iter().take(STORIES).collect();
            json!({ "failed": payloads.len(), "stories": stories })
        }
        _ => drift_together(payloads),
    }
}

fn drift_together(payloads: &[Value]) -> Value {
    let mut each: BTreeMap<String, u64> = BTreeMap::new();
    let (mut components, mut changes) = (0, 0);
    for payload in payloads {
        changes += count(payload, "changes");
        let known = payload.get("each").and_then(Value::as_object);
        components += count(payload, "components").saturating_sub(known.map_or(0, |each| each.len() as u64));
        for (name, changes) in known.into_iter().flatten() {
            *each.entry(name.clone()).or_default() += changes.as_u64().unwrap_or_default();
        }
    }
    components += each.len() as u64;
    let names: Vec<&String> = each.keys().take(NAMES).collect();
    json!({ "components": components, "changes": changes, "names": names, "each": each, "events": payloads.len() })
}

fn count(payload: &Value, name: &str) -> u64 {
    payload.get(name).and_then(Value::as_u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notification::Message;

    #[test]
    fn a_hundred_components_that_drift_at_once_are_one_message() {
        let names: Vec<String> = (0..100).map(|number| format!("C{number:02}")).collect();
        let payloads: Vec<Value> = names.iter().map(|name| drift(&[(name, 2)])).collect();
        let all = together(EventType::DriftDetected, &payloads);
        let message = Message::of(EventType::DriftDetected, &all);
        assert_eq!(message.title, "New drift: 200 changes in 100 components");
        assert!(message.lines[0].starts_with("C00, C01, ") && message.lines[0].ends_with("C19 and 80 more"));
        // The same component twice is one.
        let twice = [drift(&[("Button", 1), ("Card", 1)]), drift(&[("Button", 2)])];
        let all = together(EventType::DriftDetected, &twice);
        assert_eq!(
            (&all["components"], &all["changes"], &all["each"]["Button"]),
            (&2.into(), &4.into(), &3.into())
        );
        assert_eq!(together(EventType::DriftDetected, &twice[..1]), twice[0]);
    }

    #[test]
    fn stories_that_fail_together_are_one_message() {
        let failed = |story: &str| json!({ "story": story, "component": "Button", "reason": "failed_play" });
        let all = together(EventType::BrowserTestFailure, &[failed("a--b"), failed("a--c")]);
        let message = Message::of(EventType::BrowserTestFailure, &all);
        assert_eq!(message.title, "2 stories failed");
        assert_eq!(message.lines[..2], ["a--b: failed play", "a--c: failed play"]);
    }

    #[test]
    fn what_is_muted_is_not_told_and_not_counted() {
        let payload = drift(&[("Button", 2), ("Card", 1), ("Card.Footer", 4)]);
        let told = without(EventType::DriftDetected, &payload, &|name| name.starts_with("Card"));
        assert_eq!(told["names"], json!(["Button"]));
        assert_eq!(
            (&told["components"], &told["changes"], &told["muted"]),
            (&1.into(), &2.into(), &2.into())
        );
        assert_eq!(without(EventType::DriftDetected, &payload, &|_| false), payload);
        // What an older version wrote tells nothing apart.
        let old = json!({ "components": 2, "changes": 3, "names": ["Button", "Card"] });
        assert_eq!(without(EventType::DriftDetected, &old, &|_| true), old);
        assert_eq!(components(EventType::DriftDetected, &old), [""; 0]);
        let many: Vec<(String, usize)> = (0..1_001).map(|number| (format!("C{number}"), 1)).collect();
        let many: Vec<(&str, usize)> = many.iter().map(|(name, changes)| (name.as_str(), *changes)).collect();
        assert_eq!(components(EventType::DriftDetected, &drift(&many)), [""; 0], "not all of it is muted");
    }
}
