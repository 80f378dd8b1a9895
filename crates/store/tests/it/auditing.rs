use lockstep_core::{audit::Tampering, undo::Outcome};
use lockstep_store::{Store, audit, audit::Act};
use serde_json::json;

use crate::world::{World, at, id, on_each};

fn act(number: u128) -> Act {
    Act {
        id: id(number),
        at: at(i64::try_from(number).unwrap()),
        actor: None,
        actor_name: "ada".into(),
        action: "sync".into(),
        outcome: Outcome::Done,
        component_count: 3,
        correlation_id: Some(id(77)),
        detail: json!({"ratio": 0.1, "big": 9_007_199_254_740_992_i64, "exp": 1e21, "text": "é \"\\", "none": null}),
    }
}

async fn append(world: &World, numbers: std::ops::Range<u128>) {
    for number in numbers {
        let mut tx = world.store.begin().await.unwrap();
        audit::append(&mut tx, act(number)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn entries_chain_and_what_comes_back_still_hashes_the_same() {
    on_each(async |world| {
        append(&world, 1..6).await;
        let mut tx = world.store.read().await.unwrap();
        let verification = audit::verify(&mut tx).await.unwrap();
        assert_eq!((verification.verified, verification.tampering), (5, None));
        let page = audit::list(&mut tx, None, 2).await.unwrap();
        assert_eq!(page.iter().map(|link| link.entry.seq).collect::<Vec<_>>(), [5, 4]);
        assert_eq!(verification.head, page[0].entry_hash);
        assert_eq!(page[0].previous_hash, page[1].entry_hash);
        let page = audit::list(&mut tx, Some(4), 9).await.unwrap();
        assert_eq!(page.iter().map(|link| link.entry.seq).collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!(page[0].entry.detail, act(3).detail);
    })
    .await;
}

#[tokio::test]
async fn a_long_chain_is_verified_in_pages() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        for number in 1..1102 {
            audit::append(&mut tx, act(number)).await.unwrap();
        }
        assert_eq!(audit::verify(&mut tx).await.unwrap().verified, 1101);
    })
    .await;
}

#[tokio::test]
async fn processes_that_append_at_once_make_one_chain() {
    on_each(async |world| {
        let other = Store::connect(world.url()).await.unwrap();
        let tasks: Vec<_> = (1..=20)
            .map(|number| {
                let store = if number % 2 == 0 { world.store.clone() } else { other.clone() };
                tokio::spawn(async move {
                    let mut tx = store.begin().await.unwrap();
                    audit::append(&mut tx, act(number)).await.unwrap();
                    tx.commit().await.unwrap();
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let mut tx = world.store.read().await.unwrap();
        let verification = audit::verify(&mut tx).await.unwrap();
        assert_eq!((verification.verified, verification.tampering), (20, None));
        drop(tx);
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_act_that_is_rolled_back_leaves_no_gap() {
    on_each(async |world| {
        append(&world, 1..3).await;
        let mut tx = world.store.begin().await.unwrap();
        audit::append(&mut tx, act(3)).await.unwrap();
        tx.roll_back().await.unwrap();
        append(&world, 4..6).await;
        let mut tx = world.store.read().await.unwrap();
        assert_eq!(audit::verify(&mut tx).await.unwrap().verified, 4);
    })
    .await;
}

#[tokio::test]
async fn tampering_shows() {
    on_each(async |world| {
        append(&world, 1..6).await;
        for sql in ["UPDATE audit_log SET actor_name = 'eve'", "DELETE FROM audit_log WHERE seq = 5"] {
            let error = world.sql(sql).await.unwrap_err();
            assert!(error.to_string().contains("audit_log is append-only"), "{error}");
        }
        // Whoever owns the database can take the guard away; the chain still tells.
        let guards: &[&str] = if world.is_sqlite() {
            &["DROP TRIGGER audit_log_no_update", "DROP TRIGGER audit_log_no_delete"]
        } else {
            &["DROP TRIGGER audit_log_append_only ON audit_log"]
        };
        for guard in guards {
            world.sql(guard).await.unwrap();
        }
        for (tamper, back, found, verified) in [
            (
                "UPDATE audit_log SET actor_name = 'eve' WHERE seq = 3",
                "UPDATE audit_log SET actor_name = 'ada' WHERE seq = 3",
                Tampering::Changed { seq: 3 },
                2,
            ),
            (
                "UPDATE audit_log SET detail = '{}' WHERE seq = 5",
                "UPDATE audit_log SET outcome = 'done' WHERE seq = 5",
                Tampering::Changed { seq: 5 },
                4,
            ),
            (
                "DELETE FROM audit_log WHERE seq = 2",
                "UPDATE audit_log SET outcome = 'done'",
                Tampering::Missing { seq: 2 },
                1,
            ),
        ] {
            world.sql(tamper).await.unwrap();
            let mut tx = world.store.read().await.unwrap();
            let verification = audit::verify(&mut tx).await.unwrap();
            assert_eq!((verification.tampering, verification.verified), (Some(found), verified));
            drop(tx);
            world.sql(back).await.unwrap();
        }
    })
    .await;
}
