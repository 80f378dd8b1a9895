use chrono::TimeDelta;
use lockstep_core::{ids::ReportId, registry::JournalKind, registry::JournalPhase};
use lockstep_store::{
    Store, coverage,
    coverage::{Kept, Report},
    journal,
    journal::JournalEntry,
    maintenance,
    maintenance::MAINTENANCE_BATCH,
    snapshots, undo_entries,
    undo_entries::{Mark, Undoing},
};
use serde_json::json;

use crate::{
    undoing::entry,
    world::{World, at, id, on_each},
};

fn report(number: u128, component: u128, hash: &str, minute: i64) -> Report {
    Report {
        id: id(number),
        component_id: id(component),
        generated_at: at(minute),
        variant_coverage_pct: 66.67,
        missing_variants: json!(["size=large"]),
        missing_tests: json!(["visual"]),
        warnings: None,
        variant_hash: hash.into(),
        confirmed_at: None,
    }
}

#[tokio::test]
async fn an_unchanged_component_gets_no_second_report() {
    on_each(async |world| {
        world.components(&["Button"]).await;
        let mut tx = world.store.begin().await.unwrap();
        let first = coverage::insert_or_confirm(&mut tx, report(1, 100, "a", 1)).await.unwrap();
        assert_eq!(first, Kept::New(report(1, 100, "a", 1)));
        let again = coverage::insert_or_confirm(&mut tx, report(2, 100, "a", 2)).await.unwrap();
        assert_eq!(again, Kept::Confirmed(Report { confirmed_at: Some(at(2)), ..report(1, 100, "a", 1) }));
        coverage::insert_or_confirm(&mut tx, report(3, 100, "b", 3)).await.unwrap();
        let all = coverage::of_component(&mut tx, id(100)).await.unwrap();
        assert_eq!(all.iter().map(|report| report.id).collect::<Vec<ReportId>>(), [id(3), id(1)]);
    })
    .await;
}

#[tokio::test]
async fn old_reports_are_archived_in_batches() {
    on_each(async |world| {
        world.components(&["Button"]).await;
        let many = MAINTENANCE_BATCH + 7;
        let mut tx = world.store.begin().await.unwrap();
        for number in 0..many as u128 {
            let minute = i64::try_from(number).unwrap();
            coverage::insert_or_confirm(&mut tx, report(number, 100, &format!("h{number}"), minute))
                .await
                .unwrap();
        }
        let now = at(0) + TimeDelta::days(31);
        coverage::insert_or_confirm(&mut tx, report(9000, 100, "fresh", 44_000)).await.unwrap();
        // Old, but found again lately.
        coverage::insert_or_confirm(&mut tx, report(9001, 100, "h3", 44_000)).await.unwrap();
        tx.commit().await.unwrap();
        let mut counts = Vec::new();
        loop {
            let mut tx = world.store.begin().await.unwrap();
            let archived = maintenance::archive_coverage(&mut tx, now).await.unwrap();
            tx.commit().await.unwrap();
            counts.push(archived);
            if archived < MAINTENANCE_BATCH as u64 {
                break;
            }
        }
        assert_eq!(counts, [500, 6]);
        let mut tx = world.store.read().await.unwrap();
        let kept = coverage::of_component(&mut tx, id(100)).await.unwrap();
        assert_eq!(kept.iter().map(|report| report.id).collect::<Vec<ReportId>>(), [id(9000), id(3)]);
        let archived = coverage::archived(&mut tx, id(100)).await.unwrap();
        assert_eq!(archived.len(), 506);
        assert_eq!(archived[505], report(0, 100, "h0", 0));
    })
    .await;
}

