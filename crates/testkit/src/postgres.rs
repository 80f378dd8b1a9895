//! A private PostgreSQL for one test process: made on first use, reached through a Unix socket in a temporary folder,
//! gone when the process is, however it ends.
//!
//! A small shell is the server's parent. It waits on a pipe that only the test process holds open; when that closes, by an
//! exit, a panic or a kill, it stops the server by its own process id and removes the folder.

use std::{
    io::Write as _,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

/// When this variable is set, tests that need PostgreSQL say so and pass where it is not installed.
pub const OPTIONAL: &str = "LOCKSTEP_TEST_NO_POSTGRES";

const START_TIMEOUT: Duration = Duration::from_secs(60);

const KEEPER: &str = r#"
folder=$1; shift
start() { "$@" >>"$folder/log" 2>&1 </dev/null & server=$!; }
stop() { kill -INT "$server"; wait "$server"; server=; }
start "$@"
while read -r word; do
  case $word in
    stop) stop ;;
    start) start "$@" ;;
  esac
done
[ -z "$server" ] || stop
rm -rf "$folder"
"#;

/// A running server.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    binaries: PathBuf,
    databases: AtomicU32,
    /// The keeper stops the server when its standard input closes.
    keeper: Mutex<Child>,
}

/// The server of this process; started on the first call. `None` when PostgreSQL is not installed and
/// `LOCKSTEP_TEST_NO_POSTGRES` allows to go on without.
///
/// # Panics
/// When it is not installed, or does not start: the message says what to do.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER
        .get_or_init(|| match find_binaries() {
            Some(binaries) => Some(Cluster::start(binaries).unwrap_or_else(|error| {
                panic!("a private PostgreSQL for the tests did not start: {error:#}")
            })),
            None if std::env::var_os(OPTIONAL).is_some() => {
                eprintln!("SKIPPED on PostgreSQL: it is not installed, and {OPTIONAL} is set");
                None
            }
            None => panic!(
                "the tests need PostgreSQL's server programs (initdb, postgres), and found none: on Debian \
                 `apt-get install postgresql`, elsewhere put them on PATH; or set {OPTIONAL}=1 to test SQLite only"
            ),
        })
        .as_ref()
}

/// A server of one test alone, which may stop it. `None` where [`cluster`] gives none.
///
/// # Panics
/// As [`cluster`].
pub fn own_cluster() -> Option<Cluster> {
    cluster()?;
    let started = find_binaries().map(Cluster::start)?;
    Some(started.unwrap_or_else(|error| panic!("a PostgreSQL of its own did not start: {error:#}")))
}

fn find_binaries() -> Option<PathBuf> {
    let complete = |folder: &Path| {
        ["initdb", "postgres", "psql", "createdb"].iter().all(|name| folder.join(name).is_file())
    };
    let mut installed: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    // The newest version first.
    installed.sort_by_key(|folder| std::cmp::Reverse(version_in(folder)));
    let path = std::env::var_os("PATH").unwrap_or_default();
    installed.into_iter().chain(std::env::split_paths(&path)).find(|folder| complete(folder))
}

fn version_in(folder: &Path) -> Option<u32> {
    folder.parent()?.file_name()?.to_str()?.parse().ok()
}

