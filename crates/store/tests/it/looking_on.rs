//! What the tables tell of themselves, for who looks on.

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use lockstep_core::{
    ids::{ComponentId, CorrelationId},
    operation::OperationStatus::{Pending, Running},
    registry::{JournalKind, JournalPhase, MappingStatus},
    session::SessionStatus,
};
use lockstep_store::{
    components::Unfound,
    evaluations,
    evaluations::Evaluated,
    journal,
    journal::JournalEntry,
    live_events,
    live_events::Waiting,
    operations, sessions,
    sessions::{End, Session},
    stories,
    stories::{Found, ScannedStory},
};
use serde_json::{Value, json};

use crate::world::{World, at, id, on_each};

impl World {
    /// What was told after that number: each as its kind, and what its data says at these places.
    async fn told(&self, seq: i64) -> Vec<(String, Value)> {
        let mut tx = self.store.read().await.unwrap();
        let events = live_events::after(&mut tx, seq, 1_000).await.unwrap();
        events.into_iter().map(|event| (event.kind, event.data)).collect()
    }

    async fn newest(&self) -> i64 {
        let kept = live_events::kept(&mut self.store.read().await.unwrap()).await.unwrap();
        kept.map_or(0, |(_, highest)| highest)
    }

    async fn judge(&self, component: ComponentId, drift: Value) {
        let status = if drift == json!([]) { MappingStatus::Mapped } else { MappingStatus::Drift };
        let evaluated = Evaluated {
            id: component,
            mapping_status: status,
            contract_hash: None,
            drift: Some(drift),
            design: None,
        };
        let mut tx = self.store.begin().await.unwrap();
        evaluations::record(&mut tx, vec![evaluated], at(1)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn an_operation_is_told_of_step_by_step() {
    on_each(async |world| {
        let button = world.components(&["Button"]).await[0];
        let before = world.newest().await;
        let operation = world.operation(7, 0).await;
        let mut tx = world.store.begin().await.unwrap();
        operations::transition(&mut tx, operation, Pending, Running).await.unwrap();
        let entry = JournalEntry {
            id: id(1),
            sync_operation_id: Some(operation),
            component_id: button,
            kind: JournalKind::Sync,
            phase: JournalPhase::Intent,
            pre_snapshot: "pre".into(),
            post_snapshot: None,
            detail: json!({}),
            process: "host:1".into(),
            started_at: at(0),
            finished_at: None,
        };
        journal::begin(&mut tx, entry).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = world.store.begin().await.unwrap();
        journal::advance(&mut tx, id(1), JournalPhase::Intent, JournalPhase::Writing, at(1)).await.unwrap();
        journal::advance(&mut tx, id(1), JournalPhase::Writing, JournalPhase::RolledBack, at(1)).await.unwrap();
        tx.commit().await.unwrap();
        let told = world.told(before).await;
        let of = |status: &str| json!({ "operation": operation, "status": status, "components": 0 });
        let at = |phase: &str| {
            json!({ "operation": operation, "component": "Button", "action": "sync", "phase": phase })
        };
        let expected = [
            ("operation".to_owned(), of("pending")),
            ("operation".to_owned(), of("running")),
            ("component".to_owned(), at("intent")),
            ("component".to_owned(), at("rolled_back")),
        ];
        assert_eq!(told.len(), expected.len(), "{told:?}");
        // Deferred ones of a transaction see what stands at its end.
        for (told, expected) in told.iter().zip(expected) {
            assert_eq!(*told, expected);
        }
    })
    .await;
}

#[tokio::test]
async fn drift_is_told_of_when_it_opens_and_when_it_closes() {
    on_each(async |world| {
        let ids = world.components(&["Button", "Card"]).await;
        let before = world.newest().await;
        let change = |path: &str| json!({ "path": path, "since": at(0) });
        let aside = json!({ "path": "b", "since": at(0), "aside": true });
        world.judge(ids[0], json!([change("a"), aside.clone()])).await;
        world.judge(ids[0], json!([change("a"), aside])).await;
        world.judge(ids[1], json!([])).await;
        world.judge(ids[0], json!([])).await;
        let told = world.told(before).await;
        let of = |status: &str, changes: i64| {
            json!({ "component": "Button", "mapping_status": status, "changes": changes })
        };
        let expected = [("drift".to_owned(), of("drift", 1)), ("drift".to_owned(), of("mapped", 0))];
        assert_eq!(told, expected, "what stays as it was is not told again");
    })
    .await;
}

#[tokio::test]
async fn sessions_are_told_of_when_they_begin_and_when_they_end() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        let story = ScannedStory { id: id(50), story_id: "button--primary".into(), scan_hash: "h".into() };
        let found = |_: usize| Found {
            component_id: None,
            title: "Button".into(),
            name: "Primary".into(),
            export_name: "Primary".into(),
            file: "b.tsx".into(),
            detail: json!({}),
        };
        stories::record_scan(&mut tx, vec![story], found, Unfound::Gone, at(0)).await.unwrap();
        tx.commit().await.unwrap();
        let before = world.newest().await;
        let correlation: CorrelationId = id(60);
        let mut tx = world.store.begin().await.unwrap();
        let session = Session {
            id: id(51),
            story_id: id(50),
            start_time: at(0),
            end_time: None,
            status: SessionStatus::Running,
            performance_summary: None,
            correlation_id: correlation,
            reason: None,
            process: None,
            detail: json!({}),
        };
        sessions::insert(&mut tx, session).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = world.store.begin().await.unwrap();
        let status = SessionStatus::Passed;
        let end = End { status, at: at(1), performance_summary: None, reason: None, detail: None };
        sessions::end(&mut tx, id(51), end).await.unwrap();
        tx.commit().await.unwrap();
        let told = world.told(before).await;
        let told: Vec<_> = told.iter().map(|(_, data)| (&data["story"], &data["status"])).collect();
        let story = json!("button--primary");
        assert_eq!(told, [(&story, &json!("running")), (&story, &json!("passed"))]);
    })
    .await;
}

