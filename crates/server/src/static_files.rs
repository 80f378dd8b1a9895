//! A folder's files over HTTP, for programs on this machine: a static Storybook.

use std::{
    io,
    net::SocketAddr,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    extract::{Path as Asked, State},
    http::{HeaderMap, Response, StatusCode, header},
    routing::get,
};
use lockstep_engine::{
    context::Engine,
    error::EngineError,
    sessions::{Storybook, TestReport, TestRequest, web_address},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// Larger files are not given out.
const LARGEST: u64 = 256 << 20;

/// A folder that is being served. It ends with this value.
#[derive(Debug)]
pub struct ServedFolder {
    address: SocketAddr,
    task: JoinHandle<()>,
}

struct Folder {
    root: PathBuf,
    host: String,
}

impl ServedFolder {
    /// Serves a folder on a free port of the loopback address. Links out of it lead nowhere.
    ///
    /// # Errors
    /// When there is no such folder or no port.
    pub async fn start(folder: &Path) -> io::Result<Self> {
        let root = folder.canonicalize()?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let folder = Arc::new(Folder { root, host: address.to_string() });
        let router = Router::new().route("/", get(front)).route("/{*path}", get(file)).with_state(folder);
        let task = tokio::spawn(async move {
            // It has no end of its own.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, task })
    }

    /// Where it is: `http://127.0.0.1:40123/`.
    pub fn address(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for ServedFolder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Opens stories where the workspace says that they are rendered; a static build is served as long as that takes.
///
/// # Errors
/// When there is no Storybook, and as [`Engine::test`].
pub async fn test(engine: &Engine, request: &TestRequest) -> Result<TestReport, EngineError> {
    let folder = match engine.workspace.storybook()? {
        Storybook::Running(address) => return engine.test(request, &address).await,
        Storybook::Static(folder) => folder,
    };
    let served = ServedFolder::start(&folder).await.map_err(|error| EngineError::Refused {
        code: "no-storybook",
        message: format!("{} can't be served: {error}", folder.display()),
        hint: "a port of the loopback address is needed".to_owned(),
    })?;
    let address = web_address(&served.address())
        .ok_or_else(|| EngineError::Bug("a folder is served at no address".to_owned()))?;
    engine.test(request, &address).await
}

async fn front(folder: State<Arc<Folder>>, headers: HeaderMap) -> Response<Body> {
    file(folder, headers, Asked("index.html".to_owned())).await
}

async fn file(
    State(folder): State<Arc<Folder>>,
    headers: HeaderMap,
    Asked(path): Asked<String>,
) -> Response<Body> {
    let asked_of = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    // A name that a page elsewhere has made to mean this machine is not this server's.
    if asked_of != Some(folder.host.as_str()) {
        return answer(StatusCode::MISDIRECTED_REQUEST, "text/plain", "this is another host\n".into());
    }
    let kind = media_type(&path);
    let bytes = tokio::task::spawn_blocking(move || folder.read(&path)).await.ok().flatten();
    match bytes {
        Some(bytes) => answer(StatusCode::OK, kind, bytes.into()),
        None => answer(StatusCode::NOT_FOUND, "text/plain", "there is no such file\n".into()),
    }
}

fn answer(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache"));
    response
}

impl Folder {
    /// A file's bytes; nothing where it is none, or not in the folder.
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let path = Path::new(path);
        let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        if !path.components().all(is_plain) {
            return None;
        }
        let file = self.root.join(path).canonicalize().ok()?;
        let found = std::fs::metadata(&file).ok()?;
        let is_given = file.starts_with(&self.root) && found.is_file() && found.len() <= LARGEST;
        is_given.then(|| std::fs::read(file).ok()).flatten()
    }
}

/// What a file is, by the end of its name. A browser runs no script and applies no style of another type.
fn media_type(path: &str) -> &'static str {
    let end = path.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    match end.as_deref().unwrap_or_default() {
        "html" | "htm" => "text/html; charset=utf-8",
        "js" | "mjs" | "cjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "wasm" => "application/wasm",
        "txt" | "md" => "text/plain; charset=utf-8",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}
