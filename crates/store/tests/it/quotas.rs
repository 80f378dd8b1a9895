use lockstep_core::{
    credential::{CredentialStatus, ProviderType},
    ids::CredentialId,
};
use lockstep_store::{credentials, credentials::Credential, quotas, quotas::Limit};
use serde_json::json;

use crate::world::{World, at, id, on_each};

async fn credential(world: &World, number: u128) -> CredentialId {
    let mut tx = world.store.begin().await.unwrap();
    let made = |reference: &str| Credential {
        id: id(number),
        provider_type: ProviderType::Design,
        status: CredentialStatus::Pending,
        last_validation_time: None,
        rotation_due: None,
        metadata: json!({ "reference": reference }),
        created_at: at(0),
        updated_at: at(0),
    };
    credentials::ensure(&mut tx, made("env:A")).await.unwrap();
    let kept = credentials::ensure(&mut tx, made("env:B")).await.unwrap();
    assert_eq!(kept.metadata, json!({ "reference": "env:A" }), "what is there stays");
    tx.commit().await.unwrap();
    id(number)
}

#[tokio::test]
async fn calls_are_counted_by_credential_tier_and_minute() {
    on_each(async |world| {
        let (ada, bob) = (credential(&world, 1).await, credential(&world, 2).await);
        let mut tx = world.store.begin().await.unwrap();
        for (who, tier, calls, minute) in [
            (ada, "one", 2, 10),
            (ada, "one", 3, 10),
            (ada, "two", 1, 10),
            (ada, "one", 1, 12),
            (bob, "one", 7, 12),
        ] {
            quotas::count(&mut tx, who, tier, calls, at(minute)).await.unwrap();
        }
        for (who, tier, since, expected) in [
            (ada, "one", 0, 6),
            (ada, "one", 11, 1),
            (ada, "two", 0, 1),
            (ada, "three", 0, 0),
            (bob, "one", 12, 7),
        ] {
            let counted = quotas::calls_since(&mut tx, who, tier, at(since)).await.unwrap();
            assert_eq!(counted, expected, "{tier} since {since}");
        }
        // Three months later nothing of this matters any more.
        quotas::count(&mut tx, ada, "one", 1, at(90 * 24 * 60)).await.unwrap();
        assert_eq!(quotas::calls_since(&mut tx, ada, "one", at(0)).await.unwrap(), 1);
        assert_eq!(quotas::calls_since(&mut tx, bob, "one", at(0)).await.unwrap(), 7);
    })
    .await;
}

#[tokio::test]
async fn of_two_limits_the_longer_one_stands() {
    on_each(async |world| {
        let ada = credential(&world, 1).await;
        let limit = |resource: &str, told, until| Limit {
            credential_id: ada,
            resource: resource.into(),
            call: "GET /v1/files/KEY".into(),
            told_at: at(told),
            until: at(until),
            kind: Some("low".into()),
            plan: None,
            upgrade: None,
        };
        let mut tx = world.store.begin().await.unwrap();
        for said in [limit("KEY", 1, 50), limit("KEY", 2, 3), limit("OTHER", 2, 4)] {
            quotas::set_limit(&mut tx, said).await.unwrap();
        }
        assert_eq!(quotas::limit(&mut tx, ada, "KEY").await.unwrap(), Some(limit("KEY", 1, 50)));
        assert_eq!(quotas::limit(&mut tx, ada, "OTHER").await.unwrap(), Some(limit("OTHER", 2, 4)));
        quotas::set_limit(&mut tx, limit("KEY", 60, 61)).await.unwrap();
        assert_eq!(quotas::limit(&mut tx, ada, "KEY").await.unwrap(), Some(limit("KEY", 60, 61)));
        assert_eq!(quotas::limit(&mut tx, id(9), "KEY").await.unwrap(), None);
    })
    .await;
}
