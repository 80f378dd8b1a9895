//! Published packages as real input: fetched once by `npm pack`, kept between test runs.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};

/// The unpacked contents of a package of the npm registry, at an exact version.
///
/// They are kept in `$LOCKSTEP_TEST_CACHE`, or in `npm-cache` of Cargo's target folder. Tests that run at the same time
/// may ask for one package: each unpacks into a folder of its own, and the first to finish puts it in place.
///
/// # Errors
/// When the package can't be fetched or unpacked.
pub fn npm_package(name: &str, version: &str) -> anyhow::Result<PathBuf> {
    let cache = cache_folder();
    let target = cache.join(format!("{}-{version}", name.trim_start_matches('@').replace('/', "-")));
    if target.join("package.json").is_file() {
        return Ok(target);
    }
    std::fs::create_dir_all(&cache).with_context(|| format!("creating {}", cache.display()))?;
    let work = tempfile::Builder::new().prefix(".fetching-").tempdir_in(&cache)?;
    let archive = fetch(name, version, work.path())?;
    let unpacked = work.path().join("unpacked");
    std::fs::create_dir(&unpacked)?;
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(&archive).arg("-C").arg(&unpacked).arg("--strip-components=1");
    run(&mut tar)?;
    match std::fs::rename(&unpacked, &target) {
        Ok(()) => Ok(target),
        // Another test was faster.
        Err(_) if target.join("package.json").is_file() => Ok(target),
        Err(error) => {
            Err(error).with_context(|| format!("putting {name}@{version} into {}", target.display()))
        }
    }
}

/// The `node_modules` of a folder with a `package.json`, installed once for each state of that file and kept between
/// test runs as [`npm_package`]'s are.
///
/// # Errors
/// When npm can't install them.
pub fn installed(manifest: &Path) -> anyhow::Result<PathBuf> {
    let text = std::fs::read(manifest).with_context(|| format!("reading {}", manifest.display()))?;
    let cache = cache_folder();
    let target = cache.join(format!("installed-{:016x}", fnv(&text)));
    let modules = target.join("node_modules");
    if modules.is_dir() {
        return Ok(modules);
    }
    std::fs::create_dir_all(&cache).with_context(|| format!("creating {}", cache.display()))?;
    let work = tempfile::Builder::new().prefix(".installing-").tempdir_in(&cache)?;
    std::fs::write(work.path().join("package.json"), text)?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]);
    run(npm.current_dir(work.path())).context("installing packages")?;
    match std::fs::rename(work.path(), &target) {
        Ok(()) => Ok(modules),
        // Another test was faster.
        Err(_) if modules.is_dir() => Ok(modules),
        Err(error) => Err(error).with_context(|| format!("putting {} in place", target.display())),
    }
}

/// FNV-1a: names a folder of a cache, nothing more.
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

pub(crate) fn cache_folder() -> PathBuf {
    if let Some(cache) = std::env::var_os("LOCKSTEP_TEST_CACHE") {
        return PathBuf::from(cache);
    }
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), PathBuf::from);
    target.join("npm-cache")
}

fn fetch(name: &str, version: &str, folder: &Path) -> anyhow::Result<PathBuf> {
    let mut npm = Command::new("npm");
    npm.arg("pack").arg("--silent").arg(format!("{name}@{version}")).current_dir(folder);
    run(&mut npm).with_context(|| format!("fetching {name}@{version}"))?;
    let entries = std::fs::read_dir(folder)?.filter_map(Result::ok);
    let archive =
        entries.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|kind| kind == "tgz"));
    archive.with_context(|| format!("npm pack left no archive of {name}@{version}"))
}

pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("starting {}", command.get_program().display()))?;
    if !output.status.success() {
        bail!("{} failed: {}", command.get_program().display(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
