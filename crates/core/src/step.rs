//! What the state machines have in common: a step that is not allowed is an error that names both states.

use crate::word::Word;

/// A step that a state machine does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {machine} can't go from `{from}` to `{to}`{}", next_steps(.allowed))]
pub struct IllegalStep {
    /// Whose state it is: `sync operation`.
    pub machine: &'static str,
    /// The state it is in.
    pub from: &'static str,
    /// The state asked for.
    pub to: &'static str,
    /// The states it could go to.
    pub allowed: Vec<&'static str>,
}

fn next_steps(allowed: &[&'static str]) -> String {
    match allowed {
        [] => "; it is final".to_owned(),
        allowed => format!("; it can go to `{}`", allowed.join("` or `")),
    }
}

/// A status that changes by steps.
pub trait Machine: Word + PartialEq {
    /// Whose state it is, for messages: `sync operation`.
    const MACHINE: &'static str;

    /// Whether the step from `self` to `to` is one of the machine's.
    fn allows(self, to: Self) -> bool;

    /// The state after the step.
    ///
    /// # Errors
    /// When the step is not allowed.
    fn step(self, to: Self) -> Result<Self, IllegalStep> {
        if self.allows(to) {
            return Ok(to);
        }
        let allowed = Self::all().iter().filter(|next| self.allows(**next)).map(|next| next.word()).collect();
        Err(IllegalStep { machine: Self::MACHINE, from: self.word(), to: to.word(), allowed })
    }

    /// Whether no step leads out of this state.
    fn is_final(self) -> bool {
        !Self::all().iter().any(|next| self.allows(*next))
    }
}

/// Holds a machine against the whole table of its steps: those listed pass, every other one is an error that names
/// both states.
#[cfg(test)]
pub(crate) fn assert_steps<M: Machine + std::fmt::Debug>(steps: &[(M, M)]) {
    for from in M::all() {
        for to in M::all() {
            let listed = steps.iter().any(|(a, b)| a == from && b == to);
            match from.step(*to) {
                Ok(state) => {
                    assert!(listed, "{from:?} -> {to:?} passed");
                    assert_eq!(state, *to);
                }
                Err(error) => {
                    assert!(!listed, "{from:?} -> {to:?} was refused");
                    let message = error.to_string();
                    for name in [M::MACHINE, from.word(), to.word()] {
                        assert!(message.contains(name), "{message}");
                    }
                }
            }
        }
        assert_eq!(from.is_final(), !steps.iter().any(|(a, _)| a == from), "{from:?}");
    }
}
