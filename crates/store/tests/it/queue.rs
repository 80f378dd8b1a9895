use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lockstep_core::ids::{ComponentId, QueueEntryId};
use lockstep_store::{
    Store, Tx, drift_queue,
    drift_queue::{QueueEntry, Standing},
    maintenance,
    maintenance::DRIFT_ATTEMPTS,
};

use crate::world::{at, id, on_each};

async fn enqueue(tx: &mut Tx, entry: u128, component: u128, when: DateTime<Utc>) {
    drift_queue::enqueue(tx, vec![(id(entry), id(component))], when).await.unwrap();
}

async fn claim(tx: &mut Tx, by: &str, minutes: (i64, i64), limit: usize) -> Vec<QueueEntry> {
    drift_queue::claim(tx, by, at(minutes.0), at(minutes.1), limit).await.unwrap()
}

fn ids(entries: &[QueueEntry]) -> Vec<QueueEntryId> {
    entries.iter().map(|entry| entry.id).collect()
}

#[tokio::test]
async fn a_queued_component_waits_once_and_keeps_its_place() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        enqueue(&mut tx, 1, 100, at(1)).await;
        enqueue(&mut tx, 3, 101, at(3)).await;
        enqueue(&mut tx, 2, 100, at(4)).await;
        let first = claim(&mut tx, "a", (5, 9), 1).await;
        assert_eq!((first[0].id, first[0].queued_at, first[0].attempt_count), (id(1), at(1), 1));
        assert_eq!(first[0].changes, 2);
        assert_eq!(ids(&claim(&mut tx, "b", (5, 9), 5).await), [id(3)]);
        assert_eq!(drift_queue::hold(&mut tx, &first).await.unwrap(), [Standing::Held]);
        drift_queue::finish(&mut tx, &ids(&first)).await.unwrap();
        assert_eq!(drift_queue::hold(&mut tx, &first).await.unwrap(), [Standing::Lost]);
        assert_eq!(drift_queue::list(&mut tx).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_changes_while_it_is_evaluated_is_evaluated_again() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        enqueue(&mut tx, 1, 100, at(1)).await;
        let claimed = claim(&mut tx, "a", (5, 9), 1).await;
        enqueue(&mut tx, 2, 100, at(6)).await;
        assert_eq!(claim(&mut tx, "b", (7, 9), 1).await, [], "it is still a's");
        assert_eq!(drift_queue::hold(&mut tx, &claimed).await.unwrap(), [Standing::Changed]);
        drift_queue::requeue(&mut tx, &ids(&claimed)).await.unwrap();
        let again = claim(&mut tx, "b", (7, 9), 5).await;
        assert_eq!((again[0].id, again[0].queued_at, again[0].attempt_count), (id(1), at(6), 1));
        assert_eq!(drift_queue::hold(&mut tx, &again).await.unwrap(), [Standing::Held]);
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_is_over_is_anybodys_and_the_late_one_has_lost_it() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        enqueue(&mut tx, 1, 100, at(1)).await;
        let late = claim(&mut tx, "a", (5, 9), 1).await;
        drift_queue::renew(&mut tx, "a", at(12)).await.unwrap();
        assert_eq!(claim(&mut tx, "b", (9, 20), 1).await, []);
        let taken = claim(&mut tx, "b", (12, 20), 1).await;
        assert_eq!((taken[0].attempt_count, taken[0].leased_by.as_deref()), (2, Some("b")));
        let both = [late[0].clone(), taken[0].clone()];
        assert_eq!(drift_queue::hold(&mut tx, &both).await.unwrap(), [Standing::Lost, Standing::Held]);
        // The same worker, but another attempt: the first one must not be taken for it.
        let again = claim(&mut tx, "b", (20, 30), 1).await;
        assert_eq!(drift_queue::hold(&mut tx, &taken).await.unwrap(), [Standing::Lost]);
        assert_eq!(drift_queue::hold(&mut tx, &again).await.unwrap(), [Standing::Held]);
    })
    .await;
}

