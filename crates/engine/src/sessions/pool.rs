//! The browsers of a run: one that is started, or several elsewhere. One that was lost is opened anew.

use std::sync::Arc;

use lockstep_providers::browser::{Browser, BrowserError, Endpoint};
use tokio::sync::Mutex;

/// Browsers that stories are spread over.
pub(super) struct Pool {
    browsers: Vec<(Endpoint, Mutex<Option<Arc<Browser>>>)>,
}

impl Pool {
    pub(super) fn of(endpoints: Vec<Endpoint>) -> Self {
        let browsers = endpoints.into_iter().map(|endpoint| (endpoint, Mutex::default()));
        Self { browsers: browsers.collect() }
    }

    /// The browser whose turn it is.
    pub(super) async fn turn(&self, turn: usize) -> Result<Arc<Browser>, BrowserError> {
        let place = turn.checked_rem(self.browsers.len()).unwrap_or_default();
        let (endpoint, browser) = self.browsers.get(place).ok_or(BrowserError::NotFound)?;
        let mut browser = browser.lock().await;
        match browser.as_ref().filter(|browser| browser.lost().is_none()) {
            Some(browser) => Ok(Arc::clone(browser)),
            None => {
                // What is left of it goes first.
                *browser = None;
                Ok(Arc::clone(browser.insert(Arc::new(Browser::open(endpoint).await?))))
            }
        }
    }
}
