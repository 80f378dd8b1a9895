//! What happens, told to who looks on while it happens.
//!
//! One task reads each event once, for as long as somebody looks on, and keeps the newest in memory for all readers. Nothing is
//! sent to a reader that it does not ask for: each has a place in the order of events and takes a page from there, out of
//! memory or out of the registry. One that is slow is nobody's trouble but its own.

mod reader;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use lockstep_core::{ids::UserId, queue::EntryState};
use lockstep_engine::{
    Store,
    error::EngineError,
    live::{self, LiveEvent},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

pub(crate) use reader::{Holds, Reader, Wish};

use crate::problem::Problem;

/// So many events are read at once.
const PAGE: usize = 500;
/// So many are kept in memory.
const RECENT: usize = 2_000;
/// How often the drift queue is counted.
const COUNTED: Duration = Duration::from_secs(1);
/// How long to wait when the registry fails.
const RECOVERY: Duration = Duration::from_secs(1);
/// So many may look on at once; each keeps a connection, of which others need some.
const READERS: usize = 256;
/// So many of one user.
const READERS_EACH: usize = 16;

/// How many components of the drift queue stand how.
type Depth = Vec<(EntryState, i64)>;

/// What happens, for all that look on.
pub(crate) struct Feed {
    store: Store,
    recent: Mutex<Recent>,
    /// The number of the newest event that was read.
    newest: watch::Sender<i64>,
    depth: watch::Sender<Depth>,
    readers: watch::Sender<BTreeMap<UserId, usize>>,
    stop: watch::Sender<bool>,
}

/// The newest events: all of those after a number.
#[derive(Default)]
struct Recent {
    after: i64,
    events: VecDeque<Arc<LiveEvent>>,
}

impl Recent {
    fn push(&mut self, event: LiveEvent) {
        self.events.push_back(Arc::new(event));
        if self.events.len() > RECENT
            && let Some(oldest) = self.events.pop_front()
        {
            self.after = oldest.seq;
        }
    }

    /// At most so many events after a number; nothing where some of them are not here.
    fn page(&self, after: i64, limit: usize) -> Option<Vec<Arc<LiveEvent>>> {
        if after < self.after {
            return None;
        }
        let first = self.events.partition_point(|event| event.seq <= after);
        Some(self.events.iter().skip(first).take(limit).cloned().collect())
    }
}

/// One that looks on, until it is dropped.
struct Slot {
    feed: Arc<Feed>,
    whose: UserId,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.feed.readers.send_modify(|readers| {
            if let Some(count) = readers.get_mut(&self.whose) {
                *count -= 1;
                if *count == 0 {
                    readers.remove(&self.whose);
                }
            }
        });
    }
}

impl Feed {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            recent: Mutex::default(),
            newest: watch::Sender::new(0),
            depth: watch::Sender::new(Depth::new()),
            readers: watch::Sender::new(BTreeMap::new()),
            stop: watch::Sender::new(false),
        }
    }

    /// Lets all readers end.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Reads what happens, as long as somebody looks on, until the hub shall end.
    pub(crate) async fn run(self: Arc<Self>) {
        let (mut readers, mut stop) = (self.readers.subscribe(), self.stop.subscribe());
        let following = async {
            loop {
                // The sender is here: it never goes.
                _ = readers.wait_for(|readers| !readers.is_empty()).await;
                if let Err(error) = self.follow().await {
                    tracing::warn!(%error, "events can't be read; it is tried again in a moment");
                    sleep(RECOVERY).await;
                }
            }
        };
        tokio::select! {
            () = following => {}
            _ = stop.wait_for(|asked| *asked) => {}
        }
    }

    /// Reads what happens until nobody looks on any more.
    async fn follow(&self) -> Result<(), EngineError> {
        let mut waiting = live::waiting(&self.store).await?;
        let (_, mut last) = live::kept(&self.store).await?;
        *self.recent() = Recent { after: last, events: VecDeque::new() };
        self.newest.send_replace(last);
        let mut counted = None::<Instant>;
        while !self.readers.borrow().is_empty() {
            let page = live::after(&self.store, last, PAGE).await?;
            let is_full = page.len() == PAGE;
            last = page.last().map_or(last, |event| event.seq);
            self.keep(page);
            self.newest.send_if_modified(|newest| std::mem::replace(newest, last) != last);
            if is_full {
                continue;
            }
            if counted.is_none_or(|at| at.elapsed() >= COUNTED) {
                counted = Some(Instant::now());
                let depth = live::depth(&self.store).await?;
                self.depth.send_if_modified(|known| {
                    let is_new = *known != depth;
                    *known = depth;
                    is_new
                });
            }
            // No word for so long: the queue is counted anyway.
            if let Ok(waited) = timeout(COUNTED, waiting.next()).await {
                waited?;
            }
        }
        Ok(())
    }

    fn keep(&self, page: Vec<LiveEvent>) {
        let mut recent = self.recent();
        page.into_iter().for_each(|event| recent.push(event));
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// At most so many events after a number; the lowest number that is kept, where some of them are not any more.
    async fn page(&self, after: i64, limit: usize) -> Result<Result<Vec<Arc<LiveEvent>>, i64>, EngineError> {
        if let Some(page) = self.recent().page(after, limit) {
            return Ok(Ok(page));
        }
        let page = live::after(&self.store, after, limit).await?;
        // Asked afterwards: what was removed before is seen to be gone.
        let (lowest, _) = live::kept(&self.store).await?;
        match after + 1 < lowest {
            true => Ok(Err(lowest)),
            false => Ok(Ok(page.into_iter().map(Arc::new).collect())),
        }
    }

    /// A place among those that look on.
    fn slot(self: &Arc<Self>, whose: UserId) -> Result<Slot, Problem> {
        let is_taken = self.readers.send_if_modified(|readers| {
            let (all, own) =
                (readers.values().sum::<usize>(), readers.get(&whose).copied().unwrap_or_default());
            let has_room = all < READERS && own < READERS_EACH;
            if has_room {
                readers.insert(whose, own + 1);
            }
            has_room
        });
        match is_taken {
            true => Ok(Slot { feed: Arc::clone(self), whose }),
            false => Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-readers",
                format!("{READERS_EACH} of a user, and {READERS} altogether, may look on at once"),
                "close a stream of events that nobody reads, and try again",
            )
            .with("retry_after", 10)),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use serde_json::json;

    use super::*;

    fn event(seq: i64) -> LiveEvent {
        LiveEvent { seq, kind: "drift".into(), data: json!({}), created_at: Utc::now() }
    }

    #[test]
    fn what_is_no_longer_in_memory_is_not_passed_over() {
        let mut recent = Recent { after: 10, events: VecDeque::new() };
        assert_eq!(recent.page(9, 5).map(|page| page.len()), None);
        assert_eq!(recent.page(10, 5).map(|page| page.len()), Some(0));
        // Numbers have gaps: what was rolled back has had one.
        for seq in 0..RECENT as i64 + 3 {
            recent.push(event(11 + seq * 2));
        }
        let seen =
            |page: Option<Vec<Arc<LiveEvent>>>| page.map(|page| page.iter().map(|event| event.seq).collect());
        assert_eq!(seen(recent.page(14, 2)), None::<Vec<i64>>, "15 is gone");
        assert_eq!(seen(recent.page(15, 2)), Some(vec![17, 19]));
        assert_eq!(seen(recent.page(16, 1)), Some(vec![17]));
        assert_eq!(recent.events.len(), RECENT);
    }
}
