//! A page in a browser, shut off from all others.

use std::{
    collections::{BTreeMap, HashMap},
    future::Future,
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chromiumoxide::{
    Page,
    cdp::{
        browser_protocol::{
            browser::BrowserContextId,
            emulation::{
                MediaFeature, SetDeviceMetricsOverrideParams, SetEmulatedMediaParams,
                SetFocusEmulationEnabledParams, SetTimezoneOverrideParams,
            },
            inspector,
            network::{
                self, CookieParam, EventLoadingFailed, EventLoadingFinished, EventRequestWillBeSent,
                EventResponseReceived, SetExtraHttpHeadersParams,
            },
            page::{
                AddScriptToEvaluateOnNewDocumentParams, CaptureScreenshotFormat, CaptureScreenshotParams,
            },
            performance::GetMetricsParams,
            storage::SetCookiesParams,
            target::{CreateBrowserContextParams, CreateTargetParams, DisposeBrowserContextParams},
        },
        js_protocol::runtime::{
            AddBindingParams, EvaluateParams, EventBindingCalled, EventConsoleApiCalled,
            EventExceptionRevoked, EventExceptionThrown,
        },
    },
    error::CdpError,
};
use futures_util::{
    FutureExt as _, StreamExt as _,
    stream::{BoxStream, SelectAll},
};
use serde_json::{Value as Json, json};

use super::{Browser, BrowserError, TabEvent, Thrown, event::cut};

/// How long a tab may take to be closed.
const CLOSED: Duration = Duration::from_secs(5);

/// The name by which a page's script tells something.
const TELL: &str = "__lockstepTell";

/// How a page is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Its width in CSS pixels.
    pub width: u32,
    /// Its height in CSS pixels.
    pub height: u32,
    /// Device pixels for each of them.
    pub scale: f64,
    /// Whether it prefers dark colours.
    pub dark: bool,
    /// Whether it prefers that little moves.
    pub still: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { width: 1280, height: 720, scale: 1.0, dark: false, still: false }
    }
}

/// A cookie that a page has from the beginning.
#[derive(Debug, Clone)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// What it is set to.
    pub value: secrecy::SecretString,
    /// The address that it is for.
    pub url: String,
}

/// What a tab is opened with.
#[derive(Debug, Clone, Default)]
pub struct TabOptions {
    /// How it is looked at.
    pub look: Look,
    /// What is run in each document before any script of its own. What it passes to `__lockstepTell` comes back as
    /// [`TabEvent::Told`].
    pub script: String,
    /// Where it is, for what tells the time: `UTC`, `Europe/Berlin`; by default where this machine is.
    pub time_zone: Option<String>,
    /// What is sent with each request.
    pub headers: BTreeMap<String, secrecy::SecretString>,
    /// What it has from the beginning.
    pub cookies: Vec<Cookie>,
}

/// A page, with no cookie or storage of any other.
pub struct Tab {
    page: Page,
    context: BrowserContextId,
    events: SelectAll<BoxStream<'static, Raw>>,
    asked_for: HashMap<String, String>,
}

impl std::fmt::Debug for Tab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tab").field("context", &self.context).finish_non_exhaustive()
    }
}

/// What the browser says, before it is put together.
enum Raw {
    Is(TabEvent),
    Asks(String, String),
    Failed(String, String),
}

impl Browser {
    /// Opens an empty tab. [`Browser::close`] closes it.
    ///
    /// # Errors
    /// When the browser does not do it.
    pub async fn tab(&self, options: &TabOptions) -> Result<Tab, BrowserError> {
        let context = match self.inner.create_browser_context(CreateBrowserContextParams::default()).await {
            Ok(context) => context,
            Err(error) => return Err(self.why(&error).await),
        };
        match self.tab_in(context.clone(), options).await {
            Ok(tab) => Ok(tab),
            Err(error) => {
                self.dispose(context).await;
                Err(self.why(&error).await)
            }
        }
    }