#[tokio::test]
async fn expired_entries_go_and_undone_ones_stay() {
    on_each(async |world| {
        let operation = world.operation(7, 0).await;
        world.components(&["A", "B", "C"]).await;
        let mut tx = world.store.begin().await.unwrap();
        for (number, expiration) in [(1, at(10)), (2, at(10)), (3, at(30))] {
            undo_entries::insert(&mut tx, entry(number, operation, 99 + number, expiration)).await.unwrap();
        }
        let mark = Mark { by: id(1), at: at(5) };
        undo_entries::mark_undone(&mut tx, id(2), mark, Undoing::Exact).await.unwrap();
        assert_eq!(maintenance::remove_expired_undo_entries(&mut tx, at(10)).await.unwrap(), 0);
        assert_eq!(maintenance::remove_expired_undo_entries(&mut tx, at(20)).await.unwrap(), 1);
        let left = undo_entries::of_operation(&mut tx, operation).await.unwrap();
        assert_eq!(
            left.iter().map(|row| row.id).collect::<std::collections::BTreeSet<_>>(),
            [id(2), id(3)].into()
        );
    })
    .await;
}

async fn snapshot(world: &World, content: &str, minute: i64) -> String {
    let mut tx = world.store.begin().await.unwrap();
    let hash = snapshots::put(&mut tx, content.as_bytes(), at(minute)).await.unwrap();
    tx.commit().await.unwrap();
    hash
}

#[tokio::test]
async fn snapshots_that_nothing_refers_to_go() {
    on_each(async |world| {
        let operation = world.operation(7, 0).await;
        world.components(&["A", "B"]).await;
        let mut hashes = Vec::new();
        for content in ["pre", "post", "journal", "orphan", "old"] {
            hashes.push(snapshot(&world, content, 0).await);
        }
        let fresh = snapshot(&world, "fresh", 100).await;
        let mut tx = world.store.begin().await.unwrap();
        let mut live = entry(1, operation, 100, at(200));
        (live.pre_state_hash, live.post_state_hash) = (hashes[0].clone(), hashes[1].clone());
        let mut old = entry(2, operation, 101, at(50));
        (old.pre_state_hash, old.post_state_hash) = (hashes[4].clone(), hashes[4].clone());
        undo_entries::insert(&mut tx, live).await.unwrap();
        undo_entries::insert(&mut tx, old).await.unwrap();
        let write = JournalEntry {
            id: id(1),
            sync_operation_id: None,
            component_id: id(100),
            kind: JournalKind::Undo,
            phase: JournalPhase::Intent,
            pre_snapshot: hashes[2].clone(),
            post_snapshot: None,
            detail: json!({}),
            process: "host:1".into(),
            started_at: at(0),
            finished_at: None,
        };
        journal::begin(&mut tx, write).await.unwrap();
        // The orphan, and the one whose entry can't be undone or redone any more.
        assert_eq!(maintenance::remove_unreferenced_snapshots(&mut tx, at(120)).await.unwrap(), 2);
        for (hash, kept) in hashes.iter().zip([true, true, true, false, false]).chain([(&fresh, true)]) {
            assert_eq!(snapshots::get(&mut tx, hash).await.is_ok(), kept);
        }
        journal::advance(&mut tx, id(1), JournalPhase::Intent, JournalPhase::RolledBack, at(121))
            .await
            .unwrap();
        assert_eq!(maintenance::remove_unreferenced_snapshots(&mut tx, at(170)).await.unwrap(), 2);
        assert_eq!(maintenance::remove_unreferenced_snapshots(&mut tx, at(170)).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn two_machines_may_tidy_up_at_once() {
    on_each(async |world| {
        for number in 0..60 {
            snapshot(&world, &format!("orphan {number}"), 0).await;
        }
        let other = Store::connect(world.url()).await.unwrap();
        let tasks: Vec<_> = [world.store.clone(), other.clone(), world.store.clone(), other.clone()]
            .into_iter()
            .map(|store| {
                tokio::spawn(async move {
                    let mut removed = 0;
                    for _ in 0..30 {
                        let mut tx = store.begin().await.unwrap();
                        removed += snapshots::remove_unreferenced(&mut tx, at(999), 7).await.unwrap();
                        tx.commit().await.unwrap();
                    }
                    removed
                })
            })
            .collect();
        let mut removed = 0;
        for task in tasks {
            removed += task.await.unwrap();
        }
        assert_eq!(removed, 60);
        other.close().await;
    })
    .await;
}