#[tokio::test]
async fn what_is_rolled_back_is_not_told() {
    on_each(async |world| {
        let before = world.newest().await;
        let user = world.user().await;
        let mut tx = world.store.begin().await.unwrap();
        operations::insert_or_get(&mut tx, crate::world::operation(9, 0, user)).await.unwrap();
        tx.roll_back().await.unwrap();
        assert_eq!(world.told(before).await, []);
    })
    .await;
}

/// A reader that goes on from the highest number that it has seen sees every one, however many write at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_passed_over_by_who_reads_while_several_write() {
    on_each(async |world| {
        let names: Vec<String> = (0..8).map(|number| format!("C{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let ids = world.components(&names).await;
        let before = world.newest().await;
        const TURNS: usize = 40;
        let writers = ids.iter().map(|component| {
            let (store, component) = (world.store.clone(), *component);
            tokio::spawn(async move {
                for turn in 0..TURNS {
                    let mut tx = store.begin().await.unwrap();
                    let evaluated = Evaluated {
                        id: component,
                        mapping_status: MappingStatus::Drift,
                        contract_hash: None,
                        drift: Some(json!([{ "path": format!("{turn}"), "since": at(0) }])),
                        design: None,
                    };
                    evaluations::record(&mut tx, vec![evaluated], at(1)).await.unwrap();
                    // Its number is given at the end, not here.
                    tokio::time::sleep(Duration::from_millis(turn as u64 % 3)).await;
                    tx.commit().await.unwrap();
                }
            })
        });
        let writers: Vec<_> = writers.collect();
        let (mut seen, mut last) = (BTreeSet::new(), before);
        let mut waiting = Waiting::begin(&world.store).await.unwrap();
        while seen.len() < ids.len() * TURNS {
            let mut tx = world.store.read().await.unwrap();
            let events = live_events::after(&mut tx, last, 50).await.unwrap();
            drop(tx);
            let is_empty = events.is_empty();
            for event in events {
                assert!(event.seq > last);
                last = event.seq;
                seen.insert(event.seq);
            }
            if is_empty {
                let waited = tokio::time::timeout(Duration::from_secs(20), waiting.next()).await;
                waited.expect("somebody says when there is more").unwrap();
            }
        }
        for writer in writers {
            writer.await.unwrap();
        }
        let mut tx = world.store.read().await.unwrap();
        let all = live_events::after(&mut tx, before, 10_000).await.unwrap();
        assert_eq!(all.len(), seen.len());
    })
    .await;
}

#[tokio::test]
async fn the_newest_ten_thousand_are_kept() {
    on_each(async |world| {
        let user = world.user().await;
        let many = match world.is_sqlite() {
            true => {
                "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 11000)
                 INSERT INTO live_events (kind, data) SELECT 'x', '{}' FROM n"
            }
            false => "SELECT lockstep_tell('x', '{}') FROM generate_series(1, 11000)",
        };
        world.sql(many).await.unwrap();
        let mut tx = world.store.begin().await.unwrap();
        let operation = crate::world::operation(9, 0, user);
        operations::insert_or_get(&mut tx, operation).await.unwrap();
        tx.commit().await.unwrap();
        let (lowest, highest) =
            live_events::kept(&mut world.store.read().await.unwrap()).await.unwrap().unwrap();
        assert!((10_000..10_256).contains(&(highest - lowest)), "{lowest} to {highest}");
        let newest =
            live_events::after(&mut world.store.read().await.unwrap(), highest - 1, 9).await.unwrap();
        assert_eq!(newest[0].kind, "operation");
        assert!(chrono::Utc::now() - newest[0].created_at < TimeDelta::minutes(2));
    })
    .await;
}
