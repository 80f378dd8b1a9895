//! Credentials: what opens design tools, channels and services elsewhere. A secret comes in, and never goes out.

use std::{collections::BTreeMap, sync::Arc};

use axum::{extract::State, http::Method};
use chrono::{DateTime, Utc};
use lockstep_core::{credential::ProviderType, role::Action};
use lockstep_engine::{
    context::Engine,
    credentials::{
        self, AddRequest, CredentialImpact, CredentialView, NewSecret, RotateRequest, Settings, Validation,
        VendorView,
    },
    error::EngineError,
    secret::{SecretReference, one_line},
};
use serde::Deserialize;

use super::{Answer, Document, Needs, Route};
use crate::{
    given::{Confidential, Named},
    hub::Shared,
    work::For,
};

pub(super) fn routes() -> Vec<Route> {
    let (read, change) = (Needs::Grant(Action::Read), Needs::Grant(Action::Credentials));
    vec![
        Route::new(Method::GET, "/api/v1/credential-vendors", read, vendors),
        Route::new(Method::GET, "/api/v1/credentials", read, list),
        Route::new(Method::POST, "/api/v1/credentials", change, add).with_secrets(),
        Route::new(Method::GET, "/api/v1/credentials/{name}", read, show),
        Route::new(Method::DELETE, "/api/v1/credentials/{name}", change, remove),
        Route::new(Method::GET, "/api/v1/credentials/{name}/impact", read, impact),
        Route::new(Method::POST, "/api/v1/credentials/{name}/validate", change, validate),
        Route::new(Method::POST, "/api/v1/credentials/{name}/rotate", change, rotate).with_secrets(),
        Route::new(Method::POST, "/api/v1/credentials/{name}/revoke", change, revoke),
    ]
}

type Hub = State<Arc<Shared>>;

const ONE: &str = "lockstep.credential/1";
const ASKED: &str = "lockstep.credential-validations/1";

/// Variables of the hub's own environment that may be named from outside begin so.
const OFFERED: &str = "LOCKSTEP_SECRET_";

fn no_secret(message: &str) -> EngineError {
    EngineError::Refused {
        code: "no-secret",
        message: message.to_owned(),
        hint: format!("send `secret` with the secret itself, or `from` with env:{OFFERED}…"),
    }
}

/// The secret itself, which is sealed, or the variable of the hub's environment that holds it; nothing where neither is
/// given. Other places can be named by who has the hub's machine only: a vendor's address may be anybody's, and what stands
/// there would be sent to it.
fn given(secret: Option<String>, from: Option<String>) -> Result<Option<NewSecret>, EngineError> {
    match (secret, from) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(no_secret("both `secret` and `from` are given")),
        (Some(text), None) => match one_line(text) {
            Ok(secret) => Ok(Some(NewSecret::Given(secret))),
            Err(wrong) => Err(no_secret(&format!("what was given is no secret: {wrong}"))),
        },
        (None, Some(text)) => match SecretReference::parse(&text) {
            Some(SecretReference::Variable(name)) if name.starts_with(OFFERED) => {
                Ok(Some(NewSecret::Kept(SecretReference::Variable(name))))
            }
            Some(SecretReference::Variable(_) | SecretReference::File(_)) => Err(EngineError::Refused {
                code: "not-offered",
                message: format!(
                    "over HTTP, `from` names a variable that begins with {OFFERED}, and nothing else"
                ),
                hint: "send the secret itself, or run `lockstep credential add` on the hub's machine"
                    .to_owned(),
            }),
            _ => Err(no_secret("`from` is no reference")),
        },
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    vendor: String,
    provider_type: Option<ProviderType>,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    secret: Option<String>,
    from: Option<String>,
    days: Option<u16>,
    expires_at: Option<DateTime<Utc>>,
    /// Whether the provider is asked now.
    #[serde(default = "yes")]
    validate: bool,
}

fn yes() -> bool {
    true
}

/// A new secret; without one, it stands at the old one's place already.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    secret: Option<String>,
    from: Option<String>,
    expires_at: Option<DateTime<Utc>>,
}

async fn vendors() -> Answer<Vec<VendorView>> {
    Ok(Document::new("lockstep.credential-vendors/1", credentials::vendors()))
}

