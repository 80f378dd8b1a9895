//! A lossless tree: opened where edits may be needed, raw text everywhere else.

use std::collections::HashSet;
use std::ops::Range;

use lockstep_core::edit::TextEdit;

use super::{Cursor, Style, decode};

/// Some text: of the unedited file, or new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Kept(Range<usize>),
    New(String),
}

impl Piece {
    pub fn text<'a>(&'a self, file: &'a str) -> &'a str {
        match self {
            Self::Kept(range) => file.get(range.clone()).unwrap_or_default(),
            Self::New(text) => text,
        }
    }
}

/// A JSON value.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Raw(Piece),
    Object(Object),
    Array(List<Value>),
}

/// One member of an object.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    key: Piece,
    colon: Piece,
    pub value: Value,
}

/// An object with its members in their order.
pub(crate) type Object = List<Member>;

/// The items between two brackets. There is one more gap than items: the first gap holds the opening bracket, the
/// last the closing one, those between hold the commas, all of them with their blanks.
#[derive(Debug, Clone)]
pub(crate) struct List<T> {
    items: Vec<T>,
    gaps: Vec<Piece>,
}

/// What of a value is opened; everything else stays raw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    /// A node: its children, definitions, properties and boxes.
    Node,
    /// An array of nodes.
    Nodes,
    /// `componentPropertyDefinitions`.
    Definitions,
    /// One definition.
    Definition,
    /// `componentProperties` of an instance, or a map of records.
    Records,
    /// An object or array whose values stay raw.
    Flat,
}

impl Opening {
    fn member(self, key: &str) -> Option<Self> {
        match (self, key) {
            (Self::Node, "children") => Some(Self::Nodes),
            (Self::Node, "componentPropertyDefinitions") => Some(Self::Definitions),
            (Self::Node, "componentProperties") => Some(Self::Records),
            (Self::Node, "componentPropertyReferences" | "absoluteBoundingBox" | "absoluteRenderBounds") => {
                Some(Self::Flat)
            }
            (Self::Definitions, _) => Some(Self::Definition),
            (Self::Definition, "variantOptions") | (Self::Records, _) => Some(Self::Flat),
            _ => None,
        }
    }
}

/// Opens the value at an offset of the file.
pub(crate) fn parse_kept(file: &str, start: usize, opening: Opening) -> Value {
    Parser { cursor: Cursor::new(file), piece: Piece::Kept }.value(start, Some(opening)).0
}

/// Opens a new value.
pub(crate) fn parse_new(text: &str, opening: Opening) -> Value {
    let piece = |range: Range<usize>| Piece::New(text.get(range).unwrap_or_default().to_owned());
    Parser { cursor: Cursor::new(text), piece }.value(0, Some(opening)).0
}

struct Parser<'a, P> {
    cursor: Cursor<'a>,
    piece: P,
}

impl<P: Fn(Range<usize>) -> Piece> Parser<'_, P> {
    /// Recurses through opened values only, and nodes were bounded in depth when the file was read.
    fn value(&self, start: usize, opening: Option<Opening>) -> (Value, usize) {
        match (self.cursor.byte(start), opening) {
            (Some(b'{'), Some(opening)) => {
                let (list, end) = self.list(start, |at| self.member(at, opening));
                (Value::Object(list), end)
            }
            (Some(b'['), Some(opening)) => {
                let item = (opening == Opening::Nodes).then_some(Opening::Node);
                let (list, end) = self.list(start, |at| self.value(at, item));
                (Value::Array(list), end)
            }
            _ => {
                let end = self.cursor.value_end(start);
                (Value::Raw((self.piece)(start..end)), end)
            }
        }
    }

    fn member(&self, start: usize, opening: Opening) -> (Member, usize) {
        let key_end = self.cursor.string_end(start);
        let (key, value_start) = self.cursor.member(start);
        let (value, end) = self.value(value_start, opening.member(&key));
        let member =
            Member { key: (self.piece)(start..key_end), colon: (self.piece)(key_end..value_start), value };
        (member, end)
    }

    fn list<T>(&self, start: usize, item: impl Fn(usize) -> (T, usize)) -> (List<T>, usize) {
        let mut list = List { items: Vec::new(), gaps: Vec::new() };
        let mut gap = start;
        let mut at = start + 1;
        loop {
            at = self.cursor.separator(at);
            match self.cursor.byte(at) {
                Some(b'}' | b']') | None => {
                    let end = at + 1;
                    list.gaps.push((self.piece)(gap..end));
                    return (list, end);
                }
                Some(_) => {
                    list.gaps.push((self.piece)(gap..at));
                    let (value, end) = item(at);
                    list.items.push(value);
                    // A step of no bytes would never end; it can't happen in valid JSON.
                    gap = end.max(at + 1);
                    at = gap;
                }
            }
        }
    }
}

