//! What happens in a tab.

use std::fmt::Write as _;

use chromiumoxide::cdp::js_protocol::runtime::{
    EventConsoleApiCalled, ExceptionDetails, RemoteObject, StackTrace,
};

/// Longer texts are cut: a page may write as much as it likes.
const LONGEST: usize = 8_000;

/// More frames say nothing more.
const DEEPEST: usize = 30;

/// Something that happened in a tab.
#[derive(Debug, Clone, PartialEq)]
pub enum TabEvent {
    /// The page's script told something, as it was written.
    Told(String),
    /// Something was thrown that nobody caught.
    Exception {
        /// By which it may be taken back.
        id: i64,
        /// What.
        thrown: Thrown,
    },
    /// A rejection was caught after all.
    Revoked(i64),
    /// A line was written to the console.
    Console {
        /// `log`, `warning`, `error`, …
        level: String,
        /// The line, and where it was written.
        thrown: Thrown,
    },
    /// Something that was asked for did not come.
    RequestFailed {
        /// What, without its query and without what would sign somebody in.
        url: String,
        /// `net::ERR_CONNECTION_REFUSED`, or a status: `404`.
        why: String,
    },
    /// So many bytes came over the line.
    Received(f64),
    /// The tab ended.
    Crashed,
}

/// What was thrown or written, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thrown {
    /// What it says.
    pub message: String,
    /// Where, from the innermost.
    pub frames: Vec<Frame>,
}

/// A place in a script as the browser has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The function, where it has a name.
    pub function: String,
    /// The script's address.
    pub url: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl Thrown {
    /// Reads what a script keeps of an error: its message, and its stack as V8 writes it.
    pub fn of_stack(message: &str, stack: &str) -> Self {
        let frames = stack.lines().filter_map(Frame::parse).take(DEEPEST).collect();
        Self { message: cut(message), frames }
    }

    pub(super) fn of_exception(details: &ExceptionDetails) -> Self {
        let described = details.exception.as_ref().map(shown);
        let described = described.filter(|text| !text.is_empty()).unwrap_or_else(|| details.text.clone());
        let message = message_of(&described);
        let frames = match &details.stack_trace {
            Some(stack) => frames_of(stack),
            None => described.lines().filter_map(Frame::parse).take(DEEPEST).collect(),
        };
        Self { message: cut(message), frames }
    }

    pub(super) fn of_console(event: &EventConsoleApiCalled) -> Self {
        let line = line(&event.args);
        let own = Self::of_stack(message_of(&line), &line);
        if !own.frames.is_empty() {
            // An error was written, which knows where it comes from.
            return own;
        }
        let frames = event.stack_trace.as_ref().map(frames_of).unwrap_or_default();
        Self { message: cut(&line), frames }
    }
}

/// A description of an error without its stack.
fn message_of(described: &str) -> &str {
    described.split("\n    at ").next().unwrap_or_default()
}

impl std::fmt::Display for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = url::Url::parse(&self.url).map(|url| url.path().trim_start_matches('/').to_owned());
        let place = format!("{}:{}:{}", path.unwrap_or_else(|_| self.url.clone()), self.line, self.column);
        match self.function.as_str() {
            "" => f.write_str(&place),
            function => write!(f, "{function} ({place})"),
        }
    }
}

impl Frame {
    /// `    at name (url:line:column)`, or without a name.
    fn parse(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix("at ")?;
        let (function, place) = match rest.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
            Some((function, place)) => (function, place),
            None => ("", rest.trim_start_matches("async ")),
        };
        let (rest, column) = place.rsplit_once(':')?;
        let (url, line) = rest.rsplit_once(':')?;
        let (line, column) = (line.parse().ok()?, column.parse().ok()?);
        Some(Self { function: cut(function), url: cut(url), line, column })
    }
}

