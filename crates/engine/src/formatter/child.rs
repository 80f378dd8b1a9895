//! Programs of the project, run with little around them and not for ever.

use std::{
    ffi::OsStr,
    io::{Read as _, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

/// How long a formatter may take for one file.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// An answer beyond this is none.
pub(super) const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// What of the environment a formatter gets: no token, no secret.
const ENVIRONMENT: [&str; 9] =
    ["PATH", "HOME", "USERPROFILE", "SystemRoot", "TMPDIR", "TEMP", "TMP", "LANG", "PATHEXT"];

/// A command in a folder, with its input and output taken over.
pub(super) fn command(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().current_dir(folder);
    command.envs(ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// What a command prints when it is given a text, and whether it ended well.
pub(super) fn output(mut command: Command, text: &str) -> Result<(bool, String), String> {
    let mut child = command.spawn().map_err(|error| not_started(&command, &error))?;
    let (mut stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (text, (sender, answers)) = (text.to_owned(), mpsc::channel());
    // It may print before it has read everything.
    let writer = std::thread::spawn(move || stdin.take().map(|mut stdin| stdin.write_all(text.as_bytes())));
    std::thread::spawn(move || {
        let mut printed = String::new();
        let read = stdout.map(|stdout| stdout.take(MOST_BYTES).read_to_string(&mut printed));
        _ = sender.send(read.transpose().map(|_| printed));
    });
    let printed = answers.recv_timeout(PATIENCE);
    let status = match &printed {
        Ok(_) => child.wait().map_err(|error| error.to_string())?,
        Err(_) => {
            stop(&mut child);
            return Err(too_slow());
        }
    };
    // What it did not want to read is its own affair.
    _ = writer.join();
    let printed = printed.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    Ok((status.success(), printed))
}

/// Ends a program that is not needed any more.
pub(super) fn stop(child: &mut Child) {
    // It may have ended by itself.
    _ = child.kill();
    _ = child.wait();
}

pub(super) fn not_started(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` can't be started: {error}", command.get_program().display())
}

pub(super) fn too_slow() -> String {
    format!("no answer within {} seconds", PATIENCE.as_secs())
}
