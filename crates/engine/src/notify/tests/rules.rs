//! Quiet hours, bursts, mutes, thresholds, and channels of users' own.

use lockstep_core::{
    ids::UserId,
    notification::QuietHours,
    registry::UserKind,
    role::{Grant, Role},
};
use lockstep_store::{deliveries, users};

use super::*;
use crate::context::Actor;

impl Desk {
    async fn drifts(&self, each: &[(&str, usize)]) {
        self.tells(EventType::DriftDetected, burst::drift(each)).await;
    }

    async fn tells(&self, event_type: EventType, payload: Value) {
        let mut tx = self.engine.store.begin().await.unwrap();
        self.engine.enqueue(&mut tx, event_type, payload).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn change(&self, change: ChannelChange) {
        self.engine.change_channel("webhook", change).await.unwrap();
    }

    /// What came to the receiver: the id and the data of each.
    fn came(&self) -> Vec<(String, Value)> {
        let one = |came: lockstep_testkit::provider::Came| {
            let body: Value = serde_json::from_str(&came.body).unwrap();
            (came.headers["webhook-id"].clone(), body["data"].clone())
        };
        self.provider.came().into_iter().map(one).collect()
    }
}

/// A desk whose channel has these rules, and a receiver that takes all.
async fn desk(rules: ChannelRules) -> Desk {
    let mut desk = Desk::new().await;
    desk.rules = rules;
    desk.webhook().await;
    desk.provider.answer("/hook", Reply::new(204, ""));
    desk
}

#[tokio::test]
async fn what_happens_in_quiet_hours_comes_when_they_end_and_what_is_urgent_at_once() {
    let now = Utc::now();
    let clock = |hours| (now + TimeDelta::hours(hours)).format("%H:%M").to_string();
    let hours = format!("{}-{}", clock(-1), clock(2));
    let quiet = QuietHours::new(&hours, "UTC", vec![EventType::CredentialStatus]).unwrap();
    let desk = desk(ChannelRules { quiet: Some(quiet), ..alone() }).await;
    let categories = Some(vec![EventType::DriftDetected, EventType::CredentialStatus]);
    desk.change(ChannelChange { categories, ..ChannelChange::default() }).await;
    desk.drifts(&[("Button", 1)]).await;
    desk.drifts(&[("Card", 1)]).await;
    assert_eq!(desk.dispatch().await, [""; 0]);
    desk.tells(EventType::CredentialStatus, json!({ "credential": "figma", "status": "revoked" })).await;
    assert_eq!(desk.dispatch().await, ["webhook sent 1"], "what is held back holds up nothing urgent");
    desk.pass(3_600);
    assert_eq!(desk.dispatch().await, [""; 0]);
    desk.pass(3_600);
    assert_eq!(desk.dispatch().await, ["webhook sent 1", "webhook sent 1"], "and it was not tried before");
    let came = desk.came();
    let told: Vec<&Value> = came.iter().map(|(_, data)| &data["names"][0]).collect();
    assert_eq!(told, [&Value::Null, &json!("Button"), &json!("Card")]);
}

#[tokio::test]
async fn quiet_hours_that_are_taken_back_hold_nothing_back() {
    let now = Utc::now();
    let clock = |hours| (now + TimeDelta::hours(hours)).format("%H:%M").to_string();
    let quiet = QuietHours::new(&format!("{}-{}", clock(-1), clock(9)), "UTC", Vec::new()).unwrap();
    let desk = desk(ChannelRules { quiet: Some(quiet), ..alone() }).await;
    desk.drifts(&[("Button", 1)]).await;
    assert_eq!(desk.dispatch().await, [""; 0]);
    desk.change(ChannelChange { rules: Some(alone()), ..ChannelChange::default() }).await;
    desk.pass(600);
    assert_eq!(desk.dispatch().await, ["webhook sent 1"]);
}

#[tokio::test]
async fn a_burst_is_one_message() {
    let mut desk = desk(ChannelRules::default()).await;
    desk.haste = Haste::Gathering;
    let names: Vec<String> = (0..100).map(|number| format!("C{number}")).collect();
    for name in &names {
        desk.drifts(&[(name, 2)]).await;
    }
    assert_eq!(desk.dispatch().await, [""; 0], "it waits for what may come");
    desk.pass(11);
    assert_eq!(desk.dispatch().await, ["webhook sent 1"]);
    let came = desk.came();
    assert_eq!((came.len(), &came[0].1["components"], &came[0].1["changes"]), (1, &100.into(), &200.into()));
    desk.pass(2);
    assert_eq!(desk.dispatch().await, [""; 0]);
    assert_eq!(desk.states().await, [DispatchStatus::Sent; 100]);
    let all = desk.engine.deliveries(200, Some(DispatchStatus::Sent)).await.unwrap();
    let leader = all.iter().find(|one| one.told_with.is_none()).unwrap();
    assert_eq!(leader.event.to_string(), came[0].0);
    assert_eq!(all.iter().filter(|one| one.told_with == Some(leader.event)).count(), 99);
}

#[tokio::test]
async fn what_is_gathered_holds_up_nothing_else() {
    let mut desk = desk(ChannelRules { gather_seconds: Some(3_600), ..ChannelRules::default() }).await;
    let categories = Some(EventType::ALL.to_vec());
    desk.change(ChannelChange { categories, ..ChannelChange::default() }).await;
    desk.haste = Haste::Gathering;
    desk.drifts(&[("Button", 1)]).await;
    desk.tells(EventType::CredentialStatus, json!({ "credential": "figma", "status": "revoked" })).await;
    desk.drifts(&[("Card", 1)]).await;
    assert_eq!(desk.dispatch().await, ["webhook sent 1"]);
    assert_eq!(desk.came()[0].1["credential"], "figma");
    desk.pass(3_601);
    assert_eq!(desk.dispatch().await, ["webhook sent 1"]);
    assert_eq!(desk.came()[0].1["names"], json!(["Button", "Card"]));
}

#[tokio::test]
async fn another_try_tells_of_the_same_events() {
    let desk = desk(ChannelRules::default()).await;
    desk.drifts(&[("Button", 1)]).await;
    desk.drifts(&[("Card", 1)]).await;
    desk.provider.answer_once("/hook", Reply::new(503, ""));
    assert_eq!(desk.dispatch().await, ["webhook retrying 1"]);
    desk.drifts(&[("Input", 1)]).await;
    desk.pass(10);
    assert_eq!(desk.dispatch().await, ["webhook sent 2", "webhook sent 1"]);
    let came = desk.came();
    assert_eq!((came.len(), &came[0]), (3, &came[1]), "a receiver that took the first lost nothing");
    assert_eq!((&came[0].1["names"], &came[2].1["names"]), (&json!(["Button", "Card"]), &json!(["Input"])));
    assert_eq!(desk.states().await, [DispatchStatus::Sent; 3]);
    // Given up, all that the message told of is, and each can be sent again.
    desk.provider.answer("/hook", Reply::new(404, ""));
    desk.drifts(&[("Button", 1)]).await;
    desk.drifts(&[("Card", 1)]).await;
    assert_eq!(desk.dispatch().await, ["webhook failed 1"]);
    let failed = desk.engine.events(100, Some(DispatchStatus::Failed)).await.unwrap();
    assert_eq!(failed.len(), 2);
    desk.provider.answer("/hook", Reply::new(204, ""));
    for event in failed {
        desk.engine.retry_event(event.id).await.unwrap();
    }
    assert_eq!(desk.dispatch().await, ["webhook sent 1"], "together again");
}

#[tokio::test]
async fn nobody_is_told_of_what_is_muted_until_that_ends() {
    let desk = desk(alone()).await;
    let mute = |until| MuteRequest {
        component: "Card*".to_owned(),
        channel: None,
        until,
        reason: "being redrawn".to_owned(),
    };
    let past = desk.engine.mute(mute(Some(desk.engine.now()))).await.unwrap_err();
    assert!(past.to_string().contains("its end is past"), "{past}");
    desk.engine.mute(mute(Some(desk.engine.now() + TimeDelta::days(1)))).await.unwrap();
    desk.drifts(&[("Button", 1), ("Card", 2)]).await;
    desk.drifts(&[("Card.Footer", 1)]).await;
    assert_eq!(desk.dispatch().await, ["webhook sent 1"]);
    let came = desk.came();
    assert_eq!((&came[0].1["names"], &came[0].1["changes"]), (&json!(["Button"]), &1.into()));
    desk.pass(2 * 86_400);
    assert_eq!(desk.engine.mutes().await.unwrap(), []);
    desk.drifts(&[("Card", 1)]).await;
    assert_eq!(desk.dispatch().await, ["webhook sent 1"]);
    // For one channel alone, and taken back.
    let other = MuteRequest { channel: Some("webhook".to_owned()), ..mute(None) };
    let held = desk.engine.mute(other).await.unwrap();
    assert_eq!((held.len(), held[0].channel.as_deref()), (1, Some("webhook")));
    desk.drifts(&[("Card", 1)]).await;
    assert_eq!(desk.dispatch().await, [""; 0]);
    assert_eq!(desk.engine.unmute("Card*").await.unwrap(), []);
    desk.drifts(&[("Card", 1)]).await;
    assert_eq!(desk.dispatch().await, ["webhook sent 1"]);
    assert!(desk.engine.unmute("Card*").await.unwrap_err().to_string().contains("nothing is muted"));
}

#[tokio::test]
async fn a_threshold_decides_what_is_worth_telling() {
    let desk = desk(ChannelRules { coverage_below: Some(80.0), min_changes: Some(3), ..alone() }).await;
    let categories = Some(EventType::ALL.to_vec());
    desk.change(ChannelChange { categories, ..ChannelChange::default() }).await;
    for (percent, changes) in [(85.0, 2), (79.0, 3)] {
        desk.tells(EventType::CoverageSummary, json!({ "percent": percent, "components": 3 })).await;
        desk.drifts(&[("Button", changes)]).await;
    }
    assert_eq!(desk.dispatch().await, ["webhook sent 1", "webhook sent 1"]);
    let came = desk.came();
    assert_eq!((&came[0].1["percent"], &came[1].1["changes"]), (&json!(79.0), &json!(3)));
}

#[tokio::test]
async fn a_user_switches_what_their_own_channel_is_told() {
    let desk = desk(alone()).await;
    let grace = users::User {
        id: UserId::from(Uuid::new_v4()),
        name: "grace".into(),
        display_name: String::new(),
        role: Role::Viewer,
        kind: UserKind::Local,
        created_at: desk.engine.now(),
        disabled_at: None,
    };
    let mut tx = desk.engine.store.begin().await.unwrap();
    users::insert(&mut tx, grace.clone()).await.unwrap();
    tx.commit().await.unwrap();
    let url = format!("{}/hook", desk.provider.address());
    let request = |name: &str, user: &str| ChannelRequest {
        name: name.to_owned(),
        kind: ChannelKind::Webhook,
        categories: Vec::new(),
        settings: [("url".to_owned(), url.clone())].into(),
        credential: "webhook".to_owned(),
        rules: alone(),
        user: Some(user.to_owned()),
    };
    assert!(
        desk.engine.add_channel(request("x", "eve")).await.unwrap_err().to_string().contains("no user `eve`")
    );
    let made = desk.engine.add_channel(request("grace", "grace")).await.unwrap();
    assert_eq!(made.user.as_deref(), Some("grace"));

    let actor = Actor { id: grace.id, name: "grace".into(), grant: Grant::of_role(Role::Viewer) };
    let workspace = Workspace::open(&desk.engine.workspace.folder).unwrap();
    let clock = Box::new(desk.clock.clone());
    let hers = Engine::of(
        workspace,
        desk.engine.store.clone(),
        actor,
        Uuid::new_v4().into(),
        clock,
        Box::new(Unwatched),
    );
    assert_eq!(hers.own_channels().await.unwrap(), [made]);
    let change = || ChannelChange {
        categories: Some(vec![EventType::Digest]),
        rules: Some(ChannelRules { min_changes: Some(5), ..alone() }),
        ..ChannelChange::default()
    };
    let changed = hers.change_own_channel("grace", change()).await.unwrap();
    assert_eq!((changed.categories, changed.rules.min_changes), (vec![EventType::Digest], Some(5)));
    let elsewhere = ChannelChange {
        settings: Some([("url".to_owned(), "https://elsewhere.example".to_owned())].into()),
        ..ChannelChange::default()
    };
    assert_eq!(hers.change_own_channel("grace", elsewhere).await.unwrap_err().code(), "forbidden");
    assert!(
        hers.change_own_channel("webhook", change()).await.unwrap_err().to_string().contains("of your own")
    );
    assert_eq!(hers.change_channel("webhook", change()).await.unwrap_err().code(), "forbidden");
    let mute = |channel: Option<&str>| MuteRequest {
        component: "Card".into(),
        channel: channel.map(str::to_owned),
        until: None,
        reason: String::new(),
    };
    assert_eq!(hers.mute(mute(None)).await.unwrap_err().code(), "forbidden");
    assert_eq!(hers.mute(mute(Some("grace"))).await.unwrap().len(), 1);

    desk.tells(EventType::Digest, json!({})).await;
    assert_eq!(desk.dispatch().await, ["grace sent 1"]);
    let mut tx = desk.engine.store.begin().await.unwrap();
    users::set_disabled(&mut tx, grace.id, Some(desk.engine.now())).await.unwrap();
    tx.commit().await.unwrap();
    desk.tells(EventType::Digest, json!({})).await;
    assert_eq!(desk.dispatch().await, [""; 0], "who may not come in is told nothing");
}

#[tokio::test]
async fn a_channel_that_is_taken_away_gets_nothing_and_holds_up_nothing() {
    let desk = desk(alone()).await;
    desk.drifts(&[("Button", 1)]).await;
    assert_eq!(desk.dispatch().await, ["webhook sent 1"]);
    desk.drifts(&[("Card", 1)]).await;
    let mute = MuteRequest {
        component: "x".into(),
        channel: Some("webhook".into()),
        until: None,
        reason: String::new(),
    };
    desk.engine.mute(mute).await.unwrap();
    desk.engine.remove_channel("webhook").await.unwrap();
    assert_eq!(desk.dispatch().await, [""; 0]);
    assert_eq!(desk.states().await, [DispatchStatus::Sent; 2]);
    assert_eq!(desk.engine.channels().await.unwrap(), []);
    let mut tx = desk.engine.store.read().await.unwrap();
    assert_eq!(deliveries::recent(&mut tx, None, 9).await.unwrap(), []);
    drop(tx);
    assert!(desk.engine.remove_channel("webhook").await.is_err());
}
