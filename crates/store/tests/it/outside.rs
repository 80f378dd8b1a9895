use lockstep_core::{
    credential::{CredentialStatus, ProviderType},
    ids::{ChannelId, CredentialId, EventId, ScheduleId},
    notification::{ChannelKind, DispatchStatus, EventType},
    session::{ArtifactKind, SessionStatus},
};
use lockstep_store::{
    Constraint, Error, Store, channels,
    channels::Channel,
    credentials,
    credentials::{Credential, Validated},
    deliveries, notifications,
    notifications::NewEvent,
    schedules,
    schedules::Schedule,
    sessions,
    sessions::{End, Session},
    stories,
    stories::{Found, ScannedStory},
    test_artifacts,
    test_artifacts::TestArtifact,
};
use serde_json::json;

use crate::world::{at, id, on_each};

#[tokio::test]
async fn a_credential_goes_through_its_states() {
    on_each(async |world| {
        let credential = Credential {
            id: id(1),
            provider_type: ProviderType::Design,
            status: CredentialStatus::Pending,
            last_validation_time: None,
            rotation_due: Some(at(99)),
            metadata: json!({"vendor": "figma", "reference": "env:FIGMA_TOKEN"}),
            created_at: at(0),
            updated_at: at(0),
        };
        let one: CredentialId = id(1);
        let mut tx = world.store.begin().await.unwrap();
        credentials::insert(&mut tx, credential.clone()).await.unwrap();
        assert_eq!(credentials::list(&mut tx).await.unwrap(), [credential]);
        use CredentialStatus::{Expired, Pending, Revoked, Valid};
        let step = async |tx: &mut lockstep_store::Tx, from, to, minute, asked| {
            credentials::transition(tx, one, from, to, at(minute), asked).await
        };
        assert!(matches!(
            step(&mut tx, Pending, Revoked, 1, Validated::NotAsked).await.unwrap_err(),
            Error::IllegalStep(_)
        ));
        step(&mut tx, Pending, Valid, 1, Validated::Asked).await.unwrap();
        let lost = step(&mut tx, Pending, Valid, 2, Validated::Asked).await.unwrap_err();
        assert!(matches!(lost, Error::Lost { .. }), "{lost}");
        step(&mut tx, Valid, Expired, 3, Validated::NotAsked).await.unwrap();
        let expired = credentials::get(&mut tx, one).await.unwrap();
        assert_eq!((expired.status, expired.last_validation_time), (Expired, Some(at(1))));
        credentials::set_metadata(&mut tx, one, json!({"vendor": "penpot"}), None, at(4)).await.unwrap();
        credentials::record_validation(&mut tx, one, at(5)).await.unwrap();
        let changed = credentials::get(&mut tx, one).await.unwrap();
        assert_eq!((changed.rotation_due, changed.last_validation_time), (None, Some(at(5))));
        assert_eq!((changed.metadata, changed.updated_at), (json!({"vendor": "penpot"}), at(5)));
        let found = credentials::of_status(&mut tx, ProviderType::Design, Expired).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(credentials::of_status(&mut tx, ProviderType::Ai, Expired).await.unwrap(), []);
        credentials::remove(&mut tx, one).await.unwrap();
        assert_eq!(credentials::list(&mut tx).await.unwrap(), []);
        assert!(matches!(credentials::remove(&mut tx, one).await, Err(Error::NotFound { .. })));
    })
    .await;
}

fn event(number: u128, event_type: EventType) -> NewEvent {
    NewEvent {
        id: id(number),
        event_type,
        payload_summary: json!({"components": number as u64}),
        channel_targets: json!(["team"]),
        correlation_id: None,
    }
}

