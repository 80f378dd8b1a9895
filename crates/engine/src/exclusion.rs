//! One writer of a workspace's files at a time, and nobody reading in the middle of a write, across processes.
//!
//! The registry lets one write at a component. Components share files, a design file above all, and the registry may be
//! shared by several checkouts: who writes a file is settled here, by the operating system's lock of a file beside the
//! registry, which goes when its process does.

use std::{
    fs::{File, TryLockError},
    time::{Duration, Instant},
};

use crate::{context::Engine, error::EngineError};

/// A component is written within a fraction of this.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(5);
const LOCK: &str = "write.lock";

/// A lock beside the registry; given back when dropped.
#[must_use = "it is held only while this lives"]
pub struct Held(
    #[expect(dead_code, reason = "closing the file gives the lock back")] pub(crate) Option<File>,
);

impl Engine {
    /// Waits until no other process writes or reads the workspace's files, and keeps them all from it. What a process
    /// left half-written that died meanwhile is brought back first.
    pub(crate) async fn hold_files(&self) -> Result<Held, EngineError> {
        loop {
            let held = self.lock_files().await?;
            if !self.has_left_writes().await? {
                return Ok(held);
            }
            drop(held);
            self.recover().await?;
        }
    }

    /// The same, whatever is half-written: for whoever brings it back.
    pub(crate) async fn lock_files(&self) -> Result<Held, EngineError> {
        let file = self.open_lock(LOCK).map_err(|error| {
            EngineError::refused(
                "locked",
                format!("can't open .lockstep/write.lock: {error}"),
                "the folder .lockstep must be writable: writing is not safe without the lock",
            )
        })?;
        wait(&file, File::try_lock).await?;
        Ok(Held(Some(file)))
    }

    /// Waits until no process writes, and brings back what one left half-written that died. Where the lock can't be had
    /// (a read-only disk), nobody writes either.
    pub(crate) async fn hold_for_reading(&self) -> Result<Held, EngineError> {
        loop {
            let Ok(file) = self.open_lock(LOCK) else { return Ok(Held(None)) };
            wait(&file, File::try_lock_shared).await?;
            let held = Held(Some(file));
            if !self.has_left_writes().await? {
                return Ok(held);
            }
            drop(held);
            self.recover().await?;
        }
    }

    /// A file of that name beside the registry, to be locked.
    pub(crate) fn open_lock(&self, name: &str) -> std::io::Result<File> {
        let folder = self.workspace.folder.join(".lockstep");
        std::fs::create_dir_all(&folder)?;
        File::options().create(true).append(true).open(folder.join(name))
    }
}

/// Waits for a lock, for at most a minute.
pub(crate) async fn wait(
    file: &File,
    lock: fn(&File) -> Result<(), TryLockError>,
) -> Result<(), EngineError> {
    let since = Instant::now();
    loop {
        match lock(file) {
            Ok(()) => return Ok(()),
            // A file system without locks is one that processes don't share.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
                return Ok(());
            }
            Err(TryLockError::WouldBlock) if since.elapsed() < PATIENCE => tokio::time::sleep(POLL).await,
            Err(error) => {
                return Err(EngineError::refused(
                    "locked",
                    format!("another process has been writing this workspace's files for a minute: {error}"),
                    "wait for it, or look at `lockstep history`",
                ));
            }
        }
    }
}
