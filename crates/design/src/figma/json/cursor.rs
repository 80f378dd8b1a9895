//! Steps over JSON that is known to be valid, without recursion. On other text it stops at the end, but never panics.

/// A view of some JSON text; positions are byte offsets.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text }
    }

    pub fn byte(self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    pub fn slice(self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Over blanks.
    pub fn blanks(self, mut at: usize) -> usize {
        while matches!(self.byte(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            at += 1;
        }
        at
    }

    /// Over blanks and commas: to the next item or member, or to the closing bracket.
    pub fn separator(self, mut at: usize) -> usize {
        while matches!(self.byte(at), Some(b' ' | b'\n' | b'\r' | b'\t' | b',')) {
            at += 1;
        }
        at
    }

    /// From an opening quote to one past the closing one.
    pub fn string_end(self, start: usize) -> usize {
        let mut at = start + 1;
        loop {
            match self.byte(at) {
                None => return self.text.len(),
                Some(b'"') => return at + 1,
                Some(b'\\') => at += 2,
                Some(_) => at += 1,
            }
        }
    }

    /// From the first byte of a value to one past its last.
    pub fn value_end(self, start: usize) -> usize {
        match self.byte(start) {
            Some(b'"') => self.string_end(start),
            Some(b'{' | b'[') => self.bracket_end(start),
            _ => {
                let mut at = start;
                while !matches!(self.byte(at), None | Some(b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t'))
                {
                    at += 1;
                }
                at
            }
        }
    }

    fn bracket_end(self, start: usize) -> usize {
        let mut depth = 0_usize;
        let mut at = start;
        loop {
            match self.byte(at) {
                None => return self.text.len(),
                Some(b'"') => at = self.string_end(at),
                Some(b'{' | b'[') => {
                    depth += 1;
                    at += 1;
                }
                Some(b'}' | b']') => {
                    depth -= 1;
                    at += 1;
                    if depth == 0 {
                        return at;
                    }
                }
                Some(_) => at += 1,
            }
        }
    }

    /// The key that starts at a quote (decoded), and where its value starts.
    pub fn member(self, start: usize) -> (String, usize) {
        let end = self.string_end(start);
        let colon = self.blanks(end);
        (super::decode(self.slice(start, end)), self.blanks(colon + 1))
    }
}
