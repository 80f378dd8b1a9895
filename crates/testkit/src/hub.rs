//! A hub under test: `lockstep serve` as a process of its own, on a port that is free.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::SocketAddr,
    process::{Child, ChildStdout, Command, Stdio},
    thread::JoinHandle,
};

use serde_json::Value;

use crate::{
    http::{Answer, Request},
    workspace::Workspace,
};

/// A hub that runs until this value is gone.
pub struct Hub {
    process: Child,
    /// What it writes to stderr, read all the while: a pipe that is full would hold it up.
    log: Option<JoinHandle<String>>,
    /// Kept open: a hub whose output nobody reads any more ends.
    lines: BufReader<ChildStdout>,
    /// Its first line.
    pub first: Value,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Hub {
    /// Starts a hub in a workspace, with more arguments.
    ///
    /// # Panics
    /// When it does not begin to listen.
    pub fn start(workspace: &Workspace, arguments: &[&str]) -> Self {
        Self::of(workspace.command(), arguments)
    }

    /// The same of a command with an environment of its own.
    ///
    /// # Panics
    /// When it does not begin to listen.
    pub fn of(mut command: Command, arguments: &[&str]) -> Self {
        command.args(["serve", "--json", "--listen", "127.0.0.1:0"]).args(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the hub starts");
        let mut errors = process.stderr.take().expect("its errors");
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).expect("its errors");
            text
        });
        let mut lines = BufReader::new(process.stdout.take().expect("its output"));
        let Some(first) = line(&mut lines) else {
            panic!("no hub: {}", log.join().unwrap_or_default());
        };
        let url = first["url"].as_str().expect("a URL");
        let address = url.rsplit('/').next().and_then(|address| address.parse().ok()).expect("an address");
        Self { process, log: Some(log), lines, first, address }
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends a request.
    pub fn send(&self, request: &Request) -> Answer {
        request.send(self.address)
    }

    /// Asks for a path.
    pub fn get(&self, path: &str) -> Answer {
        self.send(&Request::new("GET", path))
    }

    /// Sends a signal and waits for the end: exit code, last line, log.
    ///
    /// # Panics
    /// When it can't be told so.
    pub fn end(mut self, signal: &str) -> (Option<i32>, Value, String) {
        self.signal(signal);
        self.wait()
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// When it can't be told so.
    pub fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        let told = Command::new("kill").args([signal, &id]).status().expect("kill");
        assert!(told.success(), "{signal}");
    }

    /// Waits for the end: exit code, last line, log.
    ///
    /// # Panics
    /// When the output can't be read.
    pub fn wait(&mut self) -> (Option<i32>, Value, String) {
        let mut last = Value::Null;
        while let Some(next) = line(&mut self.lines) {
            last = next;
        }
        let log = self.log.take().and_then(|log| log.join().ok()).unwrap_or_default();
        let status = self.process.wait().expect("the hub ends");
        (status.code(), last, log)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn line(lines: &mut BufReader<ChildStdout>) -> Option<Value> {
    let mut line = String::new();
    lines.read_line(&mut line).expect("a line");
    (!line.is_empty()).then(|| {
        let document: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        document["data"].clone()
    })
}
