//! Secrets planted with every vendor, every command and path driven with them, and everything searched that is written:
//! output, logs, answers, the database with its journal, and each file. None is there, whole, in part or encoded.

use std::{collections::BTreeMap, fs, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use lockstep_testkit::{
    http::Request,
    hub::Hub,
    mail::MailServer,
    postgres::own_cluster,
    provider::{Provider, Reply},
    run::Run,
    workspace::Workspace,
};
use serde_json::{Value, json};

/// As long as a part may be that is found by chance.
const TELLING: usize = 8;

type Vendor = (&'static str, Pairs, &'static str, u16, &'static str);
type Pairs = &'static [(&'static str, &'static str)];

/// A vendor: its settings, where it is asked, and the answer that takes a secret. `URL` stands for the provider.
const VENDORS: &[Vendor] = &[
    ("figma", &[("url", "URL")], "/v1/me", 200, r#"{"handle":"Ada"}"#),
    ("penpot", &[("url", "URL")], "/api/rpc/command/get-profile", 200, r#"{"id":"6a1e","email":"a@b"}"#),
    ("slack", &[("url", "URL")], "/auth.test", 200, r#"{"ok":true,"team":"Acme"}"#),
    ("slack-webhook", &[], "", 400, "no_text"),
    ("smtp", &[("host", "127.0.0.1"), ("port", "PORT"), ("user", "ada"), ("security", "none")], "", 0, ""),
    ("webhook", &[], "", 0, ""),
    ("chromatic", &[("url", "URL")], "/graphql", 200, r#"{"data":{"appToken":"x"}}"#),
    ("storybook", &[("url", "URL")], "/index.json", 200, r#"{"v":5,"entries":{}}"#),
    ("browserstack", &[("url", "URL"), ("user", "ada")], "/automate/plan.json", 200, "{}"),
    ("chromium", &[("url", "URL"), ("in", "query")], "/json/version", 200, r#"{"Browser":"Chrome/140"}"#),
    ("http", &[("url", "URL")], "/", 200, "fine"),
    ("openai", &[("url", "URL")], "/models", 200, r#"{"data":[]}"#),
    ("posthog", &[("url", "URL")], "/api/users/@me/", 200, r#"{"email":"a@b"}"#),
];

/// Everything that is told or written, and the secrets that must not be in it.
struct Search {
    planted: Vec<String>,
    texts: Vec<(String, Vec<u8>)>,
}

impl Search {
    /// A secret that no other text has a part of by chance.
    fn plant(&mut self, vendor: &str, provider: &Provider) -> String {
        let number = self.planted.len();
        let letters = (0_usize..36).map(|at| {
            let mixed = (at + 1) * 7_919 + (number + 1) * 104_729 + at * at * 31;
            char::from(b"ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"[mixed % 53])
        });
        let core: String = letters.collect();
        let secret = match vendor {
            "slack-webhook" => format!("{}/services/T0/B0/{core}", provider.address()),
            "webhook" => format!("whsec_{}", BASE64_STANDARD.encode(core.as_bytes())),
            _ => format!("{core}/+=%"),
        };
        if vendor == "webhook" {
            self.planted.push(secret.clone());
        }
        self.planted.push(core);
        secret
    }

    fn keep(&mut self, what: &str, bytes: impl Into<Vec<u8>>) {
        self.texts.push((what.to_owned(), bytes.into()));
    }

    fn keep_run(&mut self, run: Run) -> Run {
        self.keep("the output of a run", format!("{}{}", run.stdout, run.stderr));
        run
    }

    fn keep_files(&mut self, folder: &Path) -> usize {
        let mut files = 0;
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                files += self.keep_files(&path);
            } else if kind.is_file() {
                // One that is gone by now holds nothing.
                let Ok(bytes) = fs::read(&path) else { continue };
                self.keep(&path.display().to_string(), bytes);
                files += 1;
            }
        }
        files
    }

    /// Each spelling of a secret of which no part may be found.
    fn spellings(secret: &str) -> Vec<String> {
        let mut spellings = vec![secret.to_owned(), secret.chars().rev().collect()];
        // In base64 it looks three ways, by where it begins; its ends depend on what stands beside it.
        for before in ["", "x", "xy"] {
            let encoded = BASE64_STANDARD.encode(format!("{before}{secret}"));
            spellings.push(encoded[4..encoded.len() - 4].to_owned());
        }
        spellings.push(secret.bytes().map(|byte| format!("{byte:02x}")).collect());
        spellings.push(secret.bytes().map(|byte| format!("%{byte:02X}")).collect());
        spellings
    }

    fn found(&self) -> Vec<String> {
        let mut parts = std::collections::HashMap::new();
        for secret in &self.planted {
            for spelling in Self::spellings(secret) {
                // Encoded, so many letters say less.
                let length = if spelling.len() > secret.len() * 2 - 1 { TELLING * 2 } else { TELLING };
                for part in spelling.as_bytes().windows(length) {
                    parts.insert(part.to_vec(), secret.clone());
                }
            }
        }
        // Most places are passed by at their first three letters.
        let mut begins = vec![false; 1 << 24];
        let first =
            |part: &[u8]| usize::from(part[0]) << 16 | usize::from(part[1]) << 8 | usize::from(part[2]);
        parts.keys().for_each(|part: &Vec<u8>| begins[first(part)] = true);
        let holds = |bytes: &[u8]| {
            let lengths = [TELLING, TELLING * 2];
            let mut all = lengths.into_iter().flat_map(|length| bytes.windows(length).enumerate());
            all.find_map(|(at, part)| {
                if !begins[first(part)] {
                    return None;
                }
                let secret = parts.get(part)?;
                let around = &bytes[at.saturating_sub(80)..(at + 80).min(bytes.len())];
                Some(format!("some of {secret}: …{}…", String::from_utf8_lossy(around).escape_debug()))
            })
        };
        self.texts
            .iter()
            .filter_map(|(what, bytes)| holds(bytes).map(|found| format!("{what} holds {found}")))
            .collect()
    }
}

struct Stage<'a> {
    workspace: &'a Workspace,
    provider: &'a Provider,
    search: Search,
    /// For each vendor a variable of the environment, and what is in it.
    kept: BTreeMap<&'static str, (String, String)>,
}

impl Stage<'_> {
    fn run(&mut self, arguments: &[&str], input: &str) -> Run {
        let run = self.workspace.run_with(arguments.iter().chain(&["-vv"]), input);
        self.search.keep_run(run)
    }

    /// Where a secret is asked for.
    fn path<'p>(vendor: &str, path: &'p str, secret: &'p str) -> &'p str {
        match vendor {
            "slack-webhook" => &secret[secret.find("/services").unwrap()..],
            _ => path,
        }
    }

    fn takes(&self, vendor: &str, path: &str, secret: &str, (status, answer): (u16, &str)) {
        if status > 0 {
            self.provider.answer(Self::path(vendor, path, secret), Reply::new(status, answer));
        }
    }

    fn refuses(&self, vendor: &str, path: &str, secret: &str, status: u16) {
        self.provider.answer(Self::path(vendor, path, secret), Reply::Echo(status));
    }

    /// The life of one credential on the command line.
    fn play(&mut self, entry: &Vendor, port: &str) {
        let (vendor, settings, path, status, answer) = *entry;
        let settings: Vec<String> = settings
            .iter()
            .map(|(name, value)| {
                format!("{name}={}", value.replace("URL", &self.provider.address()).replace("PORT", port))
            })
            .collect();
        let mut add = vec!["credential", "add", vendor, "--vendor", vendor];
        for setting in &settings {
            add.extend(["--set", setting]);
        }
        let bad = self.search.plant(vendor, self.provider);
        for status in [401, 403, 404, 418, 429, 500] {
            self.refuses(vendor, path, &bad, status);
            self.run(&add, &bad);
            self.run(&["credential", "remove", vendor], "");
        }
        self.run(&["credential", "revoke", vendor, "--yes"], "");
        self.run(&["credential", "remove", vendor], "");
        let one = self.search.plant(vendor, self.provider);
        self.takes(vendor, path, &one, (status, answer));
        // The mail server knows none of them.
        let refused = self.run(&add, &one);
        if vendor == "smtp" {
            assert!(refused.stderr.contains("refuses the account"), "{refused:?}");
            add.push("--no-validate");
            self.run(&add, &one).exits(4);
        } else {
            refused.succeeds();
        }
        for action in ["show", "impact", "validate"] {
            self.run(&["credential", action, vendor], "");
            self.run(&["credential", action, vendor, "--json"], "");
        }
        let two = self.search.plant(vendor, self.provider);
        for status in [401, 500] {
            self.refuses(vendor, path, &two, status);
            self.run(&["credential", "rotate", vendor], &two);
        }
        self.takes(vendor, path, &two, (status, answer));
        self.run(&["credential", "rotate", vendor, "--json"], &two);
        self.refuses(vendor, path, &two, 401);
        self.run(&["credential", "validate", vendor], "");
        let (key, kept) = &self.kept[vendor];
        self.refuses(vendor, path, kept, 401);
        let key = key.clone();
        self.run(&["credential", "rotate", vendor, "--from", &format!("env:{key}")], "");
    }

    /// The same over HTTP.
    fn play_on(&mut self, hub: &Hub, token: &str, entry: &Vendor, port: &str) {
        let (vendor, settings, path, status, answer) = *entry;
        let name = format!("hub-{vendor}");
        let settings: serde_json::Map<String, Value> = settings
            .iter()
            .map(|(name, value)| {
                let value = value.replace("URL", &self.provider.address()).replace("PORT", port);
                ((*name).to_owned(), value.into())
            })
            .collect();
        let secret = self.search.plant(vendor, self.provider);
        let new = json!({ "name": name, "vendor": vendor, "settings": settings, "secret": secret });
        let mut wrong = new.clone();
        wrong["days"] = secret.clone().into();
        let mut twice = new.clone();
        twice["from"] = secret.clone().into();
        let add = || Request::new("POST", "/api/v1/credentials");
        let on =
            |method: &str, rest: &str| Request::new(method, &format!("/api/v1/credentials/{name}{rest}"));
        let rotation = json!({ "secret": secret });
        let mut requests = vec![
            add().json(&wrong),
            add().json(&twice),
            add().header("content-type", "application/json").body(format!("{{\"secret\": \"{secret}\"")),
            add().json(&json!({ "name": secret, "vendor": secret, "secret": secret })),
        ];
        for request in requests.drain(..) {
            self.ask(hub, token, request);
        }
        self.refuses(vendor, path, &secret, 403);
        self.ask(hub, token, add().json(&new));
        self.takes(vendor, path, &secret, (status, answer));
        self.ask(hub, token, add().json(&new));
        for request in [
            on("GET", ""),
            on("GET", "/impact"),
            on("POST", "/validate"),
            on("POST", "/rotate").json(&rotation),
            on("POST", "/rotate").json(&json!({ "secret": 5, "from": secret })),
            on("POST", "/rotate").json(&json!({ "from": secret })),
            on("POST", "/revoke"),
            on("POST", "/rotate").json(&rotation),
            on("DELETE", ""),
            Request::new("GET", "/api/v1/credentials"),
            Request::new("GET", "/api/v1/audit?limit=100"),
        ] {
            self.ask(hub, token, request);
        }
    }

    fn ask(&mut self, hub: &Hub, token: &str, request: Request) {
        let answer = hub.send(&request.header("authorization", format!("Bearer {token}")));
        assert_ne!(answer.status, 401, "{answer:?}");
        assert!(answer.status < 500, "{answer:?}");
        self.search.keep("an answer of the hub", format!("{answer:?}"));
    }

    /// Channels whose receivers repeat all that comes, the secret's address and the signature included.
    fn send(&mut self) {
        let hook = format!("url={}/hook", self.provider.address());
        for (vendor, kind, setting) in [
            ("webhook", "webhook", Some(hook.as_str())),
            ("slack", "slack", Some("channel=C1")),
            ("slack-webhook", "slack_webhook", None),
        ] {
            let (name, url) = (format!("sends-{vendor}"), format!("url={}", self.provider.address()));
            let secret = self.search.plant(vendor, self.provider);
            let mut add = vec!["credential", "add", &name, "--vendor", vendor, "--no-validate"];
            if vendor == "slack" {
                add.extend(["--set", &url]);
            }
            self.run(&add, &secret).exits(4);
            let mut channel = vec!["notify", "add", kind, "--kind", kind, "--credential", &name];
            channel.extend(setting.iter().flat_map(|setting| ["--set", setting]));
            self.run(&channel, "").succeeds();
            let path = if vendor == "slack" { "/chat.postMessage" } else { "/hook" };
            for status in [200, 400, 500] {
                self.refuses(vendor, path, &secret, status);
                self.run(&["notify", "test", kind], "");
            }
        }
    }

    /// Every other command that reads what is recorded.
    fn look_around(&mut self) {
        for command in [
            "credential",
            "credential --json",
            "credential vendors",
            "credential validate",
            "credential impact --json",
            "status",
            "scan",
            "drift",
            "plan --json",
            "sync --yes --json",
            "fetch",
            "fetch --json",
            "history --json",
            "audit --json",
            "audit export",
            "audit verify",
            "maintain --json",
            "db info --json",
            "queue --json",
            "notify send",
            "notify list",
            "notify channels --json",
            "notify preview drift_detected",
            "work --once --json",
            "schedule --json",
            "schedule run nightly-maintenance",
            "user list",
            "nonsense",
        ] {
            self.run(&command.split(' ').collect::<Vec<_>>(), "");
        }
    }
}

fn play(url: Option<String>) -> Search {
    let provider = Provider::start();
    let mail = MailServer::start("nobody");
    let port = mail.port().to_string();
    let mut search = Search { planted: Vec::new(), texts: Vec::new() };
    let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
    workspace.write(
        "lockstep.toml",
        "[[code]]\nroot = \".\"\n\n[[design]]\nname = \"acme\"\nfile = \"design/acme.figma.json\"\n\n\
         [[design]]\nname = \"live\"\nfigma = \"AbC\"\n\n[[design]]\nname = \"kept\"\nfigma = \"DeF\"\ncredential = \"sealed:figma\"\n",
    );
    if let Some(url) = url {
        workspace.set("DATABASE_URL", url);
    }
    workspace.set("LOCKSTEP_FIGMA_URL", provider.address());
    let mut kept = BTreeMap::new();
    for (vendor, ..) in VENDORS {
        let key = format!("CANARY_{}", vendor.replace('-', "_").to_uppercase());
        let secret = search.plant(vendor, &provider);
        workspace.set(&key, secret.clone());
        kept.insert(*vendor, (key, secret));
    }
    let token = search.plant("figma", &provider);
    workspace.set("FIGMA_TOKEN", token.clone());
    provider.answer("/v1/files/AbC/meta", Reply::Echo(403));

    let mut stage = Stage { workspace: &workspace, provider: &provider, search, kept };
    for entry in VENDORS {
        stage.play(entry, &port);
    }
    stage.send();
    stage.look_around();
    let asked = provider.came();
    assert!(asked.iter().any(|came| came.path == "/v1/files/AbC/meta"), "the live file was asked for");

    let made = workspace.run(["token", "create", "--name", "t", "--scope", "read,credentials", "--json"]);
    let token = made.succeeds().json()["data"]["secret"].as_str().unwrap().to_owned();
    let hub = Hub::start(&workspace, &["-vv", "--log", "json"]);
    for entry in VENDORS {
        stage.play_on(&hub, &token, entry, &port);
    }
    // While it runs, so that what is in the journal alone is searched, too.
    stage.search.keep_files(workspace.root().parent().unwrap());
    let (_, last, log) = hub.end("-TERM");
    assert!(log.lines().count() > VENDORS.len() * 10, "the log was kept");
    stage.search.keep("the hub's log", format!("{last}{log}"));
    let files = stage.search.keep_files(workspace.root().parent().unwrap());
    assert!(files > 50, "the files were found");
    stage.search
}

fn assert_unfound(search: &Search) {
    assert!(search.planted.len() > VENDORS.len() * 5 && search.texts.len() > 300);
    let found = search.found();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_secret_is_written_anywhere_with_sqlite() {
    assert_unfound(&play(None));
}

#[test]
fn no_secret_is_written_anywhere_with_postgres() {
    let Some(cluster) = own_cluster() else { return };
    let database = cluster.create_database().unwrap();
    let mut search = play(Some(cluster.url(&database)));
    cluster.sql(&database, "CHECKPOINT").unwrap();
    assert!(search.keep_files(cluster.folder()) > 100, "its pages were found");
    assert_unfound(&search);
}

#[test]
fn a_secret_that_is_written_is_found() {
    let provider = Provider::start();
    let mut search = Search { planted: Vec::new(), texts: Vec::new() };
    let secret = search.plant("figma", &provider);
    let core = search.planted[0].clone();
    for (number, text) in [
        format!("token {secret}!"),
        format!("its end is {}", &core[core.len() - 10..]),
        BASE64_STANDARD.encode(format!("ada:{secret}")),
        BASE64_STANDARD.encode(format!("x{secret}")),
        core.bytes().map(|byte| format!("{byte:02x}")).collect(),
    ]
    .into_iter()
    .enumerate()
    {
        search.texts = vec![(number.to_string(), text.clone().into_bytes())];
        assert_eq!(search.found().len(), 1, "{number}: {text}");
    }
    search.texts =
        vec![("none".to_owned(), b"nothing of it is here, and there is much more text than that".to_vec())];
    assert!(search.found().is_empty());
}
