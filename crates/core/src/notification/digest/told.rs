//! What a digest says to people.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{CredentialDue, Digest, Drifted, SessionFailed, SyncSummed};
use crate::{
    credential::CredentialStatus,
    notification::message::{Message, Section, Tone, counted, listed},
};

impl Digest {
    /// What it says to people.
    pub fn message(&self) -> Message {
        let sections = [self.syncs(), self.drift(), self.coverage(), self.credentials(), self.sessions()];
        Message {
            title: self.title(),
            tone: self.tone(),
            lines: vec![format!("{} to {}, {}", self.local(self.since), self.local(self.until), self.zone)],
            sections: sections.into_iter().flatten().collect(),
        }
    }

    fn title(&self) -> String {
        let told = |count: usize, what: &str| (count > 0).then(|| what.to_owned());
        let (opened, closed) = (self.drift.opened.changes, self.drift.closed.changes);
        let down = self.coverage.down;
        let parts = [
            told(self.syncs.count(), &counted(self.syncs.count() as u64, "sync")),
            told(opened, &format!("{} opened", counted(opened as u64, "change"))),
            told(closed, &format!("{} closed", counted(closed as u64, "change"))),
            told(down, &format!("{} covered less", counted(down as u64, "component"))),
            told(
                self.credentials.len(),
                &format!("{} due", counted(self.credentials.len() as u64, "credential")),
            ),
            told(self.sessions.failed, &format!("{} failed", story_count(self.sessions.failed))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        match parts.is_empty() {
            true => "Digest: nothing happened".to_owned(),
            false => format!("Digest: {}", parts.join(", ")),
        }
    }

    fn tone(&self) -> Tone {
        let is_over = |due: &CredentialDue| {
            due.status != CredentialStatus::Valid || due.due.is_some_and(|due| due <= self.until)
        };
        let is_bad =
            self.syncs.failed > 0 || self.sessions.failed > 0 || self.credentials.iter().any(is_over);
        let is_odd = self.drift.opened.changes > 0
            || self.syncs.partial > 0
            || self.coverage.down > 0
            || !self.credentials.is_empty();
        match (is_bad, is_odd) {
            (true, _) => Tone::Bad,
            (false, true) => Tone::Warn,
            (false, false) => Tone::Good,
        }
    }

    fn section(&self, heading: &str, path: &str, lines: Vec<String>) -> Option<Section> {
        let url = self.hub.as_ref().map(|hub| format!("{hub}/api/v1/{path}"));
        (!lines.is_empty()).then(|| Section { heading: heading.to_owned(), url, lines })
    }

    fn syncs(&self) -> Option<Section> {
        let syncs = &self.syncs;
        let counts = [
            (syncs.completed, "completed"),
            (syncs.partial, "partial"),
            (syncs.failed, "failed"),
            (syncs.unfinished, "not ended yet"),
        ];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, how)| format!("{count} {how}"))
            .collect();
        let one = |sync: &SyncSummed| {
            let id = sync.operation.to_string();
            let of = listed(&sync.names, sync.components as u64).unwrap_or_else(|| "nothing".to_owned());
            format!("{} {} by {}, {}: {of}", self.local(sync.at), &id[..8], sync.by, sync.status)
        };
        let summed = (!counts.is_empty()).then(|| counts.join(", "));
        self.section("Syncs", "operations", summed.into_iter().chain(syncs.newest.iter().map(one)).collect())
    }

    fn drift(&self) -> Option<Section> {
        let told = |drifted: &Drifted, how: &str| {
            let changes = counted(drifted.changes as u64, "change");
            let of = listed(&drifted.names, drifted.components as u64);
            (drifted.changes > 0).then(|| match of {
                Some(of) => format!("{changes} {how}: {of}"),
                None => format!("{changes} {how}"),
            })
        };
        let oldest = self.drift.oldest.as_ref().map(|oldest| {
            format!("the oldest since {}: {} {}", self.date(oldest.since), oldest.component, oldest.path)
        });
        let open = told(&self.drift.open, "open now");
        let lines = [told(&self.drift.opened, "opened"), told(&self.drift.closed, "closed"), open, oldest];
        self.section("Drift", "drift", lines.into_iter().flatten().collect())
    }

