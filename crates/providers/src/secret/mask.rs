//! Keeps secrets out of what others say: some providers repeat a part of the token that they refuse.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// The fewest letters in a row that would give something away.
const TELLING: usize = 5;
/// The most letters that are repeated of what somebody else says.
const LONGEST: usize = 200;

/// Finds parts of a secret in a text, as they are or encoded.
pub struct Mask(Vec<Zeroizing<String>>);

impl Mask {
    /// Of a secret.
    pub fn of(secret: &SecretString) -> Self {
        let secret = secret.expose_secret();
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        // In base64 it looks three ways, by what stands before it.
        let based = ["", "x", "xy"].map(|before| BASE64_STANDARD.encode(format!("{before}{secret}")));
        let spelt = based.into_iter().chain([secret.to_owned(), encoded]);
        Self(spelt.map(|text| Zeroizing::new(text.to_lowercase())).collect())
    }

    /// What somebody else says, in one line, shortened, with stars for whatever is of the secret.
    pub fn told(&self, text: &str) -> String {
        let line: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        self.hidden(&line)
    }

    /// The text with stars for whatever is of the secret.
    pub fn hidden(&self, text: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let lower: Vec<char> = letters.iter().map(char::to_ascii_lowercase).collect();
        let mut hidden = vec![false; letters.len()];
        for spelt in &self.0 {
            let length = TELLING.min(spelt.chars().count());
            if length == 0 {
                continue;
            }
            for (at, window) in lower.windows(length).enumerate() {
                let window = Zeroizing::new(window.iter().collect::<String>());
                if spelt.contains(window.as_str()) {
                    hidden[at..at + length].fill(true);
                }
            }
        }
        letters.iter().zip(hidden).map(|(letter, hidden)| if hidden { '*' } else { *letter }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_of_the_secret_is_starred() {
        let mask = Mask::of(&"sk-proj-AbC/dEf+123".into());
        for (text, expected) in [
            ("Incorrect API key provided: sk-pr***f+123.", "Incorrect API key provided: *************."),
            ("no such key SK-PROJ-ABC/DEF+123", "no such key *******************"),
            ("see ?key=sk-proj-AbC%2FdEf%2B123", "see ?key=***********************"),
            ("Basic c2stcHJvai1BYkMvZEVmKzEyMw==", "Basic ****************************"),
            ("Basic YWRhOnNrLXByb2otQWJDL2RFZisxMjM=", "Basic YWRhOn**************************"),
            ("token\nexpired", "tokenexpired"),
        ] {
            assert_eq!(mask.told(text), expected);
        }
        assert_eq!(Mask::of(&"abc".into()).told("abc is no ABC"), "*** is no ***");
        assert_eq!(mask.told(&"é".repeat(500)).chars().count(), 200);
    }
}
