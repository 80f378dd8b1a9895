//! Channels: where events go, and which of them.

use std::collections::BTreeMap;

use lockstep_core::{
    ids::{ChannelId, CredentialId},
    notification::{ChannelKind, EventType},
    role::Action,
    undo::Outcome,
};
use lockstep_providers::line;
use lockstep_store::channels::{self, Channel};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::{context::Engine, error::EngineError, workspace::config::nearest};

/// A channel that somebody wants.
#[derive(Debug, Clone)]
pub struct ChannelRequest {
    /// What to call it.
    pub name: String,
    /// What kind it is.
    pub kind: ChannelKind,
    /// What it is told; everything where nothing is named.
    pub categories: Vec<EventType>,
    /// Where exactly.
    pub settings: BTreeMap<String, String>,
    /// The credential that it sends with.
    pub credential: String,
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChannelView {
    /// Its id.
    pub id: ChannelId,
    /// Its name.
    pub name: String,
    /// What kind it is.
    pub kind: ChannelKind,
    /// What it is told.
    pub categories: Vec<EventType>,
    /// Where exactly.
    pub settings: BTreeMap<String, String>,
    /// The credential that it sends with.
    pub credential_id: Option<CredentialId>,
    /// Whether it is told anything.
    pub enabled: bool,
}

impl ChannelView {
    pub(super) fn of(row: &Channel) -> Result<Self, EngineError> {
        Ok(Self {
            id: row.id,
            name: row.name.clone(),
            kind: row.kind,
            categories: serde_json::from_value(row.categories.clone())?,
            settings: serde_json::from_value(row.settings.clone())?,
            credential_id: row.credential_id,
            enabled: row.enabled,
        })
    }
}

/// Whose credential a kind needs, and which settings.
pub(super) fn needs(kind: ChannelKind) -> (&'static str, &'static [&'static str]) {
    match kind {
        ChannelKind::Webhook => ("webhook", &["url"]),
        ChannelKind::SlackWebhook => ("slack-webhook", &[]),
        ChannelKind::Slack => ("slack", &["channel"]),
        ChannelKind::Email => ("smtp", &["from", "to"]),
    }
}

impl Engine {
    /// Makes a channel.
    ///
    /// # Errors
    /// When the role does not allow it, the name is taken or unfit, a setting is missing or unknown, or the credential is
    /// not there or of another vendor.
    pub async fn add_channel(&self, request: ChannelRequest) -> Result<ChannelView, EngineError> {
        self.permit(Action::NotificationSettings, 0).await?;
        let ChannelRequest { name, kind, categories, settings, credential } = request;
        let (vendor, needed) = needs(kind);
        check(&name, kind, &settings, needed)?;
        let credential = self.credentials().of_vendor(&credential, vendor).await?;
        let categories = if categories.is_empty() { EventType::ALL.to_vec() } else { categories };
        let row = Channel {
            id: ChannelId::from(Uuid::new_v4()),
            name: name.clone(),
            kind,
            categories: json!(categories),
            settings: json!(settings),
            credential_id: Some(credential),
            enabled: true,
            created_at: self.now(),
            updated_at: self.now(),
        };
        let mut tx = self.store.begin().await?;
        if channels::list(&mut tx).await?.iter().any(|known| known.name == name) {
            let message = format!("there is a channel `{name}` already");
            return Err(EngineError::refused("name-taken", message, "choose another name"));
        }
        channels::put(&mut tx, row.clone()).await?;
        let detail = json!({ "channel": name, "kind": kind, "categories": categories, "settings": settings });
        self.audit(&mut tx, "channel.add", Outcome::Done, 0, detail).await?;
        tx.commit().await?;
        ChannelView::of(&row)
    }

    /// All channels, by name.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails.
    pub async fn channels(&self) -> Result<Vec<ChannelView>, EngineError> {
        self.permit(Action::Read, 0).await?;
        channels::list(&mut self.store.read().await?).await?.iter().map(ChannelView::of).collect()
    }

    /// Lets a channel be told something, or nothing. What it was to be told already is still sent.
    ///
    /// # Errors
    /// When there is none, or the role does not allow it.
    pub async fn enable_channel(&self, name: &str, enabled: bool) -> Result<ChannelView, EngineError> {
        self.permit(Action::NotificationSettings, 0).await?;
        let mut row = self.channel(name).await?;
        (row.enabled, row.updated_at) = (enabled, self.now());
        let mut tx = self.store.begin().await?;
        channels::put(&mut tx, row.clone()).await?;
        let what = if enabled { "channel.enable" } else { "channel.disable" };
        self.audit(&mut tx, what, Outcome::Done, 0, json!({ "channel": name })).await?;
        tx.commit().await?;
        ChannelView::of(&row)
    }

    pub(super) async fn channel(&self, name: &str) -> Result<Channel, EngineError> {
        let all = channels::list(&mut self.store.read().await?).await?;
        if let Some(found) = all.iter().find(|known| known.name == name) {
            return Ok(found.clone());
        }
        let hint = match nearest(name, all.iter().map(|known| known.name.as_str())) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`lockstep notify channels` lists them".to_owned(),
        };
        Err(EngineError::not_found(format!("there is no channel `{name}`"), hint))
    }
}

fn check(
    name: &str,
    kind: ChannelKind,
    settings: &BTreeMap<String, String>,
    needed: &[&str],
) -> Result<(), EngineError> {
    if name.trim().is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        let message = "a channel's name has 1 to 100 characters";
        return Err(EngineError::refused("unfit-name", message, "choose a name such as `design-team`"));
    }
    let hint = || match needed {
        [] => format!("{kind} takes no settings"),
        needed => needed.iter().map(|name| format!("--set {name}=…")).collect::<Vec<_>>().join(" "),
    };
    if let Some(missing) = needed.iter().find(|name| settings.get(**name).is_none_or(String::is_empty)) {
        let message = format!("a channel of the kind {kind} needs the setting `{missing}`");
        return Err(EngineError::refused("unfit", message, hint()));
    }
    if let Some(unknown) = settings.keys().find(|name| !needed.contains(&name.as_str())) {
        let message = format!("a channel of the kind {kind} has no setting `{unknown}`");
        return Err(EngineError::refused("unfit", message, hint()));
    }
    match settings.get("url").map(|url| line::address(url)) {
        Some(Err(error)) => {
            let message = format!("the setting `url` can't be used: {error}");
            Err(EngineError::refused("unfit", message, "give it as `--set url=https://…`"))
        }
        _ => Ok(()),
    }
}
