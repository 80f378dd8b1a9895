//! `lockstep notify`: who is told what happens, and whether it got there.

mod rules;
mod tell;

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use lockstep_core::{
    ids::EventId,
    notification::{ChannelKind, ChannelRules, DispatchStatus, EventType},
};
use lockstep_engine::{
    context::Engine,
    notify::{
        ChannelChange, ChannelRequest, ChannelView, Dispatched, EventView, Haste, MuteRequest, preview,
    },
};

use rules::{Rule, RuleArgs};

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Tone,
        table::{Align, Cell, Table},
        time::{ago, until},
    },
};

/// Say who is told what happens, and whether it got there.
#[derive(Debug, Args)]
#[command(after_help = "\
What happens is put into the outbox together with what it tells of. `lockstep serve` sends it within seconds, and
`lockstep notify send` at once. A channel sends with a credential of its kind:
  webhook        --set url=…               a credential of `webhook`: the signing key
  slack          --set channel=C0123456    a credential of `slack`: the bot's token
  slack_webhook                            a credential of `slack-webhook`: the address
  email          --set from=… --set to=…   a credential of `smtp`; several addresses are separated by commas

Examples:
  # Tell a channel in Slack of new drift and of credentials
  lockstep notify add design --kind slack --credential slack --set channel=C0123456 --category drift_detected,credential_status
  # Nothing at night but credentials, and of coverage only when it is low
  lockstep notify change design --quiet-hours 22:00-07:00 --zone Europe/Berlin --urgent credential_status --coverage-below 80
  # A channel of somebody's own, who may change it
  lockstep notify add grace --kind email --credential smtp --set from=hub@example.com --set to=grace@example.com --user grace
  # Nobody wants to hear of these for a week
  lockstep notify mute 'Legacy*' --for 7d --reason 'being replaced'
  # Does it come through?
  lockstep notify test design
  # What one looks like, without sending it
  lockstep notify preview drift_detected
  # What was sent lately, and what failed
  lockstep notify list --failed
  lockstep notify retry 0193f0c4-5b5e-7c3a-9d1e-000000000001

With `send`, the exit code is 3 when something was given up, and 4 when something has to be tried again.")]
pub struct NotifyArgs {
    /// What to do; `list` by default.
    #[command(subcommand)]
    pub action: Option<NotifyAction>,
}

