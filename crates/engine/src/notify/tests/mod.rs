//! The outbox, to receivers that answer over HTTP.

mod rules;
mod templates;

use chrono::TimeDelta;
use lockstep_core::notification::{ChannelKind, ChannelRules, DispatchStatus};
use lockstep_providers::vendor::Settings;
use lockstep_store::Store;
use lockstep_testkit::{
    mail::MailServer,
    provider::{Provider, Reply},
};

use super::*;
use crate::{
    context::Ahead,
    credentials::{AddRequest, NewSecret},
    progress::Unwatched,
    workspace::Workspace,
};

/// Each event in a message of its own.
fn alone() -> ChannelRules {
    ChannelRules { gather_seconds: Some(0), ..ChannelRules::default() }
}

struct Desk {
    engine: Engine,
    clock: Ahead,
    provider: Provider,
    haste: Haste,
    rules: ChannelRules,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("lockstep.toml"), "[[code]]\nroot = \".\"\n").unwrap();
        let store =
            Store::open(&format!("sqlite://{}", folder.path().join("lockstep.db").display())).await.unwrap();
        let clock = Ahead::default();
        let home = folder.path().display().to_string();
        let workspace = Workspace::open(folder.path()).unwrap();
        let engine = Engine::open(workspace, store, "ada", Box::new(clock.clone()), Box::new(Unwatched))
            .await
            .unwrap()
            .in_environment(Box::new(move |name| (name == "HOME").then(|| home.clone())));
        Self {
            engine,
            clock,
            provider: Provider::start(),
            haste: Haste::AtOnce,
            rules: alone(),
            _folder: folder,
        }
    }

    async fn channel(
        &self,
        kind: ChannelKind,
        settings: &[(&str, &str)],
        vendor: &[(&str, &str)],
        secret: &str,
    ) {
        let (name, _) = channels::needs(kind);
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let add = AddRequest {
            name: name.to_owned(),
            vendor: name.to_owned(),
            provider_type: None,
            settings: Settings(pairs(vendor)),
            secret: NewSecret::Given(secret.into()),
            days: None,
            expires_at: None,
            ask: false,
        };
        self.engine.credentials().add(add).await.unwrap();
        let request = ChannelRequest {
            name: name.to_owned(),
            kind,
            categories: vec![EventType::DriftDetected],
            settings: pairs(settings),
            credential: name.to_owned(),
            rules: self.rules.clone(),
            user: None,
        };
        self.engine.add_channel(request).await.unwrap();
    }

    async fn webhook(&self) {
        let url = format!("{}/hook", self.provider.address());
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        self.channel(ChannelKind::Webhook, &[("url", &url)], &[], key).await;
    }

    async fn happen(&self, event_type: EventType, components: u64) {
        let mut tx = self.engine.store.begin().await.unwrap();
        let payload = json!({ "components": components, "changes": 1, "names": ["Button"] });
        self.engine.enqueue(&mut tx, event_type, payload).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn dispatch(&self) -> Vec<String> {
        let done = self.engine.dispatch(self.haste).await.unwrap();
        done.iter().map(|one| format!("{} {} {}", one.channel, one.status, one.attempt)).collect()
    }

    async fn states(&self) -> Vec<DispatchStatus> {
        self.engine.events(100, None).await.unwrap().iter().rev().map(|event| event.status).collect()
    }

    fn pass(&self, seconds: i64) {
        self.clock.pass(TimeDelta::seconds(seconds));
    }
}

#[tokio::test]
async fn a_channel_is_told_what_it_wants_once_and_signed() {
    let desk = Desk::new().await;
    desk.webhook().await;
    desk.provider.answer("/hook", Reply::new(204, ""));
    desk.happen(EventType::DriftDetected, 1).await;
    desk.happen(EventType::SyncCompleted, 1).await;
    assert_eq!(desk.dispatch().await, ["webhook sent 1"]);
    assert_eq!(desk.dispatch().await, [""; 0]);
    assert_eq!(desk.states().await, [DispatchStatus::Sent; 2], "what nobody wants is sent to nobody");
    let came = desk.provider.came();
    let event = desk.engine.events(100, None).await.unwrap().pop().unwrap();
    assert_eq!((came.len(), &came[0].headers["webhook-id"]), (1, &event.id.to_string()));
    assert!(came[0].headers["webhook-signature"].starts_with("v1,"));
    let body: Value = serde_json::from_str(&came[0].body).unwrap();
    assert_eq!((&body["type"], &body["data"]["components"]), (&"drift_detected".into(), &1.into()));
}

