//! `lockstep credential`: what opens design tools, channels and services elsewhere.

mod given;
mod shown;

use chrono::{NaiveDate, NaiveTime};
use clap::{Args, Subcommand};
use lockstep_core::credential::{CredentialStatus, ProviderType};
use lockstep_engine::{
    context::Engine,
    credentials::{AddRequest, CredentialImpact, CredentialView, RotateRequest, Validation},
};

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::Tone,
};

const HELP: &str = "\
A secret is never an argument: arguments stand in the shell's history, and every process can see them. It is read from
standard input, or asked for without echo, and sealed in .lockstep/secrets.age; or --from names where it is kept:
  env:NAME      an environment variable
  file:PATH     a file that holds nothing else
The registry keeps where a secret is and a fingerprint, and never the secret. `add` asks the provider before anything is
recorded. A provider that can't be reached changes nothing; one that refuses makes the credential revoked or expired.

Examples:
  # A Figma token that an environment variable holds, as `lockstep fetch` uses it
  lockstep credential add figma --vendor figma --from env:FIGMA_TOKEN --expires 2027-02-28
  # A Slack bot token, asked for without echo, or from a pipe: `pass slack | lockstep credential add …`
  lockstep credential add slack --vendor slack
  # A mail server
  lockstep credential add mail --vendor smtp --set host=mail.example.com --set user=lockstep
  # What each vendor needs
  lockstep credential vendors
  # Ask all providers whether their credentials still hold
  lockstep credential validate
  # A new secret, which its provider takes before the old one goes
  lockstep credential rotate slack
  # What can't be done without one
  lockstep credential impact figma

Environment:
  LOCKSTEP_SECRETS             another sealed file than .lockstep/secrets.age
  LOCKSTEP_SECRETS_KEY         the age key that opens it; else ~/.config/lockstep/secrets.key, made when it is needed
  LOCKSTEP_SECRETS_PASSPHRASE  instead of a key: where a passphrase is kept, as env:NAME or file:PATH

The exit code is 3 when a secret is refused, and 4 when a provider can't be asked.";

/// Say what opens design tools, channels and services elsewhere, and whether it still does.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct CredentialArgs {
    /// What to do; `list` by default.
    #[command(subcommand)]
    pub action: Option<CredentialAction>,
}

/// What can be done with credentials.
#[derive(Debug, Subcommand)]
pub enum CredentialAction {
    /// List the credentials, and how they are
    List,
    /// Say all that is known of one
    Show {
        /// Its name or id
        name: String,
    },
    /// List the vendors, and what each needs
    Vendors,
    /// Record a credential, once its provider has taken it
    Add(AddArgs),
    /// Ask providers whether credentials still hold
    Validate {
        /// Which; all when none is named
        names: Vec<String>,
    },
    /// Put a new secret in the old one's place, once its provider has taken it
    Rotate(RotateArgs),
    /// Take a credential back: nothing is done with it from now on
    Revoke {
        /// Its name or id
        name: String,
        /// Don't ask
        #[arg(short, long)]
        yes: bool,
    },
    /// Forget a credential that is not valid
    Remove {
        /// Its name or id
        name: String,
    },
    /// Say what depends on a credential, and whether that is blocked
    Impact {
        /// Which; all when none is named
        names: Vec<String>,
    },
}

/// A credential to be recorded.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// What to call it: `figma`, `slack-releases`
    pub name: String,
    /// Whom it opens; `lockstep credential vendors` lists them
    #[arg(long)]
    pub vendor: String,
    /// What it is for, where the vendor's may be for several things
    #[arg(long = "for", value_name = "TYPE")]
    pub provider_type: Option<ProviderType>,
    /// What the vendor needs beside the secret (repeatable)
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub settings: Vec<String>,
    /// Where the secret is kept: env:NAME or file:PATH; else it is read and sealed
    #[arg(long, value_name = "REFERENCE")]
    pub from: Option<String>,
    /// How many days a secret may be in use, where it is not as the vendor has it
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..))]
    pub days: Option<u16>,
    /// The day on which the secret ends by itself
    #[arg(long, value_name = "DATE")]
    pub expires: Option<NaiveDate>,
    /// Don't ask the provider now: the credential is pending until `validate` does
    #[arg(long)]
    pub no_validate: bool,
    /// What does not belong here, so that it is not repeated.
    #[arg(hide = true)]
    pub too_much: Vec<String>,
}

/// A secret that shall take the place of another.
#[derive(Debug, Args)]
pub struct RotateArgs {
    /// The credential's name or id
    pub name: String,
    /// Where the new secret is kept: env:NAME or file:PATH; else it is read and sealed
    #[arg(long, value_name = "REFERENCE")]
    pub from: Option<String>,
    /// The new secret stands at the old one's place already
    #[arg(long, conflicts_with = "from")]
    pub in_place: bool,
    /// The day on which the new secret ends by itself
    #[arg(long, value_name = "DATE")]
    pub expires: Option<NaiveDate>,
    /// What does not belong here, so that it is not repeated.
    #[arg(hide = true)]
    pub too_much: Vec<String>,
}

