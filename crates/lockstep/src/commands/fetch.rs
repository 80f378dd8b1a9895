//! `lockstep fetch`: brings live design files from Figma.

use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;
use lockstep_engine::{
    fetch::{Bounds, Calls, FetchRequest, FetchState, FileFetch, Forecast, Parked, Reach},
    workspace::config::DesignFile,
};

use crate::{
    app::{App, variable},
    exit::{Failure, Outcome},
    output::{
        Screen, Style, Tone,
        time::{ago, moment, until},
        words::{counted, listed},
    },
};

const HELP: &str = "\
A live file is an entry of lockstep.toml that names a file in Figma, or a branch of one:
  [[design]]
  name = \"acme\"
  figma = \"https://www.figma.com/design/AbC123/Acme\"
  credential = \"env:FIGMA_TOKEN\"     # or file:PATH; this is the default

A file that has not changed costs one cheap call. When Figma refuses calls for want of quota, it is said until when, and
nobody is called before that. A copy that is there stays as it is when anything fails.

Examples:
  # Fetch what has changed, then compare
  lockstep fetch
  # One file, whatever its version
  lockstep fetch acme --fresh
  # Without network: what is there, and how old it is
  lockstep fetch --from-cache
  # For a script
  lockstep fetch --json

Environment:
  FIGMA_TOKEN          a personal access token, where `credential` names no other place; needs the scopes
                       file_content:read and file_metadata:read
  LOCKSTEP_FIGMA_URL   another address than https://api.figma.com; without TLS only one of this machine";

/// Bring live design files from Figma.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct FetchArgs {
    /// The short names of the files; all live files when none is named
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
    /// Call nobody: say what is there, and how old it is
    #[arg(long, conflicts_with = "fresh")]
    pub from_cache: bool,
    /// Fetch also what has not changed
    #[arg(long)]
    pub fresh: bool,
    /// How long Figma may be silent before a call is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// The largest answer to take, in megabytes; of a larger one, its parts are asked for
    #[arg(long, value_name = "MB", default_value_t = 1000)]
    pub max_size: usize,
}

/// Runs the command.
pub fn run(args: &FetchArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        let reach = match (args.from_cache, args.fresh) {
            (true, _) => Reach::FromCache,
            (_, true) => Reach::Everything,
            _ => Reach::Changed,
        };
        let request = FetchRequest {
            files: &args.files,
            reach,
            address: variable("LOCKSTEP_FIGMA_URL"),
            bounds: Bounds {
                silence: Duration::from_secs(args.timeout),
                answer: args.max_size.saturating_mul(1_000_000),
            },
            told: &|file, forecast| tell_forecast(file, forecast, &app.screen),
        };
        let files = engine.fetch(&request).await?;
        if app.screen.json() {
            app.screen.print_json("lockstep.fetch/1", &files);
        } else {
            for file in &files {
                app.screen.print(&line(file, app.screen.style(), app.now()));
                tell_problem(file, &app.screen);
            }
        }
        Ok(outcome(&files))
    })
}

fn outcome(files: &[FileFetch]) -> Outcome {
    let any = |states: &[FetchState]| files.iter().any(|file| states.contains(&file.state));
    if any(&[FetchState::Failed, FetchState::Missing]) {
        Outcome::Incomplete
    } else if any(&[FetchState::Parked, FetchState::Busy]) {
        Outcome::Refused
    } else {
        Outcome::Fine
    }
}

/// What it will cost, before it does.
fn tell_forecast(file: &DesignFile, forecast: &Forecast, screen: &Screen) {
    let style = screen.error_style();
    let text = format!("{}: {}", file.name, expectation(forecast));
    screen.note(&style.paint(if forecast.exceeds() { Tone::Warn } else { Tone::Dim }, text));
}

fn expectation(forecast: &Forecast) -> String {
    let total = forecast.calls.total();
    let mut text = match forecast.at_least {
        1 => format!("one call if nothing has changed, else about {total}"),
        _ => format!("about {total} calls"),
    };
    match forecast.allowed {
        Some(quota) => {
            let (one, used) = (forecast.calls.tier_1, forecast.used);
            text.push_str(&format!(", {one} of them of the {quota} that Figma allows here ({used} made)"));
        }
        None => text.push_str(
            "; Figma allows 10 to 20 a minute for a Full or Dev seat, and 6 a month for other seats and Starter files",
        ),
    }
    if forecast.exceeds() {
        text.push_str(": that will not do");
    }
    text
}

