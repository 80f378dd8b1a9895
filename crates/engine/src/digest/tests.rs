//! Digests at their time, once each, on a clock that the tests set.

use std::sync::{Arc, Mutex};

use lockstep_core::{
    credential::{CredentialStatus, ProviderType},
    ids::{OperationId, StoryId},
    notification::{DispatchStatus, EventType},
    operation::OperationStatus,
    registry::MappingStatus,
    schedule::ScheduledAct,
    session::SessionStatus,
};
use lockstep_store::{
    components::{self, ScannedComponent},
    coverage::{self, Report},
    credentials::{self, Credential},
    notifications::{self, Event},
    operations, schedules, sessions, stories,
};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{
    context::Clock, progress::Unwatched, schedule::ScheduleRequest, schedule::ScheduledRun,
    workspace::Workspace,
};

#[derive(Clone)]
struct Set(Arc<Mutex<DateTime<Utc>>>);

impl Clock for Set {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A registry, and processes at it whose clock is set by hand.
struct Desk {
    folder: tempfile::TempDir,
    clock: Set,
}

impl Desk {
    fn new(now: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = "[[code]]\nroot = \".\"\n[hub]\nurl = \"https://hub.example.org/\"\n";
        std::fs::write(folder.path().join("lockstep.toml"), config).unwrap();
        Self { folder, clock: Set(Arc::new(Mutex::new(at(now)))) }
    }

    async fn process(&self) -> Engine {
        let url = format!("sqlite://{}", self.folder.path().join("lockstep.db").display());
        let store = Store::open(&url).await.unwrap();
        let workspace = Workspace::open(self.folder.path()).unwrap();
        let clock = Box::new(self.clock.clone());
        Engine::open(workspace, store, "ada", clock, Box::new(Unwatched)).await.unwrap()
    }

