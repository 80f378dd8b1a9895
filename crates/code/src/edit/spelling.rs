//! How names are spelt as literals, keys and identifiers, like those that stand beside them.

use super::syntax::number_text;

/// A string literal.
pub(super) fn quoted(value: &str, quote: char) -> String {
    let mut literal = String::with_capacity(value.len() + 2);
    literal.push(quote);
    for c in value.chars() {
        match c {
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\u{2028}' => literal.push_str("\\u2028"),
            '\u{2029}' => literal.push_str("\\u2029"),
            c if c == quote => {
                literal.push('\\');
                literal.push(c);
            }
            '$' if quote == '`' => literal.push_str("\\$"),
            c => literal.push(c),
        }
    }
    literal.push(quote);
    literal
}

/// A literal for a value, of the sort that a sample beside it has: its quotes, or none for numbers and booleans.
pub(super) fn literal_like(sample: &str, value: &str, quote: char) -> String {
    match sample.trim_start().chars().next() {
        Some(first @ ('\'' | '"' | '`')) => quoted(value, first),
        Some(first) if (first.is_ascii_digit() || first == '-' || first == '.') && is_number(value) => {
            value.to_owned()
        }
        Some('t' | 'f') if matches!(value, "true" | "false") => value.to_owned(),
        _ => quoted(value, quote),
    }
}

/// A key of an object literal: bare where the language and the keys beside it allow it.
pub(super) fn key_like(siblings: &[&str], name: &str, quote: char) -> String {
    let own_quote =
        siblings.iter().rev().find_map(|key| key.chars().next().filter(|c| matches!(c, '\'' | '"')));
    let all_quoted = !siblings.is_empty() && siblings.iter().all(|key| key.starts_with(['\'', '"']));
    let whole = is_number(name) && name.bytes().all(|byte| byte.is_ascii_digit());
    if !all_quoted && (is_identifier(name) || whole) {
        name.to_owned()
    } else {
        quoted(name, own_quote.unwrap_or(quote))
    }
}

pub(super) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(oxc_syntax::identifier::is_identifier_start)
        && chars.all(oxc_syntax::identifier::is_identifier_part)
}

/// Whether a text is a number as JavaScript itself would write it.
pub(super) fn is_number(value: &str) -> bool {
    value.parse::<f64>().is_ok_and(|number| number.is_finite() && number_text(number) == value)
}

/// The words of a name: `iconLeft`, `icon-left` and `ICON_LEFT` have two.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous_lower = false;
    let mut fresh = true;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            (fresh, previous_lower) = (true, false);
            continue;
        }
        if fresh || (c.is_uppercase() && previous_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        (fresh, previous_lower) = (false, c.is_lowercase() || c.is_ascii_digit());
    }
    words
}

/// `iconLeft` and `icon-left` as `IconLeft`; a leading digit gets a letter before it.
pub(super) fn pascal(name: &str) -> String {
    let joined: String = words(name).iter().map(|word| capitalised(word)).collect();
    let odd = !is_identifier(&joined);
    if odd { format!("_{joined}") } else { joined }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A name for `value` made as the names beside it are made from their values: `XLarge` beside `small` as `Small`.
pub(super) fn name_like(siblings: &[(String, String)], value: &str) -> String {
    let camel = |value: &str| {
        let joined = pascal(value);
        let mut chars = joined.chars();
        chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
    };
    let styles: [&dyn Fn(&str) -> String; 5] =
        [&str::to_owned, &pascal, &camel, &|value| words(value).join("_").to_uppercase(), &|value| {
            words(value).join("_")
        }];
    let fits = |style: &dyn Fn(&str) -> String| {
        siblings.iter().filter(|(name, value)| style(value) == *name).count()
    };
    // The first of the best: plain spelling wins over a style that it can't be told from.
    let mut best = (0, styles[1](value));
    for style in styles {
        let count = fits(style);
        if count > best.0 {
            best = (count, style(value));
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_follow_their_sample() {
        for (sample, value, expected) in [
            ("'small'", "it's", r"'it\'s'"),
            ("\"small\"", "it's", "\"it's\""),
            ("`small`", "$x", r"`\$x`"),
            ("1", "2", "2"),
            ("1", "auto", "'auto'"),
            ("-1.5", "0.5", "0.5"),
            ("true", "false", "false"),
            ("Size.Small", "large", "'large'"),
        ] {
            assert_eq!(literal_like(sample, value, '\''), expected, "{sample} {value}");
        }
    }

    #[test]
    fn keys_are_quoted_where_they_must_or_all_are() {
        for (siblings, name, expected) in [
            (&["small"][..], "large", "large"),
            (&["small"], "extra-large", "'extra-large'"),
            (&["small", "\"x-s\""], "x-l", "\"x-l\""),
            (&["'small'"], "large", "'large'"),
            (&["1"], "2", "2"),
            (&["a"], "01", "'01'"),
        ] {
            assert_eq!(key_like(siblings, name, '\''), expected, "{siblings:?} {name}");
        }
    }

    #[test]
    fn names_follow_their_siblings() {
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        for (siblings, value, expected) in [
            (pairs(&[("Small", "small"), ("ExtraSmall", "extra-small")]), "extra-large", "ExtraLarge"),
            (pairs(&[("SMALL", "small"), ("EXTRA_SMALL", "extraSmall")]), "extraLarge", "EXTRA_LARGE"),
            (pairs(&[("small", "small")]), "large", "large"),
            (pairs(&[("extraSmall", "extra-small")]), "extra-large", "extraLarge"),
            (pairs(&[("XSmall", "xsmall"), ("Default", "default")]), "large", "Large"),
            (pairs(&[]), "2xl", "_2xl"),
        ] {
            assert_eq!(name_like(&siblings, value), expected, "{value}");
        }
    }
}
