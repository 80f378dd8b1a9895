//! Database addresses, and how they are shown: never with a password.

use std::path::PathBuf;

use url::Url;

use crate::error::{Error, Result};

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Address {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Address {
    /// Reads `sqlite://path`, `sqlite:path`, `postgres://…` or `postgresql://…`.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let bad = |why: &str| Error::BadUrl { url: redact(url), why: why.to_owned() };
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let path = path.split_once('?').map_or(path, |(path, _)| path);
            return match path {
                "" => Err(bad("it names no file")),
                ":memory:" => Err(bad("a database in memory can't be shared by connections; name a file")),
                path if path.contains('\0') => Err(bad("it holds a NUL character")),
                path => Ok(Self::Sqlite(PathBuf::from(path))),
            };
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let parsed = Url::parse(url).map_err(|error| bad(&error.to_string()))?;
            return match parsed.path().trim_matches('/') {
                "" if !parsed.query_pairs().any(|(key, _)| key == "dbname") => {
                    Err(bad("it names no database"))
                }
                _ => Ok(Self::Postgres(url.to_owned())),
            };
        }
        match url.split_once(':') {
            Some((scheme, _)) if scheme.chars().all(char::is_alphanumeric) => {
                Err(bad(&format!("`{scheme}` is no database that Lockstep keeps its registry in")))
            }
            _ => Err(bad("it has no scheme")),
        }
    }

    /// The address as it may be shown.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}", path.display()),
            Self::Postgres(url) => redact(url),
        }
    }
}

/// A text about an address without its secrets: the password, which may stand before the `@` or in the query, is
/// taken out wherever it appears, decoded too.
pub(crate) fn redact_in(text: &str, url: &str) -> String {
    let mut redacted = text.replace(url, &redact(url));
    if let Ok(parsed) = Url::parse(url) {
        let mut secrets: Vec<String> = parsed.password().map(str::to_owned).into_iter().collect();
        secrets.extend(
            parsed.query_pairs().filter(|(key, _)| is_secret(key)).map(|(_, value)| value.into_owned()),
        );
        if let Some(password) = parsed.password() {
            secrets.push(decode(password));
        }
        for secret in secrets.iter().filter(|secret| secret.len() > 2) {
            redacted = redacted.replace(secret.as_str(), "***");
        }
    }
    redacted
}

fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["password", "passwd", "pwd", "secret", "token"].iter().any(|word| key.contains(word))
}

fn decode(text: &str) -> String {
    // A form's decoding is a URL's but for `+`, which is kept by escaping it first.
    let form = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(form.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// An address without its secrets. What can't be parsed loses everything between its scheme and the last `@`.
pub(crate) fn redact(url: &str) -> String {
    let Ok(mut parsed) = Url::parse(url) else {
        return match (url.find("://"), url.rfind('@')) {
            (Some(scheme), Some(at)) if scheme < at => format!("{}://***{}", &url[..scheme], &url[at..]),
            (None, Some(at)) => format!("***{}", &url[at..]),
            _ => url.to_owned(),
        };
    };
    if parsed.scheme().starts_with("sqlite") {
        return url.to_owned();
    }
    if parsed.password().is_some() {
        // Can't fail: what has a password can be given another.
        let _ = parsed.set_password(Some("***"));
    }
    if parsed.query_pairs().any(|(key, _)| is_secret(&key)) {
        let kept: Vec<(String, String)> = parsed
            .query_pairs()
            .map(|(key, value)| {
                (key.to_string(), if is_secret(&key) { "***".into() } else { value.to_string() })
            })
            .collect();
        parsed.query_pairs_mut().clear().extend_pairs(kept);
    }
    parsed.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        for (url, shown) in [
            ("sqlite://.lockstep/lockstep.db", "sqlite://.lockstep/lockstep.db"),
            ("sqlite:///var/lib/lockstep.db?mode=rwc", "sqlite:///var/lib/lockstep.db"),
            ("sqlite:lockstep.db", "sqlite://lockstep.db"),
            ("postgres://ada:s3cret@db.example/hub", "postgres://ada:***@db.example/hub"),
            (
                "postgresql://db.example/hub?password=s3cret&sslmode=require",
                "postgresql://db.example/hub?password=***&sslmode=require",
            ),
        ] {
            assert_eq!(Address::parse(url).unwrap().shown(), shown);
        }
    }

    #[test]
    fn a_bad_address_says_what_is_wrong_and_keeps_the_secret() {
        let messages: Vec<String> = [
            "lockstep.db",
            "mysql://ada:s3cret@db/hub",
            "sqlite::memory:",
            "sqlite://",
            "postgres://ada:s3cret@db",
            "postgres://ada:s3cret@db:port/hub",
        ]
        .iter()
        .map(|url| Address::parse(url).err().unwrap().to_string())
        .collect();
        assert!(!messages.join(" ").contains("s3cret"), "{messages:#?}");
        insta::assert_snapshot!(messages.join("\n"), @"
        `lockstep.db` is no database address: it has no scheme
        `mysql://ada:***@db/hub` is no database address: `mysql` is no database that Lockstep keeps its registry in
        `sqlite::memory:` is no database address: a database in memory can't be shared by connections; name a file
        `sqlite://` is no database address: it names no file
        `postgres://ada:***@db` is no database address: it names no database
        `postgres://***@db:port/hub` is no database address: invalid port number
        ");
    }

    #[test]
    fn a_password_is_taken_out_of_other_texts_too() {
        let url = "postgres://ada:p%40ss+word@db/hub";
        for text in [url, "no entry for p@ss+word", "p%40ss+word"] {
            assert!(!redact_in(text, url).contains("ss+word"), "{text}");
        }
    }
}
