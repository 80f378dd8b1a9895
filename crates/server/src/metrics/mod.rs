//! What a Prometheus scrapes. How long things take is observed by the process that does them; how things stand is read from
//! the registry for each scrape, so that it is right however many processes there are, and the same at each of them.

mod route;
mod standing;

use std::{fmt, time::Duration};

use axum::http::{Method, StatusCode};
use lockstep_core::{operation::OperationStatus, session::SessionStatus};
use lockstep_engine::{apply::OperationReport, measures::Measures, sessions::SessionView};
use prometheus_client::{
    encoding::{EncodeLabelSet, prometheus_text},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

pub(crate) use route::routes;

/// Bounds in seconds, of requests: the hub aims for milliseconds.
const REQUEST: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0, 10.0];
/// Bounds in seconds, of syncs and of browser test sessions.
const WORK: [f64; 11] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];
/// Bounds of how many components a sync is of.
const COMPONENTS: [f64; 9] = [1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 500.0, 1000.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Routed {
    method: &'static str,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    status: &'static str,
}

type Timed<L> = Family<L, Histogram, fn() -> Histogram>;

/// What this process has observed since it began.
pub(crate) struct Metrics {
    requests: Family<Asked, Counter>,
    answered: Timed<Routed>,
    syncs: Timed<Ended>,
    components: Histogram,
    sessions: Timed<Ended>,
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            requests: Family::default(),
            answered: Family::new_with_constructor(|| Histogram::new(REQUEST)),
            syncs: Family::new_with_constructor(|| Histogram::new(WORK)),
            components: Histogram::new(COMPONENTS),
            sessions: Family::new_with_constructor(|| Histogram::new(WORK)),
        };
        // A series that begins with its first observation has no rate of it.
        for status in [OperationStatus::Completed, OperationStatus::Partial, OperationStatus::Failed] {
            drop(metrics.syncs.get_or_create(&Ended { status: status.as_str() }));
        }
        for status in [SessionStatus::Passed, SessionStatus::Failed, SessionStatus::Aborted] {
            drop(metrics.sessions.get_or_create(&Ended { status: status.as_str() }));
        }
        metrics
    }
}

impl Metrics {
    /// A request was answered on a route, which is that of the table: what somebody makes up is no label.
    pub(crate) fn answered(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let (method, route) = (known(method), route.to_owned());
        let asked = Asked { method, route: route.clone(), status: status.as_u16() };
        self.requests.get_or_create(&asked).inc();
        self.answered.get_or_create(&Routed { method, route }).observe(took.as_secs_f64());
    }

    /// An operation was executed.
    pub(crate) fn synced(&self, report: &OperationReport) {
        let ended = Ended { status: report.status.as_str() };
        if let Some(took) = report.duration_ms {
            self.syncs.get_or_create(&ended).observe(seconds(took));
        }
        // There are no more components than memory holds, which is exact as a float.
        self.components.observe(report.components.len() as f64);
    }

    /// A browser test session ended.
    pub(crate) fn tested(&self, session: &SessionView) {
        if let Some(took) = session.duration_ms {
            self.sessions.get_or_create(&Ended { status: session.status.as_str() }).observe(seconds(took));
        }
    }

    /// All of it, with how things stand, in the text format of Prometheus.
    ///
    /// # Errors
    /// When it can't be written, which a text always can.
    fn text(&self, measures: &Measures) -> Result<String, fmt::Error> {
        let mut registry = Registry::with_prefix("lockstep");
        registry.register("http_requests", "Requests that were answered", self.requests.clone());
        registry.register(
            "http_request_duration_seconds",
            "How long requests took, until the head of their answer",
            self.answered.clone(),
        );
        registry.register("sync_duration_seconds", "How long syncs took", self.syncs.clone());
        registry.register("sync_components", "How many components a sync was of", self.components.clone());
        registry.register(
            "test_session_duration_seconds",
            "How long browser test sessions took",
            self.sessions.clone(),
        );
        standing::register(&mut registry, measures);
        let mut text = String::new();
        prometheus_text::encode(&mut text, &registry)?;
        Ok(text)
    }
}

fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

/// Methods are tokens that anybody makes up.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lockstep_core::{
        notification::DispatchStatus,
        queue::EntryState,
        registry::MappingStatus,
        undo::{Outcome, UndoAction},
    };

    use super::*;

    const DASHBOARD: &str = include_str!("../../../../deploy/grafana/lockstep.json");

    /// The names of Lockstep's series in a query.
    fn asked(query: &str) -> BTreeSet<&str> {
        let words = query.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.filter(|word| word.starts_with("lockstep_")).collect()
    }

    #[test]
    fn the_dashboard_asks_for_what_there_is() {
        let metrics = Metrics::default();
        metrics.answered(&Method::GET, "/healthz", StatusCode::OK, Duration::from_millis(1));
        let measures = Measures {
            queue: vec![(EntryState::Waiting, 1, chrono::TimeDelta::seconds(3))],
            components: vec![(MappingStatus::Drift, 1)],
            drift: vec![("conflict".into(), "high".into(), 1)],
            deliveries: vec![(DispatchStatus::Sent, 1)],
            undos: vec![(UndoAction::Undo, Outcome::Done, 1)],
            quotas: vec![("figma".into(), 3)],
        };
        let text = metrics.text(&measures).unwrap();
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        let there: BTreeSet<&str> = samples.filter_map(|line| line.split(['{', ' ']).next()).collect();
        let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
        let panels = dashboard["panels"].as_array().unwrap();
        let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
        let queries =
            targets.map(|target| &target["expr"]).chain([&dashboard["templating"]["list"][1]["definition"]]);
        let mut used = BTreeSet::new();
        for query in queries {
            let query = query.as_str().unwrap();
            assert!(!asked(query).is_empty(), "{query}");
            for name in asked(query) {
                assert!(there.contains(name), "there is no {name}: {query}\n{text}");
                used.insert(name);
            }
        }
        let parts = ["_bucket", "_sum", "_count"];
        let whole =
            |name: &str| parts.iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name).to_owned();
        let all: BTreeSet<String> = there.iter().map(|name| whole(name)).collect();
        let shown: BTreeSet<String> = used.iter().map(|name| whole(name)).collect();
        assert_eq!(shown, all, "each metric is shown");
    }

    #[test]
    fn who_makes_up_methods_makes_no_more_series() {
        let metrics = Metrics::default();
        for number in 0..100 {
            let method = Method::from_bytes(format!("M{number}").as_bytes()).unwrap();
            metrics.answered(&method, "-", StatusCode::NOT_FOUND, Duration::from_millis(3));
        }
        let text = metrics.text(&Measures::default()).unwrap();
        let lines = text.lines().filter(|line| line.starts_with("lockstep_http_requests_total{"));
        let lines: Vec<&str> = lines.collect();
        assert_eq!(lines, [r#"lockstep_http_requests_total{method="other",route="-",status="404"} 100"#]);
        assert!(
            text.contains(r#"duration_seconds_bucket{method="other",route="-",le="0.005"} 100"#),
            "{text}"
        );
    }
}
