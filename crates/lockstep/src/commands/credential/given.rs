//! What a person gives: settings, and the secret, which is never an argument.

use std::io::{IsTerminal as _, Read as _};

use lockstep_engine::{
    credentials::{NewSecret, Settings},
    secret::{SecretReference, one_line},
};

use crate::{app::App, exit::Failure};

/// More is no secret.
const LONGEST: u64 = 64 * 1024;

/// Refuses what came as arguments, without repeating it.
pub(super) fn refuse_secrets(too_much: &[String]) -> Result<(), Failure> {
    if too_much.is_empty() {
        return Ok(());
    }
    Err(Failure::usage("there is an argument too many, which is not repeated here").hint(
        "a secret is never an argument: give it on standard input, or with --from. If it was one, it stands in your \
         shell's history by now: make a new one",
    ))
}

/// `NAME=VALUE`, each.
pub(super) fn settings(pairs: &[String]) -> Result<Settings, Failure> {
    let split = |pair: &String| {
        let (name, value) = pair.split_once('=').filter(|(name, _)| !name.is_empty())?;
        Some((name.to_owned(), value.to_owned()))
    };
    let split: Option<_> = pairs.iter().map(split).collect();
    split.map(Settings).ok_or_else(|| {
        Failure::usage("--set takes NAME=VALUE")
            .hint("`lockstep credential vendors` lists what each vendor takes")
    })
}

/// The secret: where it is kept, or itself, from standard input or a question without echo.
pub(super) fn secret(from: Option<&str>, name: &str, app: &App) -> Result<NewSecret, Failure> {
    if let Some(text) = from {
        let reference = SecretReference::parse(text);
        return reference
            .filter(|reference| !matches!(reference, SecretReference::Sealed(_)))
            .map(NewSecret::Kept)
            .ok_or_else(|| {
                // It is not repeated: it may be the secret itself.
                Failure::usage("--from says where the secret is kept: env:NAME or file:PATH")
                    .hint("to seal a secret, leave --from out and give it on standard input")
            });
    }
    let text = if std::io::stdin().is_terminal() { asked(name, app)? } else { piped()? };
    let secret = one_line(text).map_err(|wrong| {
        Failure::usage(format!("what was given is no secret: {wrong}"))
            .hint("give it alone, on one line of standard input")
    })?;
    Ok(NewSecret::Given(secret))
}

fn asked(name: &str, app: &App) -> Result<String, Failure> {
    if app.screen.json() {
        return Err(Failure::usage("with --json nobody is asked for the secret")
            .hint("give it on standard input, or name its place with --from"));
    }
    rpassword::prompt_password(format!("Secret of {name} (not shown): "))
        .map_err(|error| Failure::bad_input(format!("the secret can't be read: {error}")))
}

fn piped() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(LONGEST).read_to_string(&mut text);
    read.map_err(|error| Failure::bad_input(format!("the secret can't be read: {error}")))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_not_repeated() {
        let refused = refuse_secrets(&["figd_canary".to_owned()]).unwrap_err();
        assert!(!format!("{refused:?}").contains("canary"));
        let refused = settings(&["canary".to_owned()]).unwrap_err();
        assert!(!format!("{refused:?}").contains("canary"));
        let good = settings(&["url=https://x?a=b".to_owned()]).unwrap();
        assert_eq!(good.0["url"], "https://x?a=b");
    }
}
