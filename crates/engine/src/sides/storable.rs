//! What no database keeps: texts with a NUL character. What holds one is left out, with a finding.

use std::{
    io::{self, Write},
    sync::Arc,
};

use lockstep_code::model::Story;
use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity};
use serde::Serialize;

use super::{CodeEntry, DesignEntry};

/// Leaves out the components and stories that can't be kept.
pub(super) fn retain_code(components: &mut Vec<CodeEntry>, stories: &mut Vec<Arc<Story>>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    components.retain(|entry| {
        let keep = !holds_nul(&*entry.component);
        if !keep {
            findings.push(finding(&entry.component.declared.file, &entry.name));
        }
        keep
    });
    stories.retain(|story| {
        let keep = !holds_nul(&**story);
        if !keep {
            findings.push(finding(&story.declared.file, &story.id));
        }
        keep
    });
    findings
}

/// Leaves out the design components of a file that can't be kept.
pub(super) fn retain_designs(designs: &mut Vec<DesignEntry>, file: &str) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    designs.retain(|design| {
        let keep = !holds_nul(&*design.component);
        if !keep {
            findings.push(finding(file, &design.address()));
        }
        keep
    });
    findings
}

fn finding(file: &str, what: &str) -> Diagnostic {
    Diagnostic {
        file: file.to_owned(),
        place: None,
        severity: DiagnosticSeverity::Error,
        code: "nul-character".to_owned(),
        message: format!(
            "`{what}` was left out: a text of it holds a NUL character, which no registry can keep"
        ),
        hint: Some("take the character out of its names, options and defaults".to_owned()),
    }
}

fn holds_nul(value: &impl Serialize) -> bool {
    let mut seen = Escapes::default();
    // A value that can't be serialised is told of where it is stored.
    serde_json::to_writer(&mut seen, value).is_ok() && seen.nul
}

/// Reads JSON as it is written, and looks for the escape of NUL; the text of a backslash is escaped itself.
#[derive(Default)]
struct Escapes {
    /// How much of `\u0000` was seen.
    matched: usize,
    nul: bool,
}

const NUL: &[u8] = b"\\u0000";

impl Write for Escapes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.matched = match (self.matched, byte) {
                // An escaped backslash begins nothing.
                (1, b'\\') => 0,
                (matched, byte) if NUL.get(matched) == Some(byte) => matched + 1,
                (_, b'\\') => 1,
                _ => 0,
            };
            self.nul |= self.matched == NUL.len();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_character_itself_counts() {
        for (text, expected) in [
            ("", false),
            ("plain", false),
            ("a\0b", true),
            ("\\u0000", false),
            ("\\\\u0000", false),
            ("\\\0", true),
            ("\u{1}", false),
            ("\n\0", true),
        ] {
            assert_eq!(holds_nul(&text), expected, "{text:?}");
            let inside = [(text, vec![text])].into_iter().collect::<std::collections::BTreeMap<_, _>>();
            assert_eq!(holds_nul(&inside), expected, "{text:?}");
        }
    }
}