/// The server refuses to run as root: then it runs as the user that its package made.
fn as_server_user(program: &Path) -> Result<Command> {
    let is_root = Command::new("id").arg("-u").output().context("asking for the user id")?.stdout == b"0\n";
    if !is_root {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    Ok(command)
}

impl Cluster {
    fn start(binaries: PathBuf) -> Result<Self> {
        // Short, for the path of a socket has little room.
        let folder = tempfile::Builder::new().prefix("lockstep-pg-").tempdir()?;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777))?;
        let data = folder.path().join("data");
        let initdb = as_server_user(&binaries.join("initdb"))?
            .args([
                "--no-sync",
                "--auth=trust",
                "--username=lockstep",
                "--encoding=UTF8",
                "--no-locale",
                "-D",
            ])
            .arg(&data)
            .current_dir("/")
            .output()
            .context("running initdb")?;
        if !initdb.status.success() {
            bail!("initdb failed: {}", String::from_utf8_lossy(&initdb.stderr));
        }
        let server = as_server_user(&binaries.join("postgres"))?;
        let mut keeper = Command::new("sh");
        keeper
            .args(["-c", KEEPER, "keeper"])
            .arg(folder.path())
            .arg(server.get_program())
            .args(server.get_args());
        keeper.arg("-D").arg(&data).arg("-k").arg(folder.path());
        for setting in [
            "listen_addresses=",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "autovacuum=off",
            "max_connections=300",
            "shared_buffers=32MB",
        ] {
            keeper.args(["-c", setting]);
        }
        // A group of its own: an interrupt from the keyboard must not end the keeper before the server.
        let keeper = keeper
            .current_dir("/")
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .context("starting the keeper")?;
        let cluster = Self {
            folder: folder.keep(),
            binaries,
            databases: AtomicU32::new(0),
            keeper: Mutex::new(keeper),
        };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    fn wait_until_ready(&self) -> Result<()> {
        let begun = Instant::now();
        loop {
            if self.sql("postgres", "SELECT 1").is_ok() {
                return Ok(());
            }
            if begun.elapsed() > START_TIMEOUT {
                let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("it does not answer; its log says:\n{log}");
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// Stops the server, as its administrator would: who is connected is cut off.
    ///
    /// # Errors
    /// When it can't be told to.
    pub fn stop(&self) -> Result<()> {
        self.tell("stop")?;
        let begun = Instant::now();
        while self.folder.join("data/postmaster.pid").exists() {
            if begun.elapsed() > START_TIMEOUT {
                bail!("it does not stop");
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Starts it again.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_again(&self) -> Result<()> {
        self.tell("start")?;
        self.wait_until_ready()
    }

    fn tell(&self, word: &str) -> Result<()> {
        let mut keeper = self.keeper.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let input = keeper.stdin.as_mut().context("the keeper's input")?;
        Ok(writeln!(input, "{word}")?)
    }

    /// Runs SQL with `psql`; gives its output, unaligned.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String> {
        let mut psql = Command::new(self.binaries.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "lockstep", "-h"])
            .arg(&self.folder)
            .args(["-d", database])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("starting psql")?;
        psql.stdin.take().context("psql's input")?.write_all(sql.as_bytes())?;
        let output = psql.wait_with_output()?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Makes an empty database; gives its name.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn create_database(&self) -> Result<String> {
        self.create_from("template1")
    }

    /// Makes a copy of a database that nobody is connected to; gives its name.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn create_from(&self, template: &str) -> Result<String> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
        Ok(name)
    }

    /// Where it keeps its files.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://lockstep@localhost/{database}?host={folder}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Not a test of its own: the process that the next one kills.
    #[test]
    fn a_process_to_be_killed() {
        let Some(file) = std::env::var_os("LOCKSTEP_TEST_TELL_FOLDER") else { return };
        let folder = cluster().map(|cluster| cluster.folder.display().to_string()).unwrap_or_default();
        std::fs::write(&file, folder).unwrap();
        sleep(START_TIMEOUT);
    }

    #[test]
    fn a_killed_process_leaves_no_server_behind() {
        if cluster().is_none() {
            return;
        }
        let scratch = tempfile::TempDir::new().unwrap();
        let told = scratch.path().join("folder");
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "postgres::tests::a_process_to_be_killed"])
            .env("LOCKSTEP_TEST_TELL_FOLDER", &told)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let until = |what: &str, done: &dyn Fn() -> bool| {
            let begun = Instant::now();
            while !done() {
                assert!(begun.elapsed() < START_TIMEOUT, "{what}");
                sleep(Duration::from_millis(20));
            }
        };
        until("it started a server", &|| std::fs::read_to_string(&told).is_ok_and(|text| !text.is_empty()));
        let folder = PathBuf::from(std::fs::read_to_string(&told).unwrap());
        let server = std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
        let server = PathBuf::from("/proc").join(server.lines().next().unwrap());
        assert!(server.exists());
        process.kill().unwrap();
        process.wait().unwrap();
        until("the server ended and its folder went", &|| !server.exists() && !folder.exists());
    }

    #[test]
    fn a_database_is_a_copy_of_its_template() {
        let Some(cluster) = cluster() else { return };
        let template = cluster.create_database().unwrap();
        cluster.sql(&template, "CREATE TABLE t (n int); INSERT INTO t VALUES (7)").unwrap();
        let copy = cluster.create_from(&template).unwrap();
        assert_eq!(cluster.sql(&copy, "SELECT n FROM t").unwrap(), "7\n");
        assert!(cluster.sql(&copy, "SELECT m FROM t").is_err());
    }
}
