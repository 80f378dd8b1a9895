//! A channel with its secret, for one message.

use std::collections::BTreeMap;

use lockstep_core::notification::ChannelKind;
use lockstep_providers::{channel::Target, line, vendor::MailServer};
use lockstep_store::channels::Channel;

use crate::{context::Engine, error::EngineError};

impl Engine {
    /// Where a channel leads, as its credential allows at this moment.
    pub(super) async fn channel_target(&self, channel: &Channel) -> Result<Target, EngineError> {
        let settings: BTreeMap<String, String> = serde_json::from_value(channel.settings.clone())?;
        let setting = |name: &str| settings.get(name).cloned().unwrap_or_default();
        let unfit = |message: String| {
            EngineError::refused("unfit", message, "make the channel anew: `lockstep notify add`")
        };
        let address = |text: &str| {
            line::address(text)
                .map_err(|error| unfit(format!("`{}` has no usable address: {error}", channel.name)))
        };
        let id =
            channel.credential_id.ok_or_else(|| unfit(format!("`{}` has no credential", channel.name)))?;
        let (secret, of_credential) = self.credentials().open(id).await?;
        Ok(match channel.kind {
            ChannelKind::Webhook => Target::Webhook { url: address(&setting("url"))?, key: secret },
            ChannelKind::SlackWebhook => Target::SlackWebhook { url: secret },
            ChannelKind::Slack => {
                let api = of_credential.0.get("url").map_or("https://slack.com/api", String::as_str);
                Target::Slack { api: address(api)?, channel: setting("channel"), token: secret }
            }
            ChannelKind::Email => Target::Email {
                server: MailServer::of(&of_credential).map_err(|error| unfit(error.message))?,
                password: secret,
                from: setting("from"),
                to: setting("to").split(',').map(str::to_owned).collect(),
            },
        })
    }
}
