//! Places where a test lets the process die or an act fail. Builds without debug assertions have none of them.
//!
//! `LOCKSTEP_FAILPOINTS=journal.written=die@2,component.verified=fail` kills the process when it comes to
//! `journal.written` the second time, and lets every `component.verified` fail. `full`, `denied` and `broken` fail as a full
//! disk, a missing permission and a dying disk do, `@2+` from the second time on; `wait` waits until the file that
//! `LOCKSTEP_FAILPOINT_GATE` names is there, and says by a file beside it, `….reached`, that it does.

use std::io;

use crate::error::EngineError;

/// Comes to a place between two steps.
///
/// # Errors
/// When a test asked for it.
pub(crate) fn pass(place: &'static str) -> Result<(), EngineError> {
    reach(place).map_err(|error| EngineError::Bug(error.to_string()))
}

/// Comes to a place of a file's writing.
///
/// # Errors
/// When a test asked for it.
#[cfg(debug_assertions)]
pub(crate) fn reach(place: &'static str) -> io::Result<()> {
    use std::{collections::HashMap, sync::Mutex};

    static VISITS: Mutex<Option<HashMap<&str, usize>>> = Mutex::new(None);
    let Ok(asked) = std::env::var("LOCKSTEP_FAILPOINTS") else { return Ok(()) };
    let visit = {
        let mut visits = VISITS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let count = visits.get_or_insert_default().entry(place).or_default();
        *count += 1;
        *count
    };
    for one in asked.split(',') {
        let Some((_, act)) = one.split_once('=').filter(|(name, _)| *name == place) else { continue };
        let (act, at) = act.split_once('@').map_or((act, None), |(act, at)| (act, Some(at)));
        let comes = |at: &str| match at.strip_suffix('+') {
            Some(first) => first.parse().is_ok_and(|first: usize| visit >= first),
            None => at.parse() == Ok(visit),
        };
        if !at.is_none_or(comes) {
            continue;
        }
        match act {
            "die" => std::process::abort(),
            "wait" => {
                let gate = std::env::var_os("LOCKSTEP_FAILPOINT_GATE").unwrap_or_default();
                let gate = std::path::Path::new(&gate);
                std::fs::write(gate.with_added_extension("reached"), "")?;
                while !gate.exists() {
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
            }
            "full" => return Err(io::ErrorKind::StorageFull.into()),
            "broken" => return Err(io::Error::from_raw_os_error(5)),
            "denied" => return Err(io::Error::from_raw_os_error(13)),
            _ => return Err(io::Error::other(format!("a test lets `{place}` fail"))),
        }
    }
    Ok(())
}

/// Comes to a place of a file's writing.
///
/// # Errors
/// Never.
#[cfg(not(debug_assertions))]
#[expect(clippy::unnecessary_wraps, reason = "the other build's places may fail")]
pub(crate) fn reach(_: &'static str) -> io::Result<()> {
    Ok(())
}
