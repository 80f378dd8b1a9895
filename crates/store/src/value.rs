//! Values on their way into a statement.
//!
//! Times are cut to microseconds here, and nowhere else: PostgreSQL does so by itself, and SQLite, which keeps
//! them as text of one width (so that they sort), does not.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use lockstep_core::word::Word;
use serde_json::Value as Json;
use sqlx::{
    Arguments, encode::IsNull, error::BoxDynError, postgres::PgArguments, postgres::PgTypeInfo,
    sqlite::SqliteArguments,
};
use uuid::Uuid;

use crate::{
    dialect::Backend,
    error::{Error, Result},
};

/// The types of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Uuid,
    Text,
    Json,
    Time,
    Int,
    Double,
    Bool,
    Bytes,
    /// A native enum on PostgreSQL, of that name.
    Enum(&'static str),
}

/// A value of a column, or NULL.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) kind: Kind,
    pub(crate) datum: Option<Datum>,
}

#[derive(Debug, Clone)]
pub(crate) enum Datum {
    Uuid(Uuid),
    Text(Cow<'static, str>),
    Json(Json),
    Time(DateTime<Utc>),
    Int(i64),
    Double(f64),
    Bool(bool),
    Bytes(Vec<u8>),
}

/// What can be a value of a column.
pub(crate) trait IntoValue {
    const KIND: Kind;

    fn datum(self) -> Option<Datum>;
}

impl<T: IntoValue> From<T> for Value {
    fn from(value: T) -> Self {
        Self { kind: T::KIND, datum: value.datum() }
    }
}

macro_rules! into_value {
    ($($ty:ty => $kind:expr, |$value:ident| $datum:expr;)+) => { $(
        impl IntoValue for $ty {
            const KIND: Kind = $kind;

            fn datum(self) -> Option<Datum> {
                let $value = self;
                Some($datum)
            }
        }
    )+ };
}

into_value! {
    Uuid => Kind::Uuid, |value| Datum::Uuid(value);
    String => Kind::Text, |value| Datum::Text(value.into());
    &String => Kind::Text, |value| Datum::Text(value.clone().into());
    &str => Kind::Text, |value| Datum::Text(value.to_owned().into());
    Json => Kind::Json, |value| Datum::Json(value);
    &Json => Kind::Json, |value| Datum::Json(value.clone());
    DateTime<Utc> => Kind::Time, |value| Datum::Time(value.trunc_subsecs(6));
    i64 => Kind::Int, |value| Datum::Int(value);
    i32 => Kind::Int, |value| Datum::Int(value.into());
    f64 => Kind::Double, |value| Datum::Double(value);
    bool => Kind::Bool, |value| Datum::Bool(value);
    Vec<u8> => Kind::Bytes, |value| Datum::Bytes(value);
}

impl<T: IntoValue> IntoValue for Option<T> {
    const KIND: Kind = T::KIND;

    fn datum(self) -> Option<Datum> {
        self.and_then(T::datum)
    }
}

/// A vocabulary that a native enum keeps on PostgreSQL, and a CHECK on SQLite.
pub(crate) trait StoredWord: Word {}

macro_rules! pg_enums {
    ($($ty:ty => $name:literal),+ $(,)?) => { $(
        impl StoredWord for $ty {}

        impl IntoValue for $ty {
            const KIND: Kind = Kind::Enum($name);

            fn datum(self) -> Option<Datum> {
                Some(Datum::Text(self.word().into()))
            }
        }
    )+ };
}

pg_enums! {
    lockstep_core::registry::MappingStatus => "mapping_status",
    lockstep_core::registry::UserKind => "user_kind",
    lockstep_core::registry::JournalKind => "journal_kind",
    lockstep_core::registry::JournalPhase => "journal_phase",
    lockstep_core::role::Role => "user_role",
    lockstep_core::operation::OperationStatus => "operation_status",
    lockstep_core::undo::UndoAction => "undo_action",
    lockstep_core::undo::Outcome => "outcome",
    lockstep_core::credential::ProviderType => "provider_type",
    lockstep_core::credential::CredentialStatus => "credential_status",
    lockstep_core::notification::EventType => "event_type",
    lockstep_core::notification::DispatchStatus => "dispatch_status",
    lockstep_core::notification::ChannelKind => "channel_kind",
    lockstep_core::session::SessionStatus => "session_status",
    lockstep_core::session::ArtifactKind => "artifact_kind",
}

macro_rules! id_values {
    ($($id:ident),+ $(,)?) => { $(
        impl IntoValue for lockstep_core::ids::$id {
            const KIND: Kind = Kind::Uuid;

            fn datum(self) -> Option<Datum> {
                Some(Datum::Uuid(self.uuid()))
            }
        }

        impl crate::row::FromColumn for lockstep_core::ids::$id {
            fn read(row: &crate::row::Row, column: &str) -> Result<Option<Self>> {
                Ok(Uuid::read(row, column)?.map(Self::from))
            }
        }
    )+ };
}

id_values! {
    ComponentId, DesignId, OperationId, UndoEntryId, UndoEventId, CredentialId, EventId, ChannelId, DeliveryId,
    ReportId, SessionId, ArtifactId, QueueEntryId, UserId, TokenId, LinkId, UserSessionId, StoryId, BaselineId, JournalId, ScheduleId,
    AuditId, CorrelationId, MuteId,
}

/// The values of a statement, in order.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::value::Value::from($value)),*] };
}