/// What can be done with notifications.
#[derive(Debug, Clone, Subcommand)]
pub enum NotifyAction {
    /// List the newest events, and how far each got
    List {
        /// Only those that were given up
        #[arg(long)]
        failed: bool,
        /// How many to look at
        #[arg(long, value_name = "COUNT", default_value_t = 20)]
        limit: usize,
    },
    /// List the channels
    Channels,
    /// Make a channel
    Add {
        /// What to call it
        name: String,
        /// webhook, slack, slack_webhook or email
        #[arg(long)]
        kind: ChannelKind,
        /// The credential that it sends with
        #[arg(long, value_name = "NAME")]
        credential: String,
        /// Where exactly (repeatable)
        #[arg(long = "set", value_name = "NAME=VALUE")]
        settings: Vec<String>,
        /// What else it is told, and when
        #[command(flatten)]
        rules: RuleArgs,
        /// The user whose own it is: they may change what it is told, and when
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
    },
    /// Change what a channel is told, and when; what is not named stays
    Change {
        /// The channel
        name: String,
        /// What else it is told, and when
        #[command(flatten)]
        rules: RuleArgs,
        /// Take a rule back
        #[arg(long, value_name = "RULE", value_delimiter = ',')]
        no: Vec<Rule>,
        /// Where exactly (repeatable); all of it
        #[arg(long = "set", value_name = "NAME=VALUE")]
        settings: Vec<String>,
        /// The credential that it sends with
        #[arg(long, value_name = "NAME")]
        credential: Option<String>,
    },
    /// Take a channel away; what waits for it is not sent
    Remove {
        /// The channel
        name: String,
    },
    /// Tell nobody of some components, or not one channel, for a time
    Mute {
        /// A name, or a glob
        component: String,
        /// The channel that is not told; every one by default
        #[arg(long, value_name = "NAME")]
        channel: Option<String>,
        /// Until when: 12h, 7d, 2w, or a day such as 2026-12-24; until `unmute` by default
        #[arg(long = "for", value_name = "TIME")]
        until: Option<String>,
        /// Why
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Tell of components again
    Unmute {
        /// What was muted, or the id that `mutes` shows
        component: String,
    },
    /// List what is muted, and until when
    Mutes,
    /// List the newest deliveries, one for each event and channel
    Deliveries {
        /// Only those that stand so: queued, retrying, sent or failed
        #[arg(long, value_name = "STATE")]
        state: Option<DispatchStatus>,
        /// How many at most
        #[arg(long, value_name = "COUNT", default_value_t = 20)]
        limit: usize,
    },
    /// Let a channel be told again
    Enable {
        /// The channel
        name: String,
    },
    /// Tell a channel nothing for now
    Disable {
        /// The channel
        name: String,
    },
    /// Send an example to a channel
    Test {
        /// The channel
        name: String,
        /// What kind of event
        #[arg(long = "type", value_name = "TYPE", default_value = "drift_detected")]
        event_type: EventType,
    },
    /// Show what an event looks like
    Preview {
        /// What kind of event
        event_type: EventType,
    },
    /// Send what waits
    Send,
    /// Send again what was given up, as a new event
    Retry {
        /// The event, as `list` shows it
        event: EventId,
    },
}

/// Runs the command.
pub fn run(args: &NotifyArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let list = NotifyAction::List { failed: false, limit: 20 };
        if let Some(NotifyAction::Preview { event_type }) = &args.action {
            tell_preview(app, *event_type);
            return Ok(Outcome::Fine);
        }
        let engine = app.engine().await?;
        match args.action.clone().unwrap_or(list) {
            NotifyAction::List { failed, limit } => {
                let status = failed.then_some(DispatchStatus::Failed);
                tell_events(app, &engine.events(limit, status).await?);
            }
            NotifyAction::Channels => tell_channels(app, &engine.channels().await?),
            NotifyAction::Add { name, kind, credential, settings, rules, user } => {
                let settings = pairs(&settings)?;
                let categories = rules.categories.clone();
                let rules = rules.after(ChannelRules::default(), &[])?;
                let request = ChannelRequest { name, kind, categories, settings, credential, rules, user };
                tell_channels(app, &[engine.add_channel(request).await?]);
            }
            NotifyAction::Change { name, rules, no, settings, credential } => {
                let known = engine.channel_view(&name).await?;
                let change = ChannelChange {
                    categories: (!rules.categories.is_empty()).then(|| rules.categories.clone()),
                    rules: Some(rules.after(known.rules, &no)?),
                    enabled: None,
                    settings: if settings.is_empty() { None } else { Some(pairs(&settings)?) },
                    credential,
                };
                tell_channels(app, &[engine.change_channel(&name, change).await?]);
            }
            NotifyAction::Remove { name } => {
                engine.remove_channel(&name).await?;
                match app.screen.json() {
                    true => tell_channels(app, &engine.channels().await?),
                    false => app.screen.print(&format!("{name} is taken away")),
                }
            }
            NotifyAction::Mute { component, channel, until, reason } => {
                let until = until.map(|text| match rules::end(&text, engine.now()) {
                    Some(until) => Ok(until),
                    None => {
                        Err(Failure::usage(format!("`{text}` is no time like 12h, 7d, 2w or 2026-12-24")))
                    }
                });
                let request = MuteRequest { component, channel, until: until.transpose()?, reason };
                tell::mutes(app, &engine.mute(request).await?);
            }
            NotifyAction::Unmute { component } => tell::mutes(app, &engine.unmute(&component).await?),
            NotifyAction::Mutes => tell::mutes(app, &engine.mutes().await?),
            NotifyAction::Deliveries { state, limit } => {
                tell::deliveries(app, &engine.deliveries(limit, state).await?);
            }
            NotifyAction::Enable { name } => {
                let change = ChannelChange { enabled: Some(true), ..ChannelChange::default() };
                tell_channels(app, &[engine.change_channel(&name, change).await?]);
            }
            NotifyAction::Disable { name } => {
                let change = ChannelChange { enabled: Some(false), ..ChannelChange::default() };
                tell_channels(app, &[engine.change_channel(&name, change).await?]);
            }
            NotifyAction::Test { name, event_type } => {
                engine.test_channel(&name, event_type).await?;
                match app.screen.json() {
                    true => tell_channels(app, &engine.channels().await?),
                    false => app.screen.print(&format!("{name} took it")),
                }
            }
            NotifyAction::Send => return send(app, &engine).await,
            NotifyAction::Retry { event } => {
                engine.retry_event(event).await?;
                return send(app, &engine).await;
            }
            NotifyAction::Preview { .. } => {}
        }
        Ok(Outcome::Fine)
    })
}

