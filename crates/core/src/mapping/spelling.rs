//! How a side spells its names, learnt from the names that it has.

/// A convention for names of several words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// `icon left`
    Lower,
    /// `icon-left`
    Kebab,
    /// `icon_left`
    Snake,
    /// `iconLeft`
    Camel,
    /// `IconLeft`
    Pascal,
    /// `Icon Left`
    Title,
    /// `Icon left`
    Sentence,
    /// `ICON LEFT`, `XL`
    Upper,
}

impl Spelling {
    /// The convention that most of the names follow; `otherwise` where they don't tell.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>, otherwise: Self) -> Self {
        const ALL: [Spelling; 8] = [
            Spelling::Kebab,
            Spelling::Snake,
            Spelling::Camel,
            Spelling::Pascal,
            Spelling::Sentence,
            Spelling::Title,
            Spelling::Lower,
            Spelling::Upper,
        ];
        let names: Vec<&str> = names.into_iter().collect();
        let score = |spelling: Self| names.iter().filter(|name| spelling.write(name) == **name).count();
        let preferred = score(otherwise);
        let best = ALL.into_iter().max_by_key(|spelling| score(*spelling)).unwrap_or(otherwise);
        if score(best) > preferred { best } else { otherwise }
    }

    /// The name in this convention: `Icon left` in [`Spelling::Camel`] is `iconLeft`.
    pub fn write(self, name: &str) -> String {
        let words = words(name);
        if words.is_empty() {
            return name.to_owned();
        }
        let lower = |word: &String| word.to_lowercase();
        let title = |word: &String| capitalise(word);
        match self {
            Self::Lower => words.iter().map(lower).collect::<Vec<_>>().join(" "),
            Self::Kebab => words.iter().map(lower).collect::<Vec<_>>().join("-"),
            Self::Snake => words.iter().map(lower).collect::<Vec<_>>().join("_"),
            Self::Upper => name.to_uppercase(),
            Self::Title => words.iter().map(title).collect::<Vec<_>>().join(" "),
            Self::Pascal => words.iter().map(title).collect(),
            Self::Camel => words
                .iter()
                .enumerate()
                .map(|(i, word)| if i == 0 { lower(word) } else { capitalise(word) })
                .collect(),
            Self::Sentence => {
                let rest = words[1..].iter().map(lower);
                std::iter::once(capitalise(&words[0])).chain(rest).collect::<Vec<_>>().join(" ")
            }
        }
    }
}

fn capitalise(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect(),
        None => String::new(),
    }
}

/// The words of a name: split at anything that is no letter or digit, and where a capital follows a small letter.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous_small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            words.push(String::new());
            previous_small = false;
            continue;
        }
        if c.is_uppercase() && previous_small {
            words.push(String::new());
        }
        previous_small = c.is_lowercase() || c.is_numeric();
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_respelt() {
        for (spelling, name, expected) in [
            (Spelling::Camel, "Hide label", "hideLabel"),
            (Spelling::Camel, "Has 🔥 icon?", "hasIcon"),
            (Spelling::Title, "iconLeft", "Icon Left"),
            (Spelling::Sentence, "iconLeft", "Icon left"),
            (Spelling::Kebab, "Ghost Muted", "ghost-muted"),
            (Spelling::Pascal, "extra-large", "ExtraLarge"),
            (Spelling::Lower, "🔥", "🔥"),
        ] {
            assert_eq!(spelling.write(name), expected, "{name}");
        }
    }

    #[test]
    fn the_convention_is_learnt_from_what_is_there() {
        for (names, expected) in [
            (&["small", "large"][..], Spelling::Camel),
            (&["Small", "Large"], Spelling::Title),
            (&["No selection", "Single"], Spelling::Sentence),
            (&["ghost-muted", "ghost"], Spelling::Kebab),
            (&["S", "M", "XL"], Spelling::Upper),
            (&[], Spelling::Camel),
        ] {
            let otherwise = if expected == Spelling::Title { Spelling::Title } else { Spelling::Camel };
            assert_eq!(Spelling::of(names.iter().copied(), otherwise), expected, "{names:?}");
        }
    }
}
