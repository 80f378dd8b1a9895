//! Channels: where events go, and which of them.

use std::collections::BTreeMap;

use lockstep_core::{
    ids::{ChannelId, CredentialId, UserId},
    notification::{ChannelKind, ChannelRules, EventType},
    role::Action,
    undo::Outcome,
};
use lockstep_providers::line;
use lockstep_store::{
    channels::{self, Channel},
    deliveries, mutes, users,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{context::Engine, error::EngineError, workspace::config::nearest};

/// The longest setting.
const LONGEST: usize = 2_000;

/// A channel that somebody wants.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelRequest {
    /// What to call it.
    pub name: String,
    /// What kind it is.
    pub kind: ChannelKind,
    /// What it is told; everything where nothing is named.
    #[serde(default)]
    pub categories: Vec<EventType>,
    /// Where exactly.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// The credential that it sends with.
    pub credential: String,
    /// What else it is told, and when.
    #[serde(default)]
    pub rules: ChannelRules,
    /// The user whose own it is, who may change what it is told.
    #[serde(default)]
    pub user: Option<String>,
}

/// What is to be other about a channel; what is not named stays.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelChange {
    /// What it is told.
    pub categories: Option<Vec<EventType>>,
    /// What else it is told, and when.
    pub rules: Option<ChannelRules>,
    /// Whether it is told anything. What it was to be told already is still sent.
    pub enabled: Option<bool>,
    /// Where exactly.
    pub settings: Option<BTreeMap<String, String>>,
    /// The credential that it sends with.
    pub credential: Option<String>,
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
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
    /// What else it is told, and when.
    pub rules: ChannelRules,
    /// The user whose own it is.
    pub user: Option<String>,
}

impl ChannelView {
    fn of(row: &Channel, users: &[users::User]) -> Result<Self, EngineError> {
        let name = |id: UserId| users.iter().find(|user| user.id == id).map(|user| user.name.clone());
        Ok(Self {
            id: row.id,
            name: row.name.clone(),
            kind: row.kind,
            categories: serde_json::from_value(row.categories.clone())?,
            settings: serde_json::from_value(row.settings.clone())?,
            credential_id: row.credential_id,
            enabled: row.enabled,
            rules: rules_of(row)?,
            user: row.owner.map(|id| name(id).unwrap_or_else(|| id.to_string())),
        })
    }
}