    async fn tab_in(&self, context: BrowserContextId, options: &TabOptions) -> Result<Tab, CdpError> {
        let target =
            CreateTargetParams::builder().url("about:blank").browser_context_id(context.clone()).build();
        let page = self.inner.new_page(target.map_err(CdpError::msg)?).await?;
        let events = listen(&page).await?;
        let Look { width, height, scale, dark, still } = options.look;
        let features = vec![
            MediaFeature::new("prefers-color-scheme", if dark { "dark" } else { "light" }),
            MediaFeature::new("prefers-reduced-motion", if still { "reduce" } else { "no-preference" }),
        ];
        // Sent one after another, and waited for together.
        tokio::try_join!(
            page.execute(SetDeviceMetricsOverrideParams::new(
                i64::from(width),
                i64::from(height),
                scale,
                false
            )),
            page.execute(SetEmulatedMediaParams::builder().features(features).build()),
            page.execute(SetFocusEmulationEnabledParams::new(true)),
            page.execute(inspector::EnableParams::default()),
            page.execute(AddBindingParams::new(TELL)),
            page.execute(AddScriptToEvaluateOnNewDocumentParams::new(options.script.clone())),
        )?;
        if let Some(zone) = &options.time_zone {
            page.execute(SetTimezoneOverrideParams::new(zone.clone())).await?;
        }
        if !options.headers.is_empty() {
            let exposed = |(name, value): (&String, &secrecy::SecretString)| {
                (name.clone(), json!(secrecy::ExposeSecret::expose_secret(value)))
            };
            let headers: serde_json::Map<String, Json> = options.headers.iter().map(exposed).collect();
            page.execute(SetExtraHttpHeadersParams::new(network::Headers::new(Json::Object(headers))))
                .await?;
        }
        if !options.cookies.is_empty() {
            let cookies = options.cookies.iter().map(|cookie| {
                let value = secrecy::ExposeSecret::expose_secret(&cookie.value);
                let mut param = CookieParam::new(cookie.name.clone(), value);
                param.url = Some(cookie.url.clone());
                param
            });
            let mut set = SetCookiesParams::new(cookies.collect());
            set.browser_context_id = Some(context.clone());
            self.inner.execute(set).await?;
        }
        Ok(Tab { page, context, events, asked_for: HashMap::new() })
    }

    /// Closes a tab with all that it left in the browser.
    pub async fn close(&self, tab: Tab) {
        self.dispose(tab.context).await;
    }

    async fn dispose(&self, context: BrowserContextId) {
        if self.lost().is_none() {
            let _ =
                tokio::time::timeout(CLOSED, self.inner.execute(DisposeBrowserContextParams::new(context)))
                    .await;
        }
    }
}

async fn listen(page: &Page) -> Result<SelectAll<BoxStream<'static, Raw>>, CdpError> {
    let is = |event| Some(Raw::Is(event));
    let told = page.event_listener::<EventBindingCalled>().await?.filter_map(move |event| {
        std::future::ready((event.name == TELL).then(|| Raw::Is(TabEvent::Told(event.payload.clone()))))
    });
    let thrown = page.event_listener::<EventExceptionThrown>().await?.map(|event| {
        let details = &event.exception_details;
        Raw::Is(TabEvent::Exception { id: details.exception_id, thrown: Thrown::of_exception(details) })
    });
    let revoked = page.event_listener::<EventExceptionRevoked>().await?;
    let revoked = revoked.map(|event| Raw::Is(TabEvent::Revoked(event.exception_id)));
    let console = page.event_listener::<EventConsoleApiCalled>().await?.map(|event| {
        let level = event.r#type.as_ref().to_owned();
        Raw::Is(TabEvent::Console { level, thrown: Thrown::of_console(&event) })
    });
    let asked = page.event_listener::<EventRequestWillBeSent>().await?;
    let asked = asked.map(|event| Raw::Asks(event.request_id.inner().clone(), event.request.url.clone()));
    let failed = page.event_listener::<EventLoadingFailed>().await?.filter_map(|event| {
        let is_wanted = event.canceled != Some(true);
        let failed = || Raw::Failed(event.request_id.inner().clone(), event.error_text.clone());
        std::future::ready(is_wanted.then(failed))
    });
    let refused = page.event_listener::<EventResponseReceived>().await?.filter_map(move |event| {
        let response = &event.response;
        let refused =
            || TabEvent::RequestFailed { url: bare(&response.url), why: response.status.to_string() };
        std::future::ready((response.status >= 400).then(refused).and_then(is))
    });
    let finished = page.event_listener::<EventLoadingFinished>().await?;
    let finished = finished.map(|event| Raw::Is(TabEvent::Received(event.encoded_data_length)));
    let crashed = page.event_listener::<inspector::EventTargetCrashed>().await?;
    let crashed = crashed.map(|_| Raw::Is(TabEvent::Crashed));
    let mut all = SelectAll::new();
    let boxed: [BoxStream<'static, Raw>; 9] = [
        asked.boxed(),
        told.boxed(),
        thrown.boxed(),
        revoked.boxed(),
        console.boxed(),
        failed.boxed(),
        refused.boxed(),
        finished.boxed(),
        crashed.boxed(),
    ];
    all.extend(boxed);
    Ok(all)
}

