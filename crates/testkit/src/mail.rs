//! A mail server for one account, which keeps what is sent.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
};

/// A running mail server of this machine. It takes whoever signs in with the one line that `AUTH PLAIN` may give.
pub struct MailServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    account: String,
    mails: Vec<String>,
}

impl MailServer {
    /// Starts one that takes this account alone: `AUTH PLAIN`'s answer, in base64.
    ///
    /// # Panics
    /// When no port of this machine can be had.
    pub fn start(account: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State { account: account.to_owned(), mails: Vec::new() }));
        let serving = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&serving);
                // A connection that breaks off is the test's affair.
                std::thread::spawn(move || converse(stream, &state));
            }
        });
        Self { address, state }
    }

    /// The port that it listens at, on `127.0.0.1`.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What was sent so far: each with its headers.
    pub fn mails(&self) -> Vec<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).mails.clone()
    }
}

fn converse(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    out.write_all(b"220 mail.test ESMTP\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let word = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" => "250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN",
            "AUTH" => {
                let state = state.lock().unwrap_or_else(PoisonError::into_inner);
                match line.rsplit(' ').next() == Some(&state.account) {
                    true => "235 welcome",
                    false => "535 5.7.8 no such account",
                }
            }
            "DATA" => {
                out.write_all(b"354 go on\r\n")?;
                let mut mail = String::new();
                for line in lines.by_ref() {
                    match line?.as_str() {
                        "." => break,
                        line => {
                            mail.push_str(line.strip_prefix('.').unwrap_or(line));
                            mail.push('\n');
                        }
                    }
                }
                state.lock().unwrap_or_else(PoisonError::into_inner).mails.push(mail);
                "250 kept"
            }
            "QUIT" => {
                out.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => "250 ok",
        };
        out.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}
