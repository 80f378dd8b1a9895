//! Mail servers: the password of an account that may send.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, Tokio1Executor,
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use lockstep_core::credential::{ProviderType, RotationPolicy, Verdict};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Answer, Facts, Probe, Setting, Settings, Unfit, Vendor, accepted, someone_else};

pub(super) struct Smtp;

static FACTS: Facts = Facts {
    name: "smtp",
    title: "Mail server (password of an account)",
    types: &[ProviderType::Notification],
    settings: &[
        Setting::needed("host", "the mail server"),
        Setting::usual("port", "its port", "587"),
        Setting::needed("user", "the account"),
        Setting::usual("security", "starttls, tls, or none for a server of this machine", "starttls"),
    ],
    policy: RotationPolicy { days: Some(180) },
    scopes: &[],
    features: &["e-mail"],
    renew: "the mail provider's page for app passwords",
};

const PATIENCE: Duration = Duration::from_secs(15);

/// How a connection to a mail server is kept from being listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// It begins in the open, and is encrypted before anything secret is said.
    StartTls,
    /// It is encrypted from the start.
    Tls,
    /// It doesn't leave this machine.
    None,
}

/// A mail server, and the account there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    host: String,
    port: u16,
    user: String,
    security: Security,
}

impl MailServer {
    /// The server that the settings of a credential name.
    ///
    /// # Errors
    /// When they name none.
    pub fn of(settings: &Settings) -> Result<Self, Unfit> {
        settings.check(&FACTS)?;
        let get = |name| settings.get(&FACTS, name).unwrap_or_default().to_owned();
        let (host, port) = (get("host"), get("port"));
        let port =
            port.parse().map_err(|_| Unfit::new("the setting `port` is no port", "give `--set port=587`"))?;
        let security = match settings.one_of(&FACTS, "security", &["starttls", "tls", "none"])? {
            "starttls" => Security::StartTls,
            "tls" => Security::Tls,
            _ if matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1") => Security::None,
            _ => {
                return Err(Unfit::new(
                    "a password goes over an encrypted connection, or to this machine",
                    "give `--set security=starttls` or `--set security=tls`",
                ));
            }
        };
        Ok(Self { host, port, user: get("user"), security })
    }

    /// What sends mail through it.
    ///
    /// # Errors
    /// When TLS can't be set up for that host.
    pub fn transport(&self, secret: &SecretString) -> Result<AsyncSmtpTransport<Tokio1Executor>, Unfit> {
        let tls = || {
            TlsParameters::new(self.host.clone()).map_err(|_| {
                Unfit::new(format!("`{}` is no name of a host", self.host), "give `--set host=NAME`")
            })
        };
        let tls = match self.security {
            Security::StartTls => Tls::Required(tls()?),
            Security::Tls => Tls::Wrapper(tls()?),
            Security::None => Tls::None,
        };
        let account = Credentials::new(self.user.clone(), secret.expose_secret().to_owned());
        Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host)
            .port(self.port)
            .tls(tls)
            .timeout(Some(PATIENCE))
            .credentials(account)
            .build())
    }

    pub(super) async fn try_sign_in(&self, secret: &SecretString) -> Verdict {
        let transport = match self.transport(secret) {
            Ok(transport) => transport,
            Err(unfit) => return Verdict::Unclear { code: "unreachable", reason: unfit.message },
        };
        match transport.test_connection().await {
            Ok(true) => accepted(Some(&self.user)),
            Ok(false) => someone_else(),
            Err(error) if is_refusal(&error) => {
                let code = error.status().map(|code| code.to_string()).unwrap_or_default();
                Verdict::Refused {
                    expired: false,
                    reason: format!("the mail server refuses the account ({code})"),
                }
            }
            Err(error) => {
                let status = error.status().map(|code| format!("the mail server answers {code}"));
                let reason = status.unwrap_or_else(|| format!("the connection to {} failed", self.host));
                Verdict::Unclear { code: "unreachable", reason }
            }
        }
    }
}

/// 530, 534, 535, 538: what mail servers say to accounts that they don't let in.
fn is_refusal(error: &lettre::transport::smtp::Error) -> bool {
    error.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538))
}

impl Vendor for Smtp {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn probe(&self, settings: &Settings, _: &SecretString) -> Result<Probe, Unfit> {
        MailServer::of(settings).map(Probe::Mail)
    }

    fn judge(&self, _: &Answer) -> Verdict {
        someone_else()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_nowhere_in_the_open() {
        let server = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            MailServer::of(&Settings(pairs.collect()))
        };
        let here = [("host", "127.0.0.1"), ("user", "ada"), ("security", "none"), ("port", "2525")];
        assert_eq!(server(&here).unwrap().port, 2525);
        let there = [("host", "mail.example.com"), ("user", "ada"), ("security", "none")];
        assert!(server(&there).unwrap_err().message.contains("encrypted"));
        assert_eq!(server(&there[..2]).unwrap().security, Security::StartTls);
        for bad in [&[("host", "x")][..], &[("host", "x"), ("user", "a"), ("port", "many")]] {
            assert!(server(bad).is_err(), "{bad:?}");
        }
    }
}