fn frames_of(stack: &StackTrace) -> Vec<Frame> {
    let from_one = |number: i64| u32::try_from(number).unwrap_or_default().saturating_add(1);
    let frames = stack.call_frames.iter().take(DEEPEST).map(|frame| Frame {
        function: cut(&frame.function_name),
        url: cut(&frame.url),
        line: from_one(frame.line_number),
        column: from_one(frame.column_number),
    });
    frames.collect()
}

/// A line as a console shows it: `%s` and its like in the first text are filled in.
fn line(values: &[RemoteObject]) -> String {
    let mut rest = values.iter();
    let mut text = String::new();
    let first = values.first().and_then(|first| first.value.as_ref()?.as_str());
    if let Some(format) = first {
        rest.next();
        let mut letters = format.chars().peekable();
        while let Some(letter) = letters.next() {
            match (letter, letters.peek()) {
                ('%', Some('%')) => {
                    letters.next();
                    text.push('%');
                }
                ('%', Some('s' | 'd' | 'i' | 'f' | 'o' | 'O' | 'c')) if rest.len() > 0 => {
                    let is_style = letters.next() == Some('c');
                    let value = rest.next().map(shown).filter(|_| !is_style);
                    text.push_str(&value.unwrap_or_default());
                }
                _ => text.push(letter),
            }
        }
    }
    for value in rest {
        let blank = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{blank}{}", shown(value));
    }
    text
}

fn shown(value: &RemoteObject) -> String {
    match (&value.value, &value.description) {
        (Some(serde_json::Value::String(text)), _) => text.clone(),
        (_, Some(description)) => description.clone(),
        (Some(other), None) => other.to_string(),
        (None, None) => value.r#type.as_ref().to_owned(),
    }
}

/// A text of bounded length, without the colours that terminals show.
pub(super) fn cut(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        rest = rest.strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest);
    }
    plain.push_str(rest);
    let text = plain.as_str();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_v8_writes_them() {
        let stack = "Error: no\n    at play (http://127.0.0.1:81/assets/a.js:3:14)\n    at async Object.run [as x] (http://h/b.js:1:2)\n    \
                     at http://h/c.js?v=1:10:20\n    at async http://h/d.js:5:6\n    at <anonymous>\n";
        let found = Thrown::of_stack("no", stack);
        let told: Vec<String> = found
            .frames
            .iter()
            .map(|frame| format!("{}|{}|{}|{}", frame.function, frame.url, frame.line, frame.column))
            .collect();
        assert_eq!(
            told,
            [
                "play|http://127.0.0.1:81/assets/a.js|3|14",
                "async Object.run [as x]|http://h/b.js|1|2",
                "|http://h/c.js?v=1|10|20",
                "|http://h/d.js|5|6"
            ]
        );
        assert_eq!(
            Thrown::of_stack("no", "at x (:::)\nat\nat a:b"),
            Thrown { message: "no".into(), frames: vec![] }
        );
    }

    #[test]
    fn a_console_line_is_filled_in() {
        let text = |value: &str| serde_json::json!({"type": "string", "value": value});
        for (values, expected) in [
            (vec![text("a"), text("b")], "a b"),
            (vec![text("%s is %s, 100%% %c"), text("x"), text("y"), text("color:red")], "x is y, 100% "),
            (vec![text("%s is %s"), text("x")], "x is %s"),
            (
                vec![serde_json::json!({"type": "object", "description": "Error: no"}), text("%s")],
                "Error: no %s",
            ),
            (vec![serde_json::json!({"type": "number", "value": 1.5})], "1.5"),
            (vec![serde_json::json!({"type": "undefined"})], "undefined"),
            (vec![], ""),
        ] {
            let values: Vec<RemoteObject> =
                values.into_iter().map(|value| serde_json::from_value(value).unwrap()).collect();
            assert_eq!(line(&values), expected);
        }
        assert_eq!(
            cut("\u{1b}[2mexpect(\u{1b}[22m\u{1b}[31;1melement\u{1b}[39m) \u{1b}["),
            "expect(element) "
        );
        assert_eq!(cut(&"é".repeat(LONGEST + 3)).chars().count(), LONGEST + 1);
    }
}