impl<T> List<T> {
    pub fn items(&self) -> &[T] {
        &self.items
    }

    pub fn items_mut(&mut self) -> &mut [T] {
        &mut self.items
    }

    /// The gap before the item at `index`, or after the last item.
    pub fn gap<'a>(&'a self, index: usize, file: &'a str) -> &'a str {
        self.gaps.get(index).map_or("", |gap| gap.text(file))
    }

    /// Puts another text into a gap, where it serves the same purpose: an opening, a comma, a closing.
    pub fn set_gap(&mut self, index: usize, text: &str, file: &str) {
        let Some(gap) = self.gaps.get_mut(index) else { return };
        let old = gap.text(file);
        let marks = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        if old != text && marks(old) == marks(text) {
            *gap = Piece::New(text.to_owned());
        }
    }

    /// Takes the last item out of a list that is not used any more.
    pub fn pop(list: &mut Self) -> Option<T> {
        list.items.pop()
    }

    /// Removes an item with the comma that goes with it.
    pub fn remove(&mut self, index: usize, file: &str) {
        if index >= self.items.len() {
            return;
        }
        self.items.remove(index);
        if self.items.is_empty() {
            let open = self.gap(0, file).chars().next();
            let close = self.gap(1, file).chars().last();
            self.gaps = vec![Piece::New(open.into_iter().chain(close).collect())];
        } else {
            self.gaps.remove(index.max(1));
        }
    }

    /// Inserts an item. `indent` is that of the line on which the list itself starts.
    pub fn insert(&mut self, index: usize, item: T, indent: &str, style: &Style, file: &str) {
        let index = index.min(self.items.len());
        if self.items.is_empty() {
            let brackets = self.gap(0, file);
            let (open, close) = (brackets.chars().next(), brackets.chars().last());
            let (inside, after) = style.padding(indent);
            let with = |a: String, b: String| Piece::New(a + &b);
            self.gaps = vec![
                with(open.map(String::from).unwrap_or_default(), inside),
                with(after, close.map(String::from).unwrap_or_default()),
            ];
        } else {
            let separator = match (index, self.items.len()) {
                (0 | 1, 1) => style.separator(self.gap(0, file)),
                (0 | 1, _) => self.gap(1, file).to_owned(),
                _ => self.gap(index - 1, file).to_owned(),
            };
            self.gaps.insert(index.max(1), Piece::New(separator));
        }
        self.items.insert(index, item);
    }
}

impl Object {
    pub fn position(&self, key: &str, file: &str) -> Option<usize> {
        self.items.iter().position(|member| member.is(key, file))
    }

    pub fn get(&self, key: &str, file: &str) -> Option<&Value> {
        self.items.iter().find(|member| member.is(key, file)).map(|member| &member.value)
    }

    pub fn get_mut(&mut self, key: &str, file: &str) -> Option<&mut Value> {
        self.items.iter_mut().find(|member| member.is(key, file)).map(|member| &mut member.value)
    }

    /// The text of a member that is a string.
    pub fn string(&self, key: &str, file: &str) -> Option<String> {
        self.get(key, file)?.string(file)
    }

    /// Puts another value where the key exists.
    pub fn set(&mut self, key: &str, json: String, file: &str) {
        if let Some(value) = self.get_mut(key, file) {
            *value = Value::Raw(Piece::New(json));
        }
    }
}

