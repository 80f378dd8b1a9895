//! Credentials as people read them.

use chrono::{DateTime, Utc};
use lockstep_core::credential::{Condition, CredentialStatus};
use lockstep_engine::credentials::{self, CredentialImpact, CredentialView, Validation};

use crate::{
    app::App,
    commands::some_of,
    output::{
        Style, Tone,
        table::{Align, Cell, Table},
        time::{ago, moment, until},
    },
};

/// The state in a word, with what will be before long.
fn state(credential: &CredentialView, now: DateTime<Utc>) -> (Tone, String) {
    match credential.condition {
        Condition::Fine => (Tone::Good, "valid".to_owned()),
        Condition::Due { at } if at <= now => (Tone::Warn, "valid; rotation is due".to_owned()),
        Condition::Due { at } => (Tone::Warn, format!("valid; rotation is due {}", until(at, now))),
        Condition::Ends { at } => (Tone::Warn, format!("valid; ends {}", until(at, now))),
        Condition::Unproven => (Tone::Warn, "pending".to_owned()),
        Condition::Revoked => (Tone::Bad, "revoked".to_owned()),
        Condition::Expired => (Tone::Bad, "expired".to_owned()),
    }
}

pub(super) fn table(all: &[CredentialView], now: DateTime<Utc>) -> Table {
    let columns = ["credential", "state", "vendor", "for", "kept at", "asked"];
    let mut table = Table::new(columns.map(|name| (name, Align::Left)));
    for credential in all {
        let (tone, state) = state(credential, now);
        let name = if credential.is_registered { Tone::Strong } else { Tone::Dim };
        table.row([
            Cell::new(name, &credential.name),
            Cell::new(tone, state),
            credential.vendor.as_str().into(),
            Cell::new(Tone::Dim, credential.provider_type.as_str()),
            credential.reference.as_str().into(),
            Cell::new(
                Tone::Dim,
                credential.last_validation_time.map_or("never".to_owned(), |at| ago(at, now)),
            ),
        ]);
    }
    table
}

pub(super) fn whole(credential: &CredentialView, app: &App) -> String {
    let (style, now) = (app.screen.style(), app.now());
    let (tone, state) = state(credential, now);
    let mut lines = vec![("state", style.paint(tone, state))];
    let mut line = |what, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            lines.push((what, style.paint(Tone::Plain, text)));
        }
    };
    line("why", credential.reason.clone());
    line("next", credential.next_step.clone());
    line("opens", Some(format!("{}, for {}", credential.vendor, credential.provider_type)));
    line("as", credential.account.clone());
    line("kept at", Some(credential.reference.clone()));
    line("print", Some(credential.fingerprint.clone()));
    let settings: Vec<String> =
        credential.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
    line("settings", Some(settings.join(", ")));
    let scopes: Vec<String> = credential
        .scopes
        .iter()
        .map(|scope| match &scope.meaning {
            Some(meaning) => format!("{} ({meaning})", scope.scope),
            None => scope.scope.clone(),
        })
        .collect();
    line("scopes", Some(scopes.join(", ")));
    line("lacks", Some(credential.lacks.join(", ")));
    line("gives", Some(credential.features.join(", ")));
    line("since", Some(moment(credential.created_at)));
    line("rotated", credential.rotated_at.map(moment));
    line("asked", Some(credential.last_validation_time.map_or("never".to_owned(), |at| ago(at, now))));
    line("due", credential.rotation_due.map(moment));
    line("ends", credential.expires_at.map(moment));
    let mut text = format!("{}\n", style.paint(Tone::Strong, &credential.name));
    for (what, said) in lines {
        text.push_str(&format!("  {}  {said}\n", style.paint(Tone::Dim, format!("{what:<8}"))));
    }
    text
}

pub(super) fn validation(validation: &Validation, app: &App) -> String {
    let (style, now) = (app.screen.style(), app.now());
    let credential = &validation.credential;
    let (tone, word) = match validation.outcome {
        "accepted" if credential.status == CredentialStatus::Valid => (Tone::Good, "valid"),
        "accepted" => (Tone::Warn, "taken, but not valid"),
        "refused" => (Tone::Bad, "refused"),
        _ => (Tone::Warn, "not asked"),
    };
    let mut parts = Vec::new();
    parts.extend(validation.reason.clone());
    if validation.outcome == "unclear" {
        parts.push(format!("it stays {}", credential.status));
    }
    parts.extend(credential.account.as_ref().map(|account| format!("as {account}")));
    if validation.outcome == "accepted" {
        parts.extend(credential.lacks.iter().map(|lacks| format!("without {lacks}")));
        parts.extend(credential.rotation_due.map(|due| format!("rotation is due {}", until(due, now))));
    }
    let mut text = format!(
        "{}  {}  {}",
        style.paint(Tone::Strong, &credential.name),
        style.paint(tone, word),
        style.paint(Tone::Plain, parts.join("; "))
    );
    if credential.status != CredentialStatus::Valid
        && let Some(next) = &credential.next_step
    {
        text.push_str(&format!("\n  {} {next}", style.paint(Tone::Accent, "next:")));
    }
    text
}

pub(super) fn impact(impact: &CredentialImpact, style: Style) -> String {
    let tone = match () {
        () if impact.impact.blocked => Tone::Bad,
        () if impact.impact.condition != Condition::Fine => Tone::Warn,
        () => Tone::Plain,
    };
    let mut text = style.paint(tone, &impact.sentence);
    let of = &impact.impact.dependants;
    let lists = [
        ("components", &of.components),
        ("design files", &of.design_files),
        ("schedules", &of.schedules),
        ("channels", &of.channels),
        ("features", &of.features),
    ];
    for (what, names) in lists.into_iter().filter(|(_, names)| !names.is_empty()) {
        text.push_str(&format!(
            "\n  {}  {}",
            style.paint(Tone::Dim, format!("{what:<12}")),
            some_of(names, 8)
        ));
    }
    if let Some(next) = &impact.credential.next_step {
        text.push_str(&format!("\n  {} {next}", style.paint(Tone::Accent, "next:")));
    }
    text
}

pub(super) fn vendors(app: &App) {
    let all = credentials::vendors();
    if app.screen.json() {
        return app.screen.print_json("lockstep.credential-vendors/1", &all);
    }
    let style = app.screen.style();
    for vendor in &all {
        let name = style.paint(Tone::Strong, format!("{:<14}", vendor.name));
        let types = style.paint(Tone::Dim, format!("for {}", vendor.types.join(", ")));
        let mut text = format!("{name}  {}  {types}", vendor.title);
        for setting in &vendor.settings {
            let holds = match (setting.needed, setting.default) {
                (true, _) => " (needed)".to_owned(),
                (false, Some(default)) => format!(" [{default}]"),
                (false, None) => String::new(),
            };
            let name = style.paint(Tone::Accent, format!("{:<9}", setting.name));
            text.push_str(&format!(
                "\n                --set {name} {}{}",
                setting.about,
                style.paint(Tone::Dim, holds)
            ));
        }
        app.screen.print(&text);
    }
}
