//! A folder that is served gives what is in it, to this machine, and nothing else.

use std::net::SocketAddr;

use lockstep_server::static_files::ServedFolder;
use lockstep_testkit::http::Request;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_folder_is_given_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("static");
    std::fs::create_dir_all(root.join("assets")).unwrap();
    std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    std::fs::write(root.join("index.html"), "front").unwrap();
    std::fs::write(root.join("assets/a b.js"), "script").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("secret.txt"), root.join("link.txt")).unwrap();
    let served = ServedFolder::start(&root).await.unwrap();
    let address: SocketAddr =
        served.address().trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
    assert!(address.ip().is_loopback());
    for (path, expected) in [
        ("/", "200 text/html; charset=utf-8 front"),
        ("/index.html?id=x", "200 text/html; charset=utf-8 front"),
        ("/assets/a%20b.js", "200 text/javascript; charset=utf-8 script"),
        ("/assets", "404 text/plain there is no such file\n"),
        ("/nothing", "404 text/plain there is no such file\n"),
        ("/../secret.txt", "404 text/plain there is no such file\n"),
        ("/%2e%2e/secret.txt", "404 text/plain there is no such file\n"),
        ("/assets/..%2f..%2fsecret.txt", "404 text/plain there is no such file\n"),
        ("//etc/passwd", "404 text/plain there is no such file\n"),
        ("/link.txt", "404 text/plain there is no such file\n"),
        ("/a%00b", "404 text/plain there is no such file\n"),
    ] {
        let answer =
            tokio::task::spawn_blocking(move || Request::new("GET", path).send(address)).await.unwrap();
        let kind = answer.header("content-type").unwrap_or_default();
        assert_eq!(format!("{} {kind} {}", answer.status, answer.body), expected, "{path}");
    }
    let foreign = move || Request::new("GET", "/").header("Host", "rebound.example").send(address).status;
    assert_eq!(tokio::task::spawn_blocking(foreign).await.unwrap(), 421);
    assert!(ServedFolder::start(&root.join("none")).await.is_err());
}
