//! `lockstep fetch`, against a server that speaks Figma's own OpenAPI document.

use std::time::Duration;

use lockstep_testkit::{
    figma::{Fault, FigmaServer},
    run::Run,
    workspace::{Workspace, example},
};
use serde_json::Value;

const TOKEN: &str = "figd_a-secret-that-nobody-may-see";
const KEY: &str = "Qm4tYv81cLs0eXw7ZpRk2B";
const COPY: &str = ".lockstep/figma/acme.figma.json";

/// The example with its design file on a server; nothing where Figma's document can't be had.
struct Live {
    workspace: Workspace,
    server: FigmaServer,
}

impl Live {
    fn acme() -> Option<Self> {
        let server = FigmaServer::start()?;
        server.serve(KEY, design("acme"));
        let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
        std::fs::remove_dir_all(workspace.path("design")).unwrap();
        workspace
            .write("lockstep.toml", live_config("acme", &format!("https://www.figma.com/design/{KEY}/Acme")));
        workspace.set("FIGMA_TOKEN", TOKEN).set("LOCKSTEP_FIGMA_URL", server.address());
        Some(Self { workspace, server })
    }

    /// Runs a command; whatever comes of it, the token is not in it.
    fn run(&self, command: &str) -> Run {
        let run = self.workspace.run(command.split(' '));
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(!said.contains("figd_"), "the token was shown: {run:?}");
        run
    }

    /// The one file of a fetch.
    fn fetch(&self, arguments: &str, code: i32) -> Value {
        let command = format!("fetch --json {arguments}");
        let document = self.run(command.trim_end()).exits(code).json();
        assert_eq!(document["schema"], "lockstep.fetch/1");
        document["data"][0].clone()
    }
}

fn live_config(name: &str, figma: &str) -> String {
    format!("[[design]]\nname = {name:?}\nfigma = {figma:?}\n")
}

/// The design file of an example.
fn design(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(example(name).join("design/acme.figma.json")).unwrap()).unwrap()
}

/// The same workspace with the design file saved by hand.
fn saved() -> Workspace {
    let workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    let config = format!("[[design]]\nname = \"acme\"\nfile = \"design/acme.figma.json\"\nkey = \"{KEY}\"\n");
    workspace.write("lockstep.toml", config);
    workspace
}

#[test]
fn a_live_file_is_fetched_once_and_read_like_a_saved_one() {
    let Some(live) = Live::acme() else { return };
    let saved = saved();
    let missing = live.run("drift").exits(4);
    assert!(missing.stderr.contains("`lockstep fetch` brings it"), "{missing:?}");
    assert!(live.server.calls().is_empty(), "nobody is called without being asked to");

    let first = live.fetch("", 0);
    assert_eq!(
        (&first["state"], &first["calls"]["tier_1"], &first["calls"]["tier_2"]),
        (&"fetched".into(), &2.into(), &1.into())
    );
    let pages = design("acme")["document"]["children"].as_array().unwrap().len();
    assert_eq!(first["copy"]["pages"], pages);
    let calls = live.server.calls();
    assert_eq!(calls[..2], [format!("/v1/files/{KEY}/meta"), format!("/v1/files/{KEY}?depth=1")]);
    assert!(calls[2].starts_with(&format!("/v1/files/{KEY}/nodes?ids=")) && calls.len() == 3, "{calls:?}");
    assert!(live.server.gzipped() > 0);
    assert_eq!(live.run("drift").redacted(), saved.run(["drift"]).redacted());

    let again = live.fetch("", 0);
    assert_eq!(
        (&again["state"], &again["copy"]["fetched_at"]),
        (&"unchanged".into(), &first["copy"]["fetched_at"])
    );
    assert_eq!(
        live.server.calls(),
        [format!("/v1/files/{KEY}/meta")],
        "an unchanged file costs one cheap call"
    );

    saved.write("design/acme.figma.json", design("acme-drift").to_string());
    let mut changed = design("acme-drift");
    changed["version"] = "a later one".into();
    live.server.serve(KEY, changed);
    assert_eq!(live.fetch("", 0)["copy"]["version"], "a later one");
    assert_eq!(live.run("drift").redacted(), saved.run(["drift"]).redacted());
}

#[test]
fn the_copy_is_what_the_whole_answer_would_be() {
    let Some(live) = Live::acme() else { return };
    live.fetch("", 0);
    let copy: Value = serde_json::from_str(&live.workspace.read(COPY)).unwrap();
    live.server.change(KEY, |file| assert_eq!(copy, file.whole));
}

