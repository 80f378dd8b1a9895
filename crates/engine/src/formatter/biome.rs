//! Biome, one run a text: it starts in some milliseconds.

use std::path::Path;

use super::{
    Answer,
    child::{command, output},
    found::Found,
};

/// Lays texts of one file out.
pub(super) fn laid_out(found: &Found, file: &Path, texts: &[&str]) -> Result<Answer, String> {
    let mut laid_out = Vec::with_capacity(texts.len());
    for text in texts {
        let mut argument = std::ffi::OsString::from("--stdin-file-path=");
        argument.push(file);
        let mut biome = command(found.folder.join("node_modules/.bin").join(NAME), &found.folder);
        biome.arg("format").arg(argument);
        match output(biome, text)? {
            (true, after) => laid_out.push(after),
            (false, _) => return Err(format!("it does not format {}", file.display())),
        }
    }
    Ok(Answer::LaidOut(laid_out))
}

#[cfg(windows)]
const NAME: &str = "biome.cmd";
#[cfg(not(windows))]
const NAME: &str = "biome";