#[tokio::test]
async fn an_event_is_claimed_by_one_dispatcher_at_a_time() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        for number in 1..=3 {
            let minute = i64::try_from(number).unwrap();
            notifications::enqueue(&mut tx, event(number, EventType::SyncCompleted), at(minute))
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let mut tx = world.store.begin().await.unwrap();
        let first = notifications::claim(&mut tx, "a", at(10), at(20), 2).await.unwrap();
        assert_eq!(first.iter().map(|event| event.id).collect::<Vec<_>>(), [id(1), id(2)]);
        assert_eq!((first[0].dispatch_status, first[0].attempt_count), (DispatchStatus::Retrying, 1));
        let second = notifications::claim(&mut tx, "b", at(10), at(20), 9).await.unwrap();
        assert_eq!(second.iter().map(|event| event.id).collect::<Vec<_>>(), [id(3)]);

        notifications::conclude(&mut tx, id(1), "a", DispatchStatus::Sent).await.unwrap();
        let lost = notifications::conclude(&mut tx, id(3), "a", DispatchStatus::Sent).await.unwrap_err();
        assert!(lost.to_string().contains("retrying by b"), "{lost}");
        let illegal = notifications::conclude(&mut tx, id(3), "b", DispatchStatus::Queued).await.unwrap_err();
        assert!(matches!(illegal, Error::IllegalStep(_)), "{illegal}");
        notifications::postpone(&mut tx, id(2), "a", at(30)).await.unwrap();
        assert_eq!(notifications::claim(&mut tx, "c", at(15), at(20), 9).await.unwrap(), []);
        // Postponed until 30; claimed until 20 by one that has died.
        let rest = notifications::claim(&mut tx, "c", at(25), at(40), 9).await.unwrap();
        assert_eq!(rest.iter().map(|event| event.id).collect::<Vec<_>>(), [id(3)]);
        let late = notifications::conclude(&mut tx, id(3), "b", DispatchStatus::Sent).await.unwrap_err();
        assert!(matches!(late, Error::Lost { .. }), "{late}");
        let rest = notifications::claim(&mut tx, "c", at(30), at(40), 9).await.unwrap();
        assert_eq!((rest.len(), rest[0].attempt_count), (1, 2));
        notifications::conclude(&mut tx, id(3), "c", DispatchStatus::Failed).await.unwrap();
        let pending = notifications::pending(&mut tx).await.unwrap();
        assert_eq!(pending.iter().map(|event| event.id).collect::<Vec<EventId>>(), [id(2)]);
        let newest = notifications::of_type(&mut tx, EventType::SyncCompleted, 2).await.unwrap();
        assert_eq!(newest.iter().map(|event| event.id).collect::<Vec<_>>(), [id(3), id(2)]);
    })
    .await;
}

