//! A server that stands for whatever provider a test wants: it answers what it is told to, and remembers what came.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Response, StatusCode},
};
use serde_json::json;

use crate::listening::Listening;

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    /// The method.
    pub method: String,
    /// The path and query, as they were sent.
    pub path: String,
    /// The headers, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

/// What is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A status, headers and a body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// A status, and a complaint that repeats all that came, in whichever member a client looks for it.
    Echo(u16),
    /// Nothing: the connection ends.
    CutOff,
    /// That, after some time.
    Late(Duration, Box<Reply>),
}

impl Reply {
    /// A status and a body.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, Vec::new(), body.into())
    }
}

#[derive(Default)]
struct Serving {
    standing: BTreeMap<String, Reply>,
    once: BTreeMap<String, VecDeque<Reply>>,
    came: Vec<Came>,
}

/// A running server; it ends with the test.
pub struct Provider {
    server: Listening,
    state: Arc<Mutex<Serving>>,
}

fn lock(state: &Mutex<Serving>) -> MutexGuard<'_, Serving> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Provider {
    /// Starts a server that knows no path.
    ///
    /// # Panics
    /// When no port of this machine can be had.
    pub fn start() -> Self {
        let state = Arc::new(Mutex::<Serving>::default());
        let app = Router::new().fallback(answer).with_state(Arc::clone(&state));
        Self { server: Listening::with(app), state }
    }

    /// Its address.
    pub fn address(&self) -> String {
        self.server.address()
    }

    /// What requests to that path are answered from now on, whatever their query.
    pub fn answer(&self, path: &str, reply: Reply) {
        lock(&self.state).standing.insert(path.to_owned(), reply);
    }

    /// What the next request to that path is answered that nothing was said of yet.
    pub fn answer_once(&self, path: &str, reply: Reply) {
        lock(&self.state).once.entry(path.to_owned()).or_default().push_back(reply);
    }

    /// What came since this was last asked for.
    pub fn came(&self) -> Vec<Came> {
        std::mem::take(&mut lock(&self.state).came)
    }
}

fn echo(came: &Came) -> String {
    let headers = ["x-figma-token", "authorization"].iter().filter_map(|name| came.headers.get(*name));
    let parts = headers.map(String::as_str).chain([came.body.as_str(), came.path.as_str()]);
    let said = parts.collect::<Vec<_>>().join(" ");
    let mut answer = serde_json::Map::from_iter([("errors".to_owned(), json!([{ "message": said }]))]);
    for member in ["error", "err", "message", "detail", "hint", "code", "title"] {
        answer.insert(member.to_owned(), json!(said));
    }
    serde_json::Value::Object(answer).to_string()
}

async fn answer(State(state): State<Arc<Mutex<Serving>>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 16 << 20).await.unwrap_or_default();
    let path = head.uri.path().to_owned();
    let headers = head.headers.iter();
    let came = Came {
        method: head.method.to_string(),
        path: head.uri.to_string(),
        headers: headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let echo = echo(&came);
    let mut reply = {
        let mut serving = lock(&state);
        serving.came.push(came);
        let once = serving.once.get_mut(&path).and_then(VecDeque::pop_front);
        once.or_else(|| serving.standing.get(&path).cloned())
    };
    while let Some(Reply::Late(time, later)) = reply {
        tokio::time::sleep(time).await;
        reply = Some(*later);
    }
    if let Some(Reply::Echo(status)) = reply {
        reply = Some(Reply::new(status, echo));
    }
    let mut response = Response::new(Body::empty());
    match reply {
        Some(Reply::Answer(status, headers, body)) => {
            *response.status_mut() = StatusCode::from_u16(status).expect("a status");
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().expect("a header's value"));
            }
            *response.body_mut() = Body::from(body);
        }
        // A body that fails ends the connection.
        Some(Reply::CutOff | Reply::Late(..) | Reply::Echo(_)) => {
            let broken =
                futures_util::stream::once(async { Err::<Vec<u8>, _>(std::io::Error::other("cut off")) });
            *response.body_mut() = Body::from_stream(broken);
        }
        None => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}
