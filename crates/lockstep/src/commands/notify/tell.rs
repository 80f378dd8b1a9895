//! Mutes and deliveries, as people read them.

use lockstep_engine::notify::{EventDelivery, MuteView};

use crate::{
    app::App,
    output::{
        Tone,
        table::{Align, Cell, Table},
        time::{ago, until},
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
