//! The audit log's hash chain: each entry's hash covers the entry before it, so that a change shows.

use chrono::{DateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use crate::{
    contract::{CanonicalError, hash_of},
    ids::{AuditId, CorrelationId, UserId},
    undo::Outcome,
};

/// The hash that the first entry follows.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One act or refused attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEntry {
    /// Its place in the log, from 1, without gaps.
    pub seq: i64,
    /// Its own id.
    pub id: AuditId,
    /// When.
    #[serde(serialize_with = "microseconds")]
    #[schemars(with = "DateTime<Utc>")]
    pub at: DateTime<Utc>,
    /// Who, when known.
    pub actor: Option<UserId>,
    /// The actor's name at that time.
    pub actor_name: String,
    /// What: `sync`, `undo`, `credential.rotate`.
    pub action: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How many components it was about.
    pub component_count: i64,
    /// What it belongs to.
    pub correlation_id: Option<CorrelationId>,
    /// The particulars, without secrets.
    pub detail: serde_json::Value,
}

/// Databases keep microseconds: the hash is made of what they give back.
fn microseconds<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Micros, true))
}

impl AuditEntry {
    /// The hash of this entry when it follows an entry of that hash: SHA-256 over the RFC 8785 form of the entry with
    /// `previous_hash` in it.
    ///
    /// # Errors
    /// When `detail` holds a number without an exact canonical form.
    pub fn hash(&self, previous_hash: &str) -> Result<String, CanonicalError> {
        #[derive(Serialize)]
        struct Chained<'a> {
            #[serde(flatten)]
            entry: &'a AuditEntry,
            previous_hash: &'a str,
        }
        hash_of(&Chained { entry: self, previous_hash })
    }
}

/// An entry as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChainedEntry {
    /// The entry.
    #[serde(flatten)]
    pub entry: AuditEntry,
    /// The hash of the entry before it.
    pub previous_hash: String,
    /// Its own hash.
    pub entry_hash: String,
}

/// Where the chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Tampering {
    /// An entry says something else than when it was written.
    #[error("audit entry {seq} was changed: its hash is not that of its content")]
    Changed {
        /// The entry.
        seq: i64,
    },
    /// An entry does not follow the one before it.
    #[error(
        "audit entry {seq} does not follow the one before it: an entry was removed, inserted or replaced"
    )]
    Broken {
        /// The entry.
        seq: i64,
    },
    /// An entry is missing.
    #[error("audit entry {seq} is missing")]
    Missing {
        /// The place that is empty.
        seq: i64,
    },
    /// An entry can't be hashed, so it was not written by Lockstep.
    #[error("audit entry {seq} has no hash: {why}")]
    Unhashable {
        /// The entry.
        seq: i64,
        /// Why.
        why: String,
    },
}

/// Walks a chain entry by entry, so that a long log need not be held in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    next: i64,
    previous_hash: String,
}

impl Default for Verifier {
    fn default() -> Self {
        Self { next: 1, previous_hash: GENESIS.to_owned() }
    }
}

impl Verifier {
    /// Takes the next entry.
    ///
    /// # Errors
    /// At the first entry that is missing, changed, or does not follow.
    pub fn take(&mut self, link: &ChainedEntry) -> Result<(), Tampering> {
        let seq = link.entry.seq;
        if seq != self.next {
            return Err(Tampering::Missing { seq: self.next });
        }
        if link.previous_hash != self.previous_hash {
            return Err(Tampering::Broken { seq });
        }
        let hash = link
            .entry
            .hash(&link.previous_hash)
            .map_err(|error| Tampering::Unhashable { seq, why: error.to_string() })?;
        if hash != link.entry_hash {
            return Err(Tampering::Changed { seq });
        }
        self.next += 1;
        self.previous_hash = hash;
        Ok(())
    }

    /// How many entries held.
    pub fn verified(&self) -> i64 {
        self.next - 1
    }

    /// The hash of the last entry that held: written down elsewhere, it also shows when the log's end was cut off.
    pub fn head(&self) -> &str {
        &self.previous_hash
    }
}

/// Verifies a whole chain; gives the number of entries.
///
/// # Errors
/// As [`Verifier::take`].
pub fn verify<'a>(chain: impl IntoIterator<Item = &'a ChainedEntry>) -> Result<i64, Tampering> {
    let mut verifier = Verifier::default();
    chain.into_iter().try_for_each(|link| verifier.take(link))?;
    Ok(verifier.verified())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn chain(length: i64) -> Vec<ChainedEntry> {
        let mut previous_hash = GENESIS.to_owned();
        (1..=length)
            .map(|seq| {
                let entry = AuditEntry {
                    seq,
                    id: uuid::Uuid::from_u128(seq.unsigned_abs().into()).into(),
                    at: DateTime::from_timestamp_micros(1_700_000_000_123_456 + seq).unwrap(),
                    actor: None,
                    actor_name: "ada".into(),
                    action: "sync".into(),
                    outcome: Outcome::Done,
                    component_count: 2,
                    correlation_id: None,
                    detail: json!({"n": seq, "ratio": 0.1}),
                };
                let entry_hash = entry.hash(&previous_hash).unwrap();
                ChainedEntry {
                    entry,
                    previous_hash: std::mem::replace(&mut previous_hash, entry_hash.clone()),
                    entry_hash,
                }
            })
            .collect()
    }

    #[test]
    fn a_chain_as_written_holds() {
        assert_eq!(verify(&chain(5)), Ok(5));
        assert_eq!(verify(&[]), Ok(0));
    }

    #[test]
    fn the_hash_is_pinned() {
        assert_eq!(
            chain(1)[0].entry_hash,
            crate::contract::sha256_hex(
                concat!(
                    r#"{"action":"sync","actor":null,"actor_name":"ada","at":"2023-11-14T22:13:20.123457Z","#,
                    r#""component_count":2,"correlation_id":null,"detail":{"n":1,"ratio":0.1},"#,
                    r#""id":"00000000-0000-0000-0000-000000000001","outcome":"done","#,
                    r#""previous_hash":"0000000000000000000000000000000000000000000000000000000000000000","seq":1}"#
                )
                .as_bytes()
            )
        );
    }

    #[test]
    fn each_way_of_tampering_shows() {
        type Tamper = fn(&mut Vec<ChainedEntry>);
        let cases: [(Tamper, Tampering); 6] = [
            (|chain| chain[2].entry.actor_name = "eve".into(), Tampering::Changed { seq: 3 }),
            (|chain| chain[1].entry.detail = json!({}), Tampering::Changed { seq: 2 }),
            (|chain| drop(chain.remove(2)), Tampering::Missing { seq: 3 }),
            (|chain| drop(chain.remove(0)), Tampering::Missing { seq: 1 }),
            (
                |chain| {
                    chain[1].entry.outcome = Outcome::Refused;
                    chain[1].entry_hash = chain[1].entry.hash(&chain[1].previous_hash).unwrap();
                },
                Tampering::Broken { seq: 3 },
            ),
            (
                |chain| {
                    chain.remove(2);
                    for link in &mut chain[2..] {
                        link.entry.seq -= 1;
                    }
                },
                Tampering::Broken { seq: 3 },
            ),
        ];
        for (tamper, found) in cases {
            let mut chain = chain(5);
            tamper(&mut chain);
            assert_eq!(verify(&chain), Err(found));
        }
    }
}
