//! Passwords, hashed by Argon2id with the parameters that OWASP recommends at least, which are the crate's own.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};

use super::Access;
use crate::error::EngineError;

/// What a password is held against when there is no such user: it takes as long as with one.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IG9mIG91cnM$Q1FlYmV5d2dIdlJ0cWpDZ1BaTWJ3RVJtVGFkSkRzS2Y";

impl Access {
    pub(super) async fn hash_password(&self, password: String) -> Result<String, EngineError> {
        self.slowly(move || {
            let mut salt = [0; 16];
            getrandom::fill(&mut salt)
                .map_err(|error| EngineError::Bug(format!("the system gives no random bytes: {error}")))?;
            let hash: PasswordHash = Argon2::default()
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map_err(|error| EngineError::Bug(format!("a password can't be hashed: {error}")))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether a password is the one that was hashed; where nothing was, it is not, after as long a time.
    pub(super) async fn is_password(
        &self,
        password: String,
        hashed: Option<String>,
    ) -> Result<bool, EngineError> {
        self.slowly(move || {
            let kept = hashed.as_deref().unwrap_or(NOBODYS);
            let parsed = PasswordHash::new(kept)
                .map_err(|error| EngineError::Bug(format!("a kept password can't be read: {error}")))?;
            let is_right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(is_right && hashed.is_some())
        })
        .await
    }

    /// Works where it keeps nobody waiting, with few others at once.
    async fn slowly<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        // The semaphore is never closed.
        let _turn = self.hashing.acquire().await.ok();
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| EngineError::Bug(format!("hashing a password died: {error}")))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_password_takes_as_long_as_a_users() {
        let nobodys = PasswordHash::new(NOBODYS).unwrap();
        let users: PasswordHash =
            Argon2::default().hash_password_with_salt(b"correct horse battery", &[7; 16]).unwrap();
        assert_eq!(nobodys.params, users.params);
        assert_eq!((nobodys.algorithm, nobodys.version), (users.algorithm, users.version));
        assert_eq!(nobodys.hash.map(|hash| hash.len()), users.hash.map(|hash| hash.len()));
    }
}
