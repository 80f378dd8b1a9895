//! Which process is writing: enough to tell whether it still lives.

use std::{
    collections::BTreeSet,
    sync::{Mutex, OnceLock},
};

use uuid::Uuid;

/// This process: host, id and start time, so that a later process with the same id is another.
pub(crate) fn token() -> String {
    static TOKEN: OnceLock<String> = OnceLock::new();
    TOKEN
        .get_or_init(|| {
            let id = std::process::id();
            format!("{}:{id}:{}", host(), start_time(id).unwrap_or_default())
        })
        .clone()
}

/// Whether the process of a token may still live. One on another machine can't be asked and is taken to live.
pub(crate) fn is_alive(token: &str) -> bool {
    let mut parts = token.rsplitn(3, ':');
    let (started, id, owner) = (parts.next(), parts.next(), parts.next());
    if owner != Some(host().as_str()) {
        return true;
    }
    let Some(id) = id.and_then(|id| id.parse().ok()) else { return false };
    start_time(id).as_deref() == started
}

/// Whether a token is of a process of this machine.
pub(crate) fn is_here(token: &str) -> bool {
    token.rsplitn(3, ':').nth(2) == Some(host().as_str())
}

/// What this process began and let go of without ending it, as when the database was gone.
static LEFT: Mutex<BTreeSet<Uuid>> = Mutex::new(BTreeSet::new());

/// Something that this process began and is to end. Dropped before that (the database is gone, or whoever waited for it
/// is), it is free for whoever comes by.
#[derive(Debug)]
pub(crate) struct Claim(Option<Uuid>);

impl Claim {
    pub(crate) fn of(id: Uuid) -> Self {
        Self(Some(id))
    }

    /// It has come to its end.
    pub(crate) fn end(&mut self) {
        self.0 = None;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let left = self.0.take();
        LEFT.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(left);
    }
}

/// Whether nobody is about to end what the process of a token began: it has died, or it is this one and let go.
pub(crate) fn is_abandoned(id: Uuid, by: &str) -> bool {
    let left = || LEFT.lock().unwrap_or_else(std::sync::PoisonError::into_inner).contains(&id);
    !is_alive(by) || (by == token() && left())
}

/// The machine: containers rarely share both its id and its name.
fn host() -> String {
    let machine = read("/etc/machine-id").unwrap_or_default();
    let name = read("/proc/sys/kernel/hostname").unwrap_or_else(|| "localhost".to_owned());
    format!("{name}/{machine}")
}

/// When a process began: in which run of the machine, and in clock ticks since that began, field 22 of
/// `/proc/<id>/stat` (proc(5)).
fn start_time(id: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The command's name stands in parentheses and may hold blanks; the fields after it are numbered from 3.
    let after = stat.rsplit_once(')')?.1;
    // A process that has ended and that its parent has not asked about yet writes nothing any more.
    if matches!(after.split_whitespace().next(), Some("Z" | "X")) {
        return None;
    }
    let ticks = after.split_whitespace().nth(22 - 3)?;
    Some(format!("{}.{ticks}", read("/proc/sys/kernel/random/boot_id").unwrap_or_default()))
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_before_its_end_is_free() {
        let (ended, dropped) = (Uuid::new_v4(), Uuid::new_v4());
        let mut claims = [Claim::of(ended), Claim::of(dropped)];
        assert!(!is_abandoned(dropped, &token()));
        claims[0].end();
        drop(claims);
        assert!(!is_abandoned(ended, &token()));
        assert!(is_abandoned(dropped, &token()));
        assert!(!is_abandoned(dropped, "another-machine:1:1"), "it is not ours");
    }

    #[test]
    fn this_process_lives_and_a_made_up_one_does_not() {
        assert!(is_alive(&token()));
        let (rest, _) =
            token().rsplit_once(':').map(|(rest, end)| (rest.to_owned(), end.to_owned())).unwrap();
        assert!(!is_alive(&format!("{rest}:1")), "the same id at another time");
        assert!(is_alive("another-machine:1:1"));
    }
}
