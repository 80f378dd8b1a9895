//! Interaction states that designers draw as options and that code has no property for.

/// The words that make an option of a state property an interaction state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InteractionStates {
    words: Vec<String>,
}

impl Default for InteractionStates {
    /// The states that a browser enters by itself.
    fn default() -> Self {
        Self::new(
            [
                "hover",
                "hovered",
                "focus",
                "focused",
                "focus-visible",
                "pressed",
                "press",
                "down",
                "active",
                "dragged",
                "dragging",
                "drag",
                "visited",
            ]
            .map(str::to_owned),
        )
    }
}

/// What one option of a state property is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StateOption {
    /// The state of rest.
    Neutral,
    /// A state that the browser enters by itself.
    Interaction,
    /// `Disabled`, a boolean in code.
    Disabled,
    /// Anything else, which is compared.
    Other,
}

impl InteractionStates {
    /// Interaction states from the words that name them.
    pub fn new(words: impl IntoIterator<Item = String>) -> Self {
        Self { words: words.into_iter().map(|word| word.to_lowercase()).collect() }
    }

    pub(super) fn classify(&self, option: &str) -> StateOption {
        let lower = option.to_lowercase();
        let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        if self.words.contains(&lower)
            || words.clone().any(|word| self.words.iter().any(|known| known == word))
        {
            return StateOption::Interaction;
        }
        match (words.next(), words.next()) {
            (
                Some("default" | "rest" | "resting" | "enabled" | "normal" | "idle" | "base" | "none"),
                None,
            ) => StateOption::Neutral,
            (Some("disabled"), None) => StateOption::Disabled,
            _ => StateOption::Other,
        }
    }
}

/// Whether a property's name says that its options are states.
pub(super) fn names_states(normalised: &str) -> bool {
    matches!(
        normalised,
        "state" | "states" | "interaction" | "interactionstate" | "interactivestate" | "status"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_classified_by_their_words() {
        let states = InteractionStates::default();
        for (option, expected) in [
            ("Default", StateOption::Neutral),
            ("Hover", StateOption::Interaction),
            ("Keyboard focus", StateOption::Interaction),
            ("Focus + not hover", StateOption::Interaction),
            ("Hover (text area)", StateOption::Interaction),
            ("focus-visible", StateOption::Interaction),
            ("Disabled", StateOption::Disabled),
            ("Error", StateOption::Other),
            ("Downloading", StateOption::Other),
        ] {
            assert_eq!(states.classify(option), expected, "{option}");
        }
    }
}
