//! What a name and a password must be, and how long somebody who failed to sign in has to wait.

use chrono::{DateTime, TimeDelta, Utc};

/// The fewest characters of a password.
pub const SHORTEST_PASSWORD: usize = 12;
/// The most bytes of a password: hashing takes longer with each.
pub const LONGEST_PASSWORD: usize = 1024;
/// The most characters of a name.
pub const LONGEST_NAME: usize = 64;
/// When failures are forgotten that nothing followed.
pub const FAILURES_LAST: TimeDelta = TimeDelta::hours(1);
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(15);

/// Why a name or a password can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A name is shown in lists, logs and commands.
    #[error("a name has 1 to {LONGEST_NAME} letters, digits, and `.`, `_`, `-`, `+` or `@`")]
    Name,
    /// It is guessed.
    #[error("a password has at least {SHORTEST_PASSWORD} characters")]
    Short,
    /// It takes too long.
    #[error("a password has at most {LONGEST_PASSWORD} bytes")]
    Long,
    /// It is guessed first.
    #[error("a password is not the name, and more than one character over and over")]
    Obvious,
}

/// Whether a user can be called so.
///
/// # Errors
/// When not.
pub fn check_name(name: &str) -> Result<(), Unfit> {
    let is_fit = |letter: char| letter.is_alphanumeric() || "._-+@".contains(letter);
    let length = name.chars().count();
    if (1..=LONGEST_NAME).contains(&length) && name.chars().all(is_fit) { Ok(()) } else { Err(Unfit::Name) }
}

/// Whether a user can have this password. What it is made of is theirs to choose: length is what counts.
///
/// # Errors
/// When not.
pub fn check_password(name: &str, password: &str) -> Result<(), Unfit> {
    if password.len() > LONGEST_PASSWORD {
        return Err(Unfit::Long);
    }
    if password.chars().count() < SHORTEST_PASSWORD {
        return Err(Unfit::Short);
    }
    let is_one_letter = password.chars().all(|letter| password.starts_with(letter));
    if is_one_letter || password.eq_ignore_ascii_case(name) {
        return Err(Unfit::Obvious);
    }
    Ok(())
}

/// What failures are counted by, each with how many are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// A name, from one address.
    NameFromAddress,
    /// An address, whatever the names.
    Address,
    /// A name, from wherever: many addresses may be one attacker, and many failures may keep the user out.
    Name,
}

impl Counted {
    fn free(self) -> u32 {
        match self {
            Self::NameFromAddress => 5,
            Self::Address => 30,
            Self::Name => 100,
        }
    }
}

/// Until when the next try has to wait after so many failures in a row, if it has to: twice as long with each, up to
/// a quarter of an hour.
pub fn wait_until(by: Counted, failures: u32, last: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let over = failures.checked_sub(by.free())?;
    let seconds = 1_i64.checked_shl(over.min(30)).unwrap_or(i64::MAX);
    Some(last + TimeDelta::seconds(seconds).min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_that_can_be_shown() {
        for (name, expected) in [
            ("ada", true),
            ("Ada.Lovelace+hub@example.org", true),
            ("żółć", true),
            ("", false),
            ("a b", false),
            ("a\n", false),
            ("<ada>", false),
            ("a\u{202e}b", false),
            (&"a".repeat(64), true),
            (&"a".repeat(65), false),
        ] {
            assert_eq!(check_name(name).is_ok(), expected, "{name:?}");
        }
    }

    #[test]
    fn passwords_are_long_and_not_obvious() {
        for (password, expected) in [
            ("correct horse battery", Ok(())),
            ("elevenchars", Err(Unfit::Short)),
            ("żółćżółćżółć", Ok(())),
            ("aaaaaaaaaaaaaaaa", Err(Unfit::Obvious)),
            ("Ada@Example.org", Err(Unfit::Obvious)),
            (&"ab".repeat(513), Err(Unfit::Long)),
        ] {
            assert_eq!(check_password("ada@example.org", password), expected, "{password}");
        }
    }

    #[test]
    fn each_failure_makes_the_wait_twice_as_long() {
        let last = DateTime::UNIX_EPOCH;
        let wait = |by, failures| wait_until(by, failures, last).map(|until| (until - last).num_seconds());
        assert_eq!(wait(Counted::NameFromAddress, 4), None);
        let waits: Vec<_> = (5..9).map(|failures| wait(Counted::NameFromAddress, failures)).collect();
        assert_eq!(waits, [Some(1), Some(2), Some(4), Some(8)]);
        assert_eq!(wait(Counted::NameFromAddress, u32::MAX), Some(900));
        assert_eq!((wait(Counted::Address, 29), wait(Counted::Address, 30)), (None, Some(1)));
        assert_eq!((wait(Counted::Name, 99), wait(Counted::Name, 100)), (None, Some(1)));
    }
}