#[tokio::test]
async fn what_a_dead_worker_held_is_released() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        for number in 0..3 {
            enqueue(&mut tx, number, 100 + number, at(1)).await;
        }
        claim(&mut tx, "dead", (5, 99), 2).await;
        claim(&mut tx, "alive", (5, 99), 1).await;
        assert_eq!(drift_queue::owners(&mut tx).await.unwrap(), ["alive", "dead"]);
        assert_eq!(drift_queue::release(&mut tx, "dead", "it died").await.unwrap(), 2);
        let again = claim(&mut tx, "other", (6, 99), 9).await;
        assert_eq!(ids(&again), [id(0), id(1)]);
        assert_eq!((again[0].attempt_count, again[0].last_error.as_deref()), (2, Some("it died")));
    })
    .await;
}

#[tokio::test]
async fn a_failure_waits_and_too_many_are_left_to_be_seen() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        enqueue(&mut tx, 1, 100, at(0)).await;
        enqueue(&mut tx, 2, 101, at(0)).await;
        for attempt in 0..DRIFT_ATTEMPTS {
            let claimed = claim(&mut tx, "a", (attempt * 2, attempt * 2 + 1), 1).await;
            assert_eq!(ids(&claimed), [id(1)]);
            assert_eq!(maintenance::remove_hopeless_drift(&mut tx, at(attempt * 2), 9).await.unwrap(), []);
            drift_queue::fail(&mut tx, id(1), "unreadable", at(attempt * 2 + 2)).await.unwrap();
            let other = claim(&mut tx, "b", (attempt * 2 + 1, attempt * 2 + 2), 5).await;
            assert_eq!(ids(&other), [id(2)], "the failed one waits");
            drift_queue::requeue(&mut tx, &ids(&other)).await.unwrap();
        }
        assert_eq!(ids(&claim(&mut tx, "a", (50, 51), 9).await), [id(2)], "given up");
        assert!(!drift_queue::is_drained(&mut tx).await.unwrap());
        drift_queue::finish(&mut tx, &[id(2)]).await.unwrap();
        assert!(drift_queue::is_drained(&mut tx).await.unwrap(), "nothing is left but what was given up");
        let seen = drift_queue::named(&mut tx).await.unwrap();
        assert_eq!((seen.len(), seen[0].last_error.as_deref()), (1, Some("unreadable")));

        // A person, or a change, lets it be tried anew.
        assert_eq!(drift_queue::retry(&mut tx, &[id(999)]).await.unwrap(), 0);
        assert_eq!(drift_queue::retry(&mut tx, &[]).await.unwrap(), 1);
        let retried = claim(&mut tx, "a", (60, 61), 9).await;
        assert_eq!(retried[0].attempt_count, 1);
        for _ in 0..DRIFT_ATTEMPTS {
            claim(&mut tx, "a", (70, 70), 9).await;
        }
        drift_queue::fail(&mut tx, id(1), "unreadable", at(71)).await.unwrap();
        assert_eq!(claim(&mut tx, "a", (80, 81), 9).await, []);
        enqueue(&mut tx, 3, 100, at(80)).await;
        let changed = claim(&mut tx, "a", (80, 81), 9).await;
        assert_eq!((changed[0].attempt_count, &changed[0].last_error), (1, &None));

        for _ in 0..DRIFT_ATTEMPTS {
            claim(&mut tx, "a", (90, 90), 9).await;
        }
        let removed = maintenance::remove_hopeless_drift(&mut tx, at(99), 9).await.unwrap();
        assert_eq!((removed.len(), removed[0].component_id), (1, id(100)));
        assert_eq!(drift_queue::list(&mut tx).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn an_evaluation_beside_the_queue_settles_it() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        for number in 0..4 {
            enqueue(&mut tx, number, 100 + number, at(i64::try_from(number).unwrap())).await;
        }
        let claimed = claim(&mut tx, "a", (5, 9), 1).await;
        let of = |component: ComponentId| component != id(103);
        assert_eq!(drift_queue::supersede(&mut tx, of).await.unwrap(), 3);
        let left = drift_queue::list(&mut tx).await.unwrap();
        assert_eq!(ids(&left), [id(0), id(3)]);
        assert_eq!(drift_queue::hold(&mut tx, &claimed).await.unwrap(), [Standing::Changed]);
    })
    .await;
}

