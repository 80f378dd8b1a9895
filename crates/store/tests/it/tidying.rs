use chrono::TimeDelta;
use lockstep_core::{ids::ReportId, registry::JournalKind, registry::JournalPhase};
use lockstep_store::{
    Error, Store, Tx, coverage,
    coverage::{Kept, Report},
    journal,
    journal::JournalEntry,
    leases,
    leases::Lease,
    maintenance,
    maintenance::{Batch, LEASE, LEASE_NAME},
    snapshots,
    snapshots::Sweep,
    undo_entries,
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
        detail: Some(json!({ "declared": 3 })),
    }
}

#[tokio::test]
async fn of_many_reports_each_component_has_the_one_found_last() {
    on_each(async |world| {
        world.components(&["Button", "Card"]).await;
        let mut tx = world.store.begin().await.unwrap();
        let first = vec![report(1, 100, "a", 1), report(2, 101, "a", 1)];
        coverage::keep_all(&mut tx, first.clone()).await.unwrap();
        coverage::keep_all(&mut tx, vec![report(3, 100, "b", 2)]).await.unwrap();
        let latest = async |tx: &mut Tx| {
            let reports = coverage::latest(tx).await.unwrap();
            reports.iter().map(|report| report.id).collect::<Vec<ReportId>>()
        };
        assert_eq!(latest(&mut tx).await, [id(3), id(2)]);
        // As it was before: the first report holds again, and none is added.
        coverage::keep_all(&mut tx, vec![report(4, 100, "a", 3)]).await.unwrap();
        coverage::confirm_all(&mut tx, &[id(2)], at(4)).await.unwrap();
        assert_eq!(latest(&mut tx).await, [id(1), id(2)]);
        let keys = coverage::keys(&mut tx).await.unwrap();
        assert_eq!(keys.len(), 3);
        assert_eq!(
            coverage::by_key(&mut tx, id(101), "a").await.unwrap(),
            Some(Report { confirmed_at: Some(at(4)), ..first[1].clone() })
        );
        let archived = maintenance::archive_coverage(&mut tx, at(3) + TimeDelta::days(30), 10).await.unwrap();
        assert_eq!(archived, Batch { done: 1, seen: 1 });
        let points = coverage::timeline(&mut tx).await.unwrap();
        let told: Vec<_> = points.iter().map(|point| (point.component_id, point.generated_at)).collect();
        assert_eq!(told, [(id(100), at(1)), (id(101), at(1)), (id(100), at(2))]);
    })
    .await;
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
        let many = 507;
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
        let lease = lease(1, at(0));
        take(&world.store, &lease, at(0)).await;
        let archive = async |tx: &mut _, limit| maintenance::archive_coverage(tx, now, limit).await;
        let archived = maintenance::in_batches(&world.store, &lease, || now, archive).await.unwrap();
        assert_eq!(archived, 506);
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
        undo_entries::mark_undone(&mut tx, &[id(2)], mark, Undoing::Exact).await.unwrap();
        assert_eq!(maintenance::remove_expired_undo_entries(&mut tx, at(10), 9).await.unwrap(), Batch::of(0));
        assert_eq!(maintenance::remove_expired_undo_entries(&mut tx, at(20), 9).await.unwrap(), Batch::of(1));
        let left = undo_entries::of_operation(&mut tx, operation).await.unwrap();
        assert_eq!(
            left.iter().map(|row| row.id).collect::<std::collections::BTreeSet<_>>(),
            [id(2), id(3)].into()
        );
    })
    .await;
}