impl Member {
    pub fn new(key_json: String, value: Value, style: &Style) -> Self {
        Self { key: Piece::New(key_json), colon: Piece::New(style.colon.clone()), value }
    }

    pub fn key(&self, file: &str) -> String {
        decode(self.key.text(file))
    }

    /// Whether that is its key; most keys are compared without decoding them.
    fn is(&self, key: &str, file: &str) -> bool {
        let source = self.key.text(file);
        if source.contains('\\') {
            decode(source) == key
        } else {
            source.get(1..source.len().saturating_sub(1)) == Some(key)
        }
    }

    /// Whether its key is one of these.
    pub fn is_one_of(&self, keys: &HashSet<String>, file: &str) -> bool {
        let source = self.key.text(file);
        match source.contains('\\') {
            true => keys.contains(&decode(source)),
            false => keys.contains(source.trim_matches('"')),
        }
    }

    pub fn rename(&mut self, key_json: String) {
        self.key = Piece::New(key_json);
    }

    /// The member's own text, key and value.
    pub fn text(&self, file: &str) -> String {
        let mut text = String::new();
        self.each_piece(&mut |piece| text.push_str(piece.text(file)));
        text
    }

    fn each_piece(&self, visit: &mut dyn FnMut(&Piece)) {
        visit(&self.key);
        visit(&self.colon);
        self.value.each_piece(visit);
    }
}

impl Value {
    pub fn object(&self) -> Option<&Object> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    pub fn object_mut(&mut self) -> Option<&mut Object> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    pub fn array_mut(&mut self) -> Option<&mut List<Value>> {
        if let Self::Array(array) = self { Some(array) } else { None }
    }

    pub fn array(&self) -> Option<&List<Value>> {
        if let Self::Array(array) = self { Some(array) } else { None }
    }

    /// The text that a string stands for.
    pub fn string(&self, file: &str) -> Option<String> {
        match self {
            Self::Raw(piece) => {
                let text = piece.text(file);
                text.starts_with('"').then(|| decode(text))
            }
            _ => None,
        }
    }

    /// A number, where it is one.
    pub fn number(&self, file: &str) -> Option<f64> {
        match self {
            Self::Raw(piece) => piece.text(file).parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    /// The value's JSON.
    pub fn text(&self, file: &str) -> String {
        let mut text = String::new();
        self.each_piece(&mut |piece| text.push_str(piece.text(file)));
        text
    }

    fn each_piece(&self, visit: &mut dyn FnMut(&Piece)) {
        match self {
            Self::Raw(piece) => visit(piece),
            Self::Object(list) => list.each_piece(visit, Member::each_piece),
            Self::Array(list) => list.each_piece(visit, Self::each_piece),
        }
    }
}

impl<T> List<T> {
    fn each_piece(&self, visit: &mut dyn FnMut(&Piece), item: impl Fn(&T, &mut dyn FnMut(&Piece))) {
        for (index, gap) in self.gaps.iter().enumerate() {
            visit(gap);
            if let Some(value) = self.items.get(index) {
                item(value, visit);
            }
        }
    }
}

/// The edits that turn a span of the file into what the value is now: nothing that was kept is touched.
pub(crate) fn text_edits(value: &Value, span: Range<usize>, file: &str) -> Vec<TextEdit> {
    let mut edits = Vec::new();
    let mut done = span.start;
    let mut insert = String::new();
    value.each_piece(&mut |piece| match piece {
        Piece::Kept(range) if range.start >= done && range.end <= span.end => {
            if range.start > done || !insert.is_empty() {
                edits.push(TextEdit { start: done, end: range.start, insert: std::mem::take(&mut insert) });
            }
            done = range.end;
        }
        other => insert.push_str(other.text(file)),
    });
    if done < span.end || !insert.is_empty() {
        edits.push(TextEdit { start: done, end: span.end, insert });
    }
    // What was changed and changed back is no edit.
    edits.retain(|edit| file.get(edit.start..edit.end) != Some(&edit.insert));
    edits
}
