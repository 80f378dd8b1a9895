//! Where the values of a template literal stand in the markup that its text spells.

/// Where one `${value}` stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    /// The element it belongs to; nothing in a piece of markup that starts inside of a tag.
    pub(super) element: Option<String>,
    pub(super) role: Role,
}

/// What a value is to its element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// The value of an attribute, and how it is written.
    Attribute(String, Writing),
    /// Inside of the tag, in no attribute: a piece of markup that is an attribute itself, or none.
    Tag,
    /// Between the tags.
    Child,
    /// A part of an attribute's text, or where there is no markup.
    Elsewhere,
}

/// How an attribute's value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    /// `size="${value}"`: text.
    Quoted,
    /// `size={${value}}`: an expression.
    Expression,
    /// `icon={<Icon>${value}</Icon>}`: inside of an expression.
    Within,
}

/// What was read of a template's text.
#[derive(Debug, Default)]
pub(super) struct Markup {
    /// The slots, in order.
    pub(super) slots: Vec<Slot>,
    /// The first element's name.
    pub(super) root: Option<String>,
}

enum State {
    /// Between tags.
    Text,
    /// After `<`, reading the name.
    Name(String),
    /// In a tag: its name, the word last read, and whether `=` follows it.
    Tag { name: Option<String>, word: String, ended: bool },
    /// After `=`.
    Value { name: Option<String>, attribute: String },
    /// In `"…"` or `'…'`.
    Quoted { name: Option<String>, attribute: String, quote: char, empty: bool },
    /// In `{…}` of an attribute.
    Braces { name: Option<String>, attribute: String, depth: u32, empty: bool },
    /// After `</`.
    Closing(String),
}

/// Reads the pieces of text between the values.
pub(super) fn read_markup(pieces: &[&str]) -> Markup {
    let mut markup = Markup::default();
    let mut open: Vec<String> = Vec::new();
    let mut state = State::Tag { name: None, word: String::new(), ended: false };
    for (index, piece) in pieces.iter().enumerate() {
        for c in piece.chars() {
            state = step(state, c, &mut open, &mut markup.root);
        }
        if let Some(next) = pieces.get(index + 1) {
            markup.slots.push(slot(&state, &open, next));
            state = after_value(state);
        }
    }
    markup
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | ':' | '.' | '@')
}

fn step(state: State, c: char, open: &mut Vec<String>, root: &mut Option<String>) -> State {
    match state {
        State::Text if c == '<' => State::Name(String::new()),
        State::Text => State::Text,
        State::Name(name) if name.is_empty() && c == '/' => State::Closing(String::new()),
        State::Name(mut name) if is_name(c) => {
            name.push(c);
            State::Name(name)
        }
        // `a < b` is no tag, and `<>` opens a fragment.
        State::Name(name) if name.is_empty() => State::Text,
        State::Name(name) => {
            root.get_or_insert_with(|| name.clone());
            in_tag(Some(name), c, String::new(), false, open)
        }
        State::Tag { name, word, ended } => in_tag(name, c, word, ended, open),
        State::Value { name, attribute } => match c {
            '"' | '\'' => State::Quoted { name, attribute, quote: c, empty: true },
            '{' => State::Braces { name, attribute, depth: 1, empty: true },
            c if c.is_whitespace() => State::Value { name, attribute },
            c => in_tag(name, c, String::new(), false, open),
        },
        State::Quoted { name, quote, .. } if c == quote => {
            State::Tag { name, word: String::new(), ended: false }
        }
        State::Quoted { name, attribute, quote, .. } => {
            State::Quoted { name, attribute, quote, empty: false }
        }
        State::Braces { name, attribute, depth, empty } => match c {
            '}' if depth == 1 => State::Tag { name, word: String::new(), ended: false },
            '}' => State::Braces { name, attribute, depth: depth - 1, empty: false },
            '{' => State::Braces { name, attribute, depth: depth + 1, empty: false },
            c => State::Braces { name, attribute, depth, empty: empty && c.is_whitespace() },
        },
        State::Closing(name) if c == '>' => {
            if let Some(index) = open.iter().rposition(|element| *element == name) {
                open.truncate(index);
            }
            State::Text
        }
        State::Closing(mut name) => {
            if is_name(c) {
                name.push(c);
            }
            State::Closing(name)
        }
    }
}

