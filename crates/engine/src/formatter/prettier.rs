//! Prettier, started once and asked for each file: starting it takes longer than formatting.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, ChildStdin},
    sync::mpsc::{self, Receiver},
};

use serde::Deserialize;
use serde_json::json;

use super::{
    Answer,
    child::{MOST_BYTES, PATIENCE, command, not_started, stop, too_slow},
};

const SCRIPT: &str = include_str!("prettier.js");

/// A running Prettier.
#[derive(Debug)]
pub(super) struct Prettier {
    child: Child,
    questions: ChildStdin,
    answers: Receiver<String>,
}

/// What the script answers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    LaidOut { texts: Vec<String> },
    Ignored { ignored: bool },
    Failed { error: String },
}

impl Prettier {
    /// Starts the one that is installed in a folder.
    pub(super) fn start(folder: &Path) -> Result<Self, String> {
        let mut node = command("node", folder);
        node.arg("-e").arg(SCRIPT);
        let mut child = node.spawn().map_err(|error| not_started(&node, &error))?;
        let (Some(questions), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            stop(&mut child);
            return Err("its input and output are missing".to_owned());
        };
        let (sender, answers) = mpsc::channel();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(stdout);
            loop {
                let mut line = String::new();
                match lines.by_ref().take(MOST_BYTES).read_line(&mut line) {
                    Ok(read) if read > 0 && sender.send(line).is_ok() => {}
                    _ => return,
                }
            }
        });
        Ok(Self { child, questions, answers })
    }

    /// Lays texts of one file out.
    pub(super) fn laid_out(&mut self, file: &Path, texts: &[&str]) -> Result<Answer, String> {
        let question = format!("{}\n", json!({ "file": file, "texts": texts }));
        let asked = self.questions.write_all(question.as_bytes()).and_then(|()| self.questions.flush());
        let told = match self.answers.recv_timeout(PATIENCE) {
            Ok(told) => told,
            Err(mpsc::RecvTimeoutError::Timeout) => return Err(too_slow()),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(asked.err().map_or_else(|| "it ended".to_owned(), |error| error.to_string()));
            }
        };
        match serde_json::from_str(&told).map_err(|error| format!("an answer that can't be read: {error}"))? {
            Told::LaidOut { texts: laid_out } if laid_out.len() == texts.len() => {
                Ok(Answer::LaidOut(laid_out))
            }
            Told::Ignored { ignored: true } => Ok(Answer::NotFormatted),
            Told::Failed { error } => Err(error),
            Told::LaidOut { .. } | Told::Ignored { .. } => Err("an answer to something else".to_owned()),
        }
    }
}

impl Drop for Prettier {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}
