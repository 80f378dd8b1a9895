use chrono::TimeDelta;
use lockstep_core::{
    ids::{JournalId, OperationId},
    operation::OperationStatus::{Completed, Failed, Partial, Pending, Running},
    registry::{JournalKind, JournalPhase},
};
use lockstep_store::{
    Error, Store, journal,
    journal::JournalEntry,
    operations,
    operations::{Cursor, Inserted},
};
use serde_json::json;

use crate::world::{at, id, on_each, operation};

#[tokio::test]
async fn one_of_two_requests_with_the_same_hash_inserts() {
    on_each(async |world| {
        let user = world.user().await;
        let insert = |number: u128| {
            let store = world.store.clone();
            tokio::spawn(async move {
                let mut operation = operation(number, 1, user);
                operation.operation_hash = "the same".into();
                let mut tx = store.begin().await.unwrap();
                let inserted = operations::insert_or_get(&mut tx, operation).await.unwrap();
                tx.commit().await.unwrap();
                inserted
            })
        };
        let tasks: Vec<_> = (1..=8).map(insert).collect();
        let mut new = Vec::new();
        let mut existing = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Inserted::New(operation) => new.push(operation),
                Inserted::Existing(operation) => existing.push(operation),
            }
        }
        assert_eq!((new.len(), existing.len()), (1, 7));
        assert!(existing.iter().all(|operation| *operation == new[0]));
    })
    .await;
}

#[tokio::test]
async fn a_status_changes_by_allowed_steps_only() {
    on_each(async |world| {
        let operation = world.operation(7, 1).await;
        let mut tx = world.store.begin().await.unwrap();
        operations::transition(&mut tx, operation, Pending, Running).await.unwrap();
        let lost = operations::transition(&mut tx, operation, Pending, Running).await.unwrap_err();
        assert_eq!(
            lost.to_string(),
            "sync operation `00000000-0000-0000-0000-000000000007` is no longer `pending` but `running`: \
             another process was faster"
        );
        let illegal = operations::transition(&mut tx, operation, Running, Partial).await.unwrap_err();
        assert!(matches!(illegal, Error::IllegalStep(_)), "{illegal}");
        for to in [Completed, Partial] {
            let from = operations::get(&mut tx, operation).await.unwrap().status;
            operations::transition(&mut tx, operation, from, to).await.unwrap();
        }
        operations::set_result(&mut tx, operation, json!({"changes": 2}), json!({"a": "failed"}), Some(1234))
            .await
            .unwrap();
        let done = operations::get(&mut tx, operation).await.unwrap();
        assert_eq!((done.status, done.duration_ms), (Partial, Some(1234)));
        assert_eq!((done.diff_summary, done.reason), (json!({"changes": 2}), json!({"a": "failed"})));
        let missing = operations::transition(&mut tx, id(99), Pending, Running).await.unwrap_err();
        assert!(matches!(missing, Error::NotFound { .. }), "{missing}");
    })
    .await;
}

