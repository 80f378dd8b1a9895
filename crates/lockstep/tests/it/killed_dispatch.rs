//! What a kill of the dispatcher at any moment leaves: each event told to each channel, and, to who takes a `webhook-id`
//! once, told once.
//!
//! `scripts/torture notify` runs this for as long as it is told to: `LOCKSTEP_DISPATCH_KILLS` is the number of kills on
//! SQLite; a quarter of it is on PostgreSQL.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use lockstep_testkit::{
    postgres::cluster,
    provider::{Provider, Reply},
    workspace::Workspace,
};
use serde_json::Value;

/// Each place where a dispatcher can die, in the order in which it comes by.
const PLACES: [&str; 8] = [
    "notify.claimed",
    "notify.gathered",
    "notify.begun",
    "notify.sent",
    "notify.settling",
    "notify.settled",
    "notify.concluding",
    "notify.concluded",
];
const CHANNELS: [&str; 2] = ["board", "team"];
/// So many events are written before each kill: every other one is of a kind that is gathered.
const MORE: usize = 6;

/// An outbox with two channels, and all that came of it.
struct Outbox {
    workspace: Workspace,
    /// The PostgreSQL database.
    database: Option<String>,
    provider: Provider,
    written: usize,
    /// By channel and `webhook-id`, each body that came.
    came: BTreeMap<(String, String), Vec<String>>,
}

impl Outbox {
    fn on(database: Option<String>) -> Self {
        let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
        if let Some(name) = &database {
            workspace.set("DATABASE_URL", cluster().unwrap().url(name));
        }
        workspace.adopt();
        let provider = Provider::start();
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        workspace.run_with(["credential", "add", "hook", "--vendor", "webhook"], key).succeeds();
        for name in CHANNELS {
            let url = format!("url={}/{name}", provider.address());
            let add = ["notify", "add", name, "--kind", "webhook", "--credential", "hook", "--set", &url];
            workspace.run(add).succeeds();
            provider.answer(&format!("/{name}"), Reply::new(200, ""));
        }
        workspace.run(["notify", "send"]).succeeds();
        provider.came();
        Self { workspace, database, provider, written: 0, came: BTreeMap::new() }
    }

