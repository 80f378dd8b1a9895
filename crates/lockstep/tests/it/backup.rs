//! A registry as a file and back, also while others write.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use lockstep_testkit::{hub::Hub, postgres::cluster, workspace::Workspace};
use serde_json::Value;

fn adopted() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.adopt();
    workspace.forget_requests_soon();
    workspace.run(["scan"]).succeeds();
    workspace
}

fn data(workspace: &Workspace, command: &[&str]) -> Value {
    workspace.run(command.iter().chain(&["--json"])).succeeds().json()["data"].clone()
}

#[test]
fn a_backup_under_load_is_one_state_of_the_registry() {
    let workspace = adopted();
    workspace.drift();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for name in ["x", "y", "z"] {
                workspace.run(["sync", "Badge", "--yes"]).succeeds();
                workspace.run(["undo"]).succeeds();
                workspace.run(["user", "invite", name, "--role", "viewer"]).succeeds();
                thread::sleep(std::time::Duration::from_millis(1_100));
            }
            done.store(true, Ordering::Relaxed);
        });
        let mut taken = 0;
        while !done.load(Ordering::Relaxed) {
            let file = format!("backup-{taken}.db");
            let told = data(&workspace, &["backup", &file]);
            assert!(told["size"].as_u64().unwrap() > 100_000, "{told}");
            taken += 1;
        }
        assert!(taken > 2);
        for number in 0..taken {
            // Each is a whole registry, whose log of acts is whole.
            let copy = workspace.copy();
            copy.run(["restore", &format!("backup-{number}.db"), "--replace"]).succeeds();
            copy.run(["audit", "verify"]).succeeds();
        }
    });
}

#[test]
fn what_is_restored_is_what_was_backed_up() {
    let workspace = adopted();
    workspace.drift();
    workspace.run(["sync", "Badge", "--yes"]).succeeds();
    let before = (data(&workspace, &["history"]), data(&workspace, &["audit", "list", "--limit", "100"]));
    workspace.run(["backup", "backup.db"]).succeeds();
    workspace.run(["backup", "backup.db"]).exits(3);
    workspace.run(["user", "invite", "grace", "--role", "viewer"]).succeeds();
    workspace.run(["restore", "backup.db"]).exits(3);
    // Whoever has it open would go on in the one that is no more.
    let hub = Hub::start(&workspace, &[]);
    let refused = workspace.run(["restore", "backup.db", "--replace"]).exits(3);
    assert!(refused.stderr.contains("another process has the registry open"), "{refused:?}");
    hub.get("/readyz").is(200);
    assert_eq!(hub.end("-TERM").0, Some(0));
    let restored = data(&workspace, &["restore", "backup.db", "--replace"]);
    let after = (data(&workspace, &["history"]), data(&workspace, &["audit", "list", "--limit", "100"]));
    assert_eq!(after, before);
    assert!(std::fs::exists(restored["replaced"].as_str().unwrap()).unwrap());
    // What can be taken back still can.
    workspace.run(["undo"]).succeeds();

    workspace.write("cut.db", &std::fs::read(workspace.path("backup.db")).unwrap()[..50_000]);
    workspace.write("text.db", "no registry".repeat(1_000));
    for (file, code) in [("cut.db", 4), ("text.db", 4), ("none.db", 4)] {
        workspace.run(["restore", file, "--replace"]).exits(code);
    }
    workspace.run(["history"]).succeeds();
    // A registry that is none any more is what people restore for.
    for log in ["-wal", "-shm"] {
        std::fs::remove_file(workspace.path(&format!(".lockstep/lockstep.db{log}"))).ok();
    }
    workspace.write(".lockstep/lockstep.db", "no registry".repeat(1_000));
    workspace.run(["history"]).exits(4);
    workspace.run(["restore", "backup.db", "--replace"]).succeeds();
    assert_eq!(data(&workspace, &["history"])[0]["events"], before.0[0]["events"]);
}

#[test]
fn postgresql_has_programs_of_its_own() {
    let Some(cluster) = cluster() else { return };
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.set("DATABASE_URL", cluster.url(&cluster.create_database().unwrap()));
    workspace.adopt();
    workspace.run(["scan"]).succeeds();
    for command in [&["backup", "b.db"][..], &["restore", "b.db"]] {
        let refused = workspace.run(command).exits(3);
        assert!(refused.stderr.contains("pg_dump"), "{refused:?}");
    }
    assert!(!workspace.path("b.db").exists());
}
