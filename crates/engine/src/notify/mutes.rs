//! Components that nobody, or one channel, is told of for a time.

use chrono::{DateTime, Utc};
use lockstep_core::{
    ids::{ChannelId, MuteId},
    role::Action,
    undo::Outcome,
};
use lockstep_store::{
    ReadTx, channels,
    mutes::{self, Mute},
    users,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::{context::Engine, error::EngineError, workspace::config::NameGlob};

/// The longest pattern and reason.
const LONGEST: usize = 200;
/// So many mutes hold at once.
const MOST: usize = 500;

/// Every mute, and what its pattern means.
pub(super) struct Mutes(Vec<(Mute, Option<NameGlob>)>);

impl Mutes {
    pub(super) async fn read(tx: &mut ReadTx) -> Result<Self, EngineError> {
        let with_glob = |mute: Mute| (NameGlob::new(&mute.component).ok(), mute);
        let all = mutes::list(tx).await?.into_iter().map(with_glob);
        Ok(Self(all.map(|(glob, mute)| (mute, glob)).collect()))
    }

    /// Whether a channel was not to be told of a component at a time.
    pub(super) fn hold(&self, component: &str, channel: ChannelId, at: DateTime<Utc>) -> bool {
        self.0.iter().any(|(mute, glob)| {
            mute.held(at)
                && mute.channel_id.is_none_or(|id| id == channel)
                // A name can hold what means something in a glob.
                && (mute.component == component || glob.as_ref().is_some_and(|glob| glob.matches(component)))
        })
    }
}

/// A mute that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MuteRequest {
    /// The components: a name, or a glob.
    pub component: String,
    /// The channel that is not told; none for all.
    pub channel: Option<String>,
    /// Until when; none until it is taken back.
    pub until: Option<DateTime<Utc>>,
    /// Why.
    pub reason: String,
}

/// A mute that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MuteView {
    /// Its id.
    pub id: MuteId,
    /// The components: a name, or a glob.
    pub component: String,
    /// The channel that is not told; none where no channel is.
    pub channel: Option<String>,
    /// Until when; none until it is taken back.
    pub until: Option<DateTime<Utc>>,
    /// Why.
    pub reason: String,
    /// Who wanted it.
    pub created_by: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

impl Engine {
    /// Tells no channel, or one of them not, of some components.
    ///
    /// # Errors
    /// When the role does not allow it, there is no such channel, or the pattern is none or its end is past.
    pub async fn mute(&self, request: MuteRequest) -> Result<Vec<MuteView>, EngineError> {
        let MuteRequest { component, channel, until, reason } = request;
        let channel = match channel {
            Some(name) => Some(self.channel(&name).await?),
            None => None,
        };
        self.permit_settings(channel.as_ref()).await?;
        let unfit = |message: String| {
            Err(EngineError::refused("unfit", message, "`lockstep notify mute --help` shows examples"))
        };
        let is_long = |text: &str| text.chars().count() > LONGEST || text.chars().any(char::is_control);
        if component.trim().is_empty() || is_long(&component) || is_long(&reason) {
            return unfit(format!("a pattern has 1 to {LONGEST} characters, and a reason at most as many"));
        }
        if let Err(error) = NameGlob::new(&component) {
            return unfit(format!("`{component}` is no pattern: {}", error.kind()));
        }
        let now = self.now();
        if until.is_some_and(|until| until <= now) {
            return unfit("its end is past".to_owned());
        }
        let mut tx = self.store.begin().await?;
        if mutes::list(&mut tx).await?.iter().filter(|mute| mute.held(now)).count() >= MOST {
            return unfit(format!(
                "there are {MOST} mutes already; one pattern can be about many components"
            ));
        }
        let detail = json!({
            "component": component, "channel": channel.as_ref().map(|channel| &channel.name), "until": until,
            "reason": reason,
        });
        let mute = Mute {
            id: MuteId::from(Uuid::new_v4()),
            component,
            channel_id: channel.map(|channel| channel.id),
            until,
            reason,
            created_by: self.actor.id,
            created_at: now,
        };
        mutes::insert(&mut tx, mute).await?;
        self.audit(&mut tx, "notification.mute", Outcome::Done, 0, detail).await?;
        tx.commit().await?;
        self.mutes().await
    }

    /// The mutes that hold.
    ///
    /// # Errors
    /// When the role does not allow it, or the registry fails.
    pub async fn mutes(&self) -> Result<Vec<MuteView>, EngineError> {
        self.permit(Action::Read, 0).await?;
        let now = self.now();
        let mut tx = self.store.read().await?;
        let held: Vec<Mute> = mutes::list(&mut tx).await?.into_iter().filter(|mute| mute.held(now)).collect();
        let (channels, users) = (channels::list(&mut tx).await?, users::list(&mut tx).await?);
        let view = |mute: Mute| MuteView {
            channel: mute.channel_id.map(|id| {
                channels
                    .iter()
                    .find(|row| row.id == id)
                    .map_or_else(|| id.to_string(), |row| row.name.clone())
            }),
            created_by: users
                .iter()
                .find(|user| user.id == mute.created_by)
                .map_or_else(|| mute.created_by.to_string(), |user| user.name.clone()),
            id: mute.id,
            component: mute.component,
            until: mute.until,
            reason: mute.reason,
            created_at: mute.created_at,
        };
        Ok(held.into_iter().map(view).collect())
    }

    /// Ends mutes that hold: the one of that id, or those of exactly that pattern. Gives those that are left.
    ///
    /// # Errors
    /// When there is none, or the role does not allow it.
    pub async fn unmute(&self, which: &str) -> Result<Vec<MuteView>, EngineError> {
        let now = self.now();
        let mut tx = self.store.read().await?;
        let id = which.parse::<MuteId>().ok();
        let mut meant = mutes::list(&mut tx).await?;
        let all = channels::list(&mut tx).await?;
        drop(tx);
        meant.retain(|mute| mute.held(now) && (Some(mute.id) == id || mute.component == which));
        if meant.is_empty() {
            let message = format!("nothing is muted as `{which}`");
            return Err(EngineError::not_found(message, "`lockstep notify mutes` lists what is"));
        }
        for mute in &meant {
            let channel = all.iter().find(|row| Some(row.id) == mute.channel_id);
            self.permit_settings(channel).await?;
        }
        let mut tx = self.store.begin().await?;
        for mute in &meant {
            mutes::end(&mut tx, mute.id, now).await?;
        }
        let detail = json!({ "component": which, "mutes": meant.len() });
        self.audit(&mut tx, "notification.unmute", Outcome::Done, 0, detail).await?;
        tx.commit().await?;
        self.mutes().await
    }
}