/// Faults that pass, and those that a file is not fetched for: what is said, how often Figma was called, and the exit code.
#[test]
fn faults_are_told_and_leave_the_copy_alone() {
    let Some(live) = Live::acme() else { return };
    live.fetch("", 0);
    let copy = live.workspace.read(COPY);
    live.server.calls();
    let meta = format!("/v1/files/{KEY}/meta");
    let status = |status, reason| Fault::Status(status, reason);
    for (name, call, fault, times, arguments, code, made, problem) in [
        ("500 once", "/meta", status(500, "Internal"), 1, "", 0, 2, ""),
        (
            "500 for good",
            "/meta",
            status(500, "Internal"),
            3,
            "",
            4,
            3,
            "figma-failed: Figma answered 500 (Internal)",
        ),
        ("404", "/meta", status(404, "Not found"), 1, "", 4, 1, "file-not-found: not found (Not found)"),
        (
            "403",
            "/meta",
            status(403, "No access"),
            1,
            "",
            4,
            1,
            "token-refused: refused the token (No access)",
        ),
        ("slow once", "/meta", Fault::Slow(Duration::from_secs(4)), 1, "--timeout 1", 0, 2, ""),
        (
            "slow for good",
            "/meta",
            Fault::Slow(Duration::from_secs(4)),
            3,
            "--timeout 1",
            4,
            3,
            "no-connection: ",
        ),
        ("cut off once", "/meta", Fault::CutOff, 1, "", 0, 2, ""),
        ("cut off for good", "/meta", Fault::CutOff, 3, "", 4, 3, "no-connection: the connection failed"),
        ("invalid JSON", "/meta", Fault::InvalidJson, 1, "", 4, 1, "malformed-answer: can't be read (EOF"),
        ("nodes cut off", "/nodes", Fault::CutOff, 1, "--fresh", 0, 4, ""),
        (
            "nodes invalid",
            "/nodes",
            Fault::InvalidJson,
            1,
            "--fresh",
            4,
            3,
            "malformed-answer: can't be read",
        ),
        ("file gone", "?depth", status(404, "Not found"), 1, "--fresh", 4, 2, "file-not-found: "),
        ("403 expired", "/meta", status(403, "Token expired"), 1, "", 4, 1, "token-refused: (Token expired)"),
    ] {
        for _ in 0..times {
            live.server.fail(call, fault.clone());
        }
        let file = live.fetch(arguments, code);
        let calls = live.server.calls();
        assert_eq!((calls.len(), calls[0].as_str()), (made, meta.as_str()), "{name}: {file}");
        let counted: u64 =
            ["tier_1", "tier_2"].map(|tier| file["calls"][tier].as_u64().unwrap()).iter().sum();
        assert_eq!(counted, made as u64, "{name}: failed calls count too");
        let (code, message) = problem.split_once(": ").unwrap_or_default();
        let said = &file["problem"];
        assert_eq!(said["code"].as_str().unwrap_or_default(), code, "{name}: {file}");
        assert!(said["message"].as_str().unwrap_or_default().contains(message), "{name}: {file}");
        assert!(problem.is_empty() || !said["hint"].as_str().unwrap().is_empty(), "{name}: {file}");
        assert_eq!(live.workspace.read(COPY), copy, "{name}");
    }
    // From here on nobody is called with that token.
    let file = live.fetch("", 4);
    assert_eq!(file["problem"]["code"], "credential-expired", "{file}");
    assert!(file["problem"]["hint"].as_str().unwrap().contains("put it at env:FIGMA_TOKEN"), "{file}");
    assert_eq!(live.server.calls(), Vec::<String>::new());
    let mut live = live;
    live.workspace.set("FIGMA_TOKEN", "figd_a-new-one");
    assert_eq!(live.fetch("", 0)["state"], "unchanged");
}

