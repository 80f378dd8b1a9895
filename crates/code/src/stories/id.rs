//! Storybook's story ids and display names.

/// The characters that ids replace by `-`.
const REPLACED: &str = " ’–—―′¿'`~!@#$%^&*()_|+-=?;:'\",.<>{}[]\\/";

/// Storybook's `sanitize`: lower case, punctuation and spaces to single dashes, none at the ends.
///
/// Only that punctuation is replaced: letters of any script and emoji stay.
pub fn sanitize(text: &str) -> String {
    let mut id = String::with_capacity(text.len());
    let mut dash = false;
    for c in text.to_lowercase().chars() {
        if REPLACED.contains(c) {
            dash = true;
            continue;
        }
        if dash && !id.is_empty() {
            id.push('-');
        }
        dash = false;
        id.push(c);
    }
    id
}

/// Why a title and a name make no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {part} `{text}` holds no letter or digit to make an id from")]
pub struct IdError {
    /// `title`, `name` or `test`.
    pub part: &'static str,
    /// What it is.
    pub text: String,
}

/// The id of the story `name` under a title: `toId("Components/Button", "With Icon")` is
/// `components-button--with-icon`.
///
/// # Errors
/// When nothing of the title or the name is left after sanitising.
pub fn to_id(title: &str, name: &str) -> Result<String, IdError> {
    let part = |part, text: &str| match sanitize(text) {
        id if id.is_empty() => Err(IdError { part, text: text.to_owned() }),
        id => Ok(id),
    };
    Ok(format!("{}--{}", part("title", title)?, part("name", name)?))
}

/// The id of a test of a story: `components-button--primary:is-pressed`.
///
/// # Errors
/// When nothing of the name is left after sanitising.
pub fn test_id(story: &str, name: &str) -> Result<String, IdError> {
    match sanitize(name) {
        id if id.is_empty() => Err(IdError { part: "test", text: name.to_owned() }),
        id => Ok(format!("{story}:{id}")),
    }
}

/// The display name that Storybook derives from an export's name: `withIconLeft` gives `With Icon Left`.
pub fn name_of_export(export: &str) -> String {
    let spaced: Vec<char> =
        export.chars().map(|c| if matches!(c, '_' | '-' | '.') { ' ' } else { c }).collect();
    let spaced = before_capitalised_words(&spaced);
    let spaced = between(&spaced, |c| c.is_ascii_lowercase(), |c| c.is_ascii_uppercase());
    let spaced = between(&spaced, |c| c.is_ascii_alphabetic(), |c| c.is_ascii_digit());
    let spaced = between(&spaced, |c| c.is_ascii_digit(), |c| c.is_ascii_alphabetic());
    let mut name = String::with_capacity(spaced.len());
    let mut start = true;
    for c in spaced {
        if c.is_whitespace() {
            start = true;
            if c == ' ' && name.ends_with(' ') {
                continue;
            }
            name.push(c);
        } else {
            name.push(if start { c.to_ascii_uppercase() } else { c });
            start = false;
        }
    }
    name.trim().to_owned()
}

/// Puts a space before a capital that is followed by a small letter: `HTMLTable` gives `HTML Table`.
/// Matches don't overlap, as with a regular expression that consumes the letter before.
fn before_capitalised_words(text: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len() + 8);
    let mut index = 0;
    while index < text.len() {
        match text[index..] {
            [before, capital, small, ..]
                if before != '\n' && capital.is_ascii_uppercase() && small.is_ascii_lowercase() =>
            {
                out.extend([before, ' ', capital, small]);
                index += 3;
            }
            [c, ..] => {
                out.push(c);
                index += 1;
            }
            [] => break,
        }
    }
    out
}

/// Puts a space between two neighbours; matches don't overlap.
fn between(text: &[char], left: impl Fn(char) -> bool, right: impl Fn(char) -> bool) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len() + 8);
    let mut index = 0;
    while index < text.len() {
        match text[index..] {
            [a, b, ..] if left(a) && right(b) => {
                out.extend([a, ' ', b]);
                index += 2;
            }
            [c, ..] => {
                out.push(c);
                index += 1;
            }
            [] => break,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_are_storybooks_own() {
        for (title, name, id) in [
            ("Components/Button", "Primary", "components-button--primary"),
            ("Components/Button", "With Icon Left", "components-button--with-icon-left"),
            ("Checkbox & Checkbox Group", "Basic", "checkbox-checkbox-group--basic"),
            ("  A__B!! ", "x/y\\z", "a-b--x-y-z"),
            ("Größe/Ünïcode", "日本", "größe-ünïcode--日本"),
            ("Emoji 🎉", "A’s", "emoji-🎉--a-s"),
            ("İ", "x", "i\u{307}--x"),
        ] {
            assert_eq!(to_id(title, name).as_deref(), Ok(id), "{title} {name}");
        }
        assert_eq!(
            to_id("***", "x").unwrap_err().to_string(),
            "the title `***` holds no letter or digit to make an id from"
        );
        assert_eq!(to_id("x", "—").unwrap_err().part, "name");
    }

    #[test]
    fn names_come_from_exports() {
        for (export, name) in [
            ("Primary", "Primary"),
            ("primary", "Primary"),
            ("withIconLeft", "With Icon Left"),
            ("WITH_ICON", "WITH ICON"),
            ("with_icon", "With Icon"),
            ("HTMLTable", "HTML Table"),
            ("Size2XL", "Size 2 XL"),
            ("h1", "H 1"),
            ("_Private", "Private"),
            ("Uses$dollar", "Uses$dollar"),
            ("ABTest", "AB Test"),
            ("AaBb", "Aa Bb"),
            ("ÄpfelUndBirnen", "Äpfel Und Birnen"),
        ] {
            assert_eq!(name_of_export(export), name, "{export}");
        }
    }

    proptest! {
        #[test]
        fn sanitising_twice_changes_nothing(text in ".{0,40}") {
            let once = sanitize(&text);
            prop_assert_eq!(sanitize(&once), once.clone());
        }

        #[test]
        fn ids_hold_no_punctuation_and_no_dashes_at_the_ends(text in ".{0,40}") {
            let id = sanitize(&text);
            prop_assert!(id.chars().all(|c| c == '-' || !REPLACED.contains(c)), "{}", id);
            prop_assert!(!id.starts_with('-') && !id.ends_with('-') && !id.contains("--"), "{}", id);
        }

        #[test]
        fn an_id_parts_at_the_only_double_dash(title in "[A-Za-z /_-]{0,20}[a-z]", name in "[a-z][A-Za-z _-]{0,20}") {
            let id = to_id(&title, &name).unwrap();
            let parts: Vec<String> = id.split("--").map(str::to_owned).collect();
            prop_assert_eq!(parts, [sanitize(&title), sanitize(&name)]);
        }
    }
}
