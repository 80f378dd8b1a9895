//! Makes output the same on every machine and in every run, so that it can be a snapshot.

use std::{borrow::Cow, path::Path, sync::LazyLock};

use regex::{Captures, Regex};

static UUID: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"));
static HASH: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[0-9a-f]{64}\b"));
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|UTC|[+-]\d{2}:?\d{2})\b)?")
});
static DURATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?P<before>^|[\s(])\d+(\.\d+)? ?(?P<unit>ns|µs|us|ms|s)(?P<after>[\s,.;)]|$)")
});
static MEMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r#"("duration_ms": ?)\d+"#));

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Replaces paths below `root` and `home`, ids, hashes, times and durations.
///
/// Ids and hashes keep their identity: the first that is met becomes `<id 1>`, and is `<id 1>` wherever it comes again.
pub fn redact(text: &str, root: &Path, home: &Path) -> String {
    let text = without_path(text, root, "<workspace>");
    let text = without_path(&text, home, "<home>");
    let text = numbered(&text, &UUID, "id");
    let text = numbered(&text, &HASH, "hash");
    let text = TIME.replace_all(&text, "<time>");
    let text = DURATION.replace_all(&text, "$before<duration>$after");
    MEMBER.replace_all(&text, "$1\"<duration>\"").into_owned()
}

/// Temporary folders are often links (`/tmp` and `/private/tmp`): both spellings are met.
fn without_path(text: &str, path: &Path, name: &str) -> String {
    let resolved = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut spellings = [resolved, path.to_owned()].map(|path| path.to_string_lossy().into_owned());
    spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
    spellings.iter().fold(text.to_owned(), |text, spelling| text.replace(spelling, name))
}

fn numbered<'t>(text: &'t str, pattern: &Regex, what: &str) -> Cow<'t, str> {
    let mut seen: Vec<String> = Vec::new();
    pattern.replace_all(text, |found: &Captures<'_>| {
        let found = &found[0];
        let place = seen.iter().position(|one| one == found).unwrap_or_else(|| {
            seen.push(found.to_owned());
            seen.len() - 1
        });
        format!("<{what} {}>", place + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_is_replaced_and_nothing_else() {
        let redacted = |text: &str| redact(text, Path::new("/nowhere/workspace"), Path::new("/nowhere/home"));
        for (text, expected) in [
            ("at /nowhere/workspace/src/a.tsx:1", "at <workspace>/src/a.tsx:1"),
            ("in /nowhere/home/.config", "in <home>/.config"),
            ("done in 12 ms, at 2026-11-24T03:10:00.123Z", "done in <duration>, at <time>"),
            ("2026-11-24 03:10 UTC (1.5s)", "<time> (<duration>)"),
            (r#"{"duration_ms":7}"#, r#"{"duration_ms":"<duration>"}"#),
            (
                "0193f0c4-5b5e-7c3a-9d1e-000000000001 0193f0c4-5b5e-7c3a-9d1e-000000000002 0193f0c4-5b5e-7c3a-9d1e-000000000001",
                "<id 1> <id 2> <id 1>",
            ),
            ("size=small, 3 components, 2 s", "size=small, 3 components, <duration>"),
            ("12 stories, 4 scanned", "12 stories, 4 scanned"),
        ] {
            assert_eq!(redacted(text), expected);
        }
        assert_eq!(redacted(&"ab".repeat(32)), "<hash 1>");
    }
}