#[test]
fn a_used_up_quota_is_waited_for_by_nobody_and_known_to_all() {
    for (retry_after, kind, plan, soon) in
        [("30", "high", "pro", true), ("396749", "low", "enterprise", false)]
    {
        let Some(live) = Live::acme() else { return };
        live.fetch("", 0);
        live.server.calls();
        let retry_after = Some(retry_after.to_owned());
        live.server.fail("/meta", Fault::Limited { retry_after, plan, kind });
        let parked = live.fetch("", 3);
        assert_eq!((&parked["state"], &parked["parked"]["plan"]), (&"parked".into(), &plan.into()));
        let until = &parked["parked"]["until"];
        let days = chrono::DateTime::parse_from_rfc3339(until.as_str().unwrap()).unwrap().to_utc()
            - chrono::Utc::now();
        assert_eq!(days < chrono::TimeDelta::minutes(1), soon, "{until}");
        assert_eq!(live.server.calls().len(), 1, "it is not tried again");

        let again = live.fetch("", 3);
        assert_eq!((&again["state"], &again["parked"]["until"]), (&"parked".into(), until));
        assert_eq!(live.server.calls(), Vec::<String>::new(), "another process knows, and doesn't call");
        let said = live.run("fetch").exits(3);
        assert!(said.stdout.contains("quota is used up until"), "{said:?}");
        assert!(
            said.stdout.contains(&format!("plan: {plan}, limit: {kind}, a higher one: https://www")),
            "{said:?}"
        );
        // Another token is another quota; and reading what is there needs none.
        assert_eq!(live.fetch("--from-cache", 0)["state"], "cached");
        let mut live = live;
        live.workspace.set("FIGMA_TOKEN", "figd_another");
        assert_eq!(live.fetch("", 0)["state"], "unchanged");
    }
}

#[test]
fn a_forecast_knows_the_plan_that_a_refusal_named() {
    let Some(live) = Live::acme() else { return };
    let first = live.fetch("", 0);
    assert_eq!((&first["forecast"]["calls"]["tier_1"], first["forecast"].get("allowed")), (&2.into(), None));
    live.server.fail("/meta", Fault::Limited { retry_after: Some("0".into()), plan: "org", kind: "low" });
    live.fetch("", 3);
    let file = live.fetch("--fresh", 0);
    let forecast = &file["forecast"];
    assert_eq!(forecast["allowed"], serde_json::json!({ "calls": 6, "per": "month" }));
    assert_eq!((&forecast["used"], &forecast["at_least"]), (&2.into(), &3.into()));
    live.fetch("--fresh", 0);
    let said = live.run("fetch").succeeds();
    assert!(
        said.stderr
            .contains("2 of them of the 6 calls a month that Figma allows here (6 made): that will not do"),
        "{said:?}"
    );
}

#[test]
fn what_is_too_large_is_asked_for_in_parts() {
    let Some(live) = Live::acme() else { return };
    for (status, most, arguments) in
        [(400, 40, ""), (413, 20, "--fresh"), (413, usize::MAX, "--fresh --max-size 0")]
    {
        live.server.change(KEY, |file| file.largest = Some((most, status)));
        if arguments.ends_with('0') {
            let file = live.fetch(arguments, 4);
            assert_eq!(file["problem"]["code"], "answer-too-large", "{file}");
            continue;
        }
        let file = live.fetch(arguments, 0);
        assert_eq!(file["state"], "fetched", "{file}");
        assert!(file["calls"]["tier_1"].as_u64().unwrap() > 2, "{file}");
        let copy: Value = serde_json::from_str(&live.workspace.read(COPY)).unwrap();
        live.server.change(KEY, |file| assert_eq!(copy, file.whole, "{status}"));
    }
}

#[test]
fn a_page_that_figma_leaves_out_is_no_file_without_it() {
    let Some(live) = Live::acme() else { return };
    live.fetch("", 0);
    let page = design("acme")["document"]["children"][1]["id"].as_str().unwrap().to_owned();
    live.server.change(KEY, |file| file.null_nodes = vec![page.clone()]);
    let file = live.fetch("--fresh", 4);
    assert_eq!(file["problem"]["code"], "incomplete");
    assert!(file["problem"]["message"].as_str().unwrap().contains(&page), "{file}");
    assert_eq!(live.fetch("", 0)["state"], "unchanged", "the copy is what it was");
}

#[test]
fn tokens_come_from_where_the_entry_says() {
    let Some(mut live) = Live::acme() else { return };
    live.workspace.set("FIGMA_TOKEN", "");
    let file = live.fetch("", 4);
    assert_eq!(file["problem"]["message"], "the environment variable FIGMA_TOKEN is not set");
    live.workspace.write("lockstep.toml", live_config("acme", KEY) + "credential = \"file:../token\"\n");
    live.workspace.write("../token", "figd_from-a-file\n");
    assert_eq!(live.fetch("", 0)["credential"], "file:../token");
    let tokens: Vec<_> = live.server.asked().into_iter().filter_map(|asked| asked.token).collect();
    assert_eq!(tokens, ["figd_from-a-file"; 3]);
    for (figma, credential, expected) in [
        (KEY, "figd_in-the-file", "a token itself must not stand in this file"),
        ("https://example.com/design/AbC", "env:A", "copy the address of the file"),
        ("not/a/key", "env:A", "copy the address of the file"),
    ] {
        let config = live_config("acme", figma) + &format!("credential = {credential:?}\n");
        live.workspace.write("lockstep.toml", config);
        // The line that it stands in is shown, as of every finding: it is the person's own file.
        let refused = live.workspace.run(["fetch", "--json"]).exits(4);
        let hint = &refused.json()["data"]["diagnostics"][0]["hint"];
        assert!(
            hint.as_str().unwrap().contains(expected) && !refused.stdout.contains("figd_"),
            "{refused:?}"
        );
    }
}