fn line(file: &FileFetch, style: Style, now: DateTime<Utc>) -> String {
    let (word, tone) = match file.state {
        FetchState::Fetched => ("fetched", Tone::Good),
        FetchState::Unchanged => ("unchanged", Tone::Good),
        FetchState::Cached => ("kept", Tone::Plain),
        FetchState::Missing => ("not there", Tone::Warn),
        FetchState::Parked => ("waits", Tone::Warn),
        FetchState::Busy => ("busy", Tone::Warn),
        FetchState::Failed => ("failed", Tone::Bad),
    };
    let mut parts = Vec::new();
    if let Some(parked) = &file.parked {
        parts.push(waiting(parked, now));
    }
    if file.state == FetchState::Busy {
        parts.push("another process is fetching it".to_owned());
    }
    match &file.copy {
        Some(copy) => {
            let pages = counted(copy.pages, "page");
            parts.push(format!("version {}, {pages}, {}", copy.version, size(copy.bytes)));
            if file.state != FetchState::Fetched {
                parts.push(format!(
                    "fetched {}, checked {}",
                    ago(copy.fetched_at, now),
                    ago(copy.checked_at, now)
                ));
            }
        }
        None => parts.push("no copy yet".to_owned()),
    }
    parts.extend(calls(file.calls));
    let name = style.paint(Tone::Strong, &file.design);
    format!("{name}  {}  {}", style.paint(tone, word), style.paint(Tone::Plain, parts.join("; ")))
}

fn waiting(parked: &Parked, now: DateTime<Utc>) -> String {
    let mut text =
        format!("Figma's quota is used up until {} UTC ({})", moment(parked.until), until(parked.until, now));
    let told = [("plan", &parked.plan), ("limit", &parked.kind), ("a higher one", &parked.upgrade)];
    for (what, value) in told {
        if let Some(value) = value {
            text.push_str(&format!(", {what}: {value}"));
        }
    }
    text
}

fn calls(calls: Calls) -> Option<String> {
    let made = calls.total();
    let by_tier = [(calls.tier_1, "tier 1"), (calls.tier_2, "tier 2"), (calls.tier_3, "tier 3")];
    let by_tier: Vec<String> = by_tier
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, tier)| format!("{count} of {tier}"))
        .collect();
    (made > 0).then(|| {
        format!("{}: {}", counted(usize::try_from(made).unwrap_or(usize::MAX), "call"), listed(&by_tier))
    })
}

fn tell_problem(file: &FileFetch, screen: &Screen) {
    let Some(problem) = &file.problem else { return };
    let style = screen.error_style();
    screen.complain(&format!("{} {}: {}", style.paint(Tone::Bad, "error:"), file.design, problem.message));
    if let Some(hint) = &problem.hint {
        screen.complain(&format!("{} {hint}", style.paint(Tone::Accent, "hint:")));
    }
}

/// `812 bytes`, `4.2 kB`, `31.0 MB`.
fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => counted(bytes, "byte"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use lockstep_engine::fetch::{Quota, Window};

    use super::*;

    #[test]
    fn a_forecast_says_what_it_is_of() {
        let calls = Calls { tier_1: 2, tier_2: 1, tier_3: 0 };
        let of = |at_least, allowed, used| expectation(&Forecast { calls, at_least, allowed, used });
        insta::assert_snapshot!(
            [
                of(3, None, 0),
                of(1, Some(Quota { calls: 10, per: Window::Minute }), 3),
                of(1, Some(Quota { calls: 6, per: Window::Month }), 5),
            ]
            .join("\n"),
            @r"
        about 3 calls; Figma allows 10 to 20 a minute for a Full or Dev seat, and 6 a month for other seats and Starter files
        one call if nothing has changed, else about 3, 2 of them of the 10 calls a minute that Figma allows here (3 made)
        one call if nothing has changed, else about 3, 2 of them of the 6 calls a month that Figma allows here (5 made): that will not do
        "
        );
    }

    #[test]
    fn sizes_are_as_exact_as_needed() {
        assert_eq!([1, 999, 4_250, 31_020_000].map(size), ["1 byte", "999 bytes", "4.2 kB", "31.0 MB"]);
    }
}