    fn coverage(&self) -> Option<Section> {
        let coverage = &self.coverage;
        let overall = match (coverage.before, coverage.after) {
            (Some(before), Some(after)) if before != after => Some(format!("{before}% to {after}%")),
            (None, Some(after)) if !coverage.moved.is_empty() => Some(format!("{after}%")),
            _ => None,
        };
        let moved = coverage.moved.iter().map(|moved| {
            let how = if moved.after < moved.before { "down" } else { "up" };
            format!("{how}: {} {}% to {}%", moved.component, moved.before, moved.after)
        });
        let more = (coverage.up + coverage.down).saturating_sub(coverage.moved.len());
        let more = (more > 0).then(|| format!("and {} more", counted(more as u64, "component")));
        self.section("Coverage", "coverage", overall.into_iter().chain(moved).chain(more).collect())
    }

    fn credentials(&self) -> Option<Section> {
        let one = |due: &CredentialDue| {
            let when = match due.due {
                _ if due.status != CredentialStatus::Valid => format!("is {}", due.status),
                Some(at) if at <= self.until => format!("was due on {}", self.date(at)),
                Some(at) => format!("is due on {}", self.date(at)),
                None => "is due".to_owned(),
            };
            format!("{} ({}) {when}", due.name, due.vendor)
        };
        self.section("Credentials", "credentials", self.credentials.iter().map(one).collect())
    }

    fn sessions(&self) -> Option<Section> {
        let one = |failed: &SessionFailed| match &failed.reason {
            Some(reason) => format!("{}: {}", failed.story, reason.replace('_', " ")),
            None => failed.story.clone(),
        };
        let more = self.sessions.failed.saturating_sub(self.sessions.newest.len());
        let more = (more > 0).then(|| format!("and {more} more"));
        self.section("Failed stories", "sessions", self.sessions.newest.iter().map(one).chain(more).collect())
    }

    fn local(&self, moment: DateTime<Utc>) -> String {
        moment.with_timezone(&self.clock()).format("%a %-d %b %H:%M").to_string()
    }

    fn date(&self, moment: DateTime<Utc>) -> String {
        moment.with_timezone(&self.clock()).format("%-d %b %Y").to_string()
    }

    fn clock(&self) -> Tz {
        self.zone.parse().unwrap_or(Tz::UTC)
    }
}

fn story_count(count: usize) -> String {
    if count == 1 { "1 story".to_owned() } else { format!("{count} stories") }
}

