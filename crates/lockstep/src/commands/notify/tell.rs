//! Mutes and deliveries, as people read them.

use lockstep_engine::notify::{EventDelivery, MuteView, Waiting};

use crate::{
    app::App,
    output::{
        Tone,
        table::{Align, Cell, Table},
        time::{ago, moment, until},
        words::counted,
    },
};

pub fn mutes(app: &App, mutes: &[MuteView]) {
    if app.screen.json() {
        return app.screen.print_json("lockstep.mutes/1", &mutes);
    }
    if mutes.is_empty() {
        return app.screen.print("Nothing is muted: `lockstep notify mute` does so");
    }
    let columns = ["components", "channel", "ends", "by", "why"];
    let mut table = Table::new(columns.map(|name| (name, Align::Left)));
    for mute in mutes {
        let ends = mute.until.map_or_else(|| "when it is taken back".to_owned(), |at| until(at, app.now()));
        table.row([
            Cell::new(Tone::Strong, &mute.component),
            mute.channel.as_deref().unwrap_or("every one").into(),
            ends.into(),
            mute.created_by.as_str().into(),
            Cell::new(Tone::Dim, &mute.reason),
        ]);
    }
    app.screen.print(&table.render(app.screen.style(), app.screen.width()));
}

/// What waits, after a send that had nothing to do.
pub fn waiting(app: &App, waiting: Waiting) {
    let Waiting { events, quiet, next } = waiting;
    let what = match (events, quiet) {
        (0, _) => return app.screen.print("Nothing waits to be sent"),
        (_, 0) => format!("Nothing is due: {} to be sent later", wait(events)),
        _ if quiet == events => format!("Nothing is due: {} for quiet hours to end", wait(events)),
        _ => format!("Nothing is due: {}, {quiet} of them for quiet hours to end", wait(events)),
    };
    let when = next.map(|at| format!("; the next goes {}, at {} UTC", until(at, app.now()), moment(at)));
    app.screen.print(&format!("{what}{}", when.unwrap_or_default()));
}

fn wait(events: usize) -> String {
    format!("{} {}", counted(events, "event"), if events == 1 { "waits" } else { "wait" })
}

pub fn deliveries(app: &App, deliveries: &[EventDelivery]) {
    if app.screen.json() {
        return app.screen.print_json("lockstep.deliveries/1", &deliveries);
    }
    if deliveries.is_empty() {
        return app.screen.print("Nothing was delivered, or nothing stands so");
    }
    let columns = ["event", "channel", "what", "state", "tries", "last", "why"];
    let mut table = Table::new(columns.map(|name| (name, Align::Left)));
    for one in deliveries {
        let delivery = &one.delivery;
        let last = delivery.last_attempt_at.map(|at| ago(at, app.now())).unwrap_or_default();
        let why = match (&delivery.reason, one.told_with) {
            (Some(reason), _) => reason.clone(),
            (None, Some(with)) => format!("told with {with}"),
            (None, None) => String::new(),
        };
        table.row([
            Cell::new(Tone::Dim, one.event.to_string()),
            Cell::new(Tone::Strong, &delivery.channel),
            one.title.as_str().into(),
            Cell::new(super::tone(delivery.status), delivery.status.as_str()),
            delivery.attempts.to_string().into(),
            Cell::new(Tone::Dim, last),
            Cell::new(Tone::Dim, why),
        ]);
    }
    app.screen.print(&table.render(app.screen.style(), app.screen.width()));
}
