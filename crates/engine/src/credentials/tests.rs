//! Credentials against providers that answer over HTTP.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::TimeDelta;
use lockstep_core::{credential::CredentialStatus, notification::EventType};
use lockstep_store::{Store, audit, notifications};
use lockstep_testkit::provider::{Provider, Reply};
use secrecy::{ExposeSecret as _, SecretString};

use super::*;
use crate::{context::Ahead, progress::Unwatched, workspace::Workspace};

/// A registry, a home for keys, an environment and a provider.
struct Desk {
    engine: Engine,
    clock: Ahead,
    environment: Arc<Mutex<BTreeMap<String, String>>>,
    provider: Provider,
    folder: tempfile::TempDir,
}

const TAKEN: &str = r#"{"handle":"Ada"}"#;

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = "[[code]]\nroot = \".\"\n\n[[design]]\nname = \"kit\"\nfigma = \"AbC\"\n";
        std::fs::write(folder.path().join("lockstep.toml"), config).unwrap();
        let url = format!("sqlite://{}", folder.path().join("lockstep.db").display());
        let store = Store::open(&url).await.unwrap();
        let workspace = Workspace::open(folder.path()).unwrap();
        let clock = Ahead::default();
        let home = ("HOME".to_owned(), folder.path().join("home").display().to_string());
        let environment = Arc::new(Mutex::new(BTreeMap::from([home])));
        let read = Arc::clone(&environment);
        let engine = Engine::open(workspace, store, "ada", Box::new(clock.clone()), Box::new(Unwatched))
            .await
            .unwrap()
            .in_environment(Box::new(move |name| read.lock().unwrap().get(name).cloned()));
        Self { engine, clock, environment, provider: Provider::start(), folder }
    }

    fn credentials(&self) -> Credentials<'_> {
        let patience =
            Patience { call: Duration::from_secs(10), more_attempts: 0, backoff: Duration::from_millis(1) };
        self.engine.credentials().with_patience(patience)
    }

    fn figma(&self, reply: (u16, &str)) {
        self.provider.answer("/v1/me", Reply::new(reply.0, reply.1));
    }

    fn request(&self, secret: NewSecret) -> AddRequest {
        AddRequest {
            name: "figma".to_owned(),
            vendor: "figma".to_owned(),
            provider_type: None,
            settings: Settings([("url".to_owned(), self.provider.address())].into()),
            secret,
            days: None,
            expires_at: None,
            ask: true,
        }
    }

    async fn add(&self, secret: &str) -> Validation {
        self.figma((200, TAKEN));
        self.credentials().add(self.request(given(secret))).await.unwrap()
    }

    async fn rotate(&self, secret: Option<NewSecret>) -> Result<Validation, EngineError> {
        self.credentials().rotate("figma", RotateRequest { secret, expires_at: None }).await
    }

    async fn secret(&self) -> Result<SecretString, EngineError> {
        let reference = SecretReference::Sealed("figma".to_owned());
        self.credentials().resolve(&self.credentials().current(&reference).await?)
    }

    async fn events(&self) -> Vec<serde_json::Value> {
        let mut tx = self.engine.store.read().await.unwrap();
        let events = notifications::of_type(&mut tx, EventType::CredentialStatus, 100).await.unwrap();
        events.into_iter().rev().map(|event| event.payload_summary).collect()
    }

    async fn deeds(&self) -> Vec<String> {
        let log = audit::list(&mut self.engine.store.read().await.unwrap(), None, 100).await.unwrap();
        log.iter().rev().map(|link| format!("{} {}", link.entry.action, link.entry.outcome)).collect()
    }

    async fn status(&self) -> CredentialStatus {
        self.credentials().show("figma").await.unwrap().status
    }

    fn pass(&self, days: i64) {
        self.clock.pass(TimeDelta::days(days));
    }
}

fn given(secret: &str) -> NewSecret {
    NewSecret::Given(secret.into())
}

fn code(error: &EngineError) -> &str {
    assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "{error}");
    error.code()
}