    fn sql(&self, sql: &str) -> String {
        const ASK: &str = "import sqlite3, sys
registry = sqlite3.connect(sys.argv[1], timeout=60)
print(*[row[0] for row in registry.execute(sys.argv[2])])
registry.commit()";
        if let Some(name) = &self.database {
            return cluster().unwrap().sql(name, sql).unwrap();
        }
        let file = self.workspace.path(".lockstep/lockstep.db");
        let output = Command::new("python3").args(["-c", ASK]).arg(file).arg(sql).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Writes events as scans and syncs do, each of one component that no other is of.
    fn write(&mut self) {
        let event = |number: usize| {
            let (kind, payload) = match number % 2 {
                0 => (
                    "drift_detected",
                    serde_json::json!({
                        "components": 1, "changes": 1, "names": [name(number)], "each": { name(number): 1 },
                    }),
                ),
                _ => (
                    "sync_completed",
                    serde_json::json!({
                        "operation": "00000000-0000-4000-8000-000000000000", "status": "completed", "components": 1,
                        "applied": [name(number)], "failed": [],
                    }),
                ),
            };
            let all = match self.database {
                Some(_) => "(SELECT jsonb_agg(id) FROM notification_channels)",
                None => "(SELECT json_group_array(id) FROM notification_channels)",
            };
            format!("('00000000-0000-4000-8000-{number:012x}', '{kind}', '{payload}', {all})")
        };
        let events: Vec<String> = (self.written..self.written + MORE).map(event).collect();
        self.sql(&format!(
            "INSERT INTO notification_events (id, type, payload_summary, channel_targets) VALUES {}",
            events.join(", ")
        ));
        self.written += MORE;
    }

    fn dispatcher(&self) -> Command {
        let mut command = self.workspace.command();
        command.args(["notify", "send"]).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Takes note of what came; how much that is.
    fn collect(&mut self) -> usize {
        let came = self.provider.came();
        let count = came.len();
        for came in came {
            let key = (came.path.trim_start_matches('/').to_owned(), came.headers["webhook-id"].clone());
            self.came.entry(key).or_default().push(came.body);
        }
        count
    }

    /// Sends what is left.
    fn drain(&mut self) {
        let begun = Instant::now();
        let left = "SELECT count(*) FROM notification_events WHERE dispatch_status IN ('queued', 'retrying')";
        while self.sql(left).trim() != "0" {
            assert!(begun.elapsed() < Duration::from_secs(120), "events are left");
            assert!(self.dispatcher().status().unwrap().success());
            std::thread::sleep(Duration::from_millis(300));
        }
        self.collect();
        let failed = self.sql("SELECT count(*) FROM notification_events WHERE dispatch_status = 'failed'");
        assert_eq!(failed.trim(), "0");
    }

    /// Holds what came against what was written; gives how often a message came again under its id.
    fn check(&self) -> usize {
        let mut told: BTreeMap<(&str, String), usize> = BTreeMap::new();
        let mut again = 0;
        for ((channel, id), bodies) in &self.came {
            assert_eq!(bodies.iter().collect::<BTreeSet<_>>().len(), 1, "{id} tells the same each time");
            again += bodies.len() - 1;
            let body: Value = serde_json::from_str(&bodies[0]).unwrap();
            let applied = body["data"]["applied"].as_array().into_iter().flatten();
            let applied = applied.filter_map(Value::as_str).map(str::to_owned);
            let drifted =
                body["data"]["each"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
            for name in applied.chain(drifted) {
                *told.entry((channel, name)).or_default() += 1;
            }
        }
        for channel in CHANNELS {
            for number in 0..self.written {
                let times = told.get(&(channel, name(number))).copied().unwrap_or_default();
                assert_eq!(times, 1, "{channel} is told of {}", name(number));
            }
        }
        again
    }
}

fn name(number: usize) -> String {
    format!("Component{number}")
}

/// Dies at each place, then at random instants; prints what came of it.
fn kill(on: &str, database: Option<String>, kills: usize, visits: usize) {
    let mut outbox = Outbox::on(database);
    let begun = Instant::now();
    let mut died = 0;
    for place in PLACES {
        for visit in 1..=visits {
            outbox.write();
            let mut command = outbox.dispatcher();
            command.env("LOCKSTEP_FAILPOINTS", format!("{place}=die@{visit}"));
            let status = command.status().unwrap();
            outbox.collect();
            if status.code().is_some() {
                assert!(visit > 1, "it never came to {place}: {status}");
                break;
            }
            died += 1;
        }
    }
    outbox.write();
    let from = Instant::now();
    assert!(outbox.dispatcher().status().unwrap().success());
    let usual = from.elapsed();
    // A fixed seed: a failure is found again.
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let (at_steps, mut in_time) = (died, 0);
    while died < kills {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (random >> 33) as f64 / f64::from(1_u32 << 31);
        outbox.write();
        outbox.collect();
        let mut child = outbox.dispatcher().spawn().unwrap();
        if died % 2 == 0 {
            std::thread::sleep(usual.mul_f64(share));
        } else {
            // In the midst of the sending.
            while outbox.collect() == 0 && child.try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_millis(60).mul_f64(share));
        }
        in_time += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        died += 1;
    }
    outbox.drain();
    let again = outbox.check();
    println!(
        "{on}: {at_steps} kills at steps, {} at random, of which {in_time} came in time; {} events to {} channels: 0 lost, \
         0 doubled where ids are honoured, {again} doubled elsewhere; {:.0} s",
        died - at_steps,
        outbox.written,
        CHANNELS.len(),
        begun.elapsed().as_secs_f64()
    );
}

#[test]
fn a_dispatcher_that_is_killed_loses_nothing_and_doubles_nothing() {
    let asked: Option<usize> =
        std::env::var("LOCKSTEP_DISPATCH_KILLS").ok().map(|kills| kills.parse().unwrap());
    let visits = if asked.is_some() { 12 } else { 1 };
    kill("SQLite", None, asked.unwrap_or(PLACES.len() + 4), visits);
    match cluster() {
        Some(cluster) => {
            let kills = asked.map_or(PLACES.len() + 2, |kills| kills / 4);
            kill("PostgreSQL", Some(cluster.create_database().unwrap()), kills, visits.min(3));
        }
        None => eprintln!("skipped: there is no PostgreSQL here"),
    }
}
