//! One that looks on: its place in the order of events, and whether it still may.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    http::{HeaderMap, header},
    response::sse::Event,
};
use chrono::Utc;
use futures_util::{Stream, stream::unfold};
use lockstep_core::{ids::UserId, role::Action};
use lockstep_engine::{error::EngineError, live, live::LiveEvent};
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval},
};

use super::{Depth, Feed, Slot};
use crate::{
    caller::{Errand, identify},
    hub::Shared,
    problem::Problem,
};

/// So many events are taken at once: it is all that is kept for a reader.
const PAGE: usize = 100;
/// How often something comes, so that both ends know of each other; and how soon a reader ends that may read no more.
const BEAT: Duration = Duration::from_secs(5);

/// With what somebody came.
pub(crate) struct Holds {
    headers: HeaderMap,
}

impl Holds {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut held = HeaderMap::new();
        for name in [header::AUTHORIZATION, header::COOKIE] {
            for value in headers.get_all(&name) {
                held.append(name.clone(), value.clone());
            }
        }
        Self { headers: held }
    }
}

/// What somebody wants to be told.
pub(crate) struct Wish {
    /// Only what comes after the event of that number; what comes from now on without.
    pub(crate) since: Option<i64>,
    /// Only events of this kind.
    pub(crate) kind: Option<&'static str>,
    /// For how long.
    pub(crate) lasts: Option<Duration>,
}

/// One that looks on.
pub(crate) struct Reader {
    hub: Arc<Shared>,
    feed: Arc<Feed>,
    errand: Errand,
    holds: Holds,
    /// The number of the last event that it got, or that was before it came.
    place: i64,
    kind: Option<&'static str>,
    until: Option<Instant>,
    ready: VecDeque<Event>,
    newest: watch::Receiver<i64>,
    depth: watch::Receiver<Depth>,
    stop: watch::Receiver<bool>,
    beat: Interval,
    checked: Instant,
    is_over: bool,
    _slot: Slot,
}

impl Reader {
    /// Begins to look on.
    ///
    /// # Errors
    /// When too many look on, or the registry fails.
    pub(crate) async fn begin(
        hub: Arc<Shared>,
        errand: Errand,
        (whose, holds): (UserId, Holds),
        Wish { since, kind, lasts }: Wish,
    ) -> Result<Self, Problem> {
        let feed = Arc::clone(&hub.feed);
        let slot = feed.slot(whose)?;
        let (lowest, highest) = live::kept(&hub.store).await?;
        let (newest, mut depth) = (feed.newest.subscribe(), feed.depth.subscribe());
        if !depth.borrow().is_empty() {
            depth.mark_changed();
        }
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (stop, checked) = (feed.stop.subscribe(), Instant::now());
        let mut reader = Self {
            hub,
            feed,
            errand,
            holds,
            place: since.unwrap_or(highest),
            kind,
            until: lasts.map(|lasts| Instant::now() + lasts),
            ready: VecDeque::new(),
            newest,
            depth,
            stop,
            beat,
            checked,
            is_over: false,
            _slot: slot,
        };
        if let Some(since) = since {
            reader.go_on(since, lowest, highest);
        }
        Ok(reader)
    }

    /// Says what it missed where that is not kept any more; where the number is none that was given here, it begins anew.
    fn go_on(&mut self, since: i64, lowest: i64, highest: i64) {
        let place = match since {
            _ if since > highest => highest,
            _ if since + 1 < lowest => lowest - 1,
            _ => return,
        };
        self.missed(since, place);
    }

    /// What came after one number until the other is not there to be told.
    fn missed(&mut self, after: i64, place: i64) {
        self.place = place;
        let data = json!({ "at": Utc::now(), "after": after, "next": place + 1 });
        self.ready.push_back(named("missed", &data).id(place.to_string()));
    }

    /// What it is told.
    pub(crate) fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        unfold(self, |mut reader| async move {
            let event = reader.next().await?;
            Some((Ok(event), reader))
        })
    }

    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let is_done = self.until.is_some_and(|until| until <= Instant::now());
            if self.is_over || is_done || *self.stop.borrow() {
                return None;
            }
            if self.checked.elapsed() >= BEAT && !self.may_go_on().await {
                self.is_over = true;
                return Some(named(
                    "over",
                    &json!({ "at": Utc::now(), "reason": "who reads may read no more" }),
                ));
            }
            if self.place < *self.newest.borrow_and_update() {
                match self.fill().await {
                    Ok(()) => continue,
                    Err(error) => {
                        tracing::warn!(%error, "a reader of events is let go: the registry fails");
                        return None;
                    }
                }
            }
            tokio::select! {
                _ = self.stop.wait_for(|asked| *asked) => return None,
                () = ended(self.until) => return None,
                // The feed is here: its senders never go.
                _ = self.newest.changed() => {}
                _ = self.depth.changed() => {
                    let counts = self.depth.borrow_and_update().clone();
                    if self.kind.is_none_or(|kind| kind == "queue") {
                        return Some(queue(&counts));
                    }
                }
                _ = self.beat.tick() => return Some(Event::default().comment("")),
            }
        }
    }

    async fn fill(&mut self) -> Result<(), EngineError> {
        let page = match self.feed.page(self.place, PAGE).await? {
            Ok(page) => page,
            Err(lowest) => {
                self.missed(self.place, lowest - 1);
                return Ok(());
            }
        };
        // Some were removed meanwhile, or all of these: what is left goes on from the next.
        self.place = page.last().map_or_else(|| *self.newest.borrow(), |last| last.seq);
        let wanted = page.iter().filter(|event| self.kind.is_none_or(|kind| kind == event.kind));
        self.ready.extend(wanted.map(|event| happened(event)));
        Ok(())
    }

    /// Whether who reads still may: their token or session may be over by now, or their role another one.
    async fn may_go_on(&mut self) -> bool {
        self.checked = Instant::now();
        match identify(&self.hub, &self.errand, &self.holds.headers).await {
            Ok(caller) => caller.actor.grant.allowed(Action::Read).is_ok(),
            // A registry that does not answer for a moment is no reason.
            Err(problem) => problem.status().is_server_error(),
        }
    }
}

/// Waits until then; for good where there is no end.
async fn ended(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

fn named(kind: &str, data: &Value) -> Event {
    Event::default().event(kind).data(data.to_string())
}

fn happened(event: &LiveEvent) -> Event {
    let mut data = event.data.clone();
    if let Value::Object(members) = &mut data {
        members.insert("at".to_owned(), json!(event.created_at));
    }
    named(&event.kind, &data).id(event.seq.to_string())
}

/// How the drift queue stands has no number: who comes again is told how it stands then.
fn queue(counts: &Depth) -> Event {
    let mut data: serde_json::Map<String, Value> =
        counts.iter().map(|(state, count)| (state.as_str().to_owned(), json!(count))).collect();
    data.insert("at".to_owned(), json!(Utc::now()));
    named("queue", &Value::Object(data))
}
