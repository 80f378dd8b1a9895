//! What a request gives: its body, its query, its path, each read strictly, and refused as a problem.

use std::{borrow::Cow, marker::PhantomData};

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{StatusCode, request::Parts},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{Number, value::RawValue};

use crate::problem::Problem;

/// What is written as a JSON object. Read as it is, a list of its members' values in their order would be taken, too.
struct Members<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Members<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfObject<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OfObject<T> {
            type Value = T;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }

        deserializer.deserialize_map(OfObject(PhantomData)).map(Self)
    }
}

/// A JSON body: an object.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<Members<T>>::from_request(request, state).await {
            Ok(Json(Members(value))) => Ok(Self(value)),
            Err(rejection) => {
                let (status, detail) = (rejection.status(), rejection.body_text());
                let (code, next_step) = match status {
                    StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "send less"),
                    StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                        ("no-json", "send JSON, with `Content-Type: application/json`")
                    }
                    _ => ("bad-request", "see docs/hub.md for what this path takes"),
                };
                Err(Problem::new(status, code, detail, next_step))
            }
        }
    }
}

/// A JSON body that may hold a secret: what is wrong with it is said without a word of it.
pub(crate) struct Confidential<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Confidential<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = Json::<Box<RawValue>>::from_request(request, state).await;
        let Json(value) = read.map_err(|rejection| {
            let status = rejection.status();
            Problem::new(
                status,
                "bad-request",
                "the body is no JSON",
                "send JSON, with `Content-Type: application/json`",
            )
        })?;
        let members = serde_json::from_str(value.get());
        members.map(|Members(value)| Self(value)).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            bad(format!("the body is not what this path takes, at line {line}, column {column}"))
        })
    }
}

/// The parameters after `?`.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Query::from_request_parts(parts, state).await;
        read.map(|Query(value)| Self(value)).map_err(|rejection| bad(rejection.body_text()))
    }
}

/// The parameters of the path.
pub(crate) struct Named<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Path::from_request_parts(parts, state).await;
        read.map(|Path(value)| Self(value)).map_err(|rejection| bad(rejection.body_text()))
    }
}

/// A number of days from 1 to so many; `30.0` is one, as JSON Schema has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Days<const MOST: u16>(u16);

impl<const MOST: u16> Days<MOST> {
    pub(crate) fn get(self) -> u16 {
        self.0
    }
}

impl<'de, const MOST: u16> Deserialize<'de> for Days<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = Number::deserialize(deserializer)?;
        let whole =
            given.as_f64().filter(|days| days.fract() == 0.0 && (1.0..=f64::from(MOST)).contains(days));
        // Nothing is lost: it is whole, and within the bounds of MOST.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is within the bounds")]
        let days = whole.map(|days| Self(days as u16));
        days.ok_or_else(|| D::Error::custom(format!("a number of days is a whole one from 1 to {MOST}")))
    }
}

impl<const MOST: u16> JsonSchema for Days<MOST> {
    fn schema_name() -> Cow<'static, str> {
        format!("DaysTo{MOST}").into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": MOST })
    }
}

/// A percentage: a number from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub(crate) struct Percent(f64);

impl Percent {
    pub(crate) fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Percent {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, &'static str> {
        let is_fit = (0.0..=100.0).contains(&number);
        is_fit.then_some(Self(number)).ok_or("a percentage is from 0 to 100")
    }
}

impl JsonSchema for Percent {
    fn schema_name() -> Cow<'static, str> {
        "Percent".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 100 })
    }
}

/// How many entries of a list are wanted: so many where it isn't said, and from one to so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "usize")]
pub(crate) struct Limit<const USUAL: usize, const LONGEST: usize>(usize);

impl<const USUAL: usize, const LONGEST: usize> Limit<USUAL, LONGEST> {
    pub(crate) fn get(self) -> usize {
        self.0
    }
}

impl<const USUAL: usize, const LONGEST: usize> Default for Limit<USUAL, LONGEST> {
    fn default() -> Self {
        Self(USUAL)
    }
}

impl<const USUAL: usize, const LONGEST: usize> TryFrom<usize> for Limit<USUAL, LONGEST> {
    type Error = String;

    fn try_from(count: usize) -> Result<Self, String> {
        let is_fit = (1..=LONGEST).contains(&count);
        is_fit.then_some(Self(count)).ok_or_else(|| format!("a limit is from 1 to {LONGEST}"))
    }
}

impl<const USUAL: usize, const LONGEST: usize> JsonSchema for Limit<USUAL, LONGEST> {
    fn schema_name() -> Cow<'static, str> {
        format!("LimitOf{LONGEST}").into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": LONGEST, "default": USUAL })
    }
}

fn bad(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-request", detail, "see docs/hub.md for what this path takes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Taken {
        days: Option<Days<366>>,
    }

    #[test]
    fn a_body_is_an_object() {
        let read = |text: &str| serde_json::from_str::<Members<Taken>>(text).map(|Members(taken)| taken.days);
        assert_eq!(read("{}").unwrap(), None);
        assert_eq!(read(r#"{ "days": 3 }"#).unwrap(), Some(Days(3)));
        for text in ["[]", "[3]", "null", "3", r#"{ "day": 3 }"#] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn days_are_whole_and_not_too_many() {
        let read = |text: &str| serde_json::from_str::<Days<366>>(text).ok().map(Days::get);
        for (text, expected) in [
            ("1", Some(1)),
            ("366", Some(366)),
            ("30.0", Some(30)),
            ("3e1", Some(30)),
            ("0", None),
            ("-1", None),
            ("367", None),
            ("1.5", None),
            ("1e300", None),
            ("\"1\"", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_percentage_is_a_number() {
        for (number, is_fit) in
            [(0.0, true), (99.5, true), (100.0, true), (-0.1, false), (100.1, false), (f64::NAN, false)]
        {
            assert_eq!(Percent::try_from(number).is_ok(), is_fit, "{number}");
        }
    }

    #[test]
    fn a_limit_is_within_its_bounds() {
        let read = |text: &str| serde_json::from_str::<Limit<20, 200>>(text).ok().map(Limit::get);
        for (text, expected) in [("1", Some(1)), ("200", Some(200)), ("0", None), ("201", None), ("-1", None)]
        {
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(Limit::<20, 200>::default().get(), 20);
    }
}
