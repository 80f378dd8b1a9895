use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::{
    ids::{OperationId, UndoEntryId},
    undo::{Outcome, UndoAction, UndoState},
};
use lockstep_store::{
    Error, Store, snapshots, undo_entries,
    undo_entries::{Mark, UndoEntry, Undoing},
    undo_events,
    undo_events::UndoEvent,
};

use crate::world::{at, id, on_each};

pub fn entry(number: u128, operation: OperationId, component: u128, expiration: DateTime<Utc>) -> UndoEntry {
    UndoEntry {
        id: id(number),
        sync_operation_id: operation,
        pre_state_hash: "pre".into(),
        post_state_hash: "post".into(),
        expiration,
        created_at: at(0),
        undone_at: None,
        component_id: id(component),
        position: i64::try_from(100 - component % 100).unwrap(),
        undone_by: None,
        undone_merged: false,
        redone_at: None,
        redone_by: None,
    }
}

#[tokio::test]
async fn an_entry_is_undone_and_redone() {
    on_each(async |world| {
        let operation = world.operation(7, 0).await;
        world.components(&["Button", "Card"]).await;
        let by = id(1);
        let mut tx = world.store.begin().await.unwrap();
        let expiration = at(0) + TimeDelta::hours(24);
        undo_entries::insert(&mut tx, entry(1, operation, 100, expiration)).await.unwrap();
        undo_entries::insert(&mut tx, entry(2, operation, 101, expiration)).await.unwrap();
        let order: Vec<UndoEntryId> =
            undo_entries::of_operation(&mut tx, operation).await.unwrap().iter().map(|row| row.id).collect();
        assert_eq!(order, [id(2), id(1)], "by position");

        let first = id(1);
        let twice = Mark { by, at: at(2) };
        assert!(undo_entries::mark_redone(&mut tx, &[first], twice).await.is_err(), "it was not undone");
        undo_entries::mark_undone(&mut tx, &[first], Mark { by, at: at(1) }, Undoing::Merged).await.unwrap();
        let refused = undo_entries::mark_undone(&mut tx, &[first], twice, Undoing::Exact).await.unwrap_err();
        assert!(matches!(refused, Error::IllegalStep(_)), "{refused}");
        let undone = undo_entries::get(&mut tx, first).await.unwrap();
        assert_eq!((undone.undone_at, undone.undone_by, undone.undone_merged), (Some(at(1)), Some(by), true));
        assert_eq!(undone.state(at(2)), UndoState::Undone);
        undo_entries::mark_redone(&mut tx, &[first], Mark { by, at: at(3) }).await.unwrap();
        let redone = undo_entries::get(&mut tx, first).await.unwrap();
        assert_eq!((redone.undone_at, redone.redone_at, redone.redone_by), (None, Some(at(3)), Some(by)));
        assert_eq!(redone.state(at(4)), UndoState::Created);
        undo_entries::mark_undone(&mut tx, &[first], Mark { by, at: at(4) }, Undoing::Exact).await.unwrap();

        // Too late for either.
        let late = Mark { by, at: expiration + TimeDelta::microseconds(1) };
        assert!(undo_entries::mark_undone(&mut tx, &[id(2)], late, Undoing::Exact).await.is_err());
        let refused = undo_entries::mark_redone(&mut tx, &[first], late).await.unwrap_err();
        assert!(refused.to_string().contains("`expired`"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn of_many_undos_of_an_entry_one_wins() {
    on_each(async |world| {
        let operation = world.operation(7, 0).await;
        world.components(&["Button"]).await;
        let mut tx = world.store.begin().await.unwrap();
        undo_entries::insert(&mut tx, entry(1, operation, 100, at(60))).await.unwrap();
        tx.commit().await.unwrap();
        let other = Store::connect(world.url()).await.unwrap();
        let tasks: Vec<_> = (0..6)
            .map(|number| {
                let store = if number % 2 == 0 { world.store.clone() } else { other.clone() };
                tokio::spawn(async move {
                    let mut tx = store.begin().await.unwrap();
                    let mark = Mark { by: id(1), at: at(1) };
                    let marked = undo_entries::mark_undone(&mut tx, &[id(1)], mark, Undoing::Exact).await;
                    tx.commit().await.unwrap();
                    marked.is_ok()
                })
            })
            .collect();
        let mut won = 0;
        for task in tasks {
            won += usize::from(task.await.unwrap());
        }
        assert_eq!(won, 1);
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn the_window_holds_the_newest_operations_with_entries() {
    on_each(async |world| {
        world.components(&["Button"]).await;
        for number in 1..=53 {
            let operation = world.operation(number, i64::try_from(number).unwrap()).await;
            if number != 52 {
                let mut tx = world.store.begin().await.unwrap();
                undo_entries::insert(&mut tx, entry(number, operation, 100, at(999))).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
        let mut tx = world.store.read().await.unwrap();
        let window = undo_entries::window(&mut tx).await.unwrap();
        assert_eq!(window.len(), 50);
        assert_eq!((window[0], window[1], window[49]), (id(53), id(51), id(3)));
    })
    .await;
}

#[tokio::test]
async fn every_attempt_is_kept_for_good() {
    on_each(async |world| {
        let operation = world.operation(7, 0).await;
        let event = |number, outcome, reason: Option<&str>| UndoEvent {
            id: id(number),
            sync_operation_id: operation,
            component_id: None,
            action: UndoAction::Undo,
            outcome,
            merged: false,
            actor: Some(id(1)),
            at: at(i64::try_from(number).unwrap()),
            reason: reason.map(str::to_owned),
            correlation_id: Some(id(9)),
        };
        let events = [event(1, Outcome::Refused, Some("it moved since")), event(2, Outcome::Done, None)];
        let mut tx = world.store.begin().await.unwrap();
        for event in events.clone() {
            undo_events::append(&mut tx, vec![event]).await.unwrap();
        }
        tx.commit().await.unwrap();
        for sql in ["UPDATE undo_events SET reason = NULL", "DELETE FROM undo_events"] {
            let error = world.sql(sql).await.unwrap_err();
            assert!(error.to_string().contains("undo_events is append-only"), "{error}");
        }
        let mut tx = world.store.read().await.unwrap();
        assert_eq!(undo_events::of_operation(&mut tx, operation).await.unwrap(), events);
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_is_kept_once_under_its_hash() {
    on_each(async |world| {
        let content: Vec<u8> = (0..100_000_u32).flat_map(|n| (n % 1000).to_be_bytes()).collect();
        let mut tx = world.store.begin().await.unwrap();
        let hash = snapshots::put(&mut tx, &content, at(1)).await.unwrap();
        assert_eq!(snapshots::put(&mut tx, &content, at(2)).await.unwrap(), hash);
        assert_eq!(snapshots::put(&mut tx, &content, at(0)).await.unwrap(), hash);
        assert_eq!(snapshots::get(&mut tx, &hash).await.unwrap(), content);
        let empty = snapshots::put(&mut tx, b"", at(1)).await.unwrap();
        assert_eq!(snapshots::get(&mut tx, &empty).await.unwrap(), b"");
        assert!(matches!(snapshots::get(&mut tx, "none").await.unwrap_err(), Error::NotFound { .. }));
        tx.commit().await.unwrap();
        let stored = world.text("SELECT CAST(max(length(content)) AS text) FROM state_snapshots").await;
        let stored: usize = stored.unwrap().parse().unwrap();
        assert!(stored < content.len() / 10, "it is compressed: {stored}");

        // What is damaged is never given out.
        world.sql("UPDATE state_snapshots SET size = 10 WHERE size > 0").await.unwrap();
        let mut tx = world.store.read().await.unwrap();
        let damaged = snapshots::get(&mut tx, &hash).await.unwrap_err();
        assert!(matches!(damaged, Error::DamagedSnapshot { .. }), "{damaged}");
        drop(tx);
        world
            .sql(&format!("UPDATE state_snapshots SET hash = 'other' WHERE hash = '{empty}'"))
            .await
            .unwrap();
        let mut tx = world.store.read().await.unwrap();
        let damaged = snapshots::get(&mut tx, "other").await.unwrap_err();
        assert!(damaged.to_string().contains("another hash"), "{damaged}");
    })
    .await;
}
