use chrono::TimeDelta;
use lockstep_core::ids::UserId;
use lockstep_store::{
    Store,
    idempotency::{self, Answer, Claim, Standing},
};

use crate::world::{at, id, on_each};

fn claim(user: UserId, key: &str, request: &str, holder: u128, minute: i64) -> Claim {
    Claim {
        user_id: user,
        key: key.to_owned(),
        request_hash: request.to_owned(),
        holder: id(holder),
        created_at: at(minute),
        until: at(minute + 1),
    }
}

fn answer(text: &str) -> Answer {
    Answer { status: 202, location: Some("/api/v1/operations/1".into()), content: text.as_bytes().to_vec() }
}

async fn claimed(store: &Store, claim: &Claim) -> Standing {
    let mut tx = store.begin().await.unwrap();
    let standing = idempotency::claim(&mut tx, claim.clone()).await.unwrap();
    tx.commit().await.unwrap();
    standing
}

#[tokio::test]
async fn a_key_is_held_by_one_request_and_then_stands_for_its_answer() {
    on_each(async |world| {
        let (store, ada) = (&world.store, world.user().await);
        let first = claim(ada, "k", "sync", 1, 0);
        assert_eq!(claimed(store, &first).await, Standing::Claimed);
        assert_eq!(claimed(store, &claim(ada, "k", "sync", 2, 0)).await, Standing::InWork);
        assert_eq!(claimed(store, &claim(ada, "k", "undo", 2, 0)).await, Standing::OtherRequest);
        assert_eq!(claimed(store, &claim(ada, "l", "undo", 2, 0)).await, Standing::Claimed, "another key");

        let mut tx = store.begin().await.unwrap();
        assert!(idempotency::extend(&mut tx, &first, at(5)).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(claimed(store, &claim(ada, "k", "sync", 2, 4)).await, Standing::InWork, "it is alive");

        let mut tx = store.begin().await.unwrap();
        assert!(idempotency::answer(&mut tx, &first, &answer("done"), at(100)).await.unwrap());
        assert!(!idempotency::answer(&mut tx, &first, &answer("again"), at(100)).await.unwrap());
        idempotency::release(&mut tx, &first).await.unwrap();
        tx.commit().await.unwrap();
        let again = claimed(store, &claim(ada, "k", "sync", 3, 99)).await;
        assert_eq!(again, Standing::Answered(answer("done")));
        assert_eq!(claimed(store, &claim(ada, "k", "undo", 3, 99)).await, Standing::OtherRequest);
        assert_eq!(claimed(store, &claim(ada, "k", "undo", 3, 100)).await, Standing::Claimed, "forgotten");
    })
    .await;
}

#[tokio::test]
async fn a_key_of_a_request_that_died_or_was_refused_is_free() {
    on_each(async |world| {
        let (store, ada) = (&world.store, world.user().await);
        let dead = claim(ada, "k", "sync", 1, 0);
        assert_eq!(claimed(store, &dead).await, Standing::Claimed);
        let next = claim(ada, "k", "sync", 2, 1);
        assert_eq!(claimed(store, &next).await, Standing::Claimed, "no sign of life for a minute");
        let mut tx = store.begin().await.unwrap();
        assert!(!idempotency::extend(&mut tx, &dead, at(9)).await.unwrap());
        assert!(!idempotency::answer(&mut tx, &dead, &answer("late"), at(9)).await.unwrap());
        idempotency::release(&mut tx, &dead).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            claimed(store, &claim(ada, "k", "sync", 3, 1)).await,
            Standing::InWork,
            "it is the next's"
        );
        let mut tx = store.begin().await.unwrap();
        idempotency::release(&mut tx, &next).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(claimed(store, &claim(ada, "k", "sync", 3, 1)).await, Standing::Claimed);
    })
    .await;
}

#[tokio::test]
async fn of_many_at_once_one_gets_the_key() {
    on_each(async |world| {
        let (store, ada) = (&world.store, world.user().await);
        let claims = (0..8).map(|number| {
            let (store, claim) = (store.clone(), claim(ada, "k", "sync", 10 + number, 0));
            tokio::spawn(async move { claimed(&store, &claim).await })
        });
        let mut got = Vec::new();
        for task in claims.collect::<Vec<_>>() {
            got.push(task.await.unwrap());
        }
        let holders = got.iter().filter(|standing| **standing == Standing::Claimed).count();
        let others = got.iter().filter(|standing| **standing == Standing::InWork).count();
        assert_eq!((holders, others), (1, 7), "{got:?}");
    })
    .await;
}

#[tokio::test]
async fn keys_whose_time_is_over_are_removed_as_others_come() {
    on_each(async |world| {
        let (store, ada) = (&world.store, world.user().await);
        for number in 0..30 {
            let claim = claim(ada, &format!("k{number}"), "sync", number, 0);
            assert_eq!(claimed(store, &claim).await, Standing::Claimed);
        }
        for (number, left) in [(40, "11"), (41, "2"), (42, "3")] {
            let late = claim(ada, &format!("k{number}"), "sync", number, 60);
            let late = Claim { until: late.until + TimeDelta::hours(24), ..late };
            assert_eq!(claimed(store, &late).await, Standing::Claimed);
            let kept = world.text("SELECT CAST(count(*) AS text) FROM idempotency_keys").await;
            assert_eq!(kept.as_deref(), Some(left));
        }
    })
    .await;
}
