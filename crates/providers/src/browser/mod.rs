//! A Chromium that pages are opened in, over the DevTools protocol: started here with a profile of its own, or reached
//! where it runs.

mod error;
mod event;
mod process;
mod source_map;
mod tab;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use chromiumoxide::handler::HandlerConfig;
use futures_util::StreamExt as _;
use tokio::sync::watch;

pub use error::BrowserError;
pub use event::{Frame, TabEvent, Thrown};
pub use source_map::Sources;
pub use tab::{Cookie, Look, Tab, TabOptions};

use crate::line::{Call, Line, Patience, below};
use process::Process;

/// How long a browser may take to start.
const START: Duration = Duration::from_secs(30);

/// How long the end of a process may come after that of its connection.
const NEXT: Duration = Duration::from_secs(1);

/// After so long without an answer a command has failed.
const ANSWER: Duration = Duration::from_secs(20);

/// Which browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// One that is started here, and gone with the value that stands for it.
    Started {
        /// The program; without one, what is usually there is looked for.
        executable: Option<PathBuf>,
        /// Whether its processes shut themselves off from the machine. The superuser's can't.
        sandbox: bool,
        /// Where its profile is made; without one, where temporary files are.
        profiles: Option<PathBuf>,
    },
    /// One that runs elsewhere: its address begins with `ws://`, `wss://`, `http://` or `https://`.
    Remote(String),
}

/// A browser. Dropping it ends one that was started here with all of its processes, and removes its profile.
#[derive(Debug)]
pub struct Browser {
    inner: chromiumoxide::Browser,
    lost: watch::Receiver<Option<String>>,
    handler: tokio::task::JoinHandle<()>,
    process: Option<Process>,
}

impl Browser {
    /// Starts a browser, or connects to one.
    ///
    /// # Errors
    /// When there is none, it does not start, or it does not answer.
    pub async fn open(endpoint: &Endpoint) -> Result<Self, BrowserError> {
        let (process, address) = match endpoint {
            Endpoint::Started { executable, sandbox, profiles } => {
                let started = Process::start(
                    executable.as_deref(),
                    *sandbox,
                    profiles.as_deref(),
                    Instant::now() + START,
                )
                .await?;
                let address = started.address.clone();
                (Some(started), address)
            }
            Endpoint::Remote(address) => (None, socket_of(address).await?),
        };
        let config = HandlerConfig {
            ignore_https_errors: false,
            viewport: None,
            request_timeout: ANSWER,
            ..HandlerConfig::default()
        };
        let connecting = chromiumoxide::Browser::connect_with_config(&address, config);
        let unreachable = |why: String| BrowserError::Unreachable {
            address: masked(&address),
            why: without_address(&why, &address),
        };
        let (inner, mut handler) = tokio::time::timeout(ANSWER, connecting)
            .await
            .map_err(|_| unreachable("it does not answer".to_owned()))?
            .map_err(|error| unreachable(error.to_string()))?;
        let (tell, lost) = watch::channel(None);
        let mut ended = process.as_ref().map(|process| process.ended.clone());
        let handler = tokio::spawn(async move {
            let broken = async {
                while let Some(step) = handler.next().await {
                    if let Err(error) = step {
                        return error.to_string();
                    }
                }
                "its connection ended".to_owned()
            };
            let Some(ended) = &mut ended else {
                tell.send_replace(Some(broken.await));
                return;
            };
            let mut after = ended.clone();
            let ended = async move {
                let ended = ended.wait_for(Option::is_some).await.ok().and_then(|ended| ended.clone());
                ended.unwrap_or_default()
            };
            let why = tokio::select! {
                why = ended => why,
                // The end of its process is why the connection broke, and may be told a little later.
                why = broken => match tokio::time::timeout(NEXT, after.wait_for(Option::is_some)).await {
                    Ok(Ok(ended)) => ended.clone().unwrap_or(why),
                    _ => why,
                },
            };
            tell.send_replace(Some(why));
        });
        Ok(Self { inner, lost, handler, process })
    }

