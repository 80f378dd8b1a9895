//! Figma: personal, plan and OAuth tokens.

use lockstep_core::credential::{ProviderType, RotationPolicy, Verdict};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Answer, Facts, Probe, Setting, Settings, Unfit, Vendor, accepted, limited, usual};
use crate::line::{Call, below};

pub(super) struct Figma;

static FACTS: Facts = Facts {
    name: "figma",
    title: "Figma (personal access, plan or OAuth token)",
    types: &[ProviderType::Design],
    settings: &[
        Setting::usual("kind", "personal, plan or oauth", "personal"),
        Setting::optional(
            "file",
            "the key of a file that it must see; a plan token needs it, having no user",
        ),
        Setting::usual("url", "the API's address", "https://api.figma.com").or_variable("LOCKSTEP_FIGMA_URL"),
    ],
    // Personal access tokens last for 90 days at most.
    policy: RotationPolicy { days: Some(90) },
    scopes: &[
        ("file_content:read", "reads what is drawn: `lockstep fetch`"),
        ("file_metadata:read", "asks cheaply whether a file has changed: `lockstep fetch`"),
        ("current_user:read", "says whose token it is"),
    ],
    features: &["live design files (`lockstep fetch`)"],
    renew: "Figma, Settings, Security, Personal access tokens",
};

const REASON: &[&str] = &["err", "message"];

impl Vendor for Figma {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn probe(&self, settings: &Settings, secret: &SecretString) -> Result<Probe, Unfit> {
        let base = settings.address(&FACTS, "url")?;
        let kind = settings.one_of(&FACTS, "kind", &["personal", "plan", "oauth"])?;
        let url = match settings.get(&FACTS, "file") {
            Some(key) => below(&base, &["v1", "files", key, "meta"]),
            None if kind == "plan" => {
                return Err(Unfit::new(
                    "a plan token has no user to ask for: it is tried on a file",
                    "name one that it must see: `--set file=KEY`",
                ));
            }
            None => below(&base, &["v1", "me"]),
        };
        let call = Call::get(url);
        Ok(Probe::Call(match kind {
            "oauth" => call.bearer(secret),
            _ => call.header("x-figma-token", secret.expose_secret()),
        }))
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        let said = answer.text_at(REASON).unwrap_or_default().to_lowercase();
        match answer.status {
            200 => accepted(answer.text_at(&["email", "handle"]).as_deref()),
            // Whatever it may do: Figma knows it.
            403 if said.contains("scope") => {
                limited("the scope to say whose it is, or to see that file's version")
            }
            403 if said.contains("access") || said.contains("permission") => limited("access to that file"),
            404 if !said.is_empty() => limited("a file of that key"),
            _ => usual(answer, REASON).unwrap_or_else(super::someone_else),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::tests::assert_judges;

    #[test]
    fn answers_mean_this() {
        assert_judges(
            &Figma,
            &[
                (200, r#"{"id":"7","handle":"Ada","email":"ada@example.com"}"#, "accepted"),
                (403, r#"{"status":403,"err":"Invalid token"}"#, "refused"),
                (403, r#"{"status":403,"err":"Token expired"}"#, "expired"),
                (403, r#"{"status":403,"err":"Invalid scope(s): files:read"}"#, "limited"),
                (403, r#"{"status":403,"err":"You don't have access to this file"}"#, "limited"),
                (404, r#"{"status":404,"err":"Not found"}"#, "limited"),
                (404, "<html>", "unclear"),
                (401, "{}", "refused"),
            ],
        );
    }

    #[test]
    fn a_plan_token_is_tried_on_a_file() {
        let probe = |pairs: &[(&str, &str)]| {
            let settings = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Figma.probe(&Settings(settings.collect()), &"figd_x".into())
        };
        assert!(probe(&[("kind", "plan")]).err().unwrap().hint.contains("file=KEY"));
        assert!(probe(&[("kind", "plan"), ("file", "AbC")]).is_ok() && probe(&[]).is_ok());
        assert!(probe(&[("kind", "admin")]).is_err() && probe(&[("url", "http://figma.example")]).is_err());
    }
}
