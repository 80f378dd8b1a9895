//! What one message tells of, what is muted, and channels that go.

use lockstep_core::{
    ids::{ChannelId, EventId},
    notification::{ChannelKind, DispatchStatus, EventType},
};
use lockstep_store::{
    Constraint, channels,
    channels::Channel,
    deliveries, mutes,
    mutes::Mute,
    notifications::{self, NewEvent},
};
use serde_json::json;

use crate::world::{World, at, id, on_each};

/// A channel, and events of these numbers at the minute of their number.
async fn told(world: &World, events: std::ops::RangeInclusive<u128>) -> ChannelId {
    let owner = world.user().await;
    let channel = Channel {
        id: id(1),
        name: "team".into(),
        kind: ChannelKind::Webhook,
        categories: json!(["drift_detected"]),
        settings: json!({}),
        credential_id: None,
        enabled: true,
        created_at: at(0),
        updated_at: at(0),
        rules: json!({ "gather_seconds": 60 }),
        owner: Some(owner),
    };
    let mut tx = world.store.begin().await.unwrap();
    channels::put(&mut tx, channel.clone()).await.unwrap();
    assert_eq!(channels::get(&mut tx, id(1)).await.unwrap(), channel);
    for number in events {
        let event = NewEvent {
            id: id(number),
            event_type: EventType::DriftDetected,
            payload_summary: json!({}),
            channel_targets: json!([id::<ChannelId>(1)]),
            correlation_id: None,
        };
        let minute = i64::try_from(number).unwrap();
        notifications::enqueue(&mut tx, event, at(minute)).await.unwrap();
    }
    tx.commit().await.unwrap();
    id(1)
}

#[tokio::test]
async fn what_a_message_tells_of_ends_as_it_does_and_is_told_with_no_other() {
    on_each(async |world| {
        let team = told(&world, 11..=14).await;
        let mut tx = world.store.begin().await.unwrap();
        for number in 11..=14 {
            deliveries::ensure(&mut tx, id(number), id(number), team, at(20)).await.unwrap();
        }
        deliveries::begin_attempt(&mut tx, id(11), at(20)).await.unwrap();
        deliveries::begin_attempt(&mut tx, id(14), at(20)).await.unwrap();
        assert!(deliveries::tell_with(&mut tx, id(13), id(11), at(20)).await.unwrap());
        assert!(deliveries::tell_with(&mut tx, id(12), id(11), at(20)).await.unwrap());
        assert!(!deliveries::tell_with(&mut tx, id(12), id(14), at(20)).await.unwrap(), "it is told already");
        assert!(!deliveries::tell_with(&mut tx, id(14), id(11), at(20)).await.unwrap(), "it was begun with");
        let with = deliveries::told_with(&mut tx, id(11), team).await.unwrap();
        assert_eq!(with, [id(12), id(13)] as [EventId; 2]);
        deliveries::conclude(&mut tx, id(11), DispatchStatus::Sent, None, at(21)).await.unwrap();
        deliveries::conclude_with(&mut tx, id(11), team, DispatchStatus::Sent, None, at(21)).await.unwrap();
        let sent = deliveries::recent(&mut tx, Some(DispatchStatus::Sent), 9).await.unwrap();
        assert_eq!(sent.len(), 3);
        assert!(sent.iter().all(|one| one.delivered_at == Some(at(21))), "{sent:?}");
        let left = deliveries::recent(&mut tx, Some(DispatchStatus::Retrying), 9).await.unwrap();
        assert_eq!(left.iter().map(|one| one.event_id).collect::<Vec<_>>(), [id(14)] as [EventId; 1]);
        let again =
            deliveries::conclude_with(&mut tx, id(14), team, DispatchStatus::Queued, None, at(21)).await;
        assert!(again.is_err(), "that is no step");
        let queued = notifications::recent(&mut tx, Some(DispatchStatus::Queued), 2).await.unwrap();
        assert_eq!(queued.iter().map(|event| event.id).collect::<Vec<_>>(), [id(14), id(13)]);
        assert_eq!(notifications::recent(&mut tx, Some(DispatchStatus::Sent), 9).await.unwrap(), []);
        assert_eq!(notifications::recent(&mut tx, None, 9).await.unwrap().len(), 4);
    })
    .await;
}

#[tokio::test]
async fn a_mute_holds_until_its_end_and_what_ended_is_known_to_have_held() {
    on_each(async |world| {
        let team = told(&world, 11..=11).await;
        let mute = |number, until| Mute {
            id: id(number),
            component: "Card*".into(),
            channel_id: Some(team),
            until,
            reason: "redrawn".into(),
            created_by: id(1),
            created_at: at(10),
        };
        let mut tx = world.store.begin().await.unwrap();
        mutes::insert(&mut tx, mute(1, Some(at(20)))).await.unwrap();
        mutes::insert(&mut tx, mute(2, None)).await.unwrap();
        assert_eq!(mutes::list(&mut tx).await.unwrap(), [mute(1, Some(at(20))), mute(2, None)]);
        mutes::end(&mut tx, id(2), at(30)).await.unwrap();
        let held = |minute| [mute(1, Some(at(20))), mute(2, Some(at(30)))].map(|mute| mute.held(at(minute)));
        assert_eq!(mutes::list(&mut tx).await.unwrap()[1], mute(2, Some(at(30))));
        assert_eq!(
            [held(9), held(10), held(20), held(30)],
            [[false; 2], [true; 2], [false, true], [false; 2]]
        );
        assert!(mutes::end(&mut tx, id(9), at(30)).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_channel_goes_with_what_is_known_of_it() {
    on_each(async |world| {
        let team = told(&world, 11..=11).await;
        let mute = Mute {
            id: id(1),
            component: "Card".into(),
            channel_id: Some(team),
            until: None,
            reason: String::new(),
            created_by: id(1),
            created_at: at(10),
        };
        let mut tx = world.store.begin().await.unwrap();
        deliveries::ensure(&mut tx, id(1), id(11), team, at(20)).await.unwrap();
        mutes::insert(&mut tx, mute).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = world.store.begin().await.unwrap();
        let held = channels::remove(&mut tx, team).await.unwrap_err();
        assert!(held.violates(Constraint::ForeignKey), "{held}");
        drop(tx);
        let mut tx = world.store.begin().await.unwrap();
        deliveries::remove_of_channel(&mut tx, team).await.unwrap();
        mutes::remove_of_channel(&mut tx, team).await.unwrap();
        channels::remove(&mut tx, team).await.unwrap();
        assert_eq!(channels::list(&mut tx).await.unwrap(), []);
        assert_eq!(notifications::recent(&mut tx, None, 9).await.unwrap().len(), 1, "what happened stays");
    })
    .await;
}
