//! Numbers over several tables.

use chrono::TimeDelta;
use lockstep_core::{
    credential::{CredentialStatus, ProviderType},
    ids::{CredentialId, QueueEntryId},
    registry::MappingStatus,
    undo::{Outcome, UndoAction},
};
use lockstep_store::{
    credentials, credentials::Credential, drift_queue, evaluations, evaluations::Evaluated, measures, quotas,
    quotas::Limit, undo_events, undo_events::UndoEvent,
};
use serde_json::{Value, json};

use crate::world::{World, at, id, on_each};

impl World {
    async fn judged(&self, component: u128, status: MappingStatus, drift: Option<Value>) {
        let evaluated =
            Evaluated { id: id(component), mapping_status: status, contract_hash: None, drift, design: None };
        let mut tx = self.store.begin().await.unwrap();
        evaluations::record(&mut tx, vec![evaluated], at(1)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_open_is_counted_by_who_moved_and_how_bad_it_is() {
    on_each(async |world| {
        world.components(&["Button", "Card", "Tabs", "Toast"]).await;
        let change = |moved: &str, severity: &str| json!({ "moved": moved, "severity": severity });
        let aside = json!({ "moved": "conflict", "severity": "high", "aside": true });
        let drift = json!([change("code_ahead", "high"), change("code_ahead", "high"), aside]);
        world.judged(100, MappingStatus::Drift, Some(drift)).await;
        let drift = json!([change("design_ahead", "low"), change("code_ahead", "high")]);
        world.judged(101, MappingStatus::Drift, Some(drift)).await;
        world.judged(102, MappingStatus::Mapped, Some(json!([]))).await;
        world.sql("UPDATE component_artifacts SET drift = NULL WHERE name = 'Toast'").await.unwrap();
        let mut tx = world.store.read().await.unwrap();
        let open = measures::drift(&mut tx).await.unwrap();
        let open: Vec<_> =
            open.iter().map(|row| (row.moved.as_str(), row.severity.as_str(), row.changes)).collect();
        assert_eq!(open, [("code_ahead", "high", 3), ("design_ahead", "low", 1)]);
        let mut mapped = measures::mappings(&mut tx).await.unwrap();
        mapped.sort_by_key(|row| row.status.as_str());
        let mapped: Vec<_> = mapped.iter().map(|row| (row.status, row.components)).collect();
        let expected = [(MappingStatus::Drift, 2), (MappingStatus::Mapped, 1), (MappingStatus::Unmapped, 1)];
        assert_eq!(mapped, expected);
    })
    .await;
}

#[tokio::test]
async fn the_queue_is_counted_by_how_its_entries_stand() {
    on_each(async |world| {
        let ids = world.components(&["Button", "Card", "Tabs"]).await;
        let mut tx = world.store.begin().await.unwrap();
        assert_eq!(measures::queue(&mut tx).await.unwrap(), []);
        for (number, component) in (1..).zip(&ids) {
            let entry: QueueEntryId = id(number);
            drift_queue::enqueue(&mut tx, vec![(entry, *component)], at(number as i64)).await.unwrap();
        }
        drift_queue::claim(&mut tx, "worker", at(9), at(19), 1).await.unwrap();
        let mut rows = measures::queue(&mut tx).await.unwrap();
        rows.sort_by_key(|row| row.attempts);
        let rows: Vec<_> =
            rows.iter().map(|row| (row.attempts, row.is_leased, row.entries, row.oldest)).collect();
        assert_eq!(rows, [(0, false, 2, at(2)), (1, true, 1, at(1))]);
    })
    .await;
}

#[tokio::test]
async fn undos_are_counted_by_how_they_ended() {
    on_each(async |world| {
        let operation = world.operation(7, 0).await;
        let mut tx = world.store.begin().await.unwrap();
        for (number, outcome) in [(1, Outcome::Done), (2, Outcome::Done), (3, Outcome::Refused)] {
            let event = UndoEvent {
                id: id(number),
                sync_operation_id: operation,
                component_id: None,
                action: UndoAction::Undo,
                outcome,
                merged: false,
                actor: None,
                at: at(1),
                reason: None,
                correlation_id: None,
            };
            undo_events::append(&mut tx, vec![event]).await.unwrap();
        }
        let mut rows = measures::undos(&mut tx).await.unwrap();
        rows.sort_by_key(|row| row.outcome);
        let rows: Vec<_> = rows.iter().map(|row| (row.action, row.outcome, row.events)).collect();
        assert_eq!(rows, [(UndoAction::Undo, Outcome::Done, 2), (UndoAction::Undo, Outcome::Refused, 1)]);
        assert_eq!(measures::deliveries(&mut tx).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn what_was_told_of_a_quota_comes_with_the_calls_since() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        let credential: CredentialId = id(1);
        let row = Credential {
            id: credential,
            provider_type: ProviderType::Design,
            status: CredentialStatus::Valid,
            last_validation_time: None,
            rotation_due: None,
            metadata: json!({ "name": "figma" }),
            created_at: at(0),
            updated_at: at(0),
        };
        credentials::ensure(&mut tx, row).await.unwrap();
        for (tier, calls, minute) in [("tier-1", 2, 10), ("tier-1", 3, 100), ("tier-2", 9, 100)] {
            quotas::count(&mut tx, credential, tier, calls, at(minute)).await.unwrap();
        }
        let now = at(100) + TimeDelta::seconds(1);
        assert_eq!(measures::quotas(&mut tx, "tier-1", now).await.unwrap(), [], "nobody has said anything");
        for resource in ["one", "other"] {
            let limit = Limit {
                credential_id: credential,
                resource: resource.into(),
                call: "file".into(),
                told_at: at(100),
                until: at(101),
                kind: Some("low".into()),
                plan: None,
                upgrade: None,
            };
            quotas::set_limit(&mut tx, limit).await.unwrap();
        }
        let told = measures::quotas(&mut tx, "tier-1", now).await.unwrap();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((told[0].in_minute, told[0].in_month), (3, 5));
        assert_eq!(
            (told[0].metadata["name"].as_str(), told[0].kind.as_deref()),
            (Some("figma"), Some("low"))
        );
    })
    .await;
}
