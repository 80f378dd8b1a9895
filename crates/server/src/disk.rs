//! Whether there is room to write.

use std::path::Path;

/// Below this the registry may not be able to write what it has begun.
#[cfg(unix)]
const ENOUGH: u64 = 64 << 20;

/// Why nothing can be written to a folder's disk, if so.
#[cfg(unix)]
pub fn trouble(folder: &Path) -> Option<String> {
    use rustix::fs::StatVfsMountFlags;
    match rustix::fs::statvfs(folder) {
        Err(error) => Some(format!("the disk can't be asked: {error}")),
        Ok(disk) if disk.f_flag.contains(StatVfsMountFlags::RDONLY) => {
            Some("the disk is mounted read-only".to_owned())
        }
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            (free < ENOUGH).then(|| format!("{} MiB are free", free >> 20))
        }
    }
}

/// Why nothing can be written to a folder's disk, if so: elsewhere only whether the folder is there.
#[cfg(not(unix))]
pub fn trouble(folder: &Path) -> Option<String> {
    (!folder.is_dir()).then(|| "the folder is not there".to_owned())
}