/// A digest to be looked at.
pub(in crate::notification) fn example() -> serde_json::Value {
    serde_json::json!({
        "since": "2026-11-29T08:00:00Z", "until": "2026-11-30T08:00:00Z", "zone": "Europe/Berlin",
        "schedule": "daily-digest", "hub": "https://hub.example.org",
        "syncs": {
            "completed": 1, "partial": 1, "failed": 0, "unfinished": 0,
            "newest": [{
                "operation": "0193f0c4-5b5e-7c3a-9d1e-000000000001", "at": "2026-11-29T14:30:00Z", "by": "ada",
                "status": "partial", "components": 3, "names": ["Badge", "Button", "Card"],
            }, {
                "operation": "0193ef30-1111-7c3a-9d1e-000000000001", "at": "2026-11-29T09:12:00Z", "by": "grace",
                "status": "completed", "components": 1, "names": ["Avatar"],
            }],
        },
        "drift": {
            "opened": { "changes": 3, "components": 2, "names": ["Button", "Card"] },
            "closed": { "changes": 1, "components": 1, "names": ["Badge"] },
            "open": { "changes": 7, "components": 4, "names": ["Button", "Card", "Input"] },
            "oldest": {
                "component": "Input", "path": "properties/size/options/large", "since": "2026-10-12T10:00:00Z",
            },
        },
        "coverage": {
            "before": 82.5, "after": 85.0, "up": 1, "down": 1,
            "moved": [
                { "component": "Card", "before": 100.0, "after": 75.0 },
                { "component": "Button", "before": 50.0, "after": 100.0 },
            ],
        },
        "credentials": [
            { "name": "figma", "vendor": "figma", "status": "valid", "due": "2026-12-07T08:00:00Z" },
        ],
        "sessions": {
            "failed": 1,
            "newest": [{
                "session": "0193f0c4-2222-7c3a-9d1e-000000000001", "story": "components-button--primary",
                "reason": "failed_play",
            }],
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notification::{
        EventType,
        digest::{CoverageSummed, DriftSummed, SessionsSummed, SyncsSummed},
    };

    fn digest() -> Digest {
        serde_json::from_value(example()).unwrap()
    }

    fn told(message: &Message) -> String {
        let sections = message.sections.iter().map(|section| {
            let url = section.url.as_deref().unwrap_or("no address");
            format!("{} ({url})\n  {}", section.heading, section.lines.join("\n  "))
        });
        [message.title.clone(), message.lines.join("\n")]
            .into_iter()
            .chain(sections)
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn a_digest_says_what_happened_and_what_needs_somebody() {
        assert_eq!(Message::of(EventType::Digest, &example()), digest().message());
        insta::assert_snapshot!(told(&digest().message()), @"
        Digest: 2 syncs, 3 changes opened, 1 change closed, 1 component covered less, 1 credential due, 1 story failed
        Sun 29 Nov 09:00 to Mon 30 Nov 09:00, Europe/Berlin
        Syncs (https://hub.example.org/api/v1/operations)
          1 completed, 1 partial
          Sun 29 Nov 15:30 0193f0c4 by ada, partial: Badge, Button, Card
          Sun 29 Nov 10:12 0193ef30 by grace, completed: Avatar
        Drift (https://hub.example.org/api/v1/drift)
          3 changes opened: Button, Card
          1 change closed: Badge
          7 changes open now: Button, Card, Input and 1 more
          the oldest since 12 Oct 2026: Input properties/size/options/large
        Coverage (https://hub.example.org/api/v1/coverage)
          82.5% to 85%
          down: Card 100% to 75%
          up: Button 50% to 100%
        Credentials (https://hub.example.org/api/v1/credentials)
          figma (figma) is due on 7 Dec 2026
        Failed stories (https://hub.example.org/api/v1/sessions)
          components-button--primary: failed play
        ");
    }

    #[test]
    fn what_there_is_nothing_of_is_left_out() {
        let quiet = Digest {
            hub: None,
            syncs: SyncsSummed::default(),
            drift: DriftSummed {
                open: digest().drift.open,
                oldest: digest().drift.oldest,
                ..Default::default()
            },
            coverage: CoverageSummed { before: Some(85.0), after: Some(85.0), ..Default::default() },
            credentials: Vec::new(),
            sessions: SessionsSummed::default(),
            ..digest()
        };
        assert!(quiet.is_empty() && !digest().is_empty());
        insta::assert_snapshot!(told(&quiet.message()), @"
        Digest: nothing happened
        Sun 29 Nov 09:00 to Mon 30 Nov 09:00, Europe/Berlin
        Drift (no address)
          7 changes open now: Button, Card, Input and 1 more
          the oldest since 12 Oct 2026: Input properties/size/options/large
        ");
    }

    #[test]
    fn times_are_told_on_the_clock_of_the_zone() {
        let summer = Digest {
            zone: "America/New_York".into(),
            until: "2026-07-01T13:00:00Z".parse().unwrap(),
            ..digest()
        };
        assert!(summer.message().lines[0].ends_with("to Wed 1 Jul 09:00, America/New_York"));
    }

    #[test]
    fn how_urgent_it_is_depends_on_the_worst() {
        let due = |status, due: &str| CredentialDue {
            name: "figma".into(),
            vendor: "figma".into(),
            status,
            due: Some(due.parse().unwrap()),
        };
        let calm = Digest { syncs: SyncsSummed::default(), sessions: SessionsSummed::default(), ..digest() };
        for (tone, digest) in [
            (Tone::Bad, digest()),
            (Tone::Warn, calm.clone()),
            (
                Tone::Good,
                Digest {
                    credentials: Vec::new(),
                    drift: DriftSummed::default(),
                    coverage: CoverageSummed::default(),
                    ..calm.clone()
                },
            ),
            (
                Tone::Bad,
                Digest {
                    credentials: vec![due(CredentialStatus::Expired, "2026-12-30T00:00:00Z")],
                    ..calm.clone()
                },
            ),
            (
                Tone::Bad,
                Digest { credentials: vec![due(CredentialStatus::Valid, "2026-11-30T00:00:00Z")], ..calm },
            ),
        ] {
            assert_eq!(digest.message().tone, tone);
        }
    }
}
