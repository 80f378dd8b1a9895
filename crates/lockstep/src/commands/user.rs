//! `lockstep user`: who may use a hub.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use lockstep_core::{role::Role, word::Word as _};
use lockstep_engine::access::{Invitation, User};
use serde::Serialize;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Tone,
        table::{Align, Cell, Table},
        time::{ago, moment},
    },
};

/// Say who may use a hub, and what they may do there.
#[derive(Debug, Args)]
#[command(after_help = "\
Roles, each with what the one before it may do: viewer (reads), developer (scans, plans, syncs), maintainer (undoes, maps,
schedules, keeps credentials), admin (users, and the tokens of others). An invited user chooses a password by a link
that works once, for 48 hours.

Examples:
  # Let somebody in; give them the link
  lockstep user invite grace --role developer --url https://hub.example.org
  # They forgot their password
  lockstep user link grace
  # They left: their sessions end, and their tokens open nothing
  lockstep user disable grace")]
pub struct UserArgs {
    /// What to do; `list` by default.
    #[command(subcommand)]
    pub action: Option<UserAction>,
}

/// What can be done with users.
#[derive(Debug, Clone, Subcommand)]
pub enum UserAction {
    /// List the users
    List,
    /// Make a user, with a link by which they choose a password
    Invite {
        /// The name that they sign in with
        name: String,
        /// What they may do: viewer, developer, maintainer or admin
        #[arg(long, value_parser = parse_role)]
        role: Role,
        /// The name that people know them by
        #[arg(long, value_name = "NAME", default_value = "")]
        display_name: String,
        /// Where the hub is
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7420")]
        url: String,
    },
    /// Make a new link by which a user chooses another password
    Link {
        /// Their name
        name: String,
        /// Where the hub is
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7420")]
        url: String,
    },
    /// Give a user another role
    Role {
        /// Their name
        name: String,
        /// viewer, developer, maintainer or admin
        #[arg(value_parser = parse_role)]
        role: Role,
    },
    /// Let a user do nothing any more
    Disable {
        /// Their name
        name: String,
    },
    /// Let a user come back
    Enable {
        /// Their name
        name: String,
    },
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::of_word(text).map_err(|_| "it is viewer, developer, maintainer or admin".to_owned())
}

/// A link as JSON.
#[derive(Serialize)]
struct Link<'a> {
    user: Option<&'a User>,
    link: String,
    expires_at: DateTime<Utc>,
}

/// Runs the command.
pub fn run(args: &UserArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let (access, actor) = app.access().await?;
        let users = match args.action.as_ref().unwrap_or(&UserAction::List) {
            UserAction::List => access.users(&actor).await?,
            UserAction::Invite { name, role, display_name, url } => {
                let made = access.invite(&actor, name, display_name, *role).await?;
                return Ok(tell_link(app, &made, url));
            }
            UserAction::Link { name, url } => {
                let made = access.new_link(&actor, name).await?;
                return Ok(tell_link(app, &made, url));
            }
            UserAction::Role { name, role } => vec![access.set_role(&actor, name, *role).await?],
            UserAction::Disable { name } => vec![access.enable_user(&actor, name, false).await?],
            UserAction::Enable { name } => vec![access.enable_user(&actor, name, true).await?],
        };
        if app.screen.json() {
            app.screen.print_json("lockstep.users/1", &users);
        } else {
            app.screen.print(&table(&users, app.now()).render(app.screen.style(), app.screen.width()));
        }
        Ok(Outcome::Fine)
    })
}

fn tell_link(app: &App, made: &Invitation, url: &str) -> Outcome {
    let link = link_of(made, url);
    if app.screen.json() {
        let user = made.user.as_ref();
        app.screen.print_json("lockstep.user-link/1", &Link { user, link, expires_at: made.expires_at });
    } else {
        let name = made.user.as_ref().map_or("the first admin", |user| &user.name);
        let note = format!("for {name}, once, until {}; it is not shown again", moment(made.expires_at));
        app.screen.print(&link);
        app.screen.note(&app.screen.error_style().paint(Tone::Dim, note));
    }
    Outcome::Fine
}

/// Where a link leads.
pub fn link_of(made: &Invitation, url: &str) -> String {
    format!("{}/welcome/{}", url.trim_end_matches('/'), made.secret.expose())
}

fn table(users: &[User], now: DateTime<Utc>) -> Table {
    let columns = ["user", "role", "kind", "since", "name"];
    let mut table = Table::new(columns.map(|name| (name, Align::Left)));
    for user in users {
        let role = match user.disabled_at {
            Some(_) => Cell::new(Tone::Bad, "disabled"),
            None => user.role.as_str().into(),
        };
        table.row([
            Cell::new(Tone::Strong, &user.name),
            role,
            Cell::new(Tone::Dim, user.kind.as_str()),
            Cell::new(Tone::Dim, ago(user.created_at, now)),
            user.display_name.as_str().into(),
        ]);
    }
    table
}
