//! A registry that can't be used: what is wrong with it, and what to do; never a password.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
};

use lockstep_testkit::{postgres::cluster, run::Run, workspace::Workspace};

const DATABASE: &str = ".lockstep/lockstep.db";

fn scanned() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.run(["init", "--yes", "--design", "design/acme.figma.json"]).succeeds();
    workspace.run(["scan"]).succeeds();
    workspace
}

/// Every command says the same and changes no byte beside the registry.
fn refused(workspace: &Workspace) -> String {
    let before = workspace.tree();
    let drift = workspace.run(["drift", "--check"]).exits(4);
    assert_eq!(drift.stdout, "", "{drift:?}");
    for command in [&["sync", "--yes"][..], &["undo"], &["scan"], &["history"], &["maintain"]] {
        assert_eq!(workspace.run(command).exits(4).stderr, drift.stderr);
    }
    let json = workspace.run(["drift", "--json"]).exits(4).json();
    assert_eq!((&json["data"]["kind"], &json["data"]["code"]), (&"bad_input".into(), &"store".into()));
    assert_eq!(workspace.changes_since(&before), []);
    drift.redacted_errors()
}

/// Takes the registry's files away, all of them.
fn remove_registry(workspace: &Workspace) {
    for file in fs::read_dir(workspace.path(".lockstep")).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with("lockstep.db") {
            fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn a_damaged_file_is_said_and_can_be_put_away() {
    let workspace = scanned();
    remove_registry(&workspace);
    workspace.write(DATABASE, "no database at all, but long enough to have a header. ".repeat(2_000));
    insta::assert_snapshot!(refused(&workspace), @r"
    error: can't open the database `sqlite://<workspace>/.lockstep/lockstep.db`: file is not a database
    hint: the file is no intact SQLite database: put back a copy, or move it away and scan again
    ");
    fs::remove_file(workspace.path(DATABASE)).unwrap();
    workspace.run(["drift"]).succeeds();
}

#[test]
fn half_a_file_is_said() {
    let workspace = scanned();
    workspace.run(["db", "info"]).succeeds();
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(workspace.path(&format!("{DATABASE}{end}")));
    }
    // A file whose log is gone is a damaged one.
    let mut bytes = fs::read(workspace.path(DATABASE)).unwrap();
    bytes.resize(4096 * 3, 0xa5);
    bytes[4096..].fill(0xa5);
    bytes[28..32].copy_from_slice(&200_u32.to_be_bytes());
    workspace.write(DATABASE, &bytes);
    let run = workspace.run(["drift", "--check"]).exits(4);
    assert!(run.stderr.contains("put back a copy, or move it away and scan again"), "{run:?}");
    remove_registry(&workspace);
    workspace.run(["drift"]).succeeds();
}

#[test]
fn a_folder_in_its_place_is_said() {
    let workspace = scanned();
    remove_registry(&workspace);
    fs::create_dir(workspace.path(DATABASE)).unwrap();
    insta::assert_snapshot!(refused(&workspace), @r"
    error: can't open the database `sqlite://<workspace>/.lockstep/lockstep.db`: unable to open database file
    hint: check that its folder exists and both can be written
    ");
}

#[cfg(unix)]
#[test]
fn a_registry_that_may_not_be_written_is_said() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut workspace = scanned();
    workspace.bind_by_permissions();
    let mode = |path: &str, mode| {
        fs::set_permissions(workspace.path(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    // The log's files go with the last connection: without them, the folder must be writable to make them.
    remove_registry(&workspace);
    workspace.run(["scan"]).succeeds();
    let all = |bits| {
        let files = ["", "-wal", "-shm"].map(|end| format!("{DATABASE}{end}"));
        files.iter().filter(|file| workspace.path(file).exists()).for_each(|file| mode(file, bits));
    };
    all(0o444);
    insta::assert_snapshot!(refused(&workspace), @r"
    error: the SQLite database can't go on: attempt to write a readonly database
    hint: make the database file, those beside it (-wal, -shm) and their folder writable; the registry is sqlite://<workspace>/.lockstep/lockstep.db
    ");
    all(0o644);
    workspace.run(["drift"]).succeeds();

    fs::remove_dir_all(workspace.path(".lockstep")).unwrap();
    fs::set_permissions(workspace.root(), fs::Permissions::from_mode(0o555)).unwrap();
    let run = workspace.run(["drift"]).exits(4);
    fs::set_permissions(workspace.root(), fs::Permissions::from_mode(0o755)).unwrap();
    insta::assert_snapshot!(run.redacted_errors(), @r"
    error: can't make <workspace>/.lockstep: Permission denied (os error 13)
    hint: the registry and the cache are kept there; set DATABASE_URL for a registry elsewhere
    ");
    workspace.run(["drift"]).succeeds();
}

#[test]
fn addresses_that_lead_nowhere_say_so_without_their_password() {
    let mut workspace = scanned();
    let refusing = password_refusing_server();
    let addresses = [
        "postgres://ada:hunter2@127.0.0.1:1/hub".to_owned(),
        format!("postgres://ada:hunter2@127.0.0.1:{refusing}/hub"),
        "postgres://ada:hunter2@127.0.0.1/".to_owned(),
        "postgres://ada:hunter2@127.0.0.1:port/hub".to_owned(),
        "postgres://127.0.0.1:1/hub?password=hunter2&sslmode=bogus".to_owned(),
        "mysql://ada:hunter2@127.0.0.1/hub".to_owned(),
        "lockstep.db".to_owned(),
        "sqlite://no/such/folder/lockstep.db".to_owned(),
    ];
    let mut all = String::new();
    for address in addresses {
        workspace.set("DATABASE_URL", &address);
        for arguments in [&["drift"][..], &["drift", "--json"], &["db", "info"], &["-vv", "scan"]] {
            let Run { stdout, stderr, .. } = workspace.run(arguments).exits(4);
            assert!(!format!("{stdout}{stderr}").contains("hunter2"), "{stdout}{stderr}");
        }
        let told = workspace.run(["drift"]).exits(4).redacted_errors();
        all.push_str(&told.replace(&refusing.to_string(), "<port>"));
    }
    insta::assert_snapshot!(all, @r#"
    error: can't open the database `postgres://ada:***@127.0.0.1:1/hub`: Connection refused (os error 111)
    hint: check that the server runs, and its host and port in the address
    error: can't open the database `postgres://ada:***@127.0.0.1:<port>/hub`: password authentication failed for user "ada"
    hint: check the user and the password in the address
    error: `postgres://ada:***@127.0.0.1/` is no database address: it names no database
    hint: write `sqlite://path/to/lockstep.db` or `postgres://user@host/database`
    error: `postgres://***@127.0.0.1:port/hub` is no database address: invalid port number
    hint: write `sqlite://path/to/lockstep.db` or `postgres://user@host/database`
    error: can't open the database `postgres://127.0.0.1:1/hub?password=***&sslmode=bogus`: unknown value "bogus" for `ssl_mode`
    hint: check the address
    error: `mysql://ada:***@127.0.0.1/hub` is no database address: `mysql` is no database that Lockstep keeps its registry in
    hint: write `sqlite://path/to/lockstep.db` or `postgres://user@host/database`
    error: `lockstep.db` is no database address: it has no scheme
    hint: write `sqlite://path/to/lockstep.db` or `postgres://user@host/database`
    error: can't open the database `sqlite://no/such/folder/lockstep.db`: unable to open database file
    hint: check that its folder exists and both can be written
    "#);
}

/// A server that asks for a password and takes none.
fn password_refusing_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            let mut asked = [0; 1024];
            let mut read = connection.read(&mut asked).unwrap_or_default();
            // A wish for TLS, of eight bytes, comes first.
            if read == 8 {
                let _ = connection.write_all(b"N");
                read = connection.read(&mut asked).unwrap_or_default();
            }
            assert!(read > 8, "a startup message");
            let _ = connection.write_all(b"R\0\0\0\x08\0\0\0\x03");
            let _ = connection.read(&mut asked);
            let fields = b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user \"ada\"\0\0";
            let length = u32::try_from(fields.len() + 4).unwrap();
            let _ = connection.write_all(&[b"E", &length.to_be_bytes()[..], fields].concat());
        }
    });
    port
}

#[test]
fn a_server_that_does_not_let_it_says_so() {
    let Some(cluster) = cluster() else {
        eprintln!("SKIPPED: there is no PostgreSQL here");
        return;
    };
    let mut workspace = scanned();
    workspace.set("DATABASE_URL", cluster.url("no_such_database"));
    let missing = refused(&workspace);
    assert!(
        missing.contains("database \"no_such_database\" does not exist\nhint: make it with `createdb`"),
        "{missing}"
    );

    let database = cluster.create_database().unwrap();
    workspace.set("DATABASE_URL", cluster.url(&database));
    workspace.run(["scan"]).succeeds();
    cluster
        .sql(&database, "CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        .unwrap();
    let url = cluster.url(&database).replacen("lockstep@", "reader@", 1).replacen(
        "user=lockstep",
        "user=reader",
        1,
    );
    workspace.set("DATABASE_URL", &url);
    let forbidden = refused(&workspace);
    assert!(
        forbidden.contains("permission denied") && forbidden.contains("hint: grant the database's user"),
        "{forbidden}"
    );

    workspace.set("DATABASE_URL", cluster.url(&database));
    cluster
        .sql(&database, "INSERT INTO schema_migrations (version, name, checksum) VALUES (999, 'later', 'x')")
        .unwrap();
    let newer = refused(&workspace);
    assert!(
        newer.contains("at schema version 999") && newer.contains("hint: use a newer Lockstep"),
        "{newer}"
    );
    cluster.sql(&database, "DELETE FROM schema_migrations WHERE version = 999").unwrap();
    workspace.run(["drift"]).succeeds();
}
