//! How a file is written, so that what is added looks like the rest.

use super::Cursor;

/// The habits of a file's writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Style {
    /// The line break, and nothing for minified files.
    newline: Option<&'static str>,
    /// One level of indentation.
    unit: String,
    /// `:`, with the blanks around it.
    pub colon: String,
    /// The comma between items on one line.
    comma: &'static str,
    /// Whether other characters than ASCII are written as `\u` escapes.
    ascii: bool,
}

impl Style {
    /// Reads the habits off a text that starts with an object.
    pub fn of(text: &str) -> Self {
        let cursor = Cursor::new(text);
        let open = cursor.blanks(0);
        let key = cursor.blanks(open + 1);
        let gap = cursor.slice(open + 1, key);
        let newline = match (gap.contains("\r\n"), gap.contains('\n')) {
            (true, _) => Some("\r\n"),
            (false, true) => Some("\n"),
            (false, false) => None,
        };
        let key_end = if cursor.byte(key) == Some(b'"') { cursor.string_end(key) } else { key };
        let value = cursor.blanks(cursor.blanks(key_end) + 1);
        let colon = cursor.slice(key_end, value).to_owned();
        let colon = if colon.contains(':') { colon } else { ":".to_owned() };
        Self {
            newline,
            unit: indent_of(gap).to_owned(),
            comma: if colon.ends_with(' ') { ", " } else { "," },
            colon,
            ascii: text.is_ascii() && text.contains("\\u"),
        }
    }

    /// A string as the file writes strings.
    pub fn string(&self, text: &str) -> String {
        let json = serde_json::Value::from(text).to_string();
        if !self.ascii {
            return json;
        }
        let mut escaped = String::with_capacity(json.len());
        for c in json.chars() {
            if c.is_ascii() {
                escaped.push(c);
            } else {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    escaped.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
        escaped
    }

    /// An object of rendered members, whose own line is indented by `indent`.
    pub fn object(&self, indent: &str, members: &[(String, String)]) -> String {
        let members: Vec<String> =
            members.iter().map(|(key, value)| format!("{key}{}{value}", self.colon)).collect();
        self.bracketed("{", "}", indent, &members)
    }

    /// An array of rendered items, whose own line is indented by `indent`.
    pub fn array(&self, indent: &str, items: &[String], layout: ArrayLayout) -> String {
        match layout {
            ArrayLayout::Lines => self.bracketed("[", "]", indent, items),
            ArrayLayout::Inline => format!("[{}]", items.join(self.comma)),
        }
    }

    fn bracketed(&self, open: &str, close: &str, indent: &str, items: &[String]) -> String {
        match self.newline {
            Some(newline) if !items.is_empty() => {
                let inner = self.deeper(indent);
                let between = format!(",{newline}{inner}");
                format!("{open}{newline}{inner}{}{newline}{indent}{close}", items.join(&between))
            }
            _ => format!("{open}{}{close}", items.join(self.comma)),
        }
    }

    /// One level deeper than an indentation.
    pub fn deeper(&self, indent: &str) -> String {
        format!("{indent}{}", self.unit)
    }

    /// What stands between two items when the gap before the first is `gap`.
    pub fn separator(&self, gap: &str) -> String {
        match gap.find(['\n', '\r']) {
            Some(at) => format!(",{}", &gap[at..]),
            None => self.comma.to_owned(),
        }
    }

    /// What stands between the brackets of `open…close` and their first and last item.
    pub fn padding(&self, indent: &str) -> (String, String) {
        match self.newline {
            Some(newline) => (format!("{newline}{}", self.deeper(indent)), format!("{newline}{indent}")),
            None => (String::new(), String::new()),
        }
    }
}

/// How the items of an array stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArrayLayout {
    /// Each on a line of its own, where the file has lines.
    Lines,
    /// All on one line.
    Inline,
}

/// The blanks after the last line break of a gap.
pub(crate) fn indent_of(gap: &str) -> &str {
    gap.rfind('\n').map_or("", |newline| {
        let line = &gap[newline + 1..];
        &line[..line.len() - line.trim_start().len()]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_looks_like_the_rest() {
        let members = [("\"a\"".to_owned(), "1".to_owned()), ("\"b\"".to_owned(), "[]".to_owned())];
        for (file, expected) in [
            ("{\n  \"x\": 1\n}", "{\n      \"a\": 1,\n      \"b\": []\n    }"),
            ("{\r\n\t\"x\" : 1}", "{\r\n    \t\"a\" : 1,\r\n    \t\"b\" : []\r\n    }"),
            ("{\"x\":1}", "{\"a\":1,\"b\":[]}"),
            ("{ \"x\": 1}", "{\"a\": 1, \"b\": []}"),
        ] {
            assert_eq!(Style::of(file).object("    ", &members), expected, "{file}");
        }
        for nonsense in ["", "{", "{\"", "{}", "[1]"] {
            assert_eq!(Style::of(nonsense).colon, ":");
        }
    }

    #[test]
    fn escapes_follow_the_file() {
        assert_eq!(Style::of("{\"x\":1}").string("é\"🔥"), r#""é\"🔥""#);
        assert_eq!(Style::of(r#"{"x":"\u00e9"}"#).string("é\"🔥"), r#""\u00e9\"\ud83d\udd25""#);
    }
}