pub(crate) use values;

/// The one form of times in SQLite.
pub(crate) fn time_text(time: DateTime<Utc>) -> String {
    time.trunc_subsecs(6).to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A text that PostgreSQL takes for a value of the enum named with it.
struct EnumText<'a> {
    type_name: &'static str,
    text: Option<&'a str>,
}

impl sqlx::Type<sqlx::Postgres> for EnumText<'_> {
    fn type_info() -> PgTypeInfo {
        // The type of a particular value is what `produces` says.
        PgTypeInfo::with_name("text")
    }
}

impl sqlx::Encode<'_, sqlx::Postgres> for EnumText<'_> {
    fn encode_by_ref(&self, buffer: &mut sqlx::postgres::PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match self.text {
            Some(text) => <&str as sqlx::Encode<'_, sqlx::Postgres>>::encode_by_ref(&text, buffer),
            None => Ok(IsNull::Yes),
        }
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_name(self.type_name))
    }
}

impl Value {
    /// Refuses what only one of the databases could hold.
    pub(crate) fn check(&self) -> Result<()> {
        match &self.datum {
            Some(Datum::Text(text)) if text.contains('\0') => Err(Error::NulCharacter(text.to_string())),
            Some(Datum::Json(json)) if nul_in(json) => Err(Error::NulCharacter(json.to_string())),
            _ => Ok(()),
        }
    }

    pub(crate) fn bind_sqlite(self, arguments: &mut SqliteArguments) -> Result<()> {
        let added = match self.datum {
            None => arguments.add(None::<String>),
            Some(Datum::Uuid(uuid)) => arguments.add(uuid.to_string()),
            Some(Datum::Text(text)) => arguments.add(text.into_owned()),
            Some(Datum::Json(json)) => arguments.add(json.to_string()),
            Some(Datum::Time(time)) => arguments.add(time_text(time)),
            Some(Datum::Int(int)) => arguments.add(int),
            Some(Datum::Double(double)) => arguments.add(double),
            Some(Datum::Bool(bool)) => arguments.add(bool),
            Some(Datum::Bytes(bytes)) => arguments.add(bytes),
        };
        added.map_err(|error| Error::Database { backend: Backend::Sqlite, detail: error.to_string() })
    }

    pub(crate) fn bind_postgres(self, arguments: &mut PgArguments) -> Result<()> {
        macro_rules! add {
            ($variant:ident) => {
                arguments.add(match self.datum {
                    Some(Datum::$variant(value)) => Some(value),
                    _ => None,
                })
            };
        }
        let added = match self.kind {
            Kind::Uuid => add!(Uuid),
            Kind::Text => add!(Text),
            Kind::Json => add!(Json),
            Kind::Time => add!(Time),
            Kind::Int => add!(Int),
            Kind::Double => add!(Double),
            Kind::Bool => add!(Bool),
            Kind::Bytes => add!(Bytes),
            Kind::Enum(type_name) => {
                let text = match &self.datum {
                    Some(Datum::Text(text)) => Some(text.as_ref()),
                    _ => None,
                };
                arguments.add(EnumText { type_name, text })
            }
        };
        added.map_err(|error| Error::Database { backend: Backend::Postgres, detail: error.to_string() })
    }
}

/// Whether a NUL character is anywhere in it.
fn nul_in(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains('\0'),
        Json::Array(items) => items.iter().any(nul_in),
        Json::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || nul_in(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nul_characters_are_seen_in_texts_and_json() {
        for (value, bad) in [
            (Value::from("a\0"), true),
            (Value::from("a"), false),
            (Value::from(json!({"a\0": 1})), true),
            (Value::from(json!(["x\\u0000", "\\\\u0000"])), false),
            (Value::from(json!(["x\\\0"])), true),
            (Value::from(None::<String>), false),
        ] {
            assert_eq!(value.check().is_err(), bad, "{value:?}");
        }
    }

    #[test]
    fn times_are_of_one_width_and_cut_to_microseconds() {
        let time = DateTime::from_timestamp(0, 123_456_999).unwrap();
        assert_eq!(time_text(time), "1970-01-01T00:00:00.123456Z");
        assert_eq!(time_text(DateTime::from_timestamp(0, 0).unwrap()), "1970-01-01T00:00:00.000000Z");
    }
}
