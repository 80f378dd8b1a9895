//! How things stand in the registry, as gauges and counters of one scrape.

use lockstep_engine::measures::Measures;
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

/// Names of labels with their values.
type Labels = Vec<(&'static str, String)>;

fn gauges(registry: &mut Registry, name: &str, help: &str, values: impl IntoIterator<Item = (Labels, i64)>) {
    let family = Family::<Labels, Gauge>::default();
    for (labels, value) in values {
        family.get_or_create(&labels).set(value);
    }
    registry.register(name, help, family);
}

pub(super) fn register(registry: &mut Registry, measures: &Measures) {
    let Measures { queue, components, drift, deliveries, undos, quotas } = measures;
    let of = |name: &'static str, word: &str| vec![(name, word.to_owned())];
    gauges(
        registry,
        "drift_queue_depth",
        "Components in the drift queue",
        queue.iter().map(|(state, count, _)| (of("state", state.as_str()), *count)),
    );
    gauges(
        registry,
        "drift_queue_oldest_age_seconds",
        "For how long the oldest component in the drift queue has waited",
        queue.iter().map(|(state, _, age)| (of("state", state.as_str()), age.num_seconds())),
    );
    gauges(
        registry,
        "components",
        "Components, by how they stand to the design",
        components.iter().map(|(status, count)| (of("mapping_status", status.as_str()), *count)),
    );
    gauges(
        registry,
        "drift_changes",
        "Open changes, by who moved",
        drift.iter().map(|(side, severity, count)| {
            (vec![("side", side.clone()), ("severity", severity.clone())], *count)
        }),
    );
    gauges(
        registry,
        "notification_deliveries",
        "Deliveries of notifications, by how they stand",
        deliveries.iter().map(|(outcome, count)| (of("outcome", outcome.as_str()), *count)),
    );
    gauges(
        registry,
        "quota_calls_left",
        "Calls that read files which a credential may still make, where its provider has said",
        quotas.iter().map(|(credential, left)| (of("credential", credential), *left)),
    );
    // Undos are never forgotten: their number only rises.
    let family = Family::<Labels, Counter>::default();
    for (action, outcome, count) in undos {
        let labels = vec![("action", action.as_str().to_owned()), ("outcome", outcome.as_str().to_owned())];
        family.get_or_create(&labels).inc_by(u64::try_from(*count).unwrap_or_default());
    }
    registry.register("undos", "Undos and redos, by how they ended", family);
}
