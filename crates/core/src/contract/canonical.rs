//! RFC 8785 (JSON Canonicalization Scheme) and SHA-256: the only place where a hash of data is made.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// Why a value has no canonical form.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// A number that RFC 8785 would round: two different values would share a hash.
    #[error("the integer {0} is beyond 2^53 and has no exact canonical form")]
    InexactInteger(String),
    /// The value does not serialise to JSON.
    #[error("not serialisable as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The RFC 8785 form of a value.
///
/// # Errors
/// Integers whose magnitude exceeds 2^53 are refused, for the canonical form would round them silently.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<String, CanonicalError> {
    let value = serde_json::to_value(value)?;
    reject_inexact(&value)?;
    Ok(serde_json_canonicalizer::to_string(&value)?)
}

/// The lower-case hex SHA-256 of a value's RFC 8785 form.
///
/// # Errors
/// As [`canonical_json`].
pub fn hash_of<T: Serialize>(value: &T) -> Result<String, CanonicalError> {
    Ok(sha256_hex(canonical_json(value)?.as_bytes()))
}

/// The lower-case hex SHA-256 of a value's JSON as it is serialised. It tells whether a value is still the same where
/// nobody else has to arrive at the same hash, at a fraction of what the canonical form costs.
///
/// # Errors
/// When the value does not serialise to JSON.
pub fn fingerprint<T: Serialize>(value: &T) -> Result<String, CanonicalError> {
    Ok(sha256_hex(&serde_json::to_vec(value)?))
}

/// The lower-case hex SHA-256 of some bytes.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

const MAX_EXACT: u64 = 1 << 53;

fn reject_inexact(value: &serde_json::Value) -> Result<(), CanonicalError> {
    match value {
        serde_json::Value::Number(number) => {
            let magnitude = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            match magnitude {
                Some(n) if n > MAX_EXACT => Err(CanonicalError::InexactInteger(number.to_string())),
                _ => Ok(()),
            }
        }
        serde_json::Value::Array(items) => items.iter().try_for_each(reject_inexact),
        serde_json::Value::Object(members) => members.values().try_for_each(reject_inexact),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The sample of RFC 8785, section 3.2.2 and its canonical form of section 3.2.3.
    #[test]
    fn the_rfcs_own_sample() {
        let input: serde_json::Value = serde_json::from_str(
            r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
                "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#,
        )
        .unwrap();
        assert_eq!(
            canonical_json(&input).unwrap(),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
             \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
        );
    }

    #[test]
    fn member_names_sort_by_utf16_code_units() {
        let value =
            json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        let canonical = canonical_json(&value).unwrap();
        let order: Vec<usize> = ["\\r", "\"1\"", "\u{80}", "\u{f6}", "\u{20ac}", "\u{1f600}", "\u{fb33}"]
            .iter()
            .map(|name| canonical.find(name).unwrap())
            .collect();
        assert!(order.is_sorted(), "{canonical}");
    }

    #[test]
    fn integers_that_would_be_rounded_are_refused() {
        assert!(canonical_json(&json!({"n": 9_007_199_254_740_992_u64})).is_ok());
        for n in [json!(9_007_199_254_740_993_u64), json!(-9_007_199_254_740_993_i64), json!(u64::MAX)] {
            assert!(matches!(canonical_json(&json!([{"n": n}])), Err(CanonicalError::InexactInteger(_))));
        }
    }

    #[test]
    fn digests_are_pinned() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hash_of(&json!({"b": 1, "a": 2})).unwrap(), sha256_hex(br#"{"a":2,"b":1}"#));
    }
}
