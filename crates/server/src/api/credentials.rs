//! Credentials: what opens design tools, channels and services elsewhere. A secret comes in, and never goes out.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::State,
    http::{Method, StatusCode},
};
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
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::{Answer, Document, Made, Making, Needs, Route, documents};
use crate::{
    given::{Confidential, Days, Named},
    hub::Shared,
    work::For,
};

pub(super) fn routes() -> Vec<Route> {
    let (read, change) = (Needs::Grant(Action::Read), Needs::Grant(Action::Credentials));
    vec![
        Route::new(
            Method::GET,
            "/api/v1/credential-vendors",
            read,
            "list_credential_vendors",
            "Whom credentials can be of",
            vendors,
        ),
        Route::new(
            Method::GET,
            "/api/v1/credentials",
            read,
            "list_credentials",
            "The credentials, without their secrets",
            list,
        )
        .leads(StatusCode::OK, "show_credential_impact", [("name", "$response.body#/data/0/name")])
        .leads(StatusCode::OK, "validate_credential", [("name", "$response.body#/data/0/name")])
        .leads(StatusCode::OK, "show_credential", [("name", "$response.body#/data/0/name")]),
        Route::new(
            Method::POST,
            "/api/v1/credentials",
            change,
            "add_credential",
            "Records a credential",
            add,
        )
        .with_secrets()
        .refuses([StatusCode::NOT_FOUND])
        .leads(StatusCode::CREATED, "show_credential", [("name", "$response.body#/data/0/credential/name")])
        .leads(
            StatusCode::CREATED,
            "show_credential_impact",
            [("name", "$response.body#/data/0/credential/name")],
        )
        .leads(
            StatusCode::CREATED,
            "validate_credential",
            [("name", "$response.body#/data/0/credential/name")],
        )
        .leads(StatusCode::CREATED, "rotate_credential", [("name", "$response.body#/data/0/credential/name")])
        .leads(StatusCode::CREATED, "revoke_credential", [("name", "$response.body#/data/0/credential/name")])
        .leads(
            StatusCode::CREATED,
            "remove_credential",
            [("name", "$response.body#/data/0/credential/name")],
        ),
        Route::new(
            Method::GET,
            "/api/v1/credentials/{name}",
            read,
            "show_credential",
            "A credential, without its secret",
            show,
        ),
        Route::new(
            Method::DELETE,
            "/api/v1/credentials/{name}",
            change,
            "remove_credential",
            "Removes a credential that is not in use",
            remove,
        ),
        Route::new(
            Method::GET,
            "/api/v1/credentials/{name}/impact",
            read,
            "show_credential_impact",
            "What depends on a credential",
            impact,
        ),
        Route::new(
            Method::POST,
            "/api/v1/credentials/{name}/validate",
            change,
            "validate_credential",
            "Asks the provider whether a credential is good",
            validate,
        ),
        Route::new(
            Method::POST,
            "/api/v1/credentials/{name}/rotate",
            change,
            "rotate_credential",
            "Gives a credential a new secret",
            rotate,
        )
        .with_secrets(),
        Route::new(
            Method::POST,
            "/api/v1/credentials/{name}/revoke",
            change,
            "revoke_credential",
            "Uses a credential no more",
            revoke,
        )
        .leads(StatusCode::OK, "remove_credential", [("name", "$response.body#/data/name")]),
    ]
}

type Hub = State<Arc<Shared>>;

documents! {
    Vendors: Vec<VendorView> = "lockstep.credential-vendors/1",
    All: Vec<CredentialView> = "lockstep.credentials/1",
    One: CredentialView = "lockstep.credential/1",
    Validations: Vec<Validation> = "lockstep.credential-validations/1",
    Impacts: Vec<CredentialImpact> = "lockstep.credential-impacts/1",
}

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

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewCredential")]
struct New {
    /// Of small letters, digits and `-`, a letter first.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{0,62}$"))]
    name: String,
    #[schemars(schema_with = "vendor_names")]
    vendor: String,
    /// What it is for, where the vendor's may be for several things.
    provider_type: Option<ProviderType>,
    /// What the vendor needs beside the secret.
    #[serde(default)]
    settings: BTreeMap<String, String>,
    /// The secret itself, in one line, which is sealed.
    secret: Option<String>,
    /// In its stead the variable of the hub that holds it: `env:LOCKSTEP_SECRET_…`.
    from: Option<String>,
    /// After how many days the secret is to be another one; as its vendor has it without.
    days: Option<Days<{ u16::MAX }>>,
    /// When the secret ends by itself.
    expires_at: Option<DateTime<Utc>>,
    /// Whether the provider is asked now.
    #[serde(default = "yes")]
    validate: bool,
}

/// Whom credentials can be of.
fn vendor_names(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<_> = credentials::vendors().into_iter().map(|vendor| vendor.name).collect();
    json_schema!({ "type": "string", "enum": names })
}

fn yes() -> bool {
    true
}

/// A new secret; without one, it stands at the old one's place already.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CredentialRotation")]
struct Rotation {
    secret: Option<String>,
    from: Option<String>,
    expires_at: Option<DateTime<Utc>>,
}

async fn vendors() -> Answer<Vendors> {
    Ok(Document::new(credentials::vendors()))
}

async fn list(State(hub): Hub, whose: For) -> Answer<All> {
    let work = async |engine: &Engine| engine.credentials().list().await;
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

async fn show(State(hub): Hub, whose: For, Named(name): Named<String>) -> Answer<One> {
    let work = async move |engine: &Engine| engine.credentials().show(&name).await;
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

async fn add(State(hub): Hub, whose: For, Confidential(new): Confidential<New>) -> Making<Validations> {
    let work = async move |engine: &Engine| {
        let secret = given(new.secret, new.from)?;
        let request = AddRequest {
            name: new.name,
            vendor: new.vendor,
            provider_type: new.provider_type,
            settings: Settings(new.settings),
            secret: secret.ok_or_else(|| no_secret("no secret is given"))?,
            days: new.days.map(Days::get),
            expires_at: new.expires_at,
            ask: new.validate,
        };
        Ok(vec![engine.credentials().add(request).await?])
    };
    Ok(Made::new(hub.works.ended(whose, work).await?))
}

async fn remove(State(hub): Hub, whose: For, Named(name): Named<String>) -> Answer<One> {
    let work = async move |engine: &Engine| engine.credentials().remove(&name).await;
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

async fn impact(State(hub): Hub, whose: For, Named(name): Named<String>) -> Answer<Impacts> {
    let work = async move |engine: &Engine| Ok(vec![engine.credentials().impact(&name).await?]);
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

async fn validate(State(hub): Hub, whose: For, Named(name): Named<String>) -> Answer<Validations> {
    let work = async move |engine: &Engine| Ok(vec![engine.credentials().validate(&name).await?]);
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

async fn rotate(
    State(hub): Hub,
    whose: For,
    Named(name): Named<String>,
    Confidential(rotation): Confidential<Rotation>,
) -> Answer<Validations> {
    let work = async move |engine: &Engine| {
        let secret = given(rotation.secret, rotation.from)?;
        let request = RotateRequest { secret, expires_at: rotation.expires_at };
        Ok(vec![engine.credentials().rotate(&name, request).await?])
    };
    Ok(Document::new(hub.works.ended(whose, work).await?))
}

async fn revoke(State(hub): Hub, whose: For, Named(name): Named<String>) -> Answer<One> {
    let work = async move |engine: &Engine| engine.credentials().revoke(&name).await;
    Ok(Document::new(hub.works.ended(whose, work).await?))
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