#[test]
fn a_branch_is_fetched_by_its_own_key_and_linked_as_its_file() {
    let Some(live) = Live::acme() else { return };
    live.server.serve("BrAnCh", design("acme-drift"));
    let address = format!("https://www.figma.com/design/{KEY}/branch/BrAnCh/Acme");
    live.workspace.write("lockstep.toml", live_config("acme", &address));
    assert_eq!(live.fetch("", 0)["key"], "BrAnCh");
    assert!(live.server.calls().iter().all(|call| call.starts_with("/v1/files/BrAnCh")));
    let button = live.run("drift Button").succeeds();
    assert!(button.stdout.contains("linked by Code Connect"), "{button:?}");
}

#[test]
fn several_files_are_fetched_and_one_that_fails_stops_no_other() {
    let Some(live) = Live::acme() else { return };
    let config = live_config("gone", "NoSuchFile")
        + &live_config("acme", KEY)
        + "[[design]]\nname = \"old\"\nfile = \"old.json\"\n";
    live.workspace.write("lockstep.toml", config);
    let document = live.run("fetch --json").exits(4).json();
    let states: Vec<_> =
        document["data"].as_array().unwrap().iter().map(|file| file["state"].clone()).collect();
    assert_eq!(states, ["failed", "fetched"]);
    for (arguments, expected) in [("fetch old", "`old` is not live"), ("fetch acne", "did you mean `acme`?")]
    {
        let refused = live.run(arguments).exits(2);
        assert!(refused.stderr.contains(expected), "{refused:?}");
    }
}

#[test]
fn nothing_but_a_design_file_is_replaced_and_no_live_one_is_edited() {
    let Some(live) = Live::acme() else { return };
    let config = live_config("acme", KEY);
    live.workspace.write("lockstep.toml", format!("{config}file = \"package.json\"\n"));
    let package = live.workspace.read("package.json");
    let refused = live.run("fetch").exits(4);
    assert!(refused.stderr.contains("is something else than a Figma file"), "{refused:?}");
    assert_eq!(live.workspace.read("package.json"), package);

    live.workspace.write("lockstep.toml", config);
    live.fetch("", 0);
    let copy = live.workspace.read(COPY);
    live.workspace.replace(COPY, "Acme UI Kit", "Edited by hand");
    assert_eq!(live.fetch("", 0)["state"], "fetched", "an edited copy is none");
    assert_eq!(live.workspace.read(COPY), copy);
    let planned = live.run("plan Tooltip --direction code-to-design --json").json();
    let manual = planned["data"]["components"][0]["manual"].as_array().unwrap();
    assert!(
        !manual.is_empty()
            && manual.iter().all(|edit| edit["reason"].as_str().unwrap().contains("live in Figma")),
        "{planned}"
    );
    live.run("sync Tooltip --direction code-to-design --yes");
    assert_eq!(live.workspace.read(COPY), copy);
}

#[test]
fn one_process_at_a_time_fetches_a_file_and_a_killed_one_holds_up_nobody() {
    let Some(live) = Live::acme() else { return };
    live.fetch("", 0);
    live.server.calls();
    live.server.fail("/meta", Fault::Slow(Duration::from_secs(600)));
    let mut slow = live.workspace.command();
    let mut slow = slow.args(["fetch", "--quiet"]).spawn().unwrap();
    while live.server.asked().is_empty() {
        assert_eq!(slow.try_wait().unwrap(), None, "it waits for Figma");
        std::thread::sleep(Duration::from_millis(20));
    }
    let busy = live.fetch("", 3);
    assert_eq!((&busy["state"], &busy["calls"]["tier_2"]), (&"busy".into(), &0.into()));
    assert!(live.run("fetch").exits(3).stdout.contains("another process is fetching it"));
    slow.kill().unwrap();
    slow.wait().unwrap();
    assert_eq!(live.fetch("", 0)["state"], "unchanged");
    assert_eq!(live.server.calls().len(), 2);
}