#[tokio::test]
async fn a_batch_removes_no_more_than_it_asks_for_however_empty_the_table_seemed() {
    on_each(async |world| {
        let names: Vec<String> = (0..500).map(|number| format!("C{number}")).collect();
        world.components(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let operation = world.operation(7000, 0).await;
        world.sql("ANALYZE undo_stack_entries").await.unwrap();
        let mut tx = world.store.begin().await.unwrap();
        for number in 0..500 {
            undo_entries::insert(&mut tx, entry(1000 + number, operation, 100 + number, at(10)))
                .await
                .unwrap();
        }
        let removed = maintenance::remove_expired_undo_entries(&mut tx, at(20), 10).await.unwrap();
        assert_eq!(removed, Batch::of(10));
        assert_eq!(undo_entries::of_operation(&mut tx, operation).await.unwrap().len(), 490);
    })
    .await;
}

async fn snapshot(world: &World, content: &str, minute: i64) -> String {
    let mut tx = world.store.begin().await.unwrap();
    let hash = snapshots::put(&mut tx, content.as_bytes(), at(minute)).await.unwrap();
    tx.commit().await.unwrap();
    hash
}

/// Looks at two snapshots at a time until none is left; gives how many went.
async fn sweep(tx: &mut Tx, minute: i64) -> u64 {
    let (mut sweep, mut removed) = (Sweep::default(), 0);
    loop {
        let batch = snapshots::remove_unreferenced(tx, &mut sweep, at(minute), 2).await.unwrap();
        removed += batch.done;
        if batch.seen < 2 {
            return removed;
        }
    }
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
        assert_eq!(sweep(&mut tx, 120).await, 2);
        for (hash, kept) in hashes.iter().zip([true, true, true, false, false]).chain([(&fresh, true)]) {
            assert_eq!(snapshots::get(&mut tx, hash).await.is_ok(), kept);
        }
        journal::advance(&mut tx, id(1), JournalPhase::Intent, JournalPhase::RolledBack, at(121))
            .await
            .unwrap();
        assert_eq!(sweep(&mut tx, 170).await, 2);
        assert_eq!(sweep(&mut tx, 170).await, 0);
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
                        let mut sweep = Sweep::default();
                        let batch = snapshots::remove_unreferenced(&mut tx, &mut sweep, at(999), 7);
                        removed += batch.await.unwrap().done;
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

fn lease(holder: u128, until: chrono::DateTime<chrono::Utc>) -> Lease {
    Lease { name: LEASE_NAME.into(), holder: id(holder), process: format!("host:{holder}"), until }
}

async fn take(store: &Store, lease: &Lease, now: chrono::DateTime<chrono::Utc>) -> Option<Lease> {
    let mut tx = store.begin().await.unwrap();
    let held = leases::take(&mut tx, lease.clone(), now).await.unwrap();
    tx.commit().await.unwrap();
    held
}

#[tokio::test]
async fn a_lease_is_held_by_one_until_it_ends_or_is_given_back() {
    on_each(async |world| {
        let (first, second) = (lease(1, at(10)), lease(2, at(20)));
        assert_eq!(take(&world.store, &first, at(0)).await, None);
        assert_eq!(take(&world.store, &second, at(9)).await, Some(first.clone()));
        // Nothing was heard of it in time.
        assert_eq!(take(&world.store, &second, at(10)).await, None);
        let mut tx = world.store.begin().await.unwrap();
        let lost = leases::extend(&mut tx, &first, at(30)).await.unwrap_err();
        assert!(matches!(lost, Error::Lost { .. }), "{lost}");
        leases::release(&mut tx, &first).await.unwrap();
        assert_eq!(leases::held(&mut tx, LEASE_NAME).await.unwrap(), Some(second.clone()));
        // Its process is known to have died.
        leases::take_over(&mut tx, &second, lease(3, at(40))).await.unwrap();
        let late = leases::take_over(&mut tx, &second, lease(4, at(40))).await.unwrap_err();
        assert!(matches!(late, Error::Lost { .. }), "{late}");
        leases::release(&mut tx, &lease(3, at(40))).await.unwrap();
        assert_eq!(leases::held(&mut tx, LEASE_NAME).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn of_many_that_ask_at_once_one_gets_the_lease() {
    on_each(async |world| {
        let other = Store::connect(world.url()).await.unwrap();
        let asking: Vec<_> = (1..=8)
            .map(|holder| {
                let store = if holder % 2 == 0 { world.store.clone() } else { other.clone() };
                tokio::spawn(async move { take(&store, &lease(holder, at(10)), at(0)).await.is_none() })
            })
            .collect();
        let mut given = 0;
        for asked in asking {
            given += usize::from(asked.await.unwrap());
        }
        assert_eq!(given, 1);
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn who_lost_the_lease_stops_before_the_next_batch() {
    on_each(async |world| {
        let (first, second) = (lease(1, at(0)), lease(2, at(500)));
        take(&world.store, &first, at(0)).await;
        let mut batches = 0;
        let step = async |tx: &mut Tx, limit| {
            batches += 1;
            if batches == 2 {
                leases::take_over(tx, &first, second.clone()).await?;
            }
            Ok::<_, Error>(Batch { done: 1, seen: limit })
        };
        let stopped = maintenance::in_batches(&world.store, &first, || at(1), step).await.unwrap_err();
        assert!(matches!(stopped, Error::Lost { .. }), "{stopped}");
        assert_eq!(batches, 2);
        let mut tx = world.store.read().await.unwrap();
        let held = leases::held(&mut tx, LEASE_NAME).await.unwrap().unwrap();
        assert_eq!((held.holder, LEASE), (second.holder, TimeDelta::seconds(60)));
    })
    .await;
}