#[tokio::test]
async fn a_claim_is_kept_for_as_long_as_it_is_renewed() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        assert!(!notifications::is_due(&mut tx, at(9)).await.unwrap());
        for number in 1..=2 {
            notifications::enqueue(&mut tx, event(number, EventType::SyncCompleted), at(1)).await.unwrap();
        }
        assert!(notifications::is_due(&mut tx, at(9)).await.unwrap());
        assert_eq!(notifications::claim(&mut tx, "a", at(10), at(20), 9).await.unwrap().len(), 2);
        assert!(!notifications::is_due(&mut tx, at(15)).await.unwrap(), "all are claimed");
        assert_eq!(notifications::renew(&mut tx, "a", at(30)).await.unwrap(), [id(1), id(2)].into());
        assert_eq!(notifications::claim(&mut tx, "b", at(25), at(40), 9).await.unwrap(), []);
        assert!(notifications::is_due(&mut tx, at(30)).await.unwrap(), "nobody renewed it");
        assert_eq!(notifications::claim(&mut tx, "b", at(30), at(40), 1).await.unwrap().len(), 1);
        assert_eq!(notifications::renew(&mut tx, "a", at(50)).await.unwrap().len(), 1, "one was taken over");
        notifications::postpone(&mut tx, id(1), "b", at(60)).await.unwrap();
        assert!(!notifications::is_due(&mut tx, at(45)).await.unwrap());
        assert!(notifications::is_due(&mut tx, at(60)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn dispatchers_never_share_an_event() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        for number in 0..40 {
            notifications::enqueue(&mut tx, event(number, EventType::Digest), at(0)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let other = Store::connect(world.url()).await.unwrap();
        let tasks: Vec<_> = (0..4)
            .map(|number| {
                let store = if number % 2 == 0 { world.store.clone() } else { other.clone() };
                tokio::spawn(async move {
                    let mut claimed = Vec::new();
                    loop {
                        let mut tx = store.begin().await.unwrap();
                        let by = format!("dispatcher {number}");
                        let events = notifications::claim(&mut tx, &by, at(1), at(9), 3).await.unwrap();
                        tx.commit().await.unwrap();
                        if events.is_empty() {
                            break claimed;
                        }
                        claimed.extend(events.into_iter().map(|event| event.id));
                    }
                })
            })
            .collect();
        let mut all: Vec<EventId> = Vec::new();
        for task in tasks {
            all.extend(task.await.unwrap());
        }
        all.sort();
        assert_eq!(all, (0..40).map(id).collect::<Vec<EventId>>());
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_delivery_succeeds_once() {
    on_each(async |world| {
        let channel = Channel {
            id: id(1),
            name: "team".into(),
            kind: ChannelKind::Slack,
            categories: json!(["digest"]),
            settings: json!({"channel": "#design"}),
            credential_id: None,
            enabled: true,
            created_at: at(0),
            updated_at: at(0),
            rules: json!({}),
            owner: None,
        };
        let team: ChannelId = id(1);
        let mut tx = world.store.begin().await.unwrap();
        channels::put(&mut tx, channel.clone()).await.unwrap();
        let quiet = Channel { enabled: false, updated_at: at(1), created_at: at(1), ..channel.clone() };
        channels::put(&mut tx, quiet).await.unwrap();
        let kept = channels::get(&mut tx, team).await.unwrap();
        assert_eq!((kept.enabled, kept.created_at, kept.updated_at), (false, at(0), at(1)));
        notifications::enqueue(&mut tx, event(7, EventType::Digest), at(0)).await.unwrap();

        let delivery = deliveries::ensure(&mut tx, id(1), id(7), team, at(1)).await.unwrap();
        assert_eq!(deliveries::ensure(&mut tx, id(2), id(7), team, at(2)).await.unwrap(), delivery);
        assert_eq!(deliveries::begin_attempt(&mut tx, delivery.id, at(3)).await.unwrap(), 1);
        deliveries::record_error(&mut tx, delivery.id, "503").await.unwrap();
        assert_eq!(deliveries::begin_attempt(&mut tx, delivery.id, at(4)).await.unwrap(), 2);
        deliveries::conclude(&mut tx, delivery.id, DispatchStatus::Sent, None, at(5)).await.unwrap();
        let again = deliveries::begin_attempt(&mut tx, delivery.id, at(6)).await.unwrap_err();
        assert!(matches!(again, Error::IllegalStep(_)), "{again}");
        let twice = deliveries::conclude(&mut tx, delivery.id, DispatchStatus::Failed, None, at(6))
            .await
            .unwrap_err();
        assert!(matches!(twice, Error::Lost { .. }), "{twice}");
        let done = deliveries::of_event(&mut tx, id(7)).await.unwrap();
        assert_eq!((done.len(), done[0].delivered_at, done[0].attempt_count), (1, Some(at(5)), 2));
        tx.commit().await.unwrap();

        let mut tx = world.store.begin().await.unwrap();
        let taken = channels::put(&mut tx, Channel { id: id(2), ..channel }).await.unwrap_err();
        assert!(taken.violates(Constraint::Unique), "{taken}");
        drop(tx);
        let mut tx = world.store.read().await.unwrap();
        assert_eq!(channels::list(&mut tx).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_once() {
    on_each(async |world| {
        let story =
            ScannedStory { id: id(1), story_id: "button--primary".into(), scan_hash: "primary".into() };
        let found = Found {
            component_id: None,
            title: "Button".into(),
            name: "Primary".into(),
            export_name: "Primary".into(),
            file: "b.tsx".into(),
            detail: json!({}),
        };
        let session = |number, minute| Session {
            id: id(number),
            story_id: id(1),
            start_time: at(minute),
            end_time: None,
            status: SessionStatus::Running,
            performance_summary: None,
            correlation_id: id(5),
            reason: None,
            process: Some("host:1".into()),
            detail: json!({}),
        };
        let mut tx = world.store.begin().await.unwrap();
        stories::record_scan(&mut tx, vec![story], |_| found.clone(), stories::Unfound::Gone, at(0))
            .await
            .unwrap();
        sessions::insert(&mut tx, session(1, 1)).await.unwrap();
        sessions::insert(&mut tx, session(2, 2)).await.unwrap();
        let end = End {
            status: SessionStatus::Failed,
            at: at(3),
            performance_summary: Some(json!({"lcp": 812.5})),
            reason: Some("the play function threw".into()),
            detail: Some(json!({"code": "1f"})),
        };
        sessions::end(&mut tx, id(1), end.clone()).await.unwrap();
        let twice = sessions::end(&mut tx, id(1), End { status: SessionStatus::Passed, ..end.clone() }).await;
        assert!(matches!(twice.unwrap_err(), Error::Lost { .. }));
        let backwards = sessions::end(&mut tx, id(2), End { status: SessionStatus::Running, ..end }).await;
        assert!(matches!(backwards.unwrap_err(), Error::IllegalStep(_)));
        let ended = sessions::get(&mut tx, id(1)).await.unwrap();
        assert_eq!((ended.status, ended.end_time), (SessionStatus::Failed, Some(at(3))));
        assert_eq!(ended.performance_summary, Some(json!({"lcp": 812.5})));
        assert_eq!(sessions::running(&mut tx).await.unwrap(), [session(2, 2)]);
        assert_eq!(ended.detail, json!({"code": "1f"}));
        let prefix = ended.id.to_string();
        assert_eq!(sessions::by_prefix(&mut tx, &prefix).await.unwrap(), ended);
        let ambiguous = sessions::by_prefix(&mut tx, &prefix[..4]).await.unwrap_err();
        assert!(matches!(ambiguous, Error::Ambiguous { count: 2, .. }), "{ambiguous}");
        assert!(matches!(sessions::by_prefix(&mut tx, "%").await.unwrap_err(), Error::NotFound { .. }));
        assert_eq!(sessions::latest(&mut tx, 9).await.unwrap(), [session(2, 2), ended]);
        let newest = sessions::of_story(&mut tx, id(1), 1).await.unwrap();
        assert_eq!(newest, [session(2, 2)]);

        let artifact = TestArtifact {
            id: id(1),
            session_id: id(1),
            kind: ArtifactKind::Screenshot,
            media_type: "image/png".into(),
            content_hash: "h".into(),
            size: 1234,
            path: "artifacts/1.png".into(),
            created_at: at(3),
        };
        test_artifacts::insert(&mut tx, artifact.clone()).await.unwrap();
        assert_eq!(test_artifacts::of_session(&mut tx, id(1)).await.unwrap(), [artifact]);
        assert_eq!(test_artifacts::of_session(&mut tx, id(2)).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_due_schedule_is_run_by_one_machine() {
    on_each(async |world| {
        let user = world.user().await;
        let schedule = Schedule {
            id: id(1),
            name: "nightly".into(),
            cron: "0 3 * * *".into(),
            timezone: "Europe/Berlin".into(),
            action: "maintain".into(),
            detail: json!({}),
            enabled: true,
            created_by: Some(user),
            next_run_at: Some(at(10)),
            last_run_at: None,
            last_result: None,
            claimed_by: None,
            claimed_until: None,
            created_at: at(0),
            updated_at: at(0),
        };
        let nightly: ScheduleId = id(1);
        let mut tx = world.store.begin().await.unwrap();
        schedules::put(&mut tx, schedule.clone()).await.unwrap();
        let off = Schedule { id: id(2), name: "off".into(), enabled: false, ..schedule.clone() };
        schedules::put(&mut tx, off).await.unwrap();
        assert_eq!(schedules::claim_due(&mut tx, &["maintain"], "a", at(9), at(20)).await.unwrap(), None);
        assert_eq!(schedules::claim_due(&mut tx, &["digest"], "a", at(10), at(20)).await.unwrap(), None);
        assert!(!schedules::is_due(&mut tx, "digest", at(10)).await.unwrap());
        assert!(schedules::is_due(&mut tx, "maintain", at(10)).await.unwrap());
        let claimed = schedules::claim_due(&mut tx, &["digest", "maintain"], "a", at(10), at(20))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((claimed.id, claimed.claimed_by.as_deref()), (nightly, Some("a")));
        assert_eq!(schedules::claim_due(&mut tx, &["maintain"], "b", at(11), at(20)).await.unwrap(), None);
        assert!(!schedules::is_due(&mut tx, "maintain", at(11)).await.unwrap(), "it is taken");
        let other = schedules::record_run(&mut tx, nightly, "b", json!({}), at(12), None).await.unwrap_err();
        assert!(matches!(other, Error::Lost { .. }), "{other}");
        schedules::record_run(&mut tx, nightly, "a", json!({"removed": 3}), at(12), Some(at(99)))
            .await
            .unwrap();
        let changed = Schedule { cron: "0 4 * * *".into(), next_run_at: Some(at(98)), ..schedule };
        schedules::put(&mut tx, changed).await.unwrap();
        let kept = schedules::get(&mut tx, nightly).await.unwrap();
        assert_eq!((kept.last_run_at, kept.next_run_at), (Some(at(12)), Some(at(98))));
        assert_eq!((kept.last_result, kept.cron.as_str()), (Some(json!({"removed": 3})), "0 4 * * *"));
        let names = schedules::list(&mut tx).await.unwrap().into_iter().map(|schedule| schedule.name);
        assert_eq!(names.collect::<Vec<_>>(), ["nightly", "nightly-maintenance", "nightly-sync", "off"]);
    })
    .await;
}