/// What else a channel is told, and when.
pub(super) fn rules_of(row: &Channel) -> Result<ChannelRules, EngineError> {
    Ok(serde_json::from_value(row.rules.clone())?)
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
    /// When the role does not allow it, the name is taken or unfit, a setting is missing or unknown, a rule can't be, or the
    /// credential or user is not there, or it is of another vendor.
    pub async fn add_channel(&self, request: ChannelRequest) -> Result<ChannelView, EngineError> {
        self.permit(Action::NotificationSettings, 0).await?;
        let ChannelRequest { name, kind, categories, settings, credential, rules, user } = request;
        check_name(&name)?;
        check(kind, &settings)?;
        check_rules(&rules)?;
        let credential = self.credentials().of_vendor(&credential, needs(kind).0).await?;
        let categories = if categories.is_empty() { EventType::ALL.to_vec() } else { categories };
        let mut tx = self.store.begin().await?;
        let owner = match &user {
            None => None,
            Some(name) => match users::by_name(&mut tx, name).await? {
                Some(user) => Some(user.id),
                None => {
                    let message = format!("there is no user `{name}`");
                    return Err(EngineError::not_found(message, "`lockstep user list` lists them"));
                }
            },
        };
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
            rules: json!(rules),
            owner,
        };
        if channels::list(&mut tx).await?.iter().any(|known| known.name == name) {
            let message = format!("there is a channel `{name}` already");
            return Err(EngineError::refused("name-taken", message, "choose another name"));
        }
        channels::put(&mut tx, row.clone()).await?;
        let detail = json!({
            "channel": name, "kind": kind, "categories": categories, "settings": settings, "rules": rules, "user": user,
        });
        self.audit(&mut tx, "channel.add", Outcome::Done, 0, detail).await?;
        tx.commit().await?;
        self.channel_view(&name).await
    }

    /// All channels, by name.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails.
    pub async fn channels(&self) -> Result<Vec<ChannelView>, EngineError> {
        self.permit(Action::Read, 0).await?;
        let mut tx = self.store.read().await?;
        let users = users::list(&mut tx).await?;
        channels::list(&mut tx).await?.iter().map(|row| ChannelView::of(row, &users)).collect()
    }

    /// The channel of that name.
    ///
    /// # Errors
    /// When there is none, or the role does not allow it.
    pub async fn channel_view(&self, name: &str) -> Result<ChannelView, EngineError> {
        self.permit(Action::Read, 0).await?;
        let row = self.channel(name).await?;
        let users = users::list(&mut self.store.read().await?).await?;
        ChannelView::of(&row, &users)
    }

    /// Changes a channel. Its own user may change what it is told and when, but not where it leads.
    ///
    /// # Errors
    /// When there is none, the role does not allow it, or something is as it can't be.
    pub async fn change_channel(
        &self,
        name: &str,
        change: ChannelChange,
    ) -> Result<ChannelView, EngineError> {
        let mut row = self.channel(name).await?;
        let ChannelChange { categories, rules, enabled, settings, credential } = change;
        match settings.is_some() || credential.is_some() {
            true => self.permit(Action::NotificationSettings, 0).await?,
            false => self.permit_settings(Some(&row)).await?,
        }
        let mut detail = json!({ "channel": name });
        if let Some(settings) = settings {
            check(row.kind, &settings)?;
            detail["settings"] = json!(settings);
            row.settings = json!(settings);
        }
        if let Some(credential) = credential {
            row.credential_id = Some(self.credentials().of_vendor(&credential, needs(row.kind).0).await?);
            detail["credential"] = json!(credential);
        }
        if let Some(categories) = categories {
            detail["categories"] = json!(categories);
            row.categories = json!(categories);
        }
        if let Some(rules) = rules {
            check_rules(&rules)?;
            detail["rules"] = json!(rules);
            row.rules = json!(rules);
        }
        if let Some(enabled) = enabled {
            detail["enabled"] = json!(enabled);
            row.enabled = enabled;
        }
        row.updated_at = self.now();
        let mut tx = self.store.begin().await?;
        channels::put(&mut tx, row).await?;
        self.audit(&mut tx, "channel.change", Outcome::Done, 0, detail).await?;
        tx.commit().await?;
        self.channel_view(name).await
    }

    /// The actor's own channels.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails.
    pub async fn own_channels(&self) -> Result<Vec<ChannelView>, EngineError> {
        self.permit(Action::Read, 0).await?;
        let mut tx = self.store.read().await?;
        let users = users::list(&mut tx).await?;
        let own = channels::list(&mut tx).await?.into_iter().filter(|row| row.owner == Some(self.actor.id));
        own.map(|row| ChannelView::of(&row, &users)).collect()
    }

    /// Changes what a channel of the actor's own is told, and when.
    ///
    /// # Errors
    /// When they have none of that name, or something is as it can't be.
    pub async fn change_own_channel(
        &self,
        name: &str,
        change: ChannelChange,
    ) -> Result<ChannelView, EngineError> {
        let all = channels::list(&mut self.store.read().await?).await?;
        if !all.iter().any(|row| row.name == name && row.owner == Some(self.actor.id)) {
            let message = format!("you have no channel `{name}` of your own");
            return Err(EngineError::not_found(message, "ask a maintainer for one"));
        }
        self.change_channel(name, change).await
    }

    /// Takes a channel away, with what was written down of its deliveries. What waits for it is not sent.
    ///
    /// # Errors
    /// When there is none, or the role does not allow it.
    pub async fn remove_channel(&self, name: &str) -> Result<(), EngineError> {
        self.permit(Action::NotificationSettings, 0).await?;
        let row = self.channel(name).await?;
        let mut tx = self.store.begin().await?;
        deliveries::remove_of_channel(&mut tx, row.id).await?;
        mutes::remove_of_channel(&mut tx, row.id).await?;
        channels::remove(&mut tx, row.id).await?;
        self.audit(&mut tx, "channel.remove", Outcome::Done, 0, json!({ "channel": name })).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Holds that the actor may change what a channel is told: their own, or any with the role for it.
    pub(super) async fn permit_settings(&self, channel: Option<&Channel>) -> Result<(), EngineError> {
        // A program that comes with a token does what the token's scopes say, and no more.
        let comes_in_person = self.actor.grant.scopes.is_none();
        let is_own = comes_in_person && channel.is_some_and(|channel| channel.owner == Some(self.actor.id));
        self.permit(if is_own { Action::Read } else { Action::NotificationSettings }, 0).await
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

fn check_name(name: &str) -> Result<(), EngineError> {
    if name.trim().is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        let message = "a channel's name has 1 to 100 characters";
        return Err(EngineError::refused("unfit-name", message, "choose a name such as `design-team`"));
    }
    Ok(())
}

fn check_rules(rules: &ChannelRules) -> Result<(), EngineError> {
    let hint = "`lockstep notify add --help` shows what can be said";
    rules.check().map_err(|error| EngineError::refused("unfit", error.to_string(), hint))
}

fn check(kind: ChannelKind, settings: &BTreeMap<String, String>) -> Result<(), EngineError> {
    let (_, needed) = needs(kind);
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
    if let Some((long, _)) = settings.iter().find(|(_, value)| value.len() > LONGEST) {
        return Err(EngineError::refused("unfit", format!("the setting `{long}` is too long"), hint()));
    }
    match settings.get("url").map(|url| line::address(url)) {
        Some(Err(error)) => {
            let message = format!("the setting `url` can't be used: {error}");
            Err(EngineError::refused("unfit", message, "give it as `--set url=https://…`"))
        }
        _ => Ok(()),
    }
}