#[tokio::test]
async fn a_receiver_in_trouble_is_tried_again_in_order_and_given_up_in_the_end() {
    let desk = Desk::new().await;
    desk.webhook().await;
    desk.provider.answer("/hook", Reply::new(503, ""));
    desk.happen(EventType::DriftDetected, 1).await;
    desk.happen(EventType::DriftDetected, 2).await;
    assert_eq!(desk.dispatch().await, ["webhook retrying 1"], "the second waits for the first");
    desk.pass(10);
    assert_eq!(desk.dispatch().await, ["webhook retrying 2"]);
    desk.provider.answer_once("/hook", Reply::new(500, ""));
    desk.provider.answer("/hook", Reply::new(200, ""));
    desk.pass(10);
    assert_eq!(desk.dispatch().await, ["webhook failed 3", "webhook sent 1"]);
    assert_eq!(desk.states().await, [DispatchStatus::Failed, DispatchStatus::Sent]);
    let failed = desk.engine.events(100, Some(DispatchStatus::Failed)).await.unwrap().pop().unwrap();
    assert_eq!(failed.deliveries[0].reason.as_deref(), Some("it answers 500"));
    desk.engine.retry_event(failed.id).await.unwrap();
    assert_eq!(desk.dispatch().await, ["webhook sent 1"]);
    assert!(desk.engine.retry_event(EventId::from(Uuid::nil())).await.is_err());
    let ids: Vec<String> =
        desk.provider.came().iter().map(|came| came.headers["webhook-id"].clone()).collect();
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3], "{ids:?}");
}

#[tokio::test]
async fn retry_after_is_obeyed_and_a_refusal_is_believed() {
    let desk = Desk::new().await;
    desk.webhook().await;
    desk.provider
        .answer_once("/hook", Reply::Answer(429, vec![("retry-after", "120".into())], String::new()));
    desk.happen(EventType::DriftDetected, 1).await;
    assert_eq!(desk.dispatch().await, ["webhook retrying 1"]);
    desk.pass(100);
    assert_eq!(desk.dispatch().await, [""; 0]);
    desk.pass(30);
    desk.provider.answer("/hook", Reply::new(404, ""));
    assert_eq!(desk.dispatch().await, ["webhook failed 2"]);
    // A credential that was taken back sends nothing.
    desk.engine.credentials().validate("webhook").await.unwrap();
    desk.engine.credentials().revoke("webhook").await.unwrap();
    desk.provider.came();
    desk.happen(EventType::DriftDetected, 2).await;
    assert_eq!(desk.dispatch().await, ["webhook failed 1"]);
    assert!(desk.provider.came().is_empty());
}

#[tokio::test]
async fn slack_is_asked_whether_a_message_is_there_before_it_is_sent_again() {
    let desk = Desk::new().await;
    let url = desk.provider.address();
    desk.channel(ChannelKind::Slack, &[("channel", "C1")], &[("url", &url)], "xoxb-x").await;
    desk.happen(EventType::DriftDetected, 1).await;
    let id = desk.engine.events(1, None).await.unwrap()[0].id.to_string();
    // It was posted, and the answer lost.
    desk.provider.answer_once("/chat.postMessage", Reply::CutOff);
    let there = json!({ "ok": true, "messages": [{ "metadata": { "event_payload": { "id": id } } }] });
    desk.provider.answer("/conversations.history", Reply::new(200, there.to_string()));
    assert_eq!(desk.dispatch().await, ["slack retrying 1"]);
    desk.pass(10);
    assert_eq!(desk.dispatch().await, ["slack sent 2"]);
    let paths: Vec<String> =
        desk.provider.came().iter().map(|came| came.path.split('?').next().unwrap().to_owned()).collect();
    assert_eq!(paths, ["/chat.postMessage", "/conversations.history"], "it is not posted twice");
    desk.provider.answer("/chat.postMessage", Reply::new(200, r#"{"ok":false,"error":"channel_not_found"}"#));
    desk.happen(EventType::DriftDetected, 2).await;
    assert_eq!(desk.dispatch().await, ["slack failed 1"]);
}

#[tokio::test]
async fn mail_comes_as_text_and_html() {
    let desk = Desk::new().await;
    // `\0ada\0secret` in base64.
    let server = MailServer::start("AGFkYQBzZWNyZXQ=");
    let port = server.port().to_string();
    let vendor = [("host", "127.0.0.1"), ("port", port.as_str()), ("user", "ada"), ("security", "none")];
    let settings = [("from", "Lockstep <hub@example.com>"), ("to", "grace@example.com, ada@example.com")];
    desk.channel(ChannelKind::Email, &settings, &vendor, "secret").await;
    desk.engine.test_channel("smtp", EventType::DriftDetected).await.unwrap();
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    for part in [
        "Subject: Test: New drift: 3 changes in 2 components",
        "text/plain",
        "text/html",
        "@lockstep>",
        "grace@example.com",
    ] {
        assert!(mails[0].contains(part), "{part}: {}", mails[0]);
    }
}
