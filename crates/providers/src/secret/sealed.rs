//! The sealed file: secrets by name, encrypted with age, beside the registry and never in it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::{
    Variable,
    key::{KEY_VARIABLE, KeySource, PASSPHRASE_VARIABLE},
};

/// Names another sealed file than the workspace's.
const FILE_VARIABLE: &str = "LOCKSTEP_SECRETS";
/// Where it is in a workspace.
const FILE: &str = ".lockstep/secrets.age";

/// Why the sealed file can't be used. Nothing of a secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealProblem {
    /// There is no such entry.
    #[error("there is no sealed secret `{name}` in {}", file.display())]
    NoEntry {
        /// The name.
        name: String,
        /// The file.
        file: PathBuf,
    },
    /// There is no key yet.
    #[error("the key {} is not there", .0.display())]
    NoKey(PathBuf),
    /// Nothing says where a key could be.
    #[error("there is no place for a key: neither a home folder nor {KEY_VARIABLE} is known")]
    NoKeyPlace,
    /// What is in the key's file is none.
    #[error("{} holds no age key", .0.display())]
    BadKey(PathBuf),
    /// Others can read the key.
    #[error("the key {} can be read by others than its owner", .0.display())]
    OpenKey(PathBuf),
    /// The passphrase can't be had.
    #[error("the passphrase of the sealed secrets can't be had: {0}")]
    NoPassphrase(String),
    /// The file is of another key, or damaged.
    #[error("{} can't be opened: {cause}", file.display())]
    Locked {
        /// The file.
        file: PathBuf,
        /// What age says.
        cause: String,
    },
    /// A file can't be read or written.
    #[error("{} can't be used: {cause}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system says.
        cause: String,
    },
}

impl SealProblem {
    pub(super) fn file(file: &Path, error: &std::io::Error) -> Self {
        Self::File { file: file.to_owned(), cause: error.to_string() }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::NoEntry { .. } => "`lockstep credential add` seals one".to_owned(),
            Self::NoKey(_) | Self::BadKey(_) | Self::Locked { .. } => format!(
                "name the key that it was sealed with in {KEY_VARIABLE}, or the place of its passphrase in {PASSPHRASE_VARIABLE}"
            ),
            Self::NoKeyPlace => format!("set {KEY_VARIABLE} to a file that is yours alone"),
            Self::OpenKey(path) => format!("chmod 600 {}", path.display()),
            Self::NoPassphrase(_) => format!("set {PASSPHRASE_VARIABLE} to env:NAME or file:PATH"),
            Self::File { .. } => format!("check its rights, or name another file in {FILE_VARIABLE}"),
        }
    }
}

/// The sealed file of a workspace, or of a machine.
pub struct SealedStore<'a> {
    file: PathBuf,
    folder: &'a Path,
    source: KeySource,
    variable: Variable<'a>,
}

#[derive(Default, Serialize, Deserialize)]
struct Content {
    secrets: BTreeMap<String, String>,
}

impl Drop for Content {
    fn drop(&mut self) {
        self.secrets.values_mut().for_each(String::zeroize);
    }
}

impl<'a> SealedStore<'a> {
    /// The one that the environment names, or the one of the workspace in `folder`.
    pub fn of(variable: Variable<'a>, folder: &'a Path) -> Self {
        let file = variable(FILE_VARIABLE).map_or_else(|| folder.join(FILE), PathBuf::from);
        Self { file, folder, source: KeySource::of(variable), variable }
    }

    /// A secret.
    ///
    /// # Errors
    /// When it is not there, or the file can't be opened.
    pub fn get(&self, name: &str) -> Result<SecretString, SealProblem> {
        let mut content = self.read()?;
        let found = content.secrets.remove(name);
        let no_entry = || SealProblem::NoEntry { name: name.to_owned(), file: self.file.clone() };
        found.map(SecretString::from).ok_or_else(no_entry)
    }

    /// Keeps a secret under a name, in the place of the one before.
    ///
    /// # Errors
    /// When the file can't be opened or written. It is then as it was.
    pub fn put(&self, name: &str, secret: &SecretString) -> Result<(), SealProblem> {
        self.change(|content| {
            if let Some(mut old) = content.secrets.insert(name.to_owned(), secret.expose_secret().to_owned())
            {
                old.zeroize();
            }
        })
    }

    /// Forgets the secrets whose names are so.
    ///
    /// # Errors
    /// When the file can't be opened or written. It is then as it was.
    pub fn forget(&self, is_meant: impl Fn(&str) -> bool) -> Result<(), SealProblem> {
        if !self.read()?.secrets.keys().any(|name| is_meant(name)) {
            return Ok(());
        }
        self.change(|content| {
            let kept = std::mem::take(&mut content.secrets);
            for (name, mut secret) in kept {
                match is_meant(&name) {
                    true => secret.zeroize(),
                    false => _ = content.secrets.insert(name, secret),
                }
            }
        })
    }

