//! Where secrets are kept, and how one is got at for the call that needs it. What is recorded is the place.

mod key;
mod mask;
mod sealed;

use std::{fs::File, io::Read as _, path::PathBuf};

use lockstep_core::contract::sha256_hex;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

pub use mask::Mask;
pub use sealed::{SealProblem, SealedStore};

/// Gives the environment's variables.
pub type Variable<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// The most bytes that a secret has.
const LONGEST: u64 = 16 * 1024;

/// A place that a secret is kept at: `env:NAME`, `file:PATH` or `sealed:NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretReference {
    /// An environment variable.
    Variable(String),
    /// A file, by a path from the workspace's folder where it is relative.
    File(PathBuf),
    /// An entry of the sealed file.
    Sealed(String),
}

/// Why a secret can't be had. Nothing of the secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretProblem {
    /// The variable is not set, or empty.
    #[error("the environment variable {0} is not set")]
    NotSet(String),
    /// The file can't be read.
    #[error("the secret's file {} can't be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: String,
    },
    /// There is nothing in it, or more than a secret is.
    #[error("what {0} gives is no secret: {1}")]
    NoSecret(SecretReference, &'static str),
    /// The sealed file doesn't give it.
    #[error(transparent)]
    Sealed(#[from] SealProblem),
}

impl SecretReference {
    /// Reads a reference; nothing for a text that is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, place) = text.split_once(':')?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        match kind {
            "env" if !place.is_empty() && place.chars().all(is_name) => {
                Some(Self::Variable(place.to_owned()))
            }
            "file" if !place.is_empty() && !place.contains('\0') => Some(Self::File(PathBuf::from(place))),
            "sealed" if is_entry(place) => Some(Self::Sealed(place.to_owned())),
            _ => None,
        }
    }

    /// Gets the secret, from `variable`, from a file beside `folder`, or from the sealed file that these lead to.
    ///
    /// # Errors
    /// When it is not there, or is no single line of text.
    pub fn resolve(
        &self,
        variable: Variable<'_>,
        folder: &std::path::Path,
    ) -> Result<SecretString, SecretProblem> {
        let text = match self {
            Self::Variable(name) => variable(name).ok_or_else(|| SecretProblem::NotSet(name.clone()))?,
            Self::File(path) => {
                let path = folder.join(path);
                let mut text = String::new();
                let read =
                    File::open(&path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
                read.map_err(|error| SecretProblem::Unreadable { path, cause: error.to_string() })?;
                text
            }
            Self::Sealed(name) => return Ok(SealedStore::of(variable, folder).get(name)?),
        };
        one_line(text).map_err(|wrong| SecretProblem::NoSecret(self.clone(), wrong))
    }
}

/// What was given as a secret, without the space around it; or what is wrong with it.
///
/// # Errors
/// When it is empty, too long, or no single line.
pub fn one_line(text: String) -> Result<SecretString, &'static str> {
    let text = Zeroizing::new(text);
    match text.trim() {
        "" => Err("it is empty"),
        long if long.len() as u64 > LONGEST => Err("it is too long"),
        lines if lines.contains(char::is_control) => Err("it has several lines, or signs that can't be seen"),
        secret => Ok(SecretString::from(secret)),
    }
}

/// Whether an entry of the sealed file may be called so.
fn is_entry(name: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    (1..=100).contains(&name.len()) && name.chars().all(is_sign)
}

impl SecretProblem {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::NotSet(name) => format!("set {name} to a token, or name another place with `credential`"),
            Self::Unreadable { .. } => "put the token there, readable for you alone".to_owned(),
            Self::NoSecret(..) => "put the token there, alone on one line".to_owned(),
            Self::Sealed(problem) => problem.hint(),
        }
    }
}

impl std::fmt::Display for SecretReference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Sealed(name) => write!(f, "sealed:{name}"),
        }
    }
}

/// What tells one secret from another and gives nothing of it away.
pub fn fingerprint(secret: &SecretString) -> String {
    sha256_hex(format!("lockstep fingerprint\0{}", secret.expose_secret()).as_bytes())[..12].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_a_variable_or_a_file() {
        for text in ["env:FIGMA_TOKEN", "file:/run/secrets/figma", "file:../figma token", "sealed:figma@2"] {
            assert_eq!(SecretReference::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "FIGMA_TOKEN",
            "env:",
            "env:A B",
            "env:A=B",
            "file:",
            "figd_abc",
            "vault:x",
            "file:a\0b",
            "sealed:",
            "sealed:../x",
        ] {
            assert_eq!(SecretReference::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_secret_is_one_line_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
        write("token", b"figd_one\n");
        write("lines", b"figd_one\nfigd_two\n");
        write("blank", b" \n");
        write("binary", b"\xff\xfe");
        write("long", &vec![b'x'; 20_000]);
        let variable = |name: &str| (name == "TOKEN").then(|| " figd_env ".to_owned());
        let resolve = |text: &str| SecretReference::parse(text).unwrap().resolve(&variable, folder.path());
        assert_eq!(resolve("env:TOKEN").unwrap().expose_secret(), "figd_env");
        assert_eq!(resolve("file:token").unwrap().expose_secret(), "figd_one");
        for (text, expected) in [
            ("env:OTHER", "the environment variable OTHER is not set"),
            (
                "file:lines",
                "what file:lines gives is no secret: it has several lines, or signs that can't be seen",
            ),
            ("file:blank", "what file:blank gives is no secret: it is empty"),
            ("file:long", "what file:long gives is no secret: it is too long"),
        ] {
            assert_eq!(resolve(text).unwrap_err().to_string(), expected);
        }
        for text in ["file:binary", "file:none"] {
            let problem = resolve(text).unwrap_err();
            assert!(
                matches!(problem, SecretProblem::Unreadable { .. }) && !problem.hint().is_empty(),
                "{problem}"
            );
        }
        assert!(!format!("{:?}", resolve("file:token").unwrap()).contains("figd"));
        assert_ne!(fingerprint(&"a".into()), fingerprint(&"b".into()));
    }
}
