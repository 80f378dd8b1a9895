//! `docs/json.md` as values: the schemas of its table, and the types of its TypeScript.

use std::collections::BTreeMap;

use serde_json::Value;

/// The page.
pub struct Page {
    /// The type of each schema's data.
    pub schemas: BTreeMap<String, Shape>,
    types: BTreeMap<String, Shape>,
}

/// A type: as much of TypeScript as the page uses.
#[derive(Debug, Clone)]
pub enum Shape {
    Named(String),
    Literal(String),
    List(Box<Shape>),
    Map(Box<Shape>),
    Union(Vec<Shape>),
    Object(Vec<Field>),
}

/// A field of an object.
#[derive(Debug, Clone)]
pub struct Field {
    name: String,
    optional: bool,
    shape: Shape,
}

impl Page {
    /// Reads the page's text.
    pub fn read(text: &str) -> Self {
        let mut page = Self { schemas: BTreeMap::new(), types: BTreeMap::new() };
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some([_, schema, shape]) = row(line) {
                page.schemas.insert(schema, Shape::parse(&shape));
            } else if let Some((name, rest)) =
                line.strip_prefix("type ").and_then(|line| line.split_once(" = "))
            {
                let shape = if rest == "{" {
                    let fields = lines.by_ref().take_while(|line| *line != "}").filter_map(field);
                    Shape::Object(fields.collect())
                } else {
                    Shape::parse(rest)
                };
                assert!(page.types.insert(name.to_owned(), shape).is_none(), "type {name} is declared twice");
            }
        }
        page
    }

    /// Says each place where a value is not of a shape.
    pub fn check(&self, shape: &Shape, value: &Value, at: &str, wrong: &mut Vec<String>) {
        match (shape, value) {
            (Shape::Named(name), _) if self.types.contains_key(name) => {
                self.check(&self.types[name], value, at, wrong);
            }
            (Shape::List(item), Value::Array(items)) => {
                for value in items {
                    self.check(item, value, &format!("{at}[]"), wrong);
                }
            }
            (Shape::Map(item), Value::Object(members)) => {
                for value in members.values() {
                    self.check(item, value, &format!("{at}.*"), wrong);
                }
            }
            (Shape::Object(fields), Value::Object(members)) => {
                for field in fields {
                    let at = format!("{at}.{}", field.name);
                    match members.get(&field.name) {
                        Some(value) => self.check(&field.shape, value, &at, wrong),
                        None if field.optional => {}
                        None => wrong.push(format!("{at} is missing")),
                    }
                }
                let unknown = members.keys().filter(|name| fields.iter().all(|field| field.name != **name));
                wrong.extend(unknown.map(|name| format!("{at}.{name} is not on the page")));
            }
            (Shape::Union(shapes), _) => self.check_union(shapes, value, at, wrong),
            _ if self.is(shape, value) => {}
            _ => wrong.push(format!("{at} is {value} instead of {shape}")),
        }
    }

    /// One of the shapes must fit; where none does, the nearest one tells why.
    fn check_union(&self, shapes: &[Shape], value: &Value, at: &str, wrong: &mut Vec<String>) {
        let misfits = shapes.iter().map(|shape| {
            let mut misfits = Vec::new();
            self.check(shape, value, at, &mut misfits);
            misfits
        });
        let nearest = misfits.min_by_key(Vec::len).unwrap_or_default();
        match (&nearest[..], value) {
            ([], _) => {}
            (_, Value::Object(_)) => wrong.extend(nearest),
            _ => wrong.push(format!("{at} is {value} instead of {}", Shape::Union(shapes.to_vec()))),
        }
    }

    fn is(&self, shape: &Shape, value: &Value) -> bool {
        let text = value.as_str();
        match shape {
            Shape::Literal(literal) => text == Some(literal),
            Shape::Named(name) => match name.as_str() {
                "any" => true,
                "null" => value.is_null(),
                "boolean" => value.is_boolean(),
                "integer" => value.is_u64() || value.is_i64(),
                "number" => value.is_number(),
                "string" => text.is_some(),
                "Path" => text.is_some_and(|text| !text.starts_with('/') && !text.contains('\\')),
                "Time" => text.is_some_and(|text| {
                    text.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(text).is_ok()
                }),
                "Hash" => text.is_some_and(|text| text.len() == 64 && text.bytes().all(is_hex)),
                "Id" => text.is_some_and(|text| {
                    text.len() == 36 && text.bytes().all(|byte| byte == b'-' || is_hex(byte))
                }),
                unknown => panic!("the page declares no type {unknown}"),
            },
            _ => false,
        }
    }
}

fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// The cells of a table's row with a schema in it, without their backquotes.
fn row(line: &str) -> Option<[String; 3]> {
    let cells: Vec<String> = line
        .strip_prefix("| ")?
        .strip_suffix(" |")?
        .split(" | ")
        .map(|cell| cell.trim_matches('`').to_owned())
        .collect();
    let cells: [String; 3] = cells.try_into().ok()?;
    cells[1].contains('/').then_some(cells)
}

/// `name?: shape  // what it means`.
fn field(line: &str) -> Option<Field> {
    let line = line.split(" //").next()?.trim();
    let (name, shape) = line.split_once(": ")?;
    let optional = name.ends_with('?');
    Some(Field { name: name.trim_end_matches('?').to_owned(), optional, shape: Shape::parse(shape) })
}

impl Shape {
    fn parse(text: &str) -> Self {
        let text = text.trim();
        let alternatives: Vec<&str> =
            if text.starts_with('{') { vec![text] } else { text.split(" | ").collect() };
        if let [_, _, ..] = alternatives[..] {
            return Self::Union(alternatives.into_iter().map(Self::parse).collect());
        }
        if let Some(item) = text.strip_suffix("[]") {
            return Self::List(Box::new(Self::parse(item)));
        }
        if let Some((_, item)) = text.strip_prefix("{ [").and_then(|text| text.split_once("]: ")) {
            return Self::Map(Box::new(Self::parse(item.strip_suffix(" }").unwrap_or(item))));
        }
        match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(literal) => Self::Literal(literal.to_owned()),
            None => Self::Named(text.to_owned()),
        }
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Literal(literal) => write!(f, "{literal:?}"),
            Self::List(item) => write!(f, "{item}[]"),
            Self::Map(item) => write!(f, "{{ [name]: {item} }}"),
            Self::Union(shapes) => {
                let shapes: Vec<String> = shapes.iter().map(ToString::to_string).collect();
                f.write_str(&shapes.join(" | "))
            }
            Self::Object(_) => f.write_str("an object"),
        }
    }
}
