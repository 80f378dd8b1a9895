//! Where the registry is.

/// `[store]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum StoreLocation {
    /// `.lockstep/lockstep.db` in the workspace.
    #[default]
    Embedded,
    /// `url = "…"`.
    Url(StoreUrl),
    /// `url_env = "NAME"`: the address stands in that environment variable.
    Variable(String),
}

/// A database's address. It may hold a password: it is never shown whole.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl(String);

impl StoreUrl {
    /// Takes an address as it is.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The address with its password, for the connection alone.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether a password stands in it.
    pub fn has_password(&self) -> bool {
        self.redacted() != self.0
    }

    /// The address with `***` for its password.
    pub fn redacted(&self) -> String {
        let Some((scheme, rest)) = self.0.split_once("://") else { return self.0.clone() };
        let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
        // A password with an unescaped `/` still ends before the last `@`.
        let at = authority.rfind('@').or_else(|| rest.rfind('@'));
        let user = at.map(|at| &rest[..at]).unwrap_or_default();
        let mut shown = match (at, user.split_once(':')) {
            (Some(at), Some((name, _))) => format!("{scheme}://{name}:***{}", &rest[at..]),
            _ => self.0.clone(),
        };
        if let Some(start) = shown.find("password=").map(|found| found + "password=".len()) {
            let end = shown[start..].find('&').map_or(shown.len(), |end| start + end);
            shown.replace_range(start..end, "***");
        }
        shown
    }
}

impl std::fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoreUrl({})", self.redacted())
    }
}

impl std::fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.redacted())
    }
}

/// `[store] url_env` names a variable that is not set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("[store] takes the database's address from the environment variable {0}, which is not set")]
pub struct MissingVariable(pub String);

impl StoreLocation {
    /// The database to use: `DATABASE_URL` where it is set, else what the file says; nothing for the embedded one.
    ///
    /// # Errors
    /// When the file names a variable that is not set.
    pub fn resolve(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<StoreUrl>, MissingVariable> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(StoreUrl);
        if let Some(url) = set("DATABASE_URL") {
            return Ok(Some(url));
        }
        match self {
            Self::Embedded => Ok(None),
            Self::Url(url) => Ok(Some(url.clone())),
            Self::Variable(name) => set(name).map(Some).ok_or_else(|| MissingVariable(name.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_never_shown() {
        for (url, shown) in [
            ("postgres://me:s3cret@host/db", "postgres://me:***@host/db"),
            ("postgres://me:s3/cr@t@host/db", "postgres://me:***@host/db"),
            ("postgres://me@host/db", "postgres://me@host/db"),
            ("postgres://host/db?user=me&password=s3cret&x=1", "postgres://host/db?user=me&password=***&x=1"),
            ("sqlite:data.db", "sqlite:data.db"),
        ] {
            let url = StoreUrl::new(url);
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("s3"), "{url:?}");
        }
    }

    #[test]
    fn the_environment_goes_before_the_file() {
        let environment = |name: &str| match name {
            "TEAM_DB" => Some("postgres://team/db".to_owned()),
            _ => None,
        };
        let url = |text: &str| Ok(Some(StoreUrl::new(text)));
        let file = StoreLocation::Url(StoreUrl::new("sqlite:a.db"));
        assert_eq!(StoreLocation::Embedded.resolve(environment), Ok(None));
        assert_eq!(file.resolve(environment), url("sqlite:a.db"));
        assert_eq!(StoreLocation::Variable("TEAM_DB".into()).resolve(environment), url("postgres://team/db"));
        assert_eq!(
            StoreLocation::Variable("OTHER".into()).resolve(environment),
            Err(MissingVariable("OTHER".into()))
        );
        assert_eq!(file.resolve(|_| Some("postgres://x/y".into())), url("postgres://x/y"));
    }
}
