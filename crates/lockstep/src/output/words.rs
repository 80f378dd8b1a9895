//! Counting in words.

/// `1 component`, `2 components`.
pub fn counted(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{} {}", grouped(count), plural(one)),
    }
}

/// The plural of the nouns that the command line counts.
fn plural(one: &str) -> String {
    let stem = one.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match stem {
        Some(stem) => format!("{stem}ies"),
        None if one.ends_with('s') || one.ends_with('x') || one.ends_with("ch") => format!("{one}es"),
        None => format!("{one}s"),
    }
}

/// `12,345`.
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `a`, `a and b`, `a, b and c`.
pub fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_nouns_agree() {
        for (count, one, expected) in [
            (0, "component", "0 components"),
            (1, "story", "1 story"),
            (2, "story", "2 stories"),
            (2, "day", "2 days"),
            (3, "alias", "3 aliases"),
            (1234, "file", "1,234 files"),
            (1_000_000, "file", "1,000,000 files"),
        ] {
            assert_eq!(counted(count, one), expected);
        }
        let words = |list: &[&str]| listed(&list.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(
            (words(&[]), words(&["a"]), words(&["a", "b", "c"])),
            ("".into(), "a".into(), "a, b and c".into())
        );
    }
}