#[tokio::test]
async fn of_two_processes_that_take_a_step_one_wins() {
    on_each(async |world| {
        let operation = world.operation(7, 1).await;
        let step = |store: Store, to| {
            tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let stepped = operations::transition(&mut tx, operation, Running, to).await;
                tx.commit().await.unwrap();
                stepped
            })
        };
        let mut tx = world.store.begin().await.unwrap();
        operations::transition(&mut tx, operation, Pending, Running).await.unwrap();
        tx.commit().await.unwrap();
        let other = Store::connect(world.url()).await.unwrap();
        let tasks: Vec<_> = (0..6)
            .map(|n| {
                let store = if n % 2 == 0 { world.store.clone() } else { other.clone() };
                step(store, if n % 3 == 0 { Failed } else { Completed })
            })
            .collect();
        let mut won = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => won += 1,
                Err(error) => assert!(matches!(error, Error::Lost { .. }), "{error}"),
            }
        }
        assert_eq!(won, 1);
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn operations_are_listed_from_the_newest() {
    on_each(async |world| {
        // Two share a time, so that only the id tells them apart.
        for (number, minute) in [(1, 1), (2, 2), (3, 2), (4, 3)] {
            world.operation(number, minute).await;
        }
        let mut tx = world.store.begin().await.unwrap();
        let mut seen: Vec<OperationId> = Vec::new();
        let mut cursor = None;
        loop {
            let page = operations::list(&mut tx, cursor, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            cursor = Some(Cursor::from(last));
            seen.extend(page.iter().map(|operation| operation.id));
        }
        assert_eq!(seen, [id(4), id(3), id(2), id(1)]);
        operations::transition(&mut tx, id(2), Pending, Running).await.unwrap();
        operations::transition(&mut tx, id(4), Pending, Running).await.unwrap();
        operations::transition(&mut tx, id(4), Running, Failed).await.unwrap();
        let unfinished = operations::unfinished(&mut tx).await.unwrap();
        assert_eq!(unfinished.iter().map(|row| row.id).collect::<Vec<_>>(), [id(1), id(2), id(3)]);
    })
    .await;
}

#[tokio::test]
async fn an_operation_goes_by_the_beginning_of_its_id() {
    on_each(async |world| {
        let numbers = [0xabc1 << 112, 0xabc2 << 112];
        for number in numbers {
            world.operation(number, 1).await;
        }
        let mut tx = world.store.read().await.unwrap();
        for (prefix, found) in [("abc1", numbers[0]), ("ABC2", numbers[1]), (" abc20000-0", numbers[1])] {
            assert_eq!(operations::by_prefix(&mut tx, prefix).await.unwrap().id, id(found));
        }
        let ambiguous = operations::by_prefix(&mut tx, "abc").await.unwrap_err();
        assert!(matches!(ambiguous, Error::Ambiguous { .. }), "{ambiguous}");
        for prefix in ["", "abd", "%", "a_c1", "abc1' OR '1'='1"] {
            let missing = operations::by_prefix(&mut tx, prefix).await.unwrap_err();
            assert!(matches!(missing, Error::NotFound { .. }), "{missing}");
        }
    })
    .await;
}

fn intent(number: u128, component: u128, process: &str) -> JournalEntry {
    JournalEntry {
        id: id(number),
        sync_operation_id: None,
        component_id: id(component),
        kind: JournalKind::Sync,
        phase: JournalPhase::Intent,
        pre_snapshot: "pre".into(),
        post_snapshot: None,
        detail: json!({"files": []}),
        process: process.into(),
        started_at: at(1),
        finished_at: None,
    }
}

#[tokio::test]
async fn an_unfinished_write_holds_its_component() {
    on_each(async |world| {
        world.components(&["Button", "Card"]).await;
        let mut tx = world.store.begin().await.unwrap();
        journal::begin(&mut tx, intent(1, 100, "host:1")).await.unwrap();
        journal::begin(&mut tx, intent(2, 101, "host:2")).await.unwrap();
        let locked = journal::begin(&mut tx, intent(3, 100, "host:3")).await.unwrap_err();
        assert_eq!(
            locked.to_string(),
            "component `00000000-0000-0000-0000-000000000064` is being written by another process \
             (host:1, sync); wait for it, or try again"
        );
        tx.commit().await.unwrap();

        let mut tx = world.store.begin().await.unwrap();
        let entry: JournalId = id(1);
        use JournalPhase::{Committed, Intent, RolledBack, Writing, Written};
        journal::advance(&mut tx, entry, Intent, Writing, at(2)).await.unwrap();
        assert!(journal::advance(&mut tx, entry, Intent, Writing, at(2)).await.is_err(), "it was taken");
        assert!(journal::advance(&mut tx, entry, Writing, Committed, at(2)).await.is_err(), "no such step");
        journal::set_post_snapshots(&mut tx, &[(entry, "post")]).await.unwrap();
        journal::advance(&mut tx, entry, Writing, Written, at(3)).await.unwrap();
        assert_eq!(journal::unfinished(&mut tx).await.unwrap().len(), 2);
        journal::advance(&mut tx, entry, Written, Committed, at(4)).await.unwrap();
        let done = journal::get(&mut tx, entry).await.unwrap();
        assert_eq!((done.phase, done.finished_at), (Committed, Some(at(4))));
        assert_eq!(done.post_snapshot.as_deref(), Some("post"));
        assert!(journal::set_post_snapshots(&mut tx, &[(entry, "late")]).await.is_err());
        assert_eq!(journal::holder(&mut tx, id(100)).await.unwrap(), None);
        journal::begin(&mut tx, intent(3, 100, "host:3")).await.unwrap();
        journal::advance(&mut tx, id(3), Intent, RolledBack, at(5)).await.unwrap();

        // Of two recoveries one goes on.
        journal::take_over(&mut tx, id(2), "host:2", "host:8").await.unwrap();
        let lost = journal::take_over(&mut tx, id(2), "host:2", "host:9").await.unwrap_err();
        assert!(matches!(lost, Error::Lost { ref found, .. } if found == "host:8"), "{lost}");
    })
    .await;
}

#[tokio::test]
async fn of_many_processes_one_begins_to_write_a_component() {
    on_each(async |world| {
        world.components(&["Button"]).await;
        let other = Store::connect(world.url()).await.unwrap();
        let tasks: Vec<_> = (0..8)
            .map(|number| {
                let entry = intent(number + 1, 100, &format!("host:{number}"));
                let store = if number % 2 == 0 { world.store.clone() } else { other.clone() };
                tokio::spawn(async move {
                    let mut tx = store.begin().await.unwrap();
                    let begun = journal::begin(&mut tx, entry).await;
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                    tx.commit().await.unwrap();
                    begun
                })
            })
            .collect();
        let mut won = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => won += 1,
                Err(error) => assert!(matches!(error, Error::Locked { .. }), "{error}"),
            }
        }
        assert_eq!(won, 1);
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn the_time_to_undo_is_kept_exactly() {
    on_each(async |world| {
        let operation = world.operation(7, 1).await;
        let mut tx = world.store.read().await.unwrap();
        let kept = operations::get(&mut tx, operation).await.unwrap();
        assert_eq!(kept.reversible_until - kept.timestamp, TimeDelta::hours(24));
        assert_eq!(kept.timestamp, at(1));
        assert_eq!(operations::by_hash(&mut tx, &kept.operation_hash).await.unwrap(), Some(kept));
    })
    .await;
}
