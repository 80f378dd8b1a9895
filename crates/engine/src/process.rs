//! Which process is writing: enough to tell whether it still lives.

use std::sync::OnceLock;

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
    fn this_process_lives_and_a_made_up_one_does_not() {
        assert!(is_alive(&token()));
        let (rest, _) =
            token().rsplit_once(':').map(|(rest, end)| (rest.to_owned(), end.to_owned())).unwrap();
        assert!(!is_alive(&format!("{rest}:1")), "the same id at another time");
        assert!(is_alive("another-machine:1:1"));
    }
}
