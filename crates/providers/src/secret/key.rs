//! What opens the sealed file: a key of its own, or a passphrase.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use age::{scrypt, x25519};
use secrecy::{ExposeSecret as _, SecretString};

use super::{SealProblem, SecretReference, Variable};

/// Names a file with an age key.
pub(super) const KEY_VARIABLE: &str = "LOCKSTEP_SECRETS_KEY";
/// Says where a passphrase is kept, as a reference.
pub(super) const PASSPHRASE_VARIABLE: &str = "LOCKSTEP_SECRETS_PASSPHRASE";
/// What a passphrase costs to try: 2^16 rounds take a quarter of a second.
const WORK_FACTOR: u8 = 16;
/// A file that wants more is not opened: its maker, not Lockstep, wants our time.
const MOST_WORK: u8 = 20;

/// Where the key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeySource {
    /// A file that is made when it is needed first.
    File(PathBuf),
    /// A passphrase that is kept there.
    Passphrase(SecretReference),
    /// Neither is said, and there is no home to make one in.
    Nowhere,
    /// What the variable holds is no reference.
    NoReference,
}

/// What seals and opens.
pub(super) enum Key {
    Pair(x25519::Identity),
    Passphrase(SecretString),
}

impl KeySource {
    pub(super) fn of(variable: Variable<'_>) -> Self {
        if let Some(text) = variable(PASSPHRASE_VARIABLE) {
            return match SecretReference::parse(&text) {
                Some(reference @ (SecretReference::Variable(_) | SecretReference::File(_))) => {
                    Self::Passphrase(reference)
                }
                _ => Self::NoReference,
            };
        }
        let named = variable(KEY_VARIABLE).map(PathBuf::from);
        let config = || variable("XDG_CONFIG_HOME").map(PathBuf::from);
        let home = || variable("HOME").map(|home| Path::new(&home).join(".config"));
        let usual = || config().or_else(home).map(|folder| folder.join("lockstep/secrets.key"));
        named.or_else(usual).map_or(Self::Nowhere, Self::File)
    }

    /// The key; one is made where there is none and `make` says so.
    pub(super) fn key(&self, variable: Variable<'_>, folder: &Path, make: bool) -> Result<Key, SealProblem> {
        match self {
            Self::Nowhere => Err(SealProblem::NoKeyPlace),
            Self::NoReference => Err(SealProblem::NoPassphrase(format!(
                "{PASSPHRASE_VARIABLE} is no reference: it says where the passphrase is kept"
            ))),
            Self::Passphrase(reference) => match reference.resolve(variable, folder) {
                Ok(passphrase) => Ok(Key::Passphrase(passphrase)),
                Err(problem) => Err(SealProblem::NoPassphrase(problem.to_string())),
            },
            Self::File(path) => match fs::read_to_string(path) {
                Ok(text) => read_pair(path, text),
                Err(error) if error.kind() == ErrorKind::NotFound && make => make_pair(path),
                Err(error) if error.kind() == ErrorKind::NotFound => Err(SealProblem::NoKey(path.clone())),
                Err(error) => Err(SealProblem::file(path, &error)),
            },
        }
    }
}

impl Key {
    pub(super) fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, String> {
        let sealed = match self {
            Self::Pair(pair) => age::encrypt(&pair.to_public(), plain),
            Self::Passphrase(passphrase) => {
                let mut recipient = scrypt::Recipient::new(again(passphrase));
                recipient.set_work_factor(WORK_FACTOR);
                age::encrypt(&recipient, plain)
            }
        };
        sealed.map_err(|error| error.to_string())
    }

    pub(super) fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, String> {
        let opened = match self {
            Self::Pair(pair) => age::decrypt(pair, sealed),
            Self::Passphrase(passphrase) => {
                let mut identity = scrypt::Identity::new(again(passphrase));
                identity.set_max_work_factor(MOST_WORK);
                age::decrypt(&identity, sealed)
            }
        };
        opened.map_err(|error| error.to_string())
    }
}

fn again(passphrase: &SecretString) -> SecretString {
    SecretString::from(passphrase.expose_secret())
}

fn read_pair(path: &Path, text: String) -> Result<Key, SealProblem> {
    let text = zeroize::Zeroizing::new(text);
    check_private(path)?;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let pair = line.and_then(|line| line.parse::<x25519::Identity>().ok());
    pair.map(Key::Pair).ok_or_else(|| SealProblem::BadKey(path.to_owned()))
}

/// Makes a key that only its owner can read.
fn make_pair(path: &Path) -> Result<Key, SealProblem> {
    let failed = |error: std::io::Error| SealProblem::file(path, &error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let pair = x25519::Identity::generate();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(path) {
        // Another process has just made one.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return fs::read_to_string(path).map_err(failed).and_then(|text| read_pair(path, text));
        }
        opened => opened.map_err(failed)?,
    };
    let text = pair.to_string();
    let lines = format!(
        "# Opens Lockstep's sealed secrets: keep it, and keep it to yourself.\n{}\n",
        text.expose_secret()
    );
    let lines = zeroize::Zeroizing::new(lines);
    file.write_all(lines.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(Key::Pair(pair))
}

#[cfg(unix)]
fn check_private(path: &Path) -> Result<(), SealProblem> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).map_err(|error| SealProblem::file(path, &error))?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(SealProblem::OpenKey(path.to_owned())) }
}

#[cfg(not(unix))]
fn check_private(_: &Path) -> Result<(), SealProblem> {
    Ok(())
}
