//! What a digest is made of: drift that closed, syncs and sessions of a time, and one event for each period.

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{ComponentId, EventId, StoryId},
    notification::EventType,
    operation::OperationStatus::{Completed, Pending, Running},
    registry::MappingStatus,
    session::SessionStatus::{self, Aborted, Failed, Passed},
};
use lockstep_store::{
    Store, closed_drift, evaluations, notifications, operations, sessions,
    sessions::{End, Session},
    stories,
    stories::{Found, ScannedStory},
};
use serde_json::{Value, json};

use crate::world::{World, at, id, on_each};

impl World {
    /// Records a report of these changes at that minute.
    async fn reports(&self, component: ComponentId, minute: i64, drift: Option<Value>) {
        let evaluated = evaluations::Evaluated {
            id: component,
            mapping_status: MappingStatus::Drift,
            contract_hash: None,
            drift,
            design: None,
        };
        let mut tx = self.store.begin().await.unwrap();
        evaluations::record(&mut tx, vec![evaluated], at(minute)).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What closed from that minute on: `component path opened closed`.
    async fn closed(&self, minute: i64) -> Vec<String> {
        let rows = closed_drift::since(&mut self.store.read().await.unwrap(), at(minute)).await.unwrap();
        let minutes = |time: DateTime<Utc>| (time - at(0)).num_minutes();
        let told = |row: closed_drift::ClosedDrift| {
            format!("{} {} {} {}", row.component, row.path, minutes(row.opened_at), minutes(row.closed_at))
        };
        rows.into_iter().map(told).collect()
    }
}

fn change(path: &str, since: DateTime<Utc>) -> Value {
    json!({ "path": path, "code": 1, "design": null, "since": since })
}

fn aside(path: &str, since: DateTime<Utc>) -> Value {
    json!({ "path": path, "code": 1, "design": null, "since": since, "aside": true })
}

#[tokio::test]
async fn what_a_report_has_no_more_is_closed_and_what_it_has_again_is_open() {
    on_each(async |world| {
        let ids = world.components(&["Button", "Card"]).await;
        let (button, card) = (ids[0], ids[1]);
        world.reports(button, 1, Some(json!([change("a", at(1)), change("b", at(1))]))).await;
        world.reports(card, 1, Some(json!([change("a", at(1))]))).await;
        assert_eq!(world.closed(0).await, [""; 0], "all of it is open");
        world.reports(button, 2, Some(json!([change("a", at(1))]))).await;
        // What is otherwise than before is another change, at the same place.
        world.reports(card, 3, Some(json!([change("a", at(3))]))).await;
        assert_eq!(world.closed(0).await, ["Button b 1 2", "Card a 1 3"]);
        assert_eq!(world.closed(3).await, ["Card a 1 3"]);
        // Set aside it alarms no more; taken back it does again, for as long as before.
        world.reports(button, 4, Some(json!([aside("a", at(1))]))).await;
        assert_eq!(world.closed(4).await, ["Button a 1 4"]);
        world.reports(button, 5, Some(json!([change("a", at(1))]))).await;
        assert_eq!(world.closed(4).await, [""; 0]);
        world.reports(button, 6, Some(json!([aside("a", at(1))]))).await;
        world.reports(button, 7, Some(json!([]))).await;
        assert_eq!(world.closed(4).await, ["Button a 1 6"], "it alarmed nobody by then");
        world.reports(card, 8, None).await;
        assert_eq!(world.closed(7).await, ["Card a 3 8"], "it is linked to nothing now");
    })
    .await;
}

#[tokio::test]
async fn what_closed_long_ago_is_forgotten_in_batches() {
    on_each(async |world| {
        let button = world.components(&["Button"]).await[0];
        for (path, minute) in [("a", 1), ("b", 2), ("c", 3)] {
            world.reports(button, 0, Some(json!([change(path, at(0))]))).await;
            world.reports(button, minute, Some(json!([]))).await;
        }
        let mut tx = world.store.begin().await.unwrap();
        let long_after = at(2) + closed_drift::CLOSED_AGE;
        assert_eq!(closed_drift::remove_old(&mut tx, long_after, 1).await.unwrap().done, 1);
        assert_eq!(closed_drift::remove_old(&mut tx, long_after, 9).await.unwrap().done, 0);
        tx.commit().await.unwrap();
        assert_eq!(world.closed(0).await, ["Button b 0 2", "Button c 0 3"]);
    })
    .await;
}

#[tokio::test]
async fn seconds_of_any_precision_are_the_same_time_in_both_databases() {
    on_each(async |world| {
        let button = world.components(&["Button"]).await[0];
        for (since, expected) in [
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
            ("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.500Z"),
            ("2026-01-01T00:00:00.123Z", "2026-01-01T00:00:00.123Z"),
            ("2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.123456Z"),
        ] {
            world.reports(button, 1, Some(json!([{ "path": since, "since": since }]))).await;
            world.reports(button, 2, Some(json!([]))).await;
            let rows = closed_drift::since(&mut world.store.read().await.unwrap(), at(2)).await.unwrap();
            let row = rows.iter().find(|row| row.path == since).unwrap();
            assert_eq!(row.opened_at, expected.parse::<DateTime<Utc>>().unwrap());
        }
    })
    .await;
}

#[tokio::test]
async fn syncs_of_a_time_are_counted_and_the_newest_are_named() {
    on_each(async |world| {
        for (number, minute) in [(1, 1), (2, 2), (3, 3), (4, 4)] {
            world.operation(number, minute).await;
        }
        let mut tx = world.store.begin().await.unwrap();
        for number in [2, 3] {
            operations::transition(&mut tx, id(number), Pending, Running).await.unwrap();
        }
        operations::transition(&mut tx, id(2), Running, Completed).await.unwrap();
        let mut counts = operations::counts_between(&mut tx, at(2), at(4)).await.unwrap();
        counts.sort();
        assert_eq!(counts, [(Running, 1), (Completed, 1)]);
        let newest = operations::between(&mut tx, at(1), at(4), 2).await.unwrap();
        assert_eq!(newest.iter().map(|one| one.id).collect::<Vec<_>>(), [id(3), id(2)]);
        assert_eq!(operations::counts_between(&mut tx, at(5), at(9)).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_story_failed_when_its_last_session_of_a_time_did() {
    on_each(async |world| {
        let story = |number: u128| ScannedStory {
            id: id(number),
            story_id: format!("story--{number}"),
            scan_hash: "as it was".into(),
        };
        let found = Found {
            component_id: None,
            title: "Button".into(),
            name: "Primary".into(),
            export_name: "Primary".into(),
            file: "b.tsx".into(),
            detail: json!({}),
        };
        let mut tx = world.store.begin().await.unwrap();
        let all = (1..=4).map(story).collect();
        stories::record_scan(&mut tx, all, |_| found.clone(), stories::Unfound::Gone, at(0)).await.unwrap();
        let mut number = 0;
        // The first passes when it is tried again; of the third it is not known; the last one is too late.
        let told: [(u128, i64, SessionStatus); 7] = [
            (1, 1, Failed),
            (1, 2, Passed),
            (2, 3, Passed),
            (2, 4, Failed),
            (3, 5, Failed),
            (3, 6, Aborted),
            (4, 9, Failed),
        ];
        for (story, minute, status) in told {
            number += 1;
            let session = Session {
                id: id(number),
                story_id: StoryId::from(uuid::Uuid::from_u128(story)),
                start_time: at(minute),
                end_time: None,
                status: SessionStatus::Running,
                performance_summary: None,
                correlation_id: id(5),
                reason: None,
                process: None,
                detail: json!({}),
            };
            sessions::insert(&mut tx, session).await.unwrap();
            let end = End { status, at: at(minute), performance_summary: None, reason: None, detail: None };
            sessions::end(&mut tx, id(number), end).await.unwrap();
        }
        let failed = sessions::failed_between(&mut tx, at(1), at(9)).await.unwrap();
        assert_eq!(failed.iter().map(|one| one.id).collect::<Vec<_>>(), [id(5), id(4)]);
    })
    .await;
}

#[tokio::test]
async fn of_two_processes_one_writes_the_event_of_a_period() {
    on_each(async |world| {
        let other = Store::connect(world.url()).await.unwrap();
        let tasks: Vec<_> = [world.store.clone(), other.clone(), world.store.clone(), other.clone()]
            .into_iter()
            .map(|store| {
                tokio::spawn(async move {
                    let event = notifications::NewEvent {
                        id: id(7),
                        event_type: EventType::Digest,
                        payload_summary: json!({}),
                        channel_targets: json!([]),
                        correlation_id: None,
                    };
                    let mut tx = store.begin().await.unwrap();
                    let is_new = notifications::enqueue_once(&mut tx, event, at(1)).await.unwrap();
                    tx.commit().await.unwrap();
                    is_new
                })
            })
            .collect();
        let mut new = 0;
        for task in tasks {
            new += usize::from(task.await.unwrap());
        }
        assert_eq!(new, 1);
        let mut tx = world.store.read().await.unwrap();
        let all = notifications::of_type(&mut tx, EventType::Digest, 9).await.unwrap();
        assert_eq!(all.iter().map(|event| event.id).collect::<Vec<EventId>>(), [id(7)]);
        drop(tx);
        other.close().await;
    })
    .await;
}
