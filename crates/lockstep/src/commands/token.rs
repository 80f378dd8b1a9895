//! `lockstep token`: what programs come to a hub with.

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use lockstep_core::{
    ids::TokenId,
    role::{Action, Scopes},
    word::Word as _,
};
use lockstep_engine::access::{ApiToken, NewToken, TokenRequest};
use serde::Serialize;
use serde_json::Value;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Tone,
        table::{Align, Cell, Table},
        time::{ago, moment},
    },
};

/// Make, list and take back the tokens that programs come to a hub with.
#[derive(Debug, Args)]
#[command(after_help = "\
A token is shown once; the registry keeps its hash. It may be used for its scopes, and for no more than its owner's role
allows: read, scan, plan, sync, start_session, undo, redo, map, accept_suggestion, schedule, notification_settings,
credentials, users, tokens_of_others. It ends by itself.

Examples:
  # For a build that reads drift, for 90 days
  lockstep token create --user grace --name ci
  # For one that may sync, too, for a week
  lockstep token create --user grace --name release --scope read,plan,sync --days 7
  # Take it back
  lockstep token revoke 0193f0c4-5b5e-7c3a-9d1e-000000000001")]
pub struct TokenArgs {
    /// What to do; `list` by default.
    #[command(subcommand)]
    pub action: Option<TokenAction>,
}

/// What can be done with tokens.
#[derive(Debug, Clone, Subcommand)]
pub enum TokenAction {
    /// List the tokens of a user
    List {
        /// Whose; yours by default
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
    },
    /// Make a token, and show it once
    Create {
        /// Whose it shall be; yours by default
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        /// What it is for
        #[arg(long)]
        name: String,
        /// What it may be used for
        #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', default_value = "read", value_parser = parse_scope)]
        scopes: Vec<Action>,
        /// How many days it lasts
        #[arg(long, value_name = "COUNT", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=366))]
        days: u16,
    },
    /// Take a token back
    Revoke {
        /// Its id, as `list` shows it
        id: TokenId,
    },
}

fn parse_scope(text: &str) -> Result<Action, String> {
    Action::of_word(text).map_err(|error| error.to_string())
}

/// A token as JSON, without its hash.
#[derive(Serialize)]
struct Shown<'a> {
    id: TokenId,
    name: &'a str,
    fingerprint: &'a str,
    scopes: &'a Value,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl<'a> Shown<'a> {
    fn of(token: &'a ApiToken) -> Self {
        Self {
            id: token.id,
            name: &token.name,
            fingerprint: &token.fingerprint,
            scopes: &token.scopes,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            revoked_at: token.revoked_at,
        }
    }
}

#[derive(Serialize)]
struct Made<'a> {
    owner: &'a str,
    secret: &'a str,
    token: Shown<'a>,
}

/// Runs the command.
pub fn run(args: &TokenArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let (access, actor) = app.access().await?;
        let tokens = match args.action.clone().unwrap_or(TokenAction::List { user: None }) {
            TokenAction::List { user } => access.tokens(&actor, user.as_deref()).await?,
            TokenAction::Revoke { id } => vec![access.revoke_token(&actor, id).await?],
            TokenAction::Create { user: owner, name, scopes, days } => {
                let scopes = Scopes(scopes.into_iter().collect());
                let lasts = TimeDelta::days(i64::from(days));
                let made = access.create_token(&actor, TokenRequest { owner, name, scopes, lasts }).await?;
                tell_made(app, &made);
                return Ok(Outcome::Fine);
            }
        };
        if app.screen.json() {
            let shown: Vec<Shown<'_>> = tokens.iter().map(Shown::of).collect();
            app.screen.print_json("lockstep.tokens/1", &shown);
        } else if tokens.is_empty() {
            app.screen.print("No tokens yet: `lockstep token create` makes one");
        } else {
            app.screen.print(&table(&tokens, app.now()).render(app.screen.style(), app.screen.width()));
        }
        Ok(Outcome::Fine)
    })
}

fn tell_made(app: &App, made: &NewToken) {
    let NewToken { token, owner, secret } = made;
    if app.screen.json() {
        let made = Made { owner, secret: secret.expose(), token: Shown::of(token) };
        return app.screen.print_json("lockstep.token/1", &made);
    }
    let until = token.expires_at.map(moment).unwrap_or_default();
    let note = format!("of {owner}, until {until}; it is not shown again");
    app.screen.print(secret.expose());
    app.screen.note(&app.screen.error_style().paint(Tone::Dim, note));
}

fn table(tokens: &[ApiToken], now: DateTime<Utc>) -> Table {
    let columns = ["id", "name", "token", "scopes", "last used", "until"];
    let mut table = Table::new(columns.map(|name| (name, Align::Left)));
    for token in tokens {
        let scopes: Vec<&str> =
            token.scopes.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let until = match (token.revoked_at, token.expires_at) {
            (Some(_), _) => Cell::new(Tone::Bad, "taken back"),
            (None, Some(until)) if until <= now => Cell::new(Tone::Bad, "over"),
            (None, until) => until.map(moment).unwrap_or_default().into(),
        };
        table.row([
            Cell::new(Tone::Accent, token.id.to_string()),
            Cell::new(Tone::Strong, &token.name),
            Cell::new(Tone::Dim, &token.fingerprint),
            scopes.join(", ").into(),
            token.last_used_at.map_or_else(|| "never".to_owned(), |used| ago(used, now)).into(),
            until,
        ]);
    }
    table
}