/// Sends what is due. Where nothing is, what waits is told.
async fn send(app: &App, engine: &Engine) -> Result<Outcome, Failure> {
    let done = engine.dispatch(Haste::AtOnce).await?;
    let outcome = tell_sent(app, &done);
    if done.is_empty() && !app.screen.json() {
        tell::waiting(app, engine.waiting().await?);
    }
    Ok(outcome)
}

fn pairs(given: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let split = |pair: &String| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let split: Option<_> = given.iter().map(split).collect();
    split.ok_or_else(|| {
        Failure::usage("--set takes NAME=VALUE").hint("`lockstep notify --help` lists what each kind takes")
    })
}

fn tell_channels(app: &App, channels: &[ChannelView]) {
    if app.screen.json() {
        return app.screen.print_json("lockstep.channels/1", &channels);
    }
    if channels.is_empty() {
        return app.screen.print("No channels yet: `lockstep notify add` makes one");
    }
    let columns = ["channel", "kind", "where", "is told", "how"];
    let mut table = Table::new(columns.map(|name| (name, Align::Left)));
    for channel in channels {
        let place: Vec<&str> = channel.settings.values().map(String::as_str).collect();
        let told: Vec<&str> = channel.categories.iter().map(|category| category.as_str()).collect();
        let told = match channel.enabled {
            true if told.len() == EventType::ALL.len() => "everything".into(),
            true => told.join(", ").into(),
            false => Cell::new(Tone::Warn, "nothing: it is disabled"),
        };
        let kind = Cell::new(Tone::Dim, channel.kind.as_str());
        let whose = channel.user.as_ref().map(|user| format!("{user}'s own"));
        let how = Some(rules::told(&channel.rules)).filter(|how| !how.is_empty());
        let how: Vec<String> = whose.into_iter().chain(how).collect();
        let how = Cell::new(Tone::Dim, how.join("; "));
        table.row([Cell::new(Tone::Strong, &channel.name), kind, place.join(", ").into(), told, how]);
    }
    app.screen.print(&table.render(app.screen.style(), app.screen.width()));
}

fn tone(status: DispatchStatus) -> Tone {
    match status {
        DispatchStatus::Queued => Tone::Plain,
        DispatchStatus::Retrying => Tone::Warn,
        DispatchStatus::Sent => Tone::Good,
        DispatchStatus::Failed => Tone::Bad,
    }
}

fn tell_events(app: &App, events: &[EventView]) {
    if app.screen.json() {
        return app.screen.print_json("lockstep.events/1", &events);
    }
    if events.is_empty() {
        return app.screen.print("Nothing has happened, or nothing has failed");
    }
    let columns = ["event", "when", "what", "state", "channels"];
    let mut table = Table::new(columns.map(|name| (name, Align::Left)));
    for event in events {
        let channels: Vec<String> = event
            .deliveries
            .iter()
            .map(|delivery| match &delivery.reason {
                Some(reason) => format!("{} {} ({reason})", delivery.channel, delivery.status),
                None => format!("{} {}", delivery.channel, delivery.status),
            })
            .collect();
        table.row([
            Cell::new(Tone::Dim, event.id.to_string()),
            Cell::new(Tone::Dim, ago(event.created_at, app.now())),
            event.message.title.as_str().into(),
            Cell::new(tone(event.status), event.status.as_str()),
            channels.join(", ").into(),
        ]);
    }
    app.screen.print(&table.render(app.screen.style(), app.screen.width()));
}

fn tell_sent(app: &App, done: &[Dispatched]) -> Outcome {
    let style = app.screen.style();
    if app.screen.json() {
        app.screen.print_json("lockstep.dispatched/1", &done);
    } else {
        for one in done {
            let again = one.next_attempt_at.map(|at| format!("again {}", until(at, app.now())));
            let rest: Vec<String> = one.reason.clone().into_iter().chain(again).collect();
            app.screen.print(&format!(
                "{}  {}  {}  {}",
                style.paint(Tone::Strong, &one.channel),
                style.paint(tone(one.status), one.status.as_str()),
                one.event_type,
                style.paint(Tone::Dim, rest.join("; "))
            ));
        }
    }
    let any = |status| done.iter().any(|one| one.status == status);
    match () {
        () if any(DispatchStatus::Failed) => Outcome::Refused,
        () if any(DispatchStatus::Retrying) => Outcome::Incomplete,
        () => Outcome::Fine,
    }
}

fn tell_preview(app: &App, event_type: EventType) {
    let preview = preview(event_type, app.now());
    if app.screen.json() {
        return app.screen.print_json("lockstep.notification-preview/1", &preview);
    }
    crate::commands::digest::tell(app, &preview.message);
}