#[tokio::test]
async fn a_claim_takes_no_more_than_it_asks_for_however_empty_the_table_seemed() {
    on_each(async |world| {
        world.sql("ANALYZE drift_queue").await.unwrap();
        let mut tx = world.store.begin().await.unwrap();
        let all: Vec<_> = (0..500).map(|number| (id(number), id(1000 + number))).collect();
        drift_queue::enqueue(&mut tx, all, at(0)).await.unwrap();
        assert_eq!(claim(&mut tx, "a", (1, 9), 10).await.len(), 10);
        let leased = drift_queue::list(&mut tx).await.unwrap();
        assert_eq!(leased.iter().filter(|entry| entry.leased_by.is_some()).count(), 10);
    })
    .await;
}

#[tokio::test]
async fn workers_at_once_evaluate_each_change_once() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        let all: Vec<_> = (0..300).map(|number| (id(number), id(1000 + number))).collect();
        drift_queue::enqueue(&mut tx, all, at(0)).await.unwrap();
        tx.commit().await.unwrap();
        let other = Store::connect(world.url()).await.unwrap();
        let tasks: Vec<_> = (0..4)
            .map(|number| {
                let store = if number % 2 == 0 { world.store.clone() } else { other.clone() };
                tokio::spawn(async move { work(&store, number).await })
            })
            .collect();
        let mut evaluated: BTreeMap<ComponentId, usize> = BTreeMap::new();
        for task in tasks {
            for component in task.await.unwrap() {
                *evaluated.entry(component).or_default() += 1;
            }
        }
        // Every seventh was queued anew while it was evaluated: that is two changes.
        for number in 0..300_u128 {
            let times = if number % 7 == 0 { 2 } else { 1 };
            assert_eq!(evaluated.get(&id(1000 + number)), Some(&times), "{number}");
        }
        let mut tx = world.store.read().await.unwrap();
        assert_eq!(drift_queue::list(&mut tx).await.unwrap(), []);
        drop(tx);
        other.close().await;
    })
    .await;
}

/// Works until nothing is left; a change comes in the middle of every seventh component's first evaluation.
async fn work(store: &Store, number: usize) -> Vec<ComponentId> {
    let by = format!("worker {number}");
    let mut evaluated = Vec::new();
    loop {
        let mut tx = store.begin().await.unwrap();
        let claimed = claim(&mut tx, &by, (1, 9), 10).await;
        tx.commit().await.unwrap();
        if claimed.is_empty() {
            return evaluated;
        }
        let sevenths = claimed.iter().filter(|entry| {
            entry.changes == 1 && (entry.component_id.uuid().as_u128() - 1000).is_multiple_of(7)
        });
        let again = sevenths.map(|entry| (entry.id, entry.component_id)).collect();
        let mut tx = store.begin().await.unwrap();
        drift_queue::enqueue(&mut tx, again, at(2)).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let standing = drift_queue::hold(&mut tx, &claimed).await.unwrap();
        let (mut done, mut changed) = (Vec::new(), Vec::new());
        for (entry, standing) in claimed.iter().zip(standing) {
            assert_ne!(standing, Standing::Lost);
            if standing == Standing::Held { &mut done } else { &mut changed }.push(entry.id);
            evaluated.push(entry.component_id);
        }
        drift_queue::finish(&mut tx, &done).await.unwrap();
        drift_queue::requeue(&mut tx, &changed).await.unwrap();
        tx.commit().await.unwrap();
    }
}
