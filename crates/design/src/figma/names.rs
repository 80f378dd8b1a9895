//! Names as Figma writes them: property keys with an id, variants as lists of points.

use std::collections::BTreeMap;

use lockstep_core::contract::{OptionName, PropertyName};

/// A key of `componentPropertyDefinitions`, split into the name that people see and the id that survives renames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PropertyKey<'a> {
    /// `Icon Left` of `Icon Left#12:3`.
    pub name: &'a str,
    /// `#12:3`.
    pub id: Option<&'a str>,
}

impl<'a> PropertyKey<'a> {
    /// Splits a key. Only `#digits:digits` at the very end is an id.
    pub fn of(key: &'a str) -> Self {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let at = key.rfind('#').filter(|at| {
            key[at + 1..].split_once(':').is_some_and(|(session, counter)| digits(session) && digits(counter))
        });
        match at {
            Some(at) => Self { name: key[..at].trim(), id: Some(&key[at..]) },
            None => Self { name: key.trim(), id: None },
        }
    }
}

/// One `Property=Option` of a variant's name, with the byte ranges of both within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point<'a> {
    pub property: &'a str,
    pub option: &'a str,
    /// Where the trimmed property stands in the name.
    pub property_at: usize,
    /// Where the trimmed option stands in the name.
    pub option_at: usize,
    /// Where this part starts, after the comma before it.
    pub start: usize,
    /// Where this part ends, before the comma after it.
    pub end: usize,
}

/// Why a name states no points.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PointsError {
    #[error("{} is not of the form property=option", quoted(.0))]
    NoOption(String),
    #[error("it names {} twice", quoted(.0))]
    Twice(String),
}

/// Splits a variant's name into its points, whatever blanks stand around `,` and `=`.
pub(crate) fn points(name: &str) -> Result<Vec<Point<'_>>, PointsError> {
    let mut points: Vec<Point<'_>> = Vec::new();
    let mut start = 0;
    for part in name.split(',') {
        let end = start + part.len();
        let (property, option) =
            part.split_once('=').ok_or_else(|| PointsError::NoOption(part.trim().to_owned()))?;
        let point = Point {
            property: property.trim(),
            option: option.trim(),
            property_at: start + (property.len() - property.trim_start().len()),
            option_at: end - option.trim_start().len(),
            start,
            end,
        };
        if points.iter().any(|other| other.property == point.property) {
            return Err(PointsError::Twice(point.property.to_owned()));
        }
        points.push(point);
        start = end + 1;
    }
    Ok(points)
}

/// The points of a name as a map; those of a name that states none are empty.
pub(crate) fn point_map(name: &str) -> Result<BTreeMap<PropertyName, OptionName>, PointsError> {
    Ok(points(name)?.into_iter().map(|point| (point.property.into(), point.option.into())).collect())
}

/// A name for a message: in backticks, cut to a readable length, with what can't be seen written out.
pub(crate) fn quoted(name: &str) -> String {
    const LONGEST: usize = 80;
    let mut text = String::from("`");
    for (count, c) in name.chars().enumerate() {
        if count == LONGEST {
            text.push('…');
            break;
        }
        if c.is_control() || is_invisible(c) {
            text.extend(c.escape_unicode());
        } else {
            text.push(c);
        }
    }
    text.push('`');
    text
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_at_the_end_is_split_off() {
        for (key, name, id) in [
            ("Icon Left#12:3", "Icon Left", Some("#12:3")),
            ("Size", "Size", None),
            ("Label#1", "Label#1", None),
            ("#1:2#3:4", "#1:2", Some("#3:4")),
            ("Größe #0:0", "Größe", Some("#0:0")),
            ("a#b:1", "a#b:1", None),
            ("#", "#", None),
        ] {
            assert_eq!(PropertyKey::of(key), PropertyKey { name, id }, "{key}");
        }
    }

    #[test]
    fn points_know_where_they_stand() {
        let name = "Size = 크기 L,Tone=🔥 a=b,  State=Default ";
        let found = points(name).unwrap();
        let pairs: Vec<_> = found.iter().map(|point| (point.property, point.option)).collect();
        assert_eq!(pairs, [("Size", "크기 L"), ("Tone", "🔥 a=b"), ("State", "Default")]);
        for point in found {
            assert!(name[point.property_at..].starts_with(point.property));
            assert!(name[point.option_at..].starts_with(point.option));
            assert!(point.start <= point.property_at && point.option_at + point.option.len() <= point.end);
        }
    }

    #[test]
    fn names_without_points_say_why() {
        assert_eq!(points("Button/Standard"), Err(PointsError::NoOption("Button/Standard".into())));
        assert_eq!(points("A=1, A =2"), Err(PointsError::Twice("A".into())));
        assert_eq!(points(""), Err(PointsError::NoOption(String::new())));
    }

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(quoted("Size\u{180E}"), "`Size\\u{180e}`");
        assert_eq!(quoted(&"x".repeat(1000)).chars().count(), 83);
    }
}