    fn is(&self, now: &str) {
        *self.clock.0.lock().unwrap() = at(now);
    }
}

async fn schedule(engine: &Engine, cron: &str, zone: &str, skip_empty: bool) {
    let act = ScheduledAct::Digest;
    let request =
        ScheduleRequest { name: "morning", cron, timezone: zone, act, digest: DigestRules { skip_empty } };
    engine.add_schedule(request).await.unwrap();
}

async fn events(engine: &Engine) -> Vec<Event> {
    let mut tx = engine.store.read().await.unwrap();
    let mut all = notifications::of_type(&mut tx, EventType::Digest, 100).await.unwrap();
    all.reverse();
    all
}

/// Each digest in the outbox, as `since until`.
async fn told(engine: &Engine) -> Vec<String> {
    let period = |event: Event| {
        let digest: Digest = serde_json::from_value(event.payload_summary).unwrap();
        format!("{} {}", digest.since.format("%d %H:%M"), digest.until.format("%d %H:%M"))
    };
    events(engine).await.into_iter().map(period).collect()
}

/// What came of digests; every registry has a nightly schedule that tidies up beside them.
fn outcomes(runs: &[ScheduledRun]) -> Vec<String> {
    let digests = runs.iter().filter(|run| run.act == "digest");
    digests.map(|run| format!("{} {}", run.result["outcome"].as_str().unwrap(), run.missed)).collect()
}

#[tokio::test]
async fn each_period_is_told_once_by_however_many_processes_through_a_change_of_clocks() {
    let desk = Desk::new("2026-03-26T12:00:00Z");
    let (one, other) = (desk.process().await, desk.process().await);
    schedule(&one, "0 9 * * *", "Europe/Berlin", false).await;
    assert_eq!(one.run_due_schedules().await.unwrap(), [], "it is not time yet");
    desk.is("2026-03-27T08:00:20Z");
    let (first, second) = tokio::join!(one.run_due_schedules(), other.run_due_schedules());
    let runs = [first.unwrap(), second.unwrap()].concat();
    assert_eq!(outcomes(&runs), ["stored 0"]);
    assert_eq!(told(&one).await, ["26 08:00 27 08:00"]);
    // Nobody was there on Saturday; on Sunday clocks go forward.
    desk.is("2026-03-29T06:59:59Z");
    let runs = other.run_due_schedules().await.unwrap();
    assert_eq!(outcomes(&runs), ["stored 0"], "Saturday's is late");
    desk.is("2026-03-31T07:00:05Z");
    let runs = one.run_due_schedules().await.unwrap();
    assert_eq!(outcomes(&runs), ["stored 2"], "one for Sunday, Monday and Tuesday");
    assert_eq!(told(&one).await, ["26 08:00 27 08:00", "27 08:00 28 08:00", "28 08:00 31 07:00"]);
    let next: Vec<_> = runs.iter().filter(|run| run.act == "digest").map(|run| run.next_run_at).collect();
    assert_eq!(next, [Some(at("2026-04-01T07:00:00Z"))]);
    assert_eq!(other.run_due_schedules().await.unwrap(), []);
}

#[tokio::test]
async fn a_process_that_died_after_telling_tells_nothing_twice() {
    let desk = Desk::new("2026-11-02T12:00:00Z");
    let engine = desk.process().await;
    schedule(&engine, "0 9 * * 1-5", "UTC", false).await;
    let row = engine.schedule("morning").await.unwrap();
    let due = row.next_run_at;
    desk.is("2026-11-03T09:00:10Z");
    let first = engine.scheduled_digest(&row, due).await.unwrap();
    assert_eq!((first.outcome, first.since), (DigestOutcome::Stored, at("2026-11-02T09:00:00Z")));
    // It died before its run was recorded: the same is due again.
    let again = desk.process().await.scheduled_digest(&row, due).await.unwrap();
    assert_eq!((again.outcome, again.event), (DigestOutcome::Repeated, first.event));
    desk.is("2026-11-04T10:00:00Z");
    let late = engine.scheduled_digest(&row, due).await.unwrap();
    assert_eq!(late.outcome, DigestOutcome::Stored);
    assert_eq!(
        (late.since, late.until),
        (first.until, at("2026-11-04T09:00:00Z")),
        "not the first day again"
    );
    assert_eq!(told(&engine).await, ["02 09:00 03 09:00", "03 09:00 04 09:00"]);
}

#[tokio::test]
async fn a_person_s_run_in_between_takes_nothing_from_the_schedule_s() {
    let desk = Desk::new("2026-11-02T12:00:00Z");
    let engine = desk.process().await;
    schedule(&engine, "0 9 * * *", "UTC", false).await;
    let run = engine.run_schedule("morning").await.unwrap();
    assert_eq!(outcomes(&[run]), ["stored 0"]);
    desk.is("2026-11-03T09:00:00Z");
    engine.run_due_schedules().await.unwrap();
    assert_eq!(told(&engine).await, ["02 09:00 02 12:00", "02 09:00 03 09:00"]);
}

async fn operation(engine: &Engine, at: DateTime<Utc>) -> OperationId {
    let id = OperationId::from(Uuid::new_v4());
    let row = operations::Operation {
        id,
        initiated_by: engine.actor.id,
        timestamp: at,
        components_affected: json!([Uuid::new_v4(), Uuid::new_v4()]),
        direction_modes: json!({}),
        diff_summary: json!({}),
        reversible_until: at,
        operation_hash: id.to_string(),
        status: OperationStatus::Pending,
        duration_ms: None,
        reason: json!([{ "id": Uuid::new_v4(), "name": "Button", "state": "applied", "applied": [] }]),
        correlation_id: None,
    };
    let mut tx = engine.store.begin().await.unwrap();
    operations::insert_or_get(&mut tx, row).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn one_of_a_time_in_which_nothing_happened_is_left_out_where_that_is_wanted() {
    let desk = Desk::new("2026-11-01T12:00:00Z");
    let engine = desk.process().await;
    schedule(&engine, "0 9 * * *", "UTC", true).await;
    desk.is("2026-11-02T09:00:00Z");
    let runs = engine.run_due_schedules().await.unwrap();
    assert_eq!(outcomes(&runs), ["empty 0"]);
    assert_eq!(told(&engine).await, [""; 0]);
    // What happens at its very end is of the next one.
    operation(&engine, at("2026-11-03T09:00:00Z")).await;
    desk.is("2026-11-03T09:00:00Z");
    assert_eq!(outcomes(&engine.run_due_schedules().await.unwrap()), ["empty 0"]);
    desk.is("2026-11-04T09:00:00Z");
    assert_eq!(outcomes(&engine.run_due_schedules().await.unwrap()), ["stored 0"]);
    assert_eq!(told(&engine).await, ["03 09:00 04 09:00"]);
    assert_eq!(events(&engine).await[0].dispatch_status, DispatchStatus::Queued);
}

#[tokio::test]
async fn what_makes_no_digests_takes_no_rules_of_them() {
    let desk = Desk::new("2026-11-01T12:00:00Z");
    let engine = desk.process().await;
    let request = ScheduleRequest {
        name: "x",
        cron: "0 9 * * *",
        timezone: "UTC",
        act: ScheduledAct::Scan,
        digest: DigestRules { skip_empty: true },
    };
    assert!(engine.add_schedule(request).await.unwrap_err().to_string().contains("makes no digests"));
}

#[tokio::test]
async fn it_sums_up_what_each_table_knows_of_the_time() {
    let desk = Desk::new("2026-11-03T09:00:00Z");
    let engine = desk.process().await;
    let id = operation(&engine, at("2026-11-02T10:00:00Z")).await;
    operation(&engine, at("2026-11-01T10:00:00Z")).await;
    let mut tx = engine.store.begin().await.unwrap();
    let scanned = ["Avatar", "Button", "Card"].map(|name| ScannedComponent {
        id: Uuid::new_v4().into(),
        name: name.into(),
        scan_hash: name.into(),
        mapping_status: MappingStatus::Mapped,
        contract_hash: None,
        drift: None,
    });
    let ids = scanned.each_ref().map(|component| component.id);
    let found = components::Found { package: None, file: None, variants: json!([]), detail: json!({}) };
    let long_ago = at("2026-10-01T00:00:00Z");
    components::record_scan(
        &mut tx,
        scanned.to_vec(),
        |_| found.clone(),
        components::Unfound::Gone,
        long_ago,
    )
    .await
    .unwrap();
    let report = |component: usize, percent: f64, at: DateTime<Utc>| Report {
        id: Uuid::now_v7().into(),
        component_id: ids[component],
        generated_at: at,
        variant_coverage_pct: percent,
        missing_variants: json!([]),
        missing_tests: json!([]),
        warnings: None,
        variant_hash: format!("{component} {percent}"),
        confirmed_at: None,
        detail: None,
    };
    let then = at("2026-11-02T12:00:00Z");
    let reports = vec![
        report(0, 50.0, long_ago),
        report(1, 50.0, long_ago),
        report(2, 100.0, long_ago),
        report(1, 100.0, then),
        report(2, 75.0, then),
        // After the time that is asked about.
        report(0, 0.0, at("2026-11-03T09:00:00Z")),
    ];
    coverage::keep_all(&mut tx, reports).await.unwrap();
    for (name, status, due) in [
        ("soon", CredentialStatus::Valid, Some("2026-11-10T00:00:00Z")),
        ("over", CredentialStatus::Valid, Some("2026-11-01T00:00:00Z")),
        ("later", CredentialStatus::Valid, Some("2027-01-01T00:00:00Z")),
        ("never", CredentialStatus::Valid, None),
        ("pending", CredentialStatus::Pending, Some("2026-11-10T00:00:00Z")),
        ("expired", CredentialStatus::Expired, None),
    ] {
        let row = Credential {
            id: Uuid::new_v4().into(),
            provider_type: ProviderType::Design,
            status,
            last_validation_time: None,
            rotation_due: due.map(at),
            metadata: json!({ "name": name, "vendor": "figma", "reference": "env:X", "fingerprint": "abc" }),
            created_at: long_ago,
            updated_at: then,
        };
        credentials::insert(&mut tx, row).await.unwrap();
    }
    let story: StoryId = Uuid::new_v4().into();
    let scanned =
        stories::ScannedStory { id: story, story_id: "button--primary".into(), scan_hash: "x".into() };
    let found = stories::Found {
        component_id: None,
        title: "Button".into(),
        name: "Primary".into(),
        export_name: "Primary".into(),
        file: "b.tsx".into(),
        detail: json!({}),
    };
    stories::record_scan(&mut tx, vec![scanned], |_| found.clone(), stories::Unfound::Gone, long_ago)
        .await
        .unwrap();
    let session = sessions::Session {
        id: Uuid::new_v4().into(),
        story_id: story,
        start_time: then,
        end_time: None,
        status: SessionStatus::Running,
        performance_summary: None,
        correlation_id: Uuid::new_v4().into(),
        reason: None,
        process: None,
        detail: json!({}),
    };
    let end = sessions::End {
        status: SessionStatus::Failed,
        at: then,
        performance_summary: None,
        reason: Some("failed_play".into()),
        detail: None,
    };
    sessions::insert(&mut tx, session.clone()).await.unwrap();
    sessions::end(&mut tx, session.id, end).await.unwrap();
    tx.commit().await.unwrap();

    let digest = engine.digest(Asked::default()).await.unwrap();
    assert_eq!((digest.since, digest.zone.as_str()), (at("2026-11-02T09:00:00Z"), "UTC"));
    let message = digest.message();
    let lines = message.sections.iter().flat_map(|section| section.lines.iter().map(String::as_str));
    let told: Vec<&str> = lines.collect();
    let sync = format!("Mon 2 Nov 10:00 {} by ada, pending: Button and 1 more", &id.to_string()[..8]);
    assert_eq!(
        told,
        [
            "1 not ended yet",
            sync.as_str(),
            "66.66% to 75%",
            "down: Card 100% to 75%",
            "up: Button 50% to 100%",
            "expired (figma) is expired",
            "over (figma) was due on 1 Nov 2026",
            "soon (figma) is due on 10 Nov 2026",
            "button--primary: failed play",
        ]
    );
    assert_eq!(message.sections[0].url.as_deref(), Some("https://hub.example.org/api/v1/operations"));
}

#[tokio::test]
async fn a_time_is_a_day_of_the_team_s_zone_or_from_some_moment() {
    let desk = Desk::new("2026-10-25T20:00:00Z");
    let engine = desk.process().await;
    let day = || Asked { day: Some("2026-10-25".parse().unwrap()), ..Asked::default() };
    let period = engine.digest(day()).await.unwrap();
    assert_eq!((period.since, period.until), (at("2026-10-25T00:00:00Z"), at("2026-10-26T00:00:00Z")));
    schedule(&engine, "0 9 * * *", "Europe/Berlin", false).await;
    let period = engine.digest(day()).await.unwrap();
    assert_eq!((period.since, period.until), (at("2026-10-24T22:00:00Z"), at("2026-10-25T23:00:00Z")));
    engine.enable_schedule("morning", false).await.unwrap();
    assert_eq!(engine.digest(day()).await.unwrap().zone, "UTC", "one that rests says nothing");
    for (asked, said) in [
        (
            Asked { since: Some(at("2026-10-26T00:00:00Z")), ..Asked::default() },
            "is no time of at most 366 days",
        ),
        (
            Asked { since: Some(at("2024-10-26T00:00:00Z")), ..Asked::default() },
            "is no time of at most 366 days",
        ),
        (Asked { zone: Some("Europe/Berlim".into()), ..Asked::default() }, "is no time zone"),
    ] {
        let error = engine.digest(asked).await.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    // A rested one begins anew: it catches nothing up.
    desk.is("2026-10-30T20:00:00Z");
    engine.enable_schedule("morning", true).await.unwrap();
    desk.is("2026-10-31T08:00:00Z");
    engine.run_due_schedules().await.unwrap();
    assert_eq!(told(&engine).await, ["30 08:00 31 08:00"]);
    assert!(
        schedules::is_due(&mut engine.store.read().await.unwrap(), "digest", at("2026-11-01T08:00:00Z"))
            .await
            .unwrap()
    );
}