    /// What it calls itself: `Chrome/140.0.7339.80`.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn version(&self) -> Result<String, BrowserError> {
        match self.inner.version().await {
            Ok(version) => Ok(version.product),
            Err(error) => Err(self.why(&error).await),
        }
    }

    /// The id of its process, where it was started here.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(|process| process.id)
    }

    /// Where others can reach it over HTTP, where it was started here: this machine alone.
    pub fn http_address(&self) -> Option<String> {
        let socket = url::Url::parse(&self.process.as_ref()?.address).ok()?;
        Some(format!("http://{}:{}", socket.host_str()?, socket.port()?))
    }

    /// Why it is not there any more, if it is not.
    pub fn lost(&self) -> Option<String> {
        self.lost.borrow().clone()
    }

    /// Comes back when it is not there any more, with the reason.
    pub async fn until_lost(&self) -> String {
        let mut lost = self.lost.clone();
        match lost.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            Err(_) => "its connection ended".to_owned(),
        }
    }

    /// A failed command, told by what lies behind it.
    async fn why(&self, error: &chromiumoxide::error::CdpError) -> BrowserError {
        match BrowserError::of(error) {
            // A tab can end without its browser.
            BrowserError::Lost(why) => match tokio::time::timeout(2 * NEXT, self.until_lost()).await {
                Ok(why) => BrowserError::Lost(why),
                Err(_) => BrowserError::Page(why),
            },
            other => self.lost().map_or(other, BrowserError::Lost),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.handler.abort();
    }
}

/// The address of the socket that a browser is spoken to by: told under `/json/version` where HTTP is spoken.
async fn socket_of(address: &str) -> Result<String, BrowserError> {
    let unreachable = |why: String| BrowserError::Unreachable { address: masked(address), why };
    let url = url::Url::parse(address).map_err(|error| unreachable(error.to_string()))?;
    if matches!(url.scheme(), "ws" | "wss") {
        return Ok(address.to_owned());
    }
    let line = Line::new(Patience::default()).map_err(|error| unreachable(error.to_string()))?;
    let answer = line.ask(&Call::get(below(&url, &["json", "version"]))).await;
    let told = answer.map_err(|error| unreachable(error.to_string()))?.text_at(&["webSocketDebuggerUrl"]);
    let told = told.ok_or_else(|| unreachable("it does not say where its DevTools are".to_owned()))?;
    let mut socket = url::Url::parse(&told).map_err(|error| unreachable(error.to_string()))?;
    // It may know itself by another name, and by no secret.
    let is_taken = socket.set_host(url.host_str()).is_ok() && socket.set_port(url.port()).is_ok();
    if let Some(query) = url.query().filter(|_| socket.query().is_none()) {
        socket.set_query(Some(query));
    }
    if url.scheme() == "https" {
        let _ = socket.set_scheme("wss");
    }
    is_taken.then(|| socket.to_string()).ok_or_else(|| unreachable("its address is none".to_owned()))
}

/// An address without what opens it.
fn masked(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(url) => format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default()),
        Err(_) => "that address".to_owned(),
    }
}

/// What a library says of an address, without what opens it.
fn without_address(said: &str, address: &str) -> String {
    let said = said.replace(address, &masked(address));
    let Ok(url) = url::Url::parse(address) else { return said };
    let parts = [url.query(), url.password(), Some(url.path())];
    let secrets = parts.into_iter().flatten().filter(|part| part.len() > 1);
    secrets.fold(said, |said, secret| said.replace(secret, "…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_opens_an_address_is_told() {
        let address = "wss://u:p4ss@browsers.example:9222/devtools/s3cret?token=t0ken";
        assert_eq!(masked(address), "wss://browsers.example");
        for said in [
            format!("URL error: Unable to connect to {address}"),
            "no route for /devtools/s3cret?token=t0ken of u:p4ss".to_owned(),
        ] {
            let told = without_address(&said, address);
            assert!(["s3cret", "t0ken", "p4ss"].iter().all(|secret| !told.contains(secret)), "{told}");
        }
        assert_eq!(without_address("refused", "no address"), "refused");
    }
}
