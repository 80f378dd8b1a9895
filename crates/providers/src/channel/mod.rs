//! Channels: how a message gets to where people or programs read it, one small file a kind.

mod email;
mod slack;
mod webhook;

use chrono::{DateTime, TimeDelta, Utc};
use lockstep_core::notification::{EventType, Message};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use crate::{
    line::{Answer, Call, Line, LineError},
    secret::Mask,
    vendor::MailServer,
};

pub use email::rendered as email;
pub use slack::blocks as slack_blocks;
pub use webhook::body as webhook_body;

/// Where a message goes.
pub enum Target {
    /// To a program, signed as Standard Webhooks has it.
    Webhook {
        /// Its address.
        url: Url,
        /// The signing key.
        key: SecretString,
    },
    /// To the channel of an incoming webhook of Slack.
    SlackWebhook {
        /// The webhook's address, which is secret.
        url: SecretString,
    },
    /// To a channel of Slack.
    Slack {
        /// The API's address.
        api: Url,
        /// The channel's id.
        channel: String,
        /// The bot's token.
        token: SecretString,
    },
    /// To people's mail.
    Email {
        /// The server that sends it.
        server: MailServer,
        /// The account's password.
        password: SecretString,
        /// From whom.
        from: String,
        /// To whom.
        to: Vec<String>,
    },
}

/// What is sent.
pub struct Outgoing<'a> {
    /// The event's id: the same however often it is sent.
    pub id: String,
    /// What it tells of.
    pub event_type: EventType,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
    /// For people.
    pub message: &'a Message,
    /// For programs.
    pub payload: &'a Value,
    /// Whether an earlier try may have come through without anybody knowing.
    pub may_be_there: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The receiver has it.
    Delivered,
    /// It has not, for a reason that may pass; and when it wants to be asked again, if it says so.
    Later {
        /// Why.
        reason: String,
        /// After how long.
        after: Option<TimeDelta>,
    },
    /// It has not, and will not.
    Never {
        /// Why.
        reason: String,
    },
}

/// Sends a message, once. Nothing of a secret is in what comes back.
pub async fn send(target: &Target, outgoing: &Outgoing<'_>, line: &Line) -> Sent {
    let (sent, secret) = match target {
        Target::Webhook { url, key } => (webhook::send(url, key, outgoing, line).await, key),
        Target::SlackWebhook { url } => (slack::send_to_webhook(url, outgoing, line).await, url),
        Target::Slack { api, channel, token } => {
            (slack::send(api, channel, token, outgoing, line).await, token)
        }
        Target::Email { server, password, from, to } => {
            (email::send(server, password, from, to, outgoing).await, password)
        }
    };
    let mask = Mask::of(secret);
    match sent {
        Sent::Delivered => Sent::Delivered,
        Sent::Later { reason, after } => Sent::Later { reason: mask.told(&reason), after },
        Sent::Never { reason } => Sent::Never { reason: mask.told(&reason) },
    }
}

/// Makes a call, and gives the answer if it is one of success.
async fn ask(call: &Call, now: DateTime<Utc>, line: &Line) -> Result<Answer, Sent> {
    let answer = match line.ask_once(call).await {
        Ok(answer) => answer,
        Err(error @ LineError::Unfit(_)) => return Err(Sent::Never { reason: error.to_string() }),
        Err(error) => return Err(Sent::Later { reason: error.to_string(), after: None }),
    };
    let reason = format!("it answers {}", answer.status);
    match answer.status {
        200..=299 => Ok(answer),
        408 | 425 | 429 | 500..=599 => Err(Sent::Later { reason, after: retry_after(&answer, now) }),
        _ => Err(Sent::Never { reason }),
    }
}

/// What `Retry-After` says, in seconds or as a date.
fn retry_after(answer: &Answer, now: DateTime<Utc>) -> Option<TimeDelta> {
    let told = answer.header("retry-after")?.trim();
    match told.parse::<u32>() {
        Ok(seconds) => Some(TimeDelta::seconds(i64::from(seconds))),
        Err(_) => {
            let at = DateTime::<Utc>::from(httpdate::parse_http_date(told).ok()?);
            Some((at - now).max(TimeDelta::zero()))
        }
    }
}
