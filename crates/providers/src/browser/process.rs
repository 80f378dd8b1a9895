//! A browser's process: started with a profile of its own, and gone with it.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use chromiumoxide::detection::{DetectionOptions, default_executable};
use tempfile::TempDir;
use tokio::sync::watch;

use super::BrowserError;

/// What it takes to be alike on every machine, and to call nobody.
const FLAGS: [&str; 18] = [
    "--headless",
    "--remote-debugging-port=0",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
];

/// How long the processes of a killed browser may take to be gone.
const GONE: Duration = Duration::from_secs(5);

/// How much of what a browser says is told when it does not start.
const TOLD: usize = 400;

/// Ends the browser and removes its profile when the process that started it has gone without doing so, however it did:
/// its end of the pipe is closed then.
#[cfg(unix)]
const WATCH: &str = "read -r word; [ \"$word\" = done ] && exit 0
kill -s KILL -- \"-$1\" 2>/dev/null
i=0; while [ $i -lt 50 ] && ! rm -rf -- \"$2\" 2>/dev/null; do i=$((i+1)); sleep 0.1; done";

/// A running browser.
#[derive(Debug)]
pub(super) struct Process {
    /// Where its DevTools are.
    pub(super) address: String,
    /// Its id, which is its group's, too.
    pub(super) id: u32,
    /// How it ended, once it did.
    pub(super) ended: watch::Receiver<Option<String>>,
    waiting: Option<JoinHandle<()>>,
    profile: Option<TempDir>,
    #[cfg(unix)]
    watch: Option<(Child, ChildStdin)>,
}

impl Process {
    /// Starts a browser and waits until it can be spoken to.
    pub(super) async fn start(
        executable: Option<&Path>,
        sandbox: bool,
        profiles: Option<&Path>,
        until: Instant,
    ) -> Result<Self, BrowserError> {
        let program = match executable {
            Some(path) => path.to_owned(),
            None => default_executable(DetectionOptions::default()).map_err(|_| BrowserError::NotFound)?,
        };
        let failed = |why: String| BrowserError::NotStarted { program: program.display().to_string(), why };
        let mut builder = tempfile::Builder::new();
        builder.prefix("lockstep-browser-");
        let profile = match profiles {
            Some(folder) => builder.tempdir_in(folder),
            None => builder.tempdir(),
        };
        let profile = profile.map_err(|error| failed(format!("no folder for its profile: {error}")))?;
        let said = profile.path().join("said.txt");
        let errors = File::create(&said).map_err(|error| failed(error.to_string()))?;
        let mut command = Command::new(&program);
        command.args(FLAGS).arg(format!("--user-data-dir={}", profile.path().display()));
        if !sandbox || is_superuser() {
            command.arg("--no-sandbox");
        }
        // What it notes of crashes goes with the profile, too.
        command.env("CHROME_CONFIG_HOME", profile.path());
        command.arg("about:blank").stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn().map_err(|error| failed(error.to_string()))?;
        let mut process = Self::of(child, profile);
        let port_file = process.folder().join("DevToolsActivePort");
        loop {
            // It is written at once, when the port is open.
            let text = std::fs::read_to_string(&port_file).unwrap_or_default();
            if let Some((port, path)) = text.split_once('\n') {
                process.address = format!("ws://127.0.0.1:{}{}", port.trim(), path.trim());
                return Ok(process);
            }
            let ended = process.ended.borrow().clone();
            if ended.is_some() || Instant::now() > until {
                let why = ended.unwrap_or_else(|| "it does not open its DevTools".to_owned());
                return Err(failed(match last_words(&said) {
                    Some(words) => format!("{why}: {words}"),
                    None => why,
                }));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn of(mut child: Child, profile: TempDir) -> Self {
        let id = child.id();
        let (tell, ended) = watch::channel(None);
        #[cfg(unix)]
        let watch = watch_over(id, profile.path());
        let waiting = std::thread::spawn(move || {
            let why = match child.wait() {
                Ok(status) => format!("its process ended: {status}"),
                Err(error) => format!("its process can't be waited for: {error}"),
            };
            // Those that it started follow it, at once.
            kill_group(id);
            tell.send_replace(Some(why));
        });
        Self {
            address: String::new(),
            id,
            ended,
            waiting: Some(waiting),
            profile: Some(profile),
            #[cfg(unix)]
            watch,
        }
    }

    fn folder(&self) -> PathBuf {
        self.profile.as_ref().map(|profile| profile.path().to_owned()).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ended.borrow().is_none() {
            kill_group(self.id);
        }
        if let Some(waiting) = self.waiting.take() {
            let _ = waiting.join();
        }
        let until = Instant::now() + GONE;
        while is_group_alive(self.id) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        // Its last process may have written while the folder was being emptied.
        let folder = self.folder();
        while std::fs::remove_dir_all(&folder).is_err() && folder.exists() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        #[cfg(unix)]
        if let Some((mut watch, mut pipe)) = self.watch.take() {
            let _ = std::io::Write::write_all(&mut pipe, b"done\n");
            drop(pipe);
            let _ = watch.wait();
        }
    }
}

/// Somebody who stays when this process is killed.
#[cfg(unix)]
fn watch_over(id: u32, profile: &Path) -> Option<(Child, ChildStdin)> {
    let mut command = Command::new("sh");
    command.args(["-c", WATCH, "sh", &id.to_string()]).arg(profile);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // A signal from the terminal is for whoever is waited for.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().ok()?;
    let pipe = child.stdin.take()?;
    Some((child, pipe))
}

#[cfg(unix)]
fn group(id: u32) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(id).ok()?)
}

#[cfg(unix)]
fn kill_group(id: u32) {
    if let Some(group) = group(id) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

#[cfg(unix)]
fn is_group_alive(id: u32) -> bool {
    group(id).is_some_and(|group| rustix::process::test_kill_process_group(group).is_ok())
}

#[cfg(unix)]
fn is_superuser() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn kill_group(id: u32) {
    let mut command = Command::new("taskkill");
    let _ = command
        .args(["/T", "/F", "/PID", &id.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

#[cfg(not(unix))]
fn is_group_alive(_: u32) -> bool {
    false
}

#[cfg(not(unix))]
fn is_superuser() -> bool {
    false
}

/// The end of what a browser said.
fn last_words(file: &Path) -> Option<String> {
    let text = std::fs::read(file).ok()?;
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().rev().find(|line| !line.trim().is_empty())?.trim();
    Some(line.chars().take(TOLD).collect())
}