/// Runs the command.
pub fn run(args: CredentialArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        match args.action.unwrap_or(CredentialAction::List) {
            CredentialAction::List => {
                let all = app.engine().await?.credentials().list().await?;
                tell_all(app, &all);
                Ok(Outcome::Fine)
            }
            CredentialAction::Show { name } => {
                let engine = app.engine().await?;
                let credential = engine.credentials().show(&name).await?;
                match app.screen.json() {
                    true => app.screen.print_json("lockstep.credential/1", &credential),
                    false => app.screen.print(&shown::whole(&credential, app)),
                }
                Ok(Outcome::Fine)
            }
            CredentialAction::Vendors => {
                shown::vendors(app);
                Ok(Outcome::Fine)
            }
            CredentialAction::Add(add) => add_one(add, app).await,
            CredentialAction::Validate { names } => validate(&names, app).await,
            CredentialAction::Rotate(rotate) => rotate_one(rotate, app).await,
            CredentialAction::Revoke { name, yes } => revoke(&name, yes, app).await,
            CredentialAction::Remove { name } => {
                let removed = app.engine().await?.credentials().remove(&name).await?;
                match app.screen.json() {
                    true => app.screen.print_json("lockstep.credential/1", &removed),
                    false => app.screen.print(&format!("Forgot {}", removed.name)),
                }
                Ok(Outcome::Fine)
            }
            CredentialAction::Impact { names } => impact(&names, app).await,
        }
    })
}

fn tell_all(app: &App, all: &[CredentialView]) {
    if app.screen.json() {
        app.screen.print_json("lockstep.credentials/1", &all);
    } else if all.is_empty() {
        app.screen.print("No credentials yet: `lockstep credential add` records one");
    } else {
        app.screen.print(&shown::table(all, app.now()).render(app.screen.style(), app.screen.width()));
    }
}

async fn add_one(args: AddArgs, app: &App) -> Result<Outcome, Failure> {
    given::refuse_secrets(&args.too_much)?;
    let engine = app.engine().await?;
    let settings = given::settings(&args.settings)?;
    let secret = given::secret(args.from.as_deref(), &args.name, app)?;
    let request = AddRequest {
        name: args.name,
        vendor: args.vendor,
        provider_type: args.provider_type,
        settings,
        secret,
        days: args.days,
        expires_at: args.expires.map(start_of),
        ask: !args.no_validate,
    };
    let added = engine.credentials().add(request).await?;
    Ok(tell_validations(app, &[added]))
}

async fn rotate_one(args: RotateArgs, app: &App) -> Result<Outcome, Failure> {
    given::refuse_secrets(&args.too_much)?;
    let engine = app.engine().await?;
    let credentials = engine.credentials();
    let secret = match args.in_place {
        true => None,
        false => {
            // Nobody is asked for the secret of what isn't there.
            let name = credentials.show(&args.name).await?.name;
            Some(given::secret(args.from.as_deref(), &name, app)?)
        }
    };
    let request = RotateRequest { secret, expires_at: args.expires.map(start_of) };
    let rotated = credentials.rotate(&args.name, request).await?;
    Ok(tell_validations(app, &[rotated]))
}

fn start_of(day: NaiveDate) -> chrono::DateTime<chrono::Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

async fn validate(names: &[String], app: &App) -> Result<Outcome, Failure> {
    let engine = app.engine().await?;
    let credentials = engine.credentials();
    let mut validations = Vec::new();
    for name in names {
        validations.push(credentials.validate(name).await?);
    }
    if names.is_empty() {
        validations = credentials.validate_all().await?;
    }
    Ok(tell_validations(app, &validations))
}

fn tell_validations(app: &App, validations: &[Validation]) -> Outcome {
    if app.screen.json() {
        app.screen.print_json("lockstep.credential-validations/1", &validations);
    } else if validations.is_empty() {
        app.screen.print("Nothing to ask for: no credential was added, or all are revoked");
    } else {
        for validation in validations {
            app.screen.print(&shown::validation(validation, app));
        }
    }
    let any = |outcome: &str| validations.iter().any(|validation| validation.outcome == outcome);
    let is_blocked = validations.iter().any(|validation| {
        validation.outcome == "accepted" && validation.credential.status != CredentialStatus::Valid
    });
    match () {
        () if any("refused") || is_blocked => Outcome::Refused,
        () if any("unclear") => Outcome::Incomplete,
        () => Outcome::Fine,
    }
}

async fn revoke(name: &str, yes: bool, app: &App) -> Result<Outcome, Failure> {
    let engine = app.engine().await?;
    let impact = engine.credentials().impact(name).await?;
    if !yes {
        if !app.screen.can_ask() {
            return Err(Failure::refused("revoking needs a yes, and nobody can be asked here")
                .hint(format!("look at `lockstep credential impact {name}`, then run it with --yes")));
        }
        app.screen.print(&impact.sentence);
        let agreed =
            app.screen.confirm("Revoke it?").map_err(|error| Failure::internal(error.to_string()))?;
        if !agreed {
            app.screen.note("nothing was changed");
            return Ok(Outcome::Fine);
        }
    }
    let revoked = engine.credentials().revoke(name).await?;
    if app.screen.json() {
        app.screen.print_json("lockstep.credential/1", &revoked);
        return Ok(Outcome::Fine);
    }
    let style = app.screen.style();
    app.screen
        .print(&format!("{}  nothing is done with it any more", style.paint(Tone::Strong, &revoked.name)));
    app.screen.note("revoke it at its provider, too: others may hold a copy");
    Ok(Outcome::Fine)
}

async fn impact(names: &[String], app: &App) -> Result<Outcome, Failure> {
    let engine: Engine = app.engine().await?;
    let credentials = engine.credentials();
    let mut impacts: Vec<CredentialImpact> = Vec::new();
    for name in names {
        impacts.push(credentials.impact(name).await?);
    }
    if names.is_empty() {
        impacts = credentials.impacts().await?;
    }
    if app.screen.json() {
        app.screen.print_json("lockstep.credential-impacts/1", &impacts);
    } else if impacts.is_empty() {
        app.screen.print("No credentials yet: nothing depends on one");
    } else {
        for impact in &impacts {
            app.screen.print(&shown::impact(impact, app.screen.style()));
        }
    }
    Ok(Outcome::Fine)
}