fn in_tag(name: Option<String>, c: char, mut word: String, ended: bool, open: &mut Vec<String>) -> State {
    match c {
        '>' => {
            let closed = word == "/";
            if let Some(name) = name
                && !closed
            {
                open.push(name);
            }
            State::Text
        }
        '<' => State::Name(String::new()),
        '/' => State::Tag { name, word: "/".to_owned(), ended: true },
        '=' if !word.is_empty() => State::Value { name, attribute: word },
        c if is_name(c) => {
            if ended {
                word.clear();
            }
            word.push(c);
            State::Tag { name, word, ended: false }
        }
        _ => State::Tag { name, word, ended: true },
    }
}

fn slot(state: &State, open: &[String], next: &str) -> Slot {
    let (element, role) = match state {
        State::Text => (open.last().cloned(), if open.is_empty() { Role::Elsewhere } else { Role::Child }),
        State::Name(name) => (Some(name.clone()).filter(|name| !name.is_empty()), Role::Tag),
        State::Tag { name, .. } => (name.clone(), Role::Tag),
        State::Value { name, attribute } => {
            (name.clone(), Role::Attribute(attribute.clone(), Writing::Expression))
        }
        State::Quoted { name, attribute, quote, empty } => {
            let whole = *empty && next.starts_with(*quote);
            let role =
                if whole { Role::Attribute(attribute.clone(), Writing::Quoted) } else { Role::Elsewhere };
            (name.clone(), role)
        }
        State::Braces { name, attribute, empty, .. } => {
            let whole = *empty && next.trim_start().starts_with('}');
            let writing = if whole { Writing::Expression } else { Writing::Within };
            (name.clone(), Role::Attribute(attribute.clone(), writing))
        }
        State::Closing(_) => (None, Role::Elsewhere),
    };
    Slot { element, role }
}

/// A value is no text, but it fills what it stands in.
fn after_value(state: State) -> State {
    match state {
        State::Name(name) if !name.is_empty() => {
            State::Tag { name: Some(name), word: String::new(), ended: true }
        }
        State::Tag { name, .. } | State::Value { name, .. } => {
            State::Tag { name, word: String::new(), ended: true }
        }
        State::Quoted { name, attribute, quote, .. } => {
            State::Quoted { name, attribute, quote, empty: false }
        }
        State::Braces { name, attribute, depth, .. } => {
            State::Braces { name, attribute, depth, empty: false }
        }
        state => state,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a template's values are, the template written with `$` for each value.
    fn told(text: &str) -> String {
        let pieces: Vec<&str> = text.split('$').collect();
        let told = read_markup(&pieces).slots.into_iter().map(|slot| {
            let element = slot.element.unwrap_or_else(|| "?".into());
            match slot.role {
                Role::Attribute(name, writing) => format!("{element}.{name} {writing:?}"),
                role => format!("{element} {role:?}"),
            }
        });
        told.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn values_are_found_in_their_elements() {
        for (text, expected) in [
            (
                r#"<Button size="$" tone={$}>$</Button>"#,
                "Button.size Quoted; Button.tone Expression; Button Child",
            ),
            (r#"<Button class="a-$" $ />"#, "Button Elsewhere; Button Tag"),
            ("<Button$$ />", "Button Tag; Button Tag"),
            (r#" icon={$}"#, "?.icon Expression"),
            (r#"$ label = "$""#, "? Tag; ?.label Quoted"),
            ("<A><B x={$} />$</A>$", "B.x Expression; A Child; ? Elsewhere"),
            (
                "<A icon={<Icon name=\"$\" />} on={() => { a > $ }} b='$'>",
                "A.icon Within; A.on Within; A.b Quoted",
            ),
            ("<A.Root a={\n  $\n}>{$}</A.Root>", "A.Root.a Expression; A.Root Child"),
            ("<ui-button size=$ ?disabled=\"$\">", "ui-button.size Expression; ui-button.disabled Quoted"),
            ("a < $ > b", "? Elsewhere"),
            ("<>$</>", "? Elsewhere"),
            ("<$ x={$}>", "? Tag; ? Elsewhere"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
        assert_eq!(read_markup(&["\n  <Card.Root a=\"b\">"]).root.as_deref(), Some("Card.Root"));
    }

    proptest::proptest! {
        #[test]
        fn each_value_has_its_slot(pieces in proptest::collection::vec("[<>/a={}\"' ]{0,8}", 1..8)) {
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            proptest::prop_assert_eq!(read_markup(&pieces).slots.len(), pieces.len() - 1);
        }
    }
}