async fn list(State(hub): Hub, whose: For) -> Answer<Vec<CredentialView>> {
    let work = async |engine: &Engine| engine.credentials().list().await;
    Ok(Document::new("lockstep.credentials/1", hub.works.ended(whose, work).await?))
}

async fn show(State(hub): Hub, whose: For, Named(name): Named<String>) -> Answer<CredentialView> {
    let work = async move |engine: &Engine| engine.credentials().show(&name).await;
    Ok(Document::new(ONE, hub.works.ended(whose, work).await?))
}

async fn add(State(hub): Hub, whose: For, Confidential(new): Confidential<New>) -> Answer<Vec<Validation>> {
    let work = async move |engine: &Engine| {
        let secret = given(new.secret, new.from)?;
        let request = AddRequest {
            name: new.name,
            vendor: new.vendor,
            provider_type: new.provider_type,
            settings: Settings(new.settings),
            secret: secret.ok_or_else(|| no_secret("no secret is given"))?,
            days: new.days,
            expires_at: new.expires_at,
            ask: new.validate,
        };
        Ok(vec![engine.credentials().add(request).await?])
    };
    Ok(Document::made(ASKED, hub.works.ended(whose, work).await?))
}

async fn remove(State(hub): Hub, whose: For, Named(name): Named<String>) -> Answer<CredentialView> {
    let work = async move |engine: &Engine| engine.credentials().remove(&name).await;
    Ok(Document::new(ONE, hub.works.ended(whose, work).await?))
}

async fn impact(State(hub): Hub, whose: For, Named(name): Named<String>) -> Answer<Vec<CredentialImpact>> {
    let work = async move |engine: &Engine| Ok(vec![engine.credentials().impact(&name).await?]);
    Ok(Document::new("lockstep.credential-impacts/1", hub.works.ended(whose, work).await?))
}

async fn validate(State(hub): Hub, whose: For, Named(name): Named<String>) -> Answer<Vec<Validation>> {
    let work = async move |engine: &Engine| Ok(vec![engine.credentials().validate(&name).await?]);
    Ok(Document::new(ASKED, hub.works.ended(whose, work).await?))
}

async fn rotate(
    State(hub): Hub,
    whose: For,
    Named(name): Named<String>,
    Confidential(rotation): Confidential<Rotation>,
) -> Answer<Vec<Validation>> {
    let work = async move |engine: &Engine| {
        let secret = given(rotation.secret, rotation.from)?;
        let request = RotateRequest { secret, expires_at: rotation.expires_at };
        Ok(vec![engine.credentials().rotate(&name, request).await?])
    };
    Ok(Document::new(ASKED, hub.works.ended(whose, work).await?))
}

async fn revoke(State(hub): Hub, whose: For, Named(name): Named<String>) -> Answer<CredentialView> {
    let work = async move |engine: &Engine| engine.credentials().revoke(&name).await;
    Ok(Document::new(ONE, hub.works.ended(whose, work).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_over_http_names_no_place_of_the_hubs_machine() {
        let told = |secret: Option<&str>, from: Option<&str>| match given(
            secret.map(str::to_owned),
            from.map(str::to_owned),
        ) {
            Ok(None) => "nothing".to_owned(),
            Ok(Some(NewSecret::Given(_))) => "itself".to_owned(),
            Ok(Some(NewSecret::Kept(reference))) => reference.to_string(),
            Err(error) => error.code().to_owned(),
        };
        for (secret, from, expected) in [
            (None, None, "nothing"),
            (Some("x"), None, "itself"),
            (Some("x"), Some("env:LOCKSTEP_SECRET_X"), "no-secret"),
            (Some("x\ny"), None, "no-secret"),
            (None, Some("env:LOCKSTEP_SECRET_X"), "env:LOCKSTEP_SECRET_X"),
            (None, Some("env:DATABASE_URL"), "not-offered"),
            (None, Some("env:LOCKSTEP_SECRETS_KEY"), "not-offered"),
            (None, Some("env:LOCKSTEP_SECRETS_PASSPHRASE"), "not-offered"),
            (None, Some("file:/etc/shadow"), "not-offered"),
            (None, Some("file:lockstep.toml"), "not-offered"),
            (None, Some("sealed:figma@1"), "no-secret"),
            (None, Some("figd_x"), "no-secret"),
        ] {
            assert_eq!(told(secret, from), expected, "{secret:?} {from:?}");
        }
    }
}