    fn read(&self) -> Result<Content, SealProblem> {
        let sealed = match fs::read(&self.file) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Content::default()),
            Err(error) => return Err(SealProblem::file(&self.file, &error)),
        };
        let locked = |cause| SealProblem::Locked { file: self.file.clone(), cause };
        let key = self.source.key(self.variable, self.folder, false)?;
        let plain = Zeroizing::new(key.open(&sealed).map_err(locked)?);
        // What serde says of the text could repeat some of it.
        serde_json::from_slice(&plain)
            .map_err(|_| locked("what is in it was not sealed by Lockstep".to_owned()))
    }

    /// Reads, changes and writes while no other process does.
    fn change(&self, change: impl FnOnce(&mut Content)) -> Result<(), SealProblem> {
        let failed = |error: std::io::Error| SealProblem::file(&self.file, &error);
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(failed)?;
        let lock = File::create(self.file.with_extension("lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let mut content = self.read()?;
        change(&mut content);
        let plain = Zeroizing::new(serde_json::to_vec(&content).unwrap_or_default());
        let key = self.source.key(self.variable, self.folder, true)?;
        let sealed =
            key.seal(&plain).map_err(|cause| SealProblem::Locked { file: self.file.clone(), cause })?;
        // Made for its owner alone, and put in place whole.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        file.write_all(&sealed).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        file.persist(&self.file).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store<'a>(variable: Variable<'a>, folder: &'a Path) -> SealedStore<'a> {
        SealedStore::of(variable, folder)
    }

    #[test]
    fn what_was_sealed_is_there_for_the_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let one = |name: &str| (name == "HOME").then(|| home.display().to_string());
        let sealed = store(&one, folder.path());
        assert!(matches!(sealed.get("figma"), Err(SealProblem::NoEntry { .. })));
        sealed.put("figma", &"figd_canary".into()).unwrap();
        sealed.put("slack", &"xoxb-canary".into()).unwrap();
        sealed.put("figma", &"figd_canary-2".into()).unwrap();
        assert_eq!(sealed.get("figma").unwrap().expose_secret(), "figd_canary-2");
        sealed.forget(|name| name == "figma").unwrap();
        sealed.forget(|name| name == "figma").unwrap();
        assert!(matches!(sealed.get("figma"), Err(SealProblem::NoEntry { .. })));
        assert_eq!(sealed.get("slack").unwrap().expose_secret(), "xoxb-canary");
        let bytes = fs::read(folder.path().join(FILE)).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"canary"));

        let other =
            |name: &str| (name == KEY_VARIABLE).then(|| folder.path().join("other").display().to_string());
        let refused = store(&other, folder.path()).get("slack").unwrap_err();
        assert!(matches!(refused, SealProblem::NoKey(_)), "{refused}");
        let refused = store(&other, folder.path()).put("slack", &"x".into()).unwrap_err();
        assert!(matches!(refused, SealProblem::NoKey(_)), "no second key is made: {refused}");
        assert!(refused.hint().contains(KEY_VARIABLE));
        assert_eq!(store(&one, folder.path()).get("slack").unwrap().expose_secret(), "xoxb-canary");
    }

    #[test]
    fn a_passphrase_opens_what_it_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let with = |phrase: &'static str| {
            move |name: &str| match name {
                PASSPHRASE_VARIABLE => Some("env:PHRASE".to_owned()),
                "PHRASE" => Some(phrase.to_owned()),
                _ => None,
            }
        };
        let (right, wrong) = (with("correct horse"), with("battery staple"));
        store(&right, folder.path()).put("figma", &"figd_canary".into()).unwrap();
        assert_eq!(store(&right, folder.path()).get("figma").unwrap().expose_secret(), "figd_canary");
        let refused = store(&wrong, folder.path()).get("figma").unwrap_err();
        assert!(matches!(refused, SealProblem::Locked { .. }), "{refused}");
        let bare = |name: &str| (name == PASSPHRASE_VARIABLE).then(|| "correct horse".to_owned());
        let refused = store(&bare, folder.path()).get("figma").unwrap_err();
        assert!(!refused.to_string().contains("horse"), "{refused}");
    }

    #[test]
    fn a_damaged_file_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let home = |name: &str| (name == "HOME").then(|| folder.path().display().to_string());
        let sealed = store(&home, folder.path());
        sealed.put("figma", &"figd_canary".into()).unwrap();
        let path = folder.path().join(FILE);
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert!(matches!(sealed.get("figma"), Err(SealProblem::Locked { .. })));
        assert!(sealed.put("slack", &"x".into()).is_err());
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let home = |name: &str| (name == "HOME").then(|| folder.path().display().to_string());
        let sealed = store(&home, folder.path());
        sealed.put("figma", &"figd_canary".into()).unwrap();
        let key = folder.path().join(".config/lockstep/secrets.key");
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(sealed.get("figma").unwrap_err(), SealProblem::OpenKey(key));
    }
}