impl Tab {
    /// Asks for a page, and comes back when it has loaded. Others can listen meanwhile.
    ///
    /// # Errors
    /// When it can't be had.
    pub fn go(&self, url: &str) -> impl Future<Output = Result<(), BrowserError>> + Send + 'static {
        let (page, url) = (self.page.clone(), url.to_owned());
        async move { page.goto(url).await.map(drop).map_err(|error| BrowserError::of(&error)) }
    }

    /// What happens next; nothing any more when the browser is gone.
    pub async fn next(&mut self) -> Option<TabEvent> {
        loop {
            let raw = self.events.next().await?;
            if let Some(event) = self.put_together(raw) {
                return Some(event);
            }
        }
    }

    /// What has happened already.
    pub fn rest(&mut self) -> Vec<TabEvent> {
        let mut events = Vec::new();
        while let Some(Some(raw)) = self.events.next().now_or_never() {
            events.extend(self.put_together(raw));
        }
        events
    }

    fn put_together(&mut self, raw: Raw) -> Option<TabEvent> {
        match raw {
            Raw::Is(event) => Some(event),
            Raw::Asks(id, url) => {
                self.asked_for.insert(id, bare(&url));
                None
            }
            Raw::Failed(id, why) => {
                let url = self.asked_for.remove(&id).unwrap_or_default();
                Some(TabEvent::RequestFailed { url, why })
            }
        }
    }

    /// What an expression comes to in the page. A promise is waited for.
    ///
    /// # Errors
    /// When it throws, or the browser does not answer.
    pub async fn evaluate(&self, expression: &str) -> Result<Json, BrowserError> {
        let params =
            EvaluateParams::builder().expression(expression).await_promise(true).return_by_value(true);
        let params = params.build().map_err(BrowserError::Page)?;
        let answer = self.page.execute(params).await.map_err(|error| BrowserError::of(&error))?.result;
        match answer.exception_details {
            Some(details) => Err(BrowserError::Page(Thrown::of_exception(&details).message)),
            None => Ok(answer.result.value.unwrap_or(Json::Null)),
        }
    }

    /// A file as the page gets it; nothing when it can't be had or is longer than `most` bytes.
    pub(super) async fn fetch(&self, url: &str, most: usize) -> Option<String> {
        let expression = format!(
            "fetch({}).then(async (r) => {{ const t = r.ok ? await r.text() : ''; return t.length > {most} ? '' : t; }})",
            json!(url)
        );
        let text = self.evaluate(&expression).await.ok()?;
        text.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A picture of what is shown, as PNG.
    ///
    /// # Errors
    /// When the browser makes none.
    pub async fn picture(&self) -> Result<Vec<u8>, BrowserError> {
        let params = CaptureScreenshotParams::builder().format(CaptureScreenshotFormat::Png).build();
        let answer = self.page.execute(params).await.map_err(|error| BrowserError::of(&error))?;
        let data: &str = answer.result.data.as_ref();
        BASE64_STANDARD.decode(data).map_err(|error| BrowserError::Page(format!("no picture: {error}")))
    }

    /// What the browser counts, by its own names.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn counts(&self) -> Result<BTreeMap<String, f64>, BrowserError> {
        let answer = self.page.execute(GetMetricsParams::default()).await;
        let answer = answer.map_err(|error| BrowserError::of(&error))?;
        Ok(answer.result.metrics.into_iter().map(|metric| (metric.name, metric.value)).collect())
    }
}

/// An address without what may sign somebody in.
fn bare(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut url) if url.has_host() => {
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.set_query(None);
            url.set_fragment(None);
            cut(url.as_str())
        }
        Ok(url) => format!("{}:…", url.scheme()),
        Err(_) => cut(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_without_its_secrets() {
        for (url, expected) in [
            ("http://a:b@h:81/x.js?token=1#y", "http://h:81/x.js"),
            ("data:text/plain,secret", "data:…"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(bare(url), expected);
        }
    }
}
