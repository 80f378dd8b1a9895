//! A server that speaks Figma's REST API as its own OpenAPI document describes it: every request and every answer is held
//! against that, answers are made of design files, and faults come when asked for.

mod complete;
mod fault;
mod file;
mod openapi;

use std::{
    collections::{BTreeMap, VecDeque},
    io::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, Response, StatusCode, header},
};
use serde_json::{Value, json};

pub use fault::Fault;
pub use file::ServedFile;
pub use openapi::{OpenApi, Operation};

use crate::listening::Listening;

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The path and query, decoded.
    pub call: String,
    /// The token.
    pub token: Option<String>,
}

/// A running server. It ends with the test; a request or an answer that is not as Figma's document says fails the test then.
pub struct FigmaServer {
    server: Listening,
    shared: Arc<Shared>,
}

struct Shared {
    api: &'static OpenApi,
    state: Mutex<Serving>,
}

/// What happens to the files at some call.
type Change = Box<dyn FnOnce(&mut BTreeMap<String, ServedFile>) + Send>;

#[derive(Default)]
struct Serving {
    files: BTreeMap<String, ServedFile>,
    /// Answers of calls that are about no design file, by their paths.
    answers: BTreeMap<String, Value>,
    faults: VecDeque<(String, Fault)>,
    changes: VecDeque<(String, Change)>,
    asked: Vec<Asked>,
    violations: Vec<String>,
    gzipped: usize,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Serving> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FigmaServer {
    /// Starts a server without files; nothing where Figma's document can't be had, which is said loudly.
    ///
    /// # Panics
    /// When no port of this machine can be had.
    pub fn start() -> Option<Self> {
        let shared = Arc::new(Shared { api: OpenApi::get()?, state: Mutex::default() });
        let app = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        Some(Self { server: Listening::with(app), shared })
    }

    /// The address to call.
    pub fn address(&self) -> String {
        self.server.address()
    }

    /// Serves a file; what a whole answer of today has and it lacks is filled in.
    pub fn serve(&self, key: &str, mut whole: Value) {
        self.shared.api.complete("/v1/files/{file_key}", &mut whole);
        self.shared.lock().files.insert(key.to_owned(), ServedFile::of(whole));
    }

    /// Changes a file that is served.
    ///
    /// # Panics
    /// When there is none of that key.
    pub fn change(&self, key: &str, change: impl FnOnce(&mut ServedFile)) {
        change(self.shared.lock().files.get_mut(key).expect("a file of that key"));
    }

    /// Answers a call that is not about a design file's nodes: `/v1/files/{file_key}/components`, for whichever file. What
    /// it lacks is filled in.
    pub fn answer(&self, path: &str, mut answer: Value) {
        self.shared.api.complete(path, &mut answer);
        self.shared.lock().answers.insert(path.to_owned(), answer);
    }

    /// Changes the files just before the next call whose path and query hold this text is answered.
    pub fn change_at(
        &self,
        call: &str,
        change: impl FnOnce(&mut BTreeMap<String, ServedFile>) + Send + 'static,
    ) {
        self.shared.lock().changes.push_back((call.to_owned(), Box::new(change)));
    }

    /// Lets the next call fail whose path and query hold this text.
    pub fn fail(&self, call: &str, fault: Fault) {
        self.shared.lock().faults.push_back((call.to_owned(), fault));
    }

    /// The requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.lock().asked.clone()
    }

    /// The calls since this was last asked for.
    pub fn calls(&self) -> Vec<String> {
        let asked = std::mem::take(&mut self.shared.lock().asked);
        asked.into_iter().map(|asked| asked.call).collect()
    }

    /// How many answers went out compressed.
    pub fn gzipped(&self) -> usize {
        self.shared.lock().gzipped
    }
}

impl Drop for FigmaServer {
    fn drop(&mut self) {
        let violations = std::mem::take(&mut self.shared.lock().violations);
        if !std::thread::panicking() {
            assert!(violations.is_empty(), "not as Figma's document says:\n{}", violations.join("\n"));
        }
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (status, mut body, fault) = {
        let mut serving = shared.lock();
        serving.respond(shared.api, &request)
    };
    let gzip = accepts_gzip(request.headers()) && fault.is_none();
    if gzip {
        body = compressed(&body);
        shared.lock().gzipped += 1;
    }
    let mut response = fault::respond(status, Body::from(body.clone()));
    if gzip {
        response.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
    }
    match fault {
        Some(fault) => fault.spoil(body, response).await,
        None => response,
    }
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|value| value.contains("gzip"))
}

fn compressed(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.expect("memory can be written")
}

impl Serving {
    fn respond(&mut self, api: &OpenApi, request: &Request) -> (StatusCode, Vec<u8>, Option<Fault>) {
        let uri = request.uri();
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let shown: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let call = match shown.is_empty() {
            true => uri.path().to_owned(),
            false => format!("{}?{}", uri.path(), shown.join("&")),
        };
        let token = request.headers().get("x-figma-token");
        let token = token.and_then(|token| token.to_str().ok()).map(str::to_owned);
        let fault = self.fault_of(&call);
        self.change_at(&call);
        let operation = api.operation(uri.path()).filter(|_| request.method() == Method::GET);
        let Some(operation) = operation else {
            self.violations.push(format!("{} {call} is no call of Figma's", request.method()));
            return (StatusCode::NOT_FOUND, Vec::new(), None);
        };
        self.violations.extend(api.faults_of_request(&operation, &query, token.is_some()));
        self.asked.push(Asked { call, token });
        let (status, answer) = match fault.as_ref().and_then(Fault::answer) {
            Some(answer) => answer,
            None => self.content(api, &operation, &query),
        };
        self.violations.extend(api.faults_of_answer(&operation, status, &answer));
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, answer.to_string().into_bytes(), fault)
    }

    fn change_at(&mut self, call: &str) {
        let at = self.changes.iter().position(|(text, _)| call.contains(text.as_str()));
        if let Some((_, change)) = at.and_then(|at| self.changes.remove(at)) {
            change(&mut self.files);
        }
    }

    fn fault_of(&mut self, call: &str) -> Option<Fault> {
        let at = self.faults.iter().position(|(text, _)| call.contains(text.as_str()))?;
        self.faults.remove(at).map(|(_, fault)| fault)
    }

    fn content(&self, api: &OpenApi, operation: &Operation, query: &[(String, String)]) -> (u16, Value) {
        let of_query =
            |name: &str| query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
        let refused = |status: u16, reason: &str| (status, json!({ "status": status, "err": reason }));
        if let Some(answer) = self.answers.get(&operation.path) {
            return (200, answer.clone());
        }
        let file = operation.parameters.get("file_key").and_then(|key| self.files.get(key));
        let Some(file) = file else { return refused(404, "Not found") };
        let depth = of_query("depth").and_then(|depth| depth.parse().ok());
        let mut answer = match operation.path.as_str() {
            "/v1/files/{file_key}/meta" => file.meta(),
            "/v1/files/{file_key}" => file.file(depth),
            "/v1/files/{file_key}/nodes" => {
                let ids: Vec<&str> = of_query("ids").unwrap_or_default().split(',').collect();
                match file.largest {
                    Some((most, status)) if file.count(&ids, depth) > most => {
                        return refused(status, "Request too large. If applicable, filter by query params.");
                    }
                    _ => file.nodes(&ids, depth),
                }
            }
            _ => return refused(404, "Not found"),
        };
        api.complete(&operation.path, &mut answer);
        (200, answer)
    }
}