#[tokio::test]
async fn what_is_added_was_taken_by_its_provider() {
    let desk = Desk::new().await;
    let added = desk.add("figd_canary-1").await;
    assert_eq!(
        (added.outcome, added.before, added.credential.status),
        ("accepted", CredentialStatus::Pending, CredentialStatus::Valid)
    );
    assert_eq!(
        (added.credential.account.as_deref(), added.credential.reference.as_str()),
        (Some("Ada"), "sealed:figma@1")
    );
    let due = added.credential.rotation_due.unwrap() - added.credential.created_at;
    assert_eq!(due, TimeDelta::days(90), "as Figma has it");
    assert_eq!(desk.provider.came()[0].headers["x-figma-token"], "figd_canary-1");
    assert_eq!(desk.secret().await.unwrap().expose_secret(), "figd_canary-1");

    for (name, secret, expected) in [
        ("figma", "figd_canary-2", "name-taken"),
        ("other", "figd_canary-1", "same-secret"),
        ("A b", "figd_canary-2", "unfit-name"),
    ] {
        let request = AddRequest { name: name.to_owned(), ..desk.request(given(secret)) };
        assert_eq!(code(&desk.credentials().add(request).await.unwrap_err()), expected);
    }
    desk.figma((403, r#"{"err":"Invalid token"}"#));
    let request = AddRequest { name: "bad".to_owned(), ..desk.request(given("figd_canary-3")) };
    assert_eq!(code(&desk.credentials().add(request).await.unwrap_err()), "secret-refused");
    assert_eq!(desk.credentials().list().await.unwrap().len(), 1, "what is refused is not recorded");
    assert!(desk.credentials().sealed().get("bad@1").is_err());
    assert_eq!(desk.deeds().await.last().unwrap(), "credential.add done");
}

#[tokio::test]
async fn an_unreachable_provider_changes_nothing_and_a_refusal_does() {
    let desk = Desk::new().await;
    desk.figma((503, "{}"));
    let added = desk.credentials().add(desk.request(given("figd_canary-1"))).await.unwrap();
    assert_eq!(
        (added.outcome, added.code, added.credential.status),
        ("unclear", Some("provider-failed"), CredentialStatus::Pending)
    );
    assert_eq!(added.credential.last_validation_time, None);
    desk.figma((200, TAKEN));
    let asked = desk.credentials().validate("figma").await.unwrap();
    assert_eq!((asked.before, asked.credential.status), (CredentialStatus::Pending, CredentialStatus::Valid));
    let at = asked.credential.last_validation_time;
    for reply in [Reply::new(500, "{}"), Reply::new(429, "{}"), Reply::CutOff, Reply::new(302, "")] {
        desk.provider.answer_once("/v1/me", reply);
        let asked = desk.credentials().validate("figma").await.unwrap();
        assert_eq!(
            (asked.outcome, asked.credential.status, asked.credential.last_validation_time),
            ("unclear", CredentialStatus::Valid, at)
        );
    }
    desk.figma((403, r#"{"err":"Token expired"}"#));
    let asked = desk.credentials().validate("figma").await.unwrap();
    assert_eq!((asked.outcome, asked.credential.status), ("refused", CredentialStatus::Expired));
    let events = desk.events().await;
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!((&events[1]["from"], &events[1]["status"]), (&"valid".into(), &"expired".into()));
    assert_eq!(events[1]["impact"], "figma is expired: nothing depends on it");

    // Once it is no longer valid, only a rotation makes it so: also of a provider that was wrong.
    desk.figma((200, TAKEN));
    let asked = desk.credentials().validate("figma").await.unwrap();
    assert_eq!((asked.outcome, asked.credential.status), ("accepted", CredentialStatus::Expired));
    let rotated = desk.rotate(Some(given("figd_canary-1"))).await.unwrap();
    assert_eq!(rotated.credential.status, CredentialStatus::Valid);
}

#[tokio::test]
async fn a_new_secret_is_taken_before_the_old_one_goes() {
    let desk = Desk::new().await;
    desk.add("figd_canary-1").await;
    for reply in [(403, r#"{"err":"Invalid token"}"#), (500, "{}")] {
        desk.figma(reply);
        let refused = desk.rotate(Some(given("figd_canary-2"))).await.unwrap_err();
        assert!(refused.to_string().contains("was not taken") && !code(&refused).is_empty());
        assert_eq!(desk.secret().await.unwrap().expose_secret(), "figd_canary-1");
        assert_eq!(desk.status().await, CredentialStatus::Valid);
    }
    assert_eq!(desk.deeds().await.last().unwrap(), "credential.rotate failed");
    desk.figma((200, TAKEN));
    assert_eq!(code(&desk.rotate(Some(given("figd_canary-1"))).await.unwrap_err()), "same-secret");
    assert_eq!(code(&desk.rotate(None).await.unwrap_err()), "no-secret");
    desk.pass(80);
    let rotated = desk.rotate(Some(given("figd_canary-2"))).await.unwrap().credential;
    assert_eq!((rotated.status, rotated.reference.as_str()), (CredentialStatus::Valid, "sealed:figma@2"));
    assert!(rotated.rotation_due.unwrap() > desk.engine.now() + TimeDelta::days(89));
    assert_eq!(desk.secret().await.unwrap().expose_secret(), "figd_canary-2");
    assert!(desk.credentials().sealed().get("figma@1").is_err(), "the old one is gone");
    // From the sealed file to a place that somebody else looks after.
    desk.environment.lock().unwrap().insert("TOKEN".to_owned(), "figd_canary-3".to_owned());
    let kept = NewSecret::Kept(SecretReference::Variable("TOKEN".to_owned()));
    let rotated = desk.rotate(Some(kept)).await.unwrap().credential;
    assert_eq!(rotated.reference, "env:TOKEN");
    assert!(desk.credentials().sealed().get("figma@2").is_err());
    // Another one at the same place.
    desk.environment.lock().unwrap().insert("TOKEN".to_owned(), "figd_canary-4".to_owned());
    let before = rotated.fingerprint;
    let asked = desk.credentials().validate("figma").await.unwrap().credential;
    assert!(asked.fingerprint != before && asked.status == CredentialStatus::Valid);
}

#[tokio::test]
async fn what_was_taken_back_is_used_by_nobody() {
    let desk = Desk::new().await;
    desk.add("figd_canary-1").await;
    desk.provider.came();
    let revoked = desk.credentials().revoke("figma").await.unwrap();
    assert_eq!(
        (revoked.status, revoked.reason.as_deref()),
        (CredentialStatus::Revoked, Some("revoked by ada"))
    );
    assert!(desk.credentials().sealed().get("figma@1").is_err());
    assert_eq!(code(&desk.secret().await.unwrap_err()), "credential-revoked");
    assert_eq!(code(&desk.credentials().validate("figma").await.unwrap_err()), "credential-revoked");
    assert!(desk.credentials().validate_all().await.unwrap().is_empty());
    assert_eq!(code(&desk.rotate(Some(given("figd_canary-1"))).await.unwrap_err()), "same-secret");
    assert_eq!(code(&desk.credentials().revoke("figma").await.unwrap_err()), "not-valid");
    assert!(desk.provider.came().is_empty(), "nobody is asked with it");
    let events = desk.events().await;
    assert_eq!(events.last().unwrap()["reason"], "revoked by ada");
    assert_eq!(desk.rotate(Some(given("figd_canary-2"))).await.unwrap().credential.reason, None);
    assert_eq!(code(&desk.credentials().remove("figma").await.unwrap_err()), "still-valid");
    desk.credentials().revoke("figma").await.unwrap();
    desk.credentials().remove("figma").await.unwrap();
    assert!(desk.credentials().list().await.unwrap().is_empty());
    assert_eq!(code(&desk.credentials().show("figma").await.unwrap_err()), "not-found");
}

#[tokio::test]
async fn time_is_told_of_once_ahead_and_ends_what_ends() {
    let desk = Desk::new().await;
    desk.figma((200, TAKEN));
    let end = desk.engine.now() + TimeDelta::days(30);
    let request = AddRequest { expires_at: Some(end), ..desk.request(given("figd_canary-1")) };
    desk.credentials().add(request).await.unwrap();
    let mut told = Vec::new();
    for days in [10, 6, 1, 6, 6, 1, 1] {
        desk.pass(days);
        let before = desk.events().await.len();
        desk.engine.maintain().await.unwrap();
        let events = desk.events().await;
        told.extend(events[before..].iter().map(|event| match event["days"].as_i64() {
            Some(days) => days.to_string(),
            None => event["status"].as_str().unwrap().to_owned(),
        }));
    }
    assert_eq!(told, ["14", "7", "1", "expired"]);
    let events = desk.events().await;
    assert_eq!(events[1]["impact"], "figma expires in 13 days: nothing depends on it");
    assert_eq!(desk.status().await, CredentialStatus::Expired);
    assert_eq!(code(&desk.secret().await.unwrap_err()), "credential-expired");
    let impact = desk.credentials().impact("figma").await.unwrap();
    assert!(impact.impact.blocked && impact.sentence == "figma is expired: nothing depends on it");
}

#[tokio::test]
async fn nothing_that_is_written_holds_a_secret() {
    let desk = Desk::new().await;
    desk.add("figd_canary-1").await;
    desk.rotate(Some(given("figd_canary-2"))).await.unwrap();
    desk.figma((403, r#"{"err":"bad figd_canary-2"}"#));
    desk.credentials().validate("figma").await.unwrap();
    let mut files = 0;
    for entry in walk(desk.folder.path()) {
        let bytes = std::fs::read(&entry).unwrap();
        assert!(!bytes.windows(6).any(|part| part == b"canary"), "{}", entry.display());
        files += 1;
    }
    assert!(files > 3);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
